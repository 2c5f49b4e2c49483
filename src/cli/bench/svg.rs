//! The two charts side by side as a picture: drawn by ratatui into cells, and saved as every screen is.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Color, Line, Rect, Style, Stylize as _};
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart as Drawn, Dataset, GraphType, Widget as _};

use super::chart::{Chart, costs, decades, reports, tick};
use super::found::Found;
use crate::i18n::Lang;
use crate::tui::{capture::svg, theme::Ground};

const SIZE: (u16, u16) = (150, 36);

/// Colours that those who see some of them alike can tell apart; otherwise the letters do.
const COLOURS: [Color; 5] = [
    Color::Rgb(0xd5, 0x5e, 0x00),
    Color::Rgb(0x00, 0x72, 0xb2),
    Color::Rgb(0x00, 0x9e, 0x73),
    Color::Rgb(0xcc, 0x79, 0xa7),
    Color::Rgb(0x40, 0x40, 0x40),
];

pub(super) fn document(found: &Found, lang: Lang) -> String {
    let mut cells = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    let [charts, foot] = vertical![*= 1, == 1].areas(cells.area);
    let [left, right] = horizontal![*= 1; 2].spacing(4).areas(charts);
    draw(&costs(found, lang), left, &mut cells);
    draw(&reports(found, lang), right, &mut cells);
    let source = format!("epollscope bench, Linux {}", found.kernel);
    Line::from(source).right_aligned().render(foot, &mut cells);
    svg(&cells, Ground::Light, lang.of("the charts of epollscope bench", "epollscope bench 的图表"))
}

/// A title, the chart, and below it what its lines are.
fn draw(chart: &Chart, area: Rect, cells: &mut Buffer) {
    let lines = chart.lines.iter().zip(COLOURS).filter(|(line, _)| !line.points.is_empty());
    let legend: Vec<Line<'_>> =
        lines.clone().map(|(line, color)| Line::from(format!("{} {}", line.mark, line.name)).fg(color)).collect();
    let below = u16::try_from(legend.len()).unwrap_or(u16::MAX);
    let [head, middle, foot] = vertical![== 2, *= 1, == below].areas(area);
    Line::from(chart.title.as_str()).bold().render(head, cells);
    let logarithms = |line: &super::chart::Line| line.points.iter().map(|(x, y)| (x.log10(), y.log10())).collect();
    let points: Vec<Vec<(f64, f64)>> = lines.clone().map(|(line, _)| logarithms(line)).collect();
    let each = lines.zip(&points).map(|((line, color), points)| {
        let drawn = Dataset::default().style(Style::new().fg(color)).data(points);
        let letters = drawn.clone().graph_type(GraphType::Scatter).marker(Marker::Custom(line.mark));
        (drawn.graph_type(GraphType::Line).marker(Marker::Braille), letters)
    });
    // The letters last, so that no line hides them.
    let (mut drawn, letters): (Vec<_>, Vec<_>) = each.unzip();
    drawn.extend(letters);
    let (across, up) = chart.axes();
    // ratatui spreads labels evenly, and so are whole powers of ten.
    let axis = |axis| {
        let (low, high) = decades(axis);
        let labels = (low..=high).map(|power| tick(10_f64.powi(power)));
        Axis::default().bounds([f64::from(low), f64::from(high)]).labels(labels)
    };
    Drawn::new(drawn)
        .x_axis(axis(across))
        .y_axis(axis(up).title(chart.up.as_str()))
        .legend_position(None)
        .render(middle, cells);
    for (line, row) in legend.iter().zip(foot.rows()) {
        line.render(row, cells);
    }
    // Not within the chart, where it would hide a line.
    Line::from(chart.across.as_str()).right_aligned().render(foot, cells);
}
