//! The lower half of a comparison as the cost table.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::screen::CompareScreen;
use crate::compare::{table::table, text};
use crate::i18n::words;
use crate::tui::escape::fit;
use crate::tui::widgets::{padded, put};

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
