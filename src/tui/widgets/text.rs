//! Text for cells: wrapped, and padded.

use ratatui::style::Style;

use crate::i18n::wrap::{self, WideWord};
use crate::tui::escape::{self, fit};

/// `text` in lines of at most `width` cells, broken between words, and in Chinese between characters where Unicode's
/// line breaking (UAX #14) allows it.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let lines = wrap::lines(text, |_| width, |at| wrap::keeps_words(text, at), WideWord::Whole);
    let lines: Vec<String> = lines.into_iter().map(|line| fit(&text[line], width)).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// `text` padded with spaces to `width` cells.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(escape::width(text))))
}

pub(crate) fn patched(style: Style, over: Style, on: bool) -> Style {
    if on { style.patch(over) } else { style }
}
