//! A panel as lines of text.

use ratatui::prelude::{Buffer, Rect};

use crate::i18n::Lang;
use crate::trace::Timeline;
use crate::tui::Theme;
use crate::tui::escape::width;
use crate::tui::navigator::Overlay;
use crate::tui::widgets::footer::opened;

/// Wide enough that no panel cuts a sentence.
const WIDE: u16 = 400;
/// What stands before a selected row.
const POINTER: char = '▶';
pub(crate) const SELECTED: &str = "> ";

/// What a panel shows in this many rows, without the signs that it is drawn with.
pub(crate) fn rows_of(lang: Lang, rows: u16, draw: impl FnOnce(Rect, &mut Buffer)) -> Vec<String> {
    let area = Rect::new(0, 0, WIDE, rows);
    let mut buf = Buffer::empty(area);
    draw(area, &mut buf);
    (0..rows).map(|y| row(&buf, y, lang)).filter(|row| !row.is_empty()).collect()
}

fn row(buf: &Buffer, y: u16, lang: Lang) -> String {
    let (mut text, mut x) = (String::new(), 0);
    while x < buf.area.width {
        let symbol = buf[(x, y)].symbol();
        text.push_str(symbol);
        x += u16::try_from(width(symbol)).unwrap_or(1).max(1);
    }
    let text = text.replace('─', " ");
    let selected = text.trim_start().starts_with(POINTER);
    // Columns are set apart by commas, which are heard.
    let columns = text.split("  ").map(str::trim).filter(|column| !column.is_empty());
    let words = columns.fold(String::new(), |line, column| match line.chars().last() {
        None => column.to_owned(),
        Some(':' | '：' | ',' | '，' | '、') => format!("{line} {column}"),
        Some(_) => format!("{line}{}{column}", lang.of(", ", "，")),
    });
    if selected { format!("{SELECTED}{}", plain(&words)) } else { plain(&words).to_owned() }
}

/// The question of the prompt that is open, with the answer that is proposed.
pub(crate) fn question(overlay: &Overlay, timeline: &Timeline, theme: &Theme, lang: Lang) -> Option<String> {
    let mut is_open = false;
    let rows = rows_of(lang, 1, |area, buf| is_open = opened(overlay, timeline, theme, lang, area, buf));
    (is_open && matches!(overlay, Overlay::Prompt(_))).then(|| rows.concat())
}

/// Without the signs that stand before a state or a step.
pub(crate) fn plain(text: &str) -> &str {
    text.trim().trim_start_matches(['▶', '◀', '‖', '■', '●', '▂', '▁', '╱', '▔', ' '])
}
