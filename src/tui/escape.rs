//! Bytes from a peer, made safe for the screen.
//!
//! What a client sends is shown to people, and a terminal obeys what it is shown. So a byte reaches the screen as
//! itself only where it is part of a character that stands still in its own cell or two: no control, no format or
//! bidirectional mark, nothing without a width of its own, no private use, no unassigned code. All else is spelled out.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many bytes a row of [`hexdump`] shows.
pub const ROW: usize = 16;

/// The bytes as text that fits into a line and commands nothing.
///
/// Printable characters stay, in ASCII as beyond it. A newline, tab, carriage return, NUL and backslash become `\n`,
/// `\t`, `\r`, `\0` and `\\`; every other byte becomes `\xNN`, also where it is part of a valid character that may not
/// be shown, a combining mark for one. A byte takes at most four cells.
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

/// Whether a terminal shows this character in cells of its own and does nothing else.
fn stands_still(c: char) -> bool {
    // The standard library's Debug form is its table of what can be printed: it spells out every control, format,
    // private and unassigned code, every separator but the space, and every mark that joins the character before it.
    // It quotes the quotes too, which need it only between quotes, and the space that Chinese text is set with.
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
/// `offset` is that of the first byte. Rows that nobody sees need not be asked for: give the visible bytes only.
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

/// Whether it is ASCII without controls: each byte a character, and each character a cell.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// How many cells `text` takes.
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

/// The same, which is most often the text itself.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    // No character of UTF-8 takes more cells than bytes.
    if text.len() <= width {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    // Where to cut if the text turns out too long: before the first character that leaves no cell for the ellipsis.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_be_read_stays() {
        for text in ["GET / HTTP/1.1", "\"it's\"", "水平触发　边缘触发", "naïve °C ±1", "привет", "🙂"]
        {
            assert_eq!(escape(text.as_bytes()), text);
        }
    }

    #[test]
    fn what_commands_is_spelled_out() {
        assert_eq!(escape(b"a\\b\n\t\r\0\x07\x7f"), r"a\\b\n\t\r\0\x07\x7f");
        assert_eq!(escape("\u{9b}2J".as_bytes()), r"\xc2\x9b2J", "the C1 form of ESC [");
        assert_eq!(escape("a\u{202e}b".as_bytes()), r"a\xe2\x80\xaeb", "right-to-left override");
        assert_eq!(escape("a\u{200b}b\u{ad}".as_bytes()), r"a\xe2\x80\x8bb\xc2\xad", "zero-width space, soft hyphen");
        assert_eq!(escape("e\u{301}".as_bytes()), r"e\xcc\x81", "combining acute accent");
        assert_eq!(escape("\u{e000}\u{2028}".as_bytes()), r"\xee\x80\x80\xe2\x80\xa8", "private use, line separator");
    }

    #[test]
    fn a_cut_character_is_spelled_out() {
        assert_eq!(escape(b"\xe6\xb0\xb4\xe6\xb0"), r"水\xe6\xb0");
        assert_eq!(escape(b"\xc0\x80\xed\xa0\x80"), r"\xc0\x80\xed\xa0\x80", "overlong, surrogate");
    }

    #[test]
    fn a_short_row_keeps_its_columns() {
        let rows = hexdump(&[b'a'; 20], 0);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1], format!("{:<60}|aaaa|", "00000010  61 61 61 61"));
        assert_eq!(rows[0].len(), 78);
        assert!(hexdump(&[], 0).is_empty());
    }

    #[test]
    fn a_cut_leaves_no_half_character() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("a水b", 3), "a…", "the wide character would leave no cell for the ellipsis");
        assert_eq!(fit("水", 1), "…");
        assert_eq!(fit("水", 0), "");
        assert_eq!(fit("", 0), "");
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = escape(&bytes);
            prop_assert!(text.chars().all(|c| !c.is_control() && c.width().is_some_and(|cells| cells > 0)), "{text}");
            prop_assert!(text.width() <= bytes.len() * 4);
        }

        #[test]
        fn any_text_is_safe(text in any::<String>(), width in 0..60_usize) {
            let escaped = escape(text.as_bytes());
            prop_assert!(escaped.chars().all(|c| !c.is_control() && c.width().is_some_and(|cells| cells > 0)));
            prop_assert!(fit(&escaped, width).width() <= width);
        }

        // The categories come from the tables of another crate than the ones that `escape` goes by.
        #[test]
        fn no_control_format_or_private_character_survives(text in r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Mn}]{1,40}") {
            prop_assert!(escape(text.as_bytes()).is_ascii(), "{}", escape(text.as_bytes()));
        }
    }
}
