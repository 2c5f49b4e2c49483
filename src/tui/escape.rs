//! Bytes from a peer, made safe for the screen.
//!
//! A terminal obeys what is printed on it, and a client can send anything. A byte is therefore printed as itself only
//! if it belongs to a character that occupies one or two cells and does nothing else: no control, format or
//! bidirectional mark, no character without a width, no private use, no unassigned code. All others are spelled out.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many bytes a row of [`hexdump`] shows.
pub const ROW: usize = 16;

/// The bytes as text that fits into one line and cannot control the terminal.
///
/// Printable characters stay, beyond ASCII too. A newline, tab, carriage return, NUL and backslash become `\n`, `\t`,
/// `\r`, `\0` and `\\`; every other byte becomes `\xNN`, including the bytes of valid characters that must not be
/// printed, such as combining marks. A byte takes at most four cells.
///
/// ```
/// # use epollscope::tui::escape::escape;
/// assert_eq!(escape("5,5 °C\r\n".as_bytes()), r"5,5 °C\r\n");
/// assert_eq!(escape(b"\x1b[2J\xff"), r"\x1b[2J\xff");
/// ```
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str(r"\\"),
                '\n' => text.push_str(r"\n"),
                '\t' => text.push_str(r"\t"),
                '\r' => text.push_str(r"\r"),
                '\0' => text.push_str(r"\0"),
                c if stands_still(c) => text.push(c),
                c => spell(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        spell(&mut text, chunk.invalid());
    }
    text
}

/// Whether a terminal prints this character in one or two cells and does nothing else.
fn stands_still(c: char) -> bool {
    // The Debug form of the standard library escapes every control, format, private and unassigned code, every
    // separator but the space, and every combining mark. It also escapes quotes, which is only needed between quotes,
    // and the ideographic space of Chinese text.
    let plain = matches!(c, '"' | '\'' | '\u{3000}') || c.escape_debug().len() == 1;
    plain && c.width().is_some_and(|cells| cells > 0)
}

fn spell(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        text.push_str(r"\x");
        text.push(hex(byte >> 4));
        text.push(hex(byte & 15));
    }
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('?')
}

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
