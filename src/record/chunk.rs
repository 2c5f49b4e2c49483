//! The bytes of a recv or send that records keep.

use std::fmt;

use unicode_width::UnicodeWidthChar as _;

/// A piece of the bytes of one recv or send, bounded so that a record stays small.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chunk {
    len: u8,
    bytes: [u8; Self::MAX],
}

impl Chunk {
    /// The most bytes that one chunk holds.
    pub const MAX: usize = 24;

    /// The first [`Self::MAX`] of `bytes`, or all of them where they are fewer.
    pub fn new(from: &[u8]) -> Self {
        let len = from.len().min(Self::MAX);
        let mut bytes = [0; Self::MAX];
        bytes[..len].copy_from_slice(&from[..len]);
        Self { len: u8::try_from(len).unwrap_or(0), bytes }
    }

    /// The beginning of `text`, cut between two characters.
    pub fn of_text(text: &str) -> Self {
        Self::new(&text.as_bytes()[..text.floor_char_boundary(Self::MAX)])
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bytes().escape_ascii())
    }
}

/// As a name. It comes from a script or a file, so it must not command the terminal: characters other than letters, digits
/// and ASCII signs are escaped, and so are those without width.
impl fmt::Display for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_graphic() || c.is_alphanumeric() && c.width().is_some_and(|cells| cells > 0);
        let mut name = String::new();
        for c in String::from_utf8_lossy(self.bytes()).chars() {
            if plain(c) { name.push(c) } else { name.extend(c.escape_unicode()) }
        }
        f.pad(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_commands_no_terminal() {
        let shown = |name: &str| Chunk::of_text(name).to_string();
        assert_eq!([shown("ep_1"), shown("监听")], ["ep_1", "监听"]);
        assert_eq!(shown("a\x1b[2J"), "a\\u{1b}[2J");
        assert_eq!(shown("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn a_chunk_keeps_what_fits() {
        assert_eq!(Chunk::new(b"abc").bytes(), b"abc");
        assert_eq!(Chunk::new(&[7; 100]).bytes(), &[7; Chunk::MAX]);
        assert_eq!(format!("{:?}", Chunk::new(b"a\x1b[2J")), r#""a\x1b[2J""#);
        assert_eq!(Chunk::of_text(&"监".repeat(9)).bytes(), "监".repeat(8).as_bytes());
        assert_eq!(Chunk::of_text("x监监监监监监监监").bytes(), "x监监监监监监监".as_bytes(), "no half character");
    }
}
