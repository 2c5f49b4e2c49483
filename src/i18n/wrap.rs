//! Text in lines of a width, in terminal cells. The only line breaker: prose, screens and comparisons use it alike.

use std::ops::Range;

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What becomes of a word that is wider than a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WideWord {
    /// It goes on in the next line.
    Split,
    /// It has a line to itself, which is too wide.
    Whole,
}

/// The lines of `text` as ranges of bytes, without the spaces at their ends. Line `n` takes at most `width(n)` cells, and
/// ends where Unicode's line breaking (UAX #14) and `may_end` allow it.
pub(crate) fn lines(
    text: &str,
    width: impl Fn(usize) -> usize,
    may_end: impl Fn(usize) -> bool,
    wide: WideWord,
) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut fits) = (0, 0);
    for (end, opportunity) in linebreaks(text).filter(|(at, _)| may_end(*at)) {
        loop {
            let room = width(lines.len());
            if text[start..end].trim_end().width() <= room {
                break;
            }
            let to = match wide {
                _ if fits > start => fits,
                WideWord::Split => start + prefix(&text[start..end], room),
                WideWord::Whole => break,
            };
            lines.push(trimmed(text, start..to));
            start = to;
            if start >= end {
                break;
            }
        }
        fits = end;
        if opportunity == BreakOpportunity::Mandatory && end > start {
            lines.push(trimmed(text, start..end));
            start = end;
        }
    }
    lines
}

fn trimmed(text: &str, line: Range<usize>) -> Range<usize> {
    line.start..line.start + text[line].trim_end().len()
}

/// How many bytes of `text` fit into `width` cells; at least one character.
pub(crate) fn prefix(text: &str, width: usize) -> usize {
    let mut cells = 0;
    for (at, c) in text.char_indices() {
        cells += c.width().unwrap_or(0);
        if cells > width && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Whether a line of a panel may end at `at`, where Unicode allows it. Words that are not Chinese end at a space only, so
/// that `one-shot` and `EPOLLIN|EPOLLET` stay whole; and a number stays with the Chinese word for what it counts.
pub(crate) fn keeps_words(text: &str, at: usize) -> bool {
    let is_wide = |c: char| c.width() == Some(2);
    let (before, after) = (&text[..at], text[at..].chars().next());
    let counted = before.ends_with(' ') && before.trim_end().ends_with(|c: char| c.is_ascii_digit());
    // The word that the eye looks for stays whole.
    let stranded = before.ends_with('滞') && after == Some('留');
    match after {
        None => true,
        Some(c) if is_wide(c) => !counted && !stranded,
        Some(_) => before.ends_with(|c| c == ' ' || is_wide(c)),
    }
}

/// `text` with spaces after it, `width` cells wide.
pub(crate) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` with spaces before it, `width` cells wide.
pub(crate) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}
