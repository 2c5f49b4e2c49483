//! Bytes from a peer on the screen: whatever they are, they fit and command nothing.

use proptest::prelude::*;

use epollscope::tui::escape::{escape, fit, hexdump};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

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

    // These categories come from the tables of another crate than those that `escape` relies on.
    #[test]
    fn no_control_format_or_private_character_survives(text in r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Mn}]{1,40}") {
        prop_assert!(escape(text.as_bytes()).is_ascii(), "{}", escape(text.as_bytes()));
    }
}
