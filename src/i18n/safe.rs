//! Text that did not come from the program itself, made safe for a terminal.
//!
//! A terminal obeys what is printed on it, and a peer, a lesson, a recording or a file name can hold anything. A byte is
//! therefore printed as itself only if it belongs to a character that occupies one or two cells and does nothing else: no
//! control, format or bidirectional mark, no character without a width, no private use, no unassigned code. All others
//! are spelled out.
//!
//! A name is escaped where it enters a sentence, so that a newline in it can't begin a line of its own. Whatever goes to
//! standard output or standard error as text passes [`Clean`] in the end, so that nothing is forgotten.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;

use unicode_width::UnicodeWidthChar as _;

/// The bytes as text that fits into one line and cannot control the terminal.
///
/// Printable characters stay, beyond ASCII too. A newline, tab, carriage return, NUL and backslash become `\n`, `\t`,
/// `\r`, `\0` and `\\`; every other byte becomes `\xNN`, including the bytes of valid characters that must not be
/// printed, such as combining marks. A byte takes at most four cells.
///
/// ```
/// # use epollscope::i18n::escape;
/// assert_eq!(escape("5,5 °C\r\n".as_bytes()), r"5,5 °C\r\n");
/// assert_eq!(escape(b"\x1b[2J\xff"), r"\x1b[2J\xff");
/// ```
pub fn escape(bytes: &[u8]) -> String {
    spelled(bytes, |c| is_harmless(c) && c != '\\')
}

/// The name of a file, or another word from the command line, as part of a sentence: as [`escape`] has it, but with
/// backslashes as they are, so that what is safe stays the same.
pub fn shown(name: impl AsRef<OsStr>) -> String {
    spelled(name.as_ref().as_bytes(), is_harmless)
}

/// Passes text on to a terminal or a pipe: printable characters, newlines and tabs as they are, anything else escaped. A
/// character must come in one write.
pub struct Clean<W>(pub W);

impl<W: Write> Write for Clean<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if is_plain(bytes) {
            return self.0.write(bytes);
        }
        let text = spelled(bytes, is_text);
        self.0.write_all(text.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same for JSON, which has an escape of its own: what reads it finds every character as it was.
///
/// ```
/// # use std::io::Write as _;
/// let mut out = epollscope::i18n::CleanJson(Vec::new());
/// out.write_all("\"5 °C\u{202e}\u{9b}2J\"".as_bytes()).expect("a Vec takes all");
/// assert_eq!(out.0, r#""5 °C\u202e\u009b2J""#.as_bytes());
/// ```
pub struct CleanJson<W>(pub W);

impl<W: Write> Write for CleanJson<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if is_plain(bytes) {
            return self.0.write(bytes);
        }
        let mut clean = String::with_capacity(bytes.len());
        for c in String::from_utf8_lossy(bytes).chars() {
            if is_text(c) {
                clean.push(c);
            } else {
                clean.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
        self.0.write_all(clean.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n'))
}

fn is_text(c: char) -> bool {
    is_harmless(c) || matches!(c, '\n' | '\t')
}

/// Whether a terminal prints this character in one or two cells and does nothing else.
pub(crate) fn is_harmless(c: char) -> bool {
    // The Debug form of the standard library escapes every control, format, private and unassigned code, every
    // separator but the space, and every combining mark. It also escapes quotes, which is only needed between quotes,
    // the backslash, and the ideographic space of Chinese text.
    let plain = matches!(c, '"' | '\'' | '\\' | '\u{3000}') || c.escape_debug().len() == 1;
    plain && c.width().is_some_and(|cells| cells > 0)
}

/// The bytes as text, with characters spelled out unless `keep` lets them be.
fn spelled(bytes: &[u8], keep: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    let spell = |text: &mut String, bytes: &[u8]| {
        for byte in bytes {
            text.extend(['\\', 'x', hex(byte >> 4), hex(byte & 15)]);
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                c if keep(c) => text.push(c),
                '\\' => text.push_str(r"\\"),
                '\n' => text.push_str(r"\n"),
                '\t' => text.push_str(r"\t"),
                '\r' => text.push_str(r"\r"),
                '\0' => text.push_str(r"\0"),
                c => spell(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        spell(&mut text, chunk.invalid());
    }
    text
}

/// A number below 16 as a digit.
pub(crate) fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('?')
}
