//! The JSON of a trace file, below the line: numbers, strings and bytes.
//!
//! Lines are put together without [`std::fmt`] where there are many values: it would take most of the time of a
//! recording.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// `,"key":`
#[inline]
pub(crate) fn key(line: &mut String, key: &str) {
    line.push_str(",\"");
    line.push_str(key);
    line.push_str("\":");
}

#[inline]
pub(crate) fn signed(line: &mut String, number: i64) {
    if number < 0 {
        line.push('-');
    }
    digits(line, number.unsigned_abs());
}

/// A number without a sign.
#[inline]
pub(crate) fn digits(line: &mut String, mut number: u64) {
    let (mut text, mut at) = ([b'0'; 20], 20);
    loop {
        at -= 1;
        text[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.push_str(std::str::from_utf8(&text[at..]).unwrap_or_default());
}

/// A string that needs no escaping.
#[inline]
pub(crate) fn word(line: &mut String, word: &str) {
    line.push('"');
    line.push_str(word);
    line.push('"');
}

/// The bytes in the escaping of [`slice::escape_ascii`], and that in the escaping of a JSON string, without the quotes:
/// the bytes of a call may come in several chunks.
#[inline]
pub(crate) fn bytes(line: &mut String, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let plain = rest.iter().take_while(|byte| matches!(byte, b' '..=b'~') && !b"\"'\\".contains(byte)).count();
        let (clear, other) = rest.split_at(plain);
        line.push_str(std::str::from_utf8(clear).unwrap_or_default());
        let Some((escaped, after)) = other.split_first() else { return };
        for byte in escaped.escape_ascii() {
            if matches!(byte, b'"' | b'\\') {
                line.push('\\');
            }
            line.push(char::from(byte));
        }
        rest = after;
    }
}

/// Bytes as they are read: any number of them.
#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Escaped;
        impl Visitor<'_> for Escaped {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"printable ASCII, every other byte as \n, \r, \t, \\, \", \' or \x1b"#)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                match unescape(text) {
                    Ok(bytes) => Ok(Bytes(bytes)),
                    Err(rest) => {
                        let start: String = rest.chars().take(4).collect();
                        Err(E::invalid_value(Unexpected::Str(&start), &self))
                    }
                }
            }
        }
        deserializer.deserialize_str(Escaped)
    }
}

/// The bytes, or what is left of the text at the first mistake.
fn unescape(text: &str) -> Result<Vec<u8>, &str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (byte, used) = match first {
            '\\' => escape(&rest[1..]).ok_or(rest)?,
            ' '..='~' => (first as u8, 1),
            _ => return Err(rest),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    Ok(bytes)
}

/// The byte of the escape that begins after its backslash, and the length of it all.
fn escape(after: &str) -> Option<(u8, usize)> {
    let byte = match after.bytes().next()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => {
            let digits = after.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
            return Some((u8::from_str_radix(digits, 16).ok()?, 4));
        }
        same @ (b'\\' | b'"' | b'\'') => same,
        _ => return None,
    };
    Some((byte, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_escape_is_found() {
        for (text, rest) in [
            (r"ab\q", r"\q"),
            (r"\x1", r"\x1"),
            (r"\x+1", r"\x+1"),
            ("\\", "\\"),
            ("aé", "é"),
            ("\n", "\n"),
            ("\\xé", "\\xé"),
        ] {
            assert_eq!(unescape(text), Err(rest), "{text:?}");
        }
    }
}
