//! What was found as a picture: the two charts side by side, in SVG, with nothing that a browser would have to fetch.

use std::fmt::Write as _;

use super::chart::{Chart, Line, costs, reports, tick};
use super::found::Found;
use crate::i18n::Lang;

/// Sizes in the picture's own units: of the picture, and of what lies around a chart.
const WIDE: f64 = 1_120.0;
const HIGH: f64 = 520.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 56.0;
const BELOW: f64 = 170.0;
/// The width of a chart, and from the left of one to the left of the next.
const CHART: f64 = 450.0;
const NEXT: f64 = 560.0;

/// Colours that are told apart also by those who see some of them alike, and dashes for where there are none.
const STYLES: [(&str, &str); 5] =
    [("#d55e00", "none"), ("#0072b2", "8 3"), ("#009e73", "none"), ("#cc79a7", "2 3"), ("#404040", "10 3 2 3")];

/// The picture.
pub(super) fn document(found: &Found, lang: Lang) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDE} {HIGH}\" font-family=\"sans-serif\" \
         font-size=\"14\" fill=\"#202020\">\n<rect width=\"{WIDE}\" height=\"{HIGH}\" fill=\"#ffffff\"/>\n"
    );
    for (chart, left) in [(costs(found, lang), LEFT), (reports(found, lang), LEFT + NEXT)] {
        draw(&mut svg, &chart, left);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"11\" fill=\"#606060\">epollscope bench, Linux {}</text>",
        WIDE - 10.0,
        HIGH - 8.0,
        escaped(&found.kernel)
    );
    svg + "</svg>\n"
}

fn draw(svg: &mut String, chart: &Chart, left: f64) {
    let (across, up) = chart.axes();
    let (right, bottom) = (left + CHART, HIGH - BELOW);
    let x = |value: f64| left + across.at(value) * CHART;
    let y = |value: f64| bottom - up.at(value) * (bottom - TOP);
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"24\" font-size=\"16\" font-weight=\"bold\">{}</text>\n\
         <text x=\"{left}\" y=\"{}\" text-anchor=\"end\">{}</text>\n\
         <text x=\"{right}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        escaped(&chart.title),
        TOP - 12.0,
        escaped(&chart.up),
        bottom + 42.0,
        escaped(&chart.across)
    );
    for value in across.ticks() {
        let x = x(value);
        rule(svg, [x, TOP, x, bottom]);
        let _ =
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>", bottom + 20.0, tick(value));
    }
    for value in up.ticks() {
        let y = y(value);
        rule(svg, [left, y, right, y]);
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", left - 8.0, y + 5.0, tick(value));
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{left} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"#202020\" stroke-width=\"1.5\"/>"
    );
    for (i, line) in chart.lines.iter().enumerate().filter(|(_, line)| !line.points.is_empty()) {
        let points: Vec<(f64, f64)> = line.points.iter().map(|point| (x(point.0), y(point.1))).collect();
        polyline(svg, i, &points);
        // Two to a row.
        let (row, column) = (66.0 + 24.0 * [0.0, 1.0, 2.0][i / 2 % 3], [0.0, 220.0][i % 2]);
        legend(svg, i, line, (left + column, bottom + row));
    }
}

fn rule(svg: &mut String, [x1, y1, x2, y2]: [f64; 4]) {
    let _ = writeln!(svg, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#dddddd\"/>");
}

fn polyline(svg: &mut String, i: usize, points: &[(f64, f64)]) {
    let (colour, dash) = STYLES[i % STYLES.len()];
    let path = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    let _ = writeln!(
        svg,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>"
    );
    for (x, y) in points {
        dot(svg, i, *x, *y);
    }
}

/// Where it was measured, in a shape of the line's own.
fn dot(svg: &mut String, i: usize, x: f64, y: f64) {
    let (colour, _) = STYLES[i % STYLES.len()];
    let shape = match i {
        0 => "m-4 -4h8v8h-8z",
        1 => "m0 -5l5 5l-5 5l-5 -5z",
        2 => "m0 -5l5 9h-10z",
        3 => "m0 5l5 -9h-10z",
        _ => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    };
    let _ = writeln!(svg, "<path d=\"M{x:.1} {y:.1}{shape}\" fill=\"{colour}\"/>");
}

fn legend(svg: &mut String, i: usize, line: &Line, (x, y): (f64, f64)) {
    polyline(svg, i, &[(x, y - 5.0), (x + 30.0, y - 5.0)]);
    let _ = writeln!(svg, "<text x=\"{}\" y=\"{y}\">{}</text>", x + 40.0, escaped(&line.name));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
