//! Bytes from a peer on the screen, as text or as a hexdump, and text cut to a width.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::i18n::escape;
use crate::i18n::hex;

/// How many bytes a row of [`hexdump`] shows.
pub const ROW: usize = 16;

/// The bytes in rows of [`ROW`], as hexdump(1) with `-C` shows them, a full one 78 cells wide: the offset, two groups
/// of eight in hex, and the printable ASCII among them between bars.
///
/// `offset` is that of the first byte. Pass only the bytes of the visible rows.
///
/// ```
/// # use epollscope::tui::escape::hexdump;
/// assert_eq!(
///     hexdump(b"what is sent \x1b[2J", 16)[0],
///     "00000010  77 68 61 74 20 69 73 20  73 65 6e 74 20 1b 5b 32  |what is sent .[2|"
/// );
/// ```
pub fn hexdump(bytes: &[u8], offset: u64) -> Vec<String> {
    (offset..).step_by(ROW).zip(bytes.chunks(ROW)).map(|(at, row)| hexdump_row(row, at)).collect()
}

fn hexdump_row(row: &[u8], at: u64) -> String {
    let mut text = format!("{at:08x} ");
    for i in 0..ROW {
        if i % 8 == 0 {
            text.push(' ');
        }
        match row.get(i) {
            Some(byte) => text.extend([hex(byte >> 4), hex(byte & 15), ' ']),
            None => text.push_str("   "),
        }
    }
    text.push_str(" |");
    text.extend(row.iter().map(|&b| if b == b' ' || b.is_ascii_graphic() { char::from(b) } else { '.' }));
    text.push('|');
    text
}

/// Whether it is ASCII without controls, so that bytes, characters and cells are the same.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

pub(super) fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.width() }
}

/// The text, cut to at most `width` cells; where something was cut off, the last cell shows `…`.
///
/// A character that takes two cells is kept whole or left out whole.
///
/// ```
/// # use epollscope::tui::escape::fit;
/// assert_eq!(fit("边缘触发", 8), "边缘触发");
/// assert_eq!(fit("边缘触发", 6), "边缘…");
/// ```
pub fn fit(text: &str, width: usize) -> String {
    cut(text, width).into_owned()
}

/// The same without a copy where nothing is cut off, which is the usual case.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    // No character of UTF-8 takes more cells than bytes.
    if text.len() <= width {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    // Where the ellipsis goes if the text is too long: before the first character that leaves no cell for it.
    let mut cut = None;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used >= width && cut.is_none() {
            cut = Some(at);
        }
        if used > width {
            let kept = &text[..cut.unwrap_or(at)];
            return Cow::Owned(if width == 0 { String::new() } else { format!("{kept}…") });
        }
    }
    Cow::Borrowed(text)
}
