//! A line of a script as words, numbers, texts and signs.

use crate::i18n::{Message, message};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Number(u64),
    Text(Vec<u8>),
    Equals,
    Comma,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins and how long it is, in characters.
    pub(super) at: usize,
    pub(super) length: usize,
}

/// What can't be read: where, how long, and why.
pub(super) type Wrong = (usize, usize, Message);

fn wrong(at: usize, length: usize, what: impl Into<Message>) -> Wrong {
    (at, length, what.into())
}

/// The tokens of a line, up to a `#`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let start = i;
        let kind = match chars[i] {
            '#' => break,
            c if c.is_whitespace() => {
                i += 1;
                continue;
            }
            '=' => Kind::Equals,
            ',' => Kind::Comma,
            '"' => {
                let (bytes, end) = string(&chars, i)?;
                i = end;
                Kind::Text(bytes)
            }
            c if c.is_alphanumeric() || matches!(c, '_' | '-' | '|') => {
                let part_of = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-' | '|');
                let length = chars[i..].iter().take_while(|c| part_of(c)).count();
                i += length - 1;
                word(chars[start..=i].iter().collect())
            }
            c => return Err(wrong(i, 1, message!("{c:?} has no meaning here", "{c:?} 在这里没有意义"))),
        };
        i += 1;
        tokens.push(Token { kind, at: start, length: i - start });
    }
    Ok(tokens)
}

/// A text in quotes, with `\n`, `\t`, `\r`, `\0`, `\\`, `\"` and `\xNN`; where it ends.
fn string(chars: &[char], start: usize) -> Result<(Vec<u8>, usize), Wrong> {
    let mut bytes = Vec::new();
    let mut i = start + 1;
    while let Some(&c) = chars.get(i) {
        match (c, chars.get(i + 1)) {
            ('"', _) => return Ok((bytes, i)),
            ('\\', Some('x')) => {
                let digits: String = chars.iter().skip(i + 2).take(2).collect();
                let byte = u8::from_str_radix(&digits, 16);
                bytes.push(
                    byte.map_err(|_| wrong(i, 4, ("\\x takes two hexadecimal digits", "\\x 后面是两个十六进制数字")))?,
                );
                i += 4;
            }
            ('\\', Some(escaped)) => {
                let known = [('n', b'\n'), ('t', b'\t'), ('r', b'\r'), ('0', 0), ('\\', b'\\'), ('"', b'"')];
                let byte = known.iter().find(|(c, _)| c == escaped).map(|(_, byte)| *byte);
                bytes.push(byte.ok_or_else(|| {
                    wrong(
                        i,
                        2,
                        (
                            "expected \\n, \\t, \\r, \\0, \\\\, \\\" or \\xNN",
                            "这里应为 \\n、\\t、\\r、\\0、\\\\、\\\" 或 \\xNN",
                        ),
                    )
                })?);
                i += 2;
            }
            _ => {
                bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
                i += 1;
            }
        }
    }
    Err(wrong(start, chars.len() - start, ("this text has no closing quote", "这段文本没有右引号")))
}

/// A number, with `_` anywhere; or else a word.
fn word(text: String) -> Kind {
    let digits = text.replace('_', "");
    match digits.parse() {
        Ok(number) if digits.bytes().all(|b| b.is_ascii_digit()) => Kind::Number(number),
        _ => Kind::Word(text),
    }
}
