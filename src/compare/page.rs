//! The width of a comparison's text, and lines that keep to it.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::i18n::Lang;
use crate::i18n::wrap::{self, WideWord};

/// The most cells of a column, by the number of columns.
const WIDTHS: [usize; 3] = [56, 38, 32];
/// The least cells of a column, however narrow the page is.
pub(super) const NARROWEST: usize = 8;
/// Between two columns. Before a cell stands the mark of a row in which a variant differs from the first.
pub(super) const RULE: &str = " │";
pub(super) const PARTS: &str = "≠ ";

/// The language of the text, and the cells of its page; without a width, lines are as long as they come.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub lang: Lang,
    pub width: Option<usize>,
}

impl Page {
    /// A line that may be longer than the page is wide.
    pub(super) fn line(self, out: &mut impl Write, line: &str) -> io::Result<()> {
        match self.width {
            Some(width) => wrapped(line, width).iter().try_for_each(|line| writeln!(out, "{line}")),
            None => writeln!(out, "{line}"),
        }
    }

    /// The cells of each of `count` columns, without the mark before it.
    pub(super) fn column(self, count: usize) -> usize {
        let most = WIDTHS[count.clamp(2, 4) - 2];
        let between = RULE.width() * count.saturating_sub(1) + PARTS.width() * count;
        let fitting = |width: usize| (width.saturating_sub(between) / count.max(1)).clamp(NARROWEST, most);
        self.width.map_or(most, fitting)
    }
}

/// A line broken at `width`; all but the first line are indented two cells more, or less where little room is left.
pub fn wrapped(line: &str, width: usize) -> Vec<String> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let pad = |n: usize| if n == 0 { indent } else { indent + 2 }.min(width.saturating_sub(NARROWEST));
    let room = |n: usize| width.saturating_sub(pad(n)).max(NARROWEST);
    let lines = wrap::lines(text, room, |_| true, WideWord::Split).into_iter().enumerate();
    let lines: Vec<String> = lines.map(|(n, line)| format!("{}{}", " ".repeat(pad(n)), &text[line])).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// A variant's name in lines of this width, broken after a `+` where possible.
pub(super) fn name_in_lines(name: &str, width: usize) -> Vec<String> {
    // A line may end behind a space of no width. UAX #14
    let text = name.replace('+', "+\u{200b}");
    let lines = wrap::lines(&text, |_| width, |_| true, WideWord::Split);
    lines.into_iter().map(|line| text[line].replace('\u{200b}', "")).collect()
}
