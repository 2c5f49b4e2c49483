//! The lower half of a comparison: what each variant has done in this step, row by row, or the cost table.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{heads::columns, screen::CompareScreen};
use crate::compare::{report, table::table, text};
use crate::i18n::words;
use crate::tui::escape::fit;
use crate::tui::widgets::{padded, put};

/// A narrower column shows the reports alone.
const NARROW: usize = 34;
/// About the rows that an entry with its calls takes in a narrow column.
const CALLS: usize = 5;

/// Draws the last rows that fit. In narrow columns the calls are shown if the step has few entries, or for the entry in
/// which a variant first differs.
pub(super) fn steps(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, step) = (&screen.theme, screen.lang, screen.tick().step);
    let columns = columns(screen.comparison().variants().len(), area);
    let variants = screen.comparison().variants();
    let width = usize::from(columns.first().map_or(0, |column| column.width)).saturating_sub(4);
    let lines = |lines: Vec<String>, calls: bool| {
        let told = |(i, line): &(usize, String)| width >= NARROW || *i == 0 || calls && line.starts_with(report::DID);
        let lines = lines.into_iter().enumerate().filter(told);
        lines.flat_map(|(_, line)| text::wrapped(&line, width)).collect::<Vec<_>>()
    };
    // For each row and variant, whether the variant first differs there, and its lines.
    let mut rows: Vec<Vec<(bool, Vec<String>)>> = Vec::new();
    let seen: Vec<_> = (0..variants.len()).map(|i| screen.report.seen(i, step)).collect();
    let longest = seen.iter().flatten().map(|seen| seen.entries.len()).max().unwrap_or(0);
    let parts = |i: usize, entry: usize| {
        screen.has_parted(i)
            && screen.report.parts(i).is_some_and(|parting| parting.step == step && parting.entry == entry)
    };
    for entry in 0..longest {
        let cell = |i: usize, calls: bool| {
            let at = screen.position(i, screen.tick());
            let entry = seen[i].and_then(|seen| seen.entries.get(entry)).filter(|entry| entry.from < at);
            entry.map_or_else(Vec::new, |entry| lines(report::entry(&entry.until(at), lang), calls))
        };
        let row = |calls: bool| (0..variants.len()).map(|i| (parts(i, entry), cell(i, calls))).collect::<Vec<_>>();
        let anyone_parts = (0..variants.len()).any(|i| parts(i, entry));
        let row = row(anyone_parts || longest <= usize::from(area.height) / CALLS);
        if row.iter().any(|(_, lines)| !lines.is_empty()) {
            rows.push(row);
        }
    }
    if screen.is_step_over() {
        let end = |i: usize| {
            seen[i].map(|seen| lines(report::end(&variants[i], seen, step, lang), false)).unwrap_or_default()
        };
        let parts =
            |i: usize| seen[i].is_some_and(|seen| seen.entries.len() >= longest && parts(i, seen.entries.len()));
        rows.push((0..variants.len()).map(|i| (parts(i), end(i))).collect());
    }
    let height = |row: &Vec<(bool, Vec<String>)>| row.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let all: usize = rows.iter().map(height).sum();
    let mut y = -i32::try_from(all.saturating_sub(usize::from(area.height))).unwrap_or(0);
    for row in &rows {
        for ((parts, lines), column) in row.iter().zip(&columns) {
            for (line, y) in lines.iter().zip(y..) {
                let Some(y) = u16::try_from(y).ok().filter(|y| *y < area.height) else { continue };
                let style = if line.starts_with(' ') { theme.label } else { theme.value };
                let mark = if *parts { Span::styled("≠", theme.alert) } else { Span::raw(" ") };
                put(*column, y, vec![mark, Span::raw(" "), Span::styled(line.clone(), style)], buf);
            }
            if let (true, true, Some(y)) =
                (*parts, lines.is_empty(), u16::try_from(y).ok().filter(|y| *y < area.height))
            {
                put(*column, y, vec![Span::styled("≠", theme.alert)], buf);
            }
        }
        y += i32::try_from(height(row)).unwrap_or(0);
    }
}

const INDENT: &str = "  ";

pub(super) fn table_lines(screen: &CompareScreen, width: u16) -> Vec<(String, String)> {
    let width = Some(usize::from(width).saturating_sub(INDENT.len()));
    table(screen.comparison(), &screen.report, screen.steps_over(), text::Page { lang: screen.lang, width })
}

/// Draws the table of the steps that are over at the tick shown. If not all lines fit, the last row says so.
pub(super) fn cost_table(
    screen: &CompareScreen,
    table: &[(String, String)],
    scroll: u16,
    area: Rect,
    buf: &mut Buffer,
) {
    let (theme, lang) = (&screen.theme, screen.lang);
    let said = match screen.steps_over() {
        0 => lang.of("before step 1", "第 1 段之前").to_owned(),
        all if all == screen.comparison().steps().len() => lang.of("the whole run", "整个运行").to_owned(),
        step => words!(lang, "up to step {step}", "到第 {step} 段为止"),
    };
    let is_cut = table.len() > usize::from(area.height);
    let rows = area.height - u16::from(is_cut);
    let most = table.len() - table.len().min(usize::from(rows));
    let first = usize::from(scroll).min(most);
    for ((i, (name, figures)), y) in table.iter().enumerate().skip(first).zip(0..rows) {
        // The first line has the variants' names; the steps that are counted stand beside them.
        let width = name.width();
        let (name, style) =
            if i == 0 { (padded(&fit(&said, width), width), theme.marker) } else { (name.clone(), theme.label) };
        put(area, y, vec![Span::raw(INDENT), Span::styled(name, style), Span::styled(figures, theme.value)], buf);
    }
    if is_cut {
        let up = if first > 0 { lang.of("↑ before   ", "↑ 上文   ") } else { "" };
        let down = if first < most { lang.of("↓ more", "↓ 下文") } else { "" };
        put(area, rows, vec![Span::styled(format!("{INDENT}{up}{down}"), theme.notice)], buf);
    }
}
