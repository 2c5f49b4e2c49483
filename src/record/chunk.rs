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
        let text = String::from_utf8_lossy(self.bytes());
        let is_last = |at: usize| at + 1 == text.len();
        let mut name = String::new();
        for (at, c) in text.char_indices() {
            // A space between two words is seen, another one is not.
            let is_gap = c == ' ' && !name.is_empty() && !name.ends_with(' ') && !is_last(at);
            if plain(c) || is_gap { name.push(c) } else { name.extend(c.escape_unicode()) }
        }
        f.pad(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_between_two_words_of_a_name_is_shown_and_others_are_escaped() {
        let shown = |name| Chunk::of_text(name).to_string();
        assert_eq!(shown("my server.c"), "my server.c");
        assert_eq!(shown(" a  b "), "\\u{20}a \\u{20}b\\u{20}");
    }
}
