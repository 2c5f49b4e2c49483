//! What is not understood in a query, and what would be.

use std::fmt;

use crate::i18n::{Both, Lang};

/// A word of a query that is not understood, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    word: String,
    expected: Expected,
}

/// What would have been understood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Query,
    Breakpoint,
    Fd,
    Errno,
    Call,
    Client,
    Quote,
}

impl Misread {
    /// The most characters of a word that are repeated.
    const SHOWN: usize = 40;

    pub(super) fn new(word: &str, expected: Expected) -> Self {
        let mut shown = String::new();
        for c in word.chars().take(Self::SHOWN) {
            // As it was typed, unless it could command a terminal.
            if c.is_ascii_graphic() { shown.push(c) } else { shown.extend(c.escape_debug()) }
        }
        Self { word: shown, expected }
    }

    pub fn words(&self, lang: Lang) -> String {
        let expected: Both = match self.expected {
            Expected::Query => {
                ("fd 5, recv, EAGAIN, IN, a (a client) or \"text\"", "fd 5、recv、EAGAIN、IN、a（客户端名）或 \"文本\"")
            }
            Expected::Breakpoint => {
                ("fd 5, EAGAIN, recvfrom, empty or stranded", "fd 5、EAGAIN、recvfrom、empty 或 stranded")
            }
            Expected::Fd => ("a number after `fd`, as in `fd 5`", "`fd` 加数字，如 `fd 5`"),
            Expected::Errno => ("an error's name, as in `errno EAGAIN`", "错误名，如 `errno EAGAIN`"),
            Expected::Call => ("a call's name, as in `call recvfrom`", "调用名，如 `call recvfrom`"),
            Expected::Client => ("a client's name, as in `client a`", "客户端名，如 `client a`"),
            Expected::Quote => ("text and a closing quote, as in `\"hello\"`", "文本和右引号，如 `\"hello\"`"),
        };
        let expected = lang.pick(expected);
        match self.word.as_str() {
            "" => lang.of(format!("expected {expected}"), format!("应为 {expected}")),
            word => lang.of(format!("`{word}`: expected {expected}"), format!("`{word}` 有误，应为 {expected}")),
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for Misread {}
