//! The two languages of the screen and of the sentences of why.
//!
//! Both stand side by side where they are used, so that neither can be missing: [`Lang::of`] for what is fixed,
//! [`Lang::pick`] for a pair in a table, `words!` for what has numbers in it. Names that the kernel gives, `EPOLLIN`
//! and `fd` and `epoll_wait`, are the same in both.
//!
//! One word for each concept: see `docs/glossary.md`.

mod safe;
pub(crate) mod wrap;

use std::fmt;

pub use safe::{Clean, CleanJson, escape, shown};
pub(crate) use safe::{hex, is_harmless};

/// A language of the screen and of all sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English
    #[default]
    En,
    /// 简体中文
    Zh,
}

/// The same words in both languages, English first.
pub type Both = (&'static str, &'static str);

impl Lang {
    /// The language of the locale: Chinese where the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, and not
    /// empty, begins with `zh`, locale(7); else English.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let mut set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(env).filter(|value| !value.is_empty());
        if set.next().is_some_and(|locale| locale.starts_with("zh")) { Self::Zh } else { Self::En }
    }

    /// The one of the two that is in this language.
    pub fn of<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    pub fn pick(self, (en, zh): Both) -> &'static str {
        self.of(en, zh)
    }
}

/// A number with commas, the same in both languages: `1,976`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A span of time in nanoseconds, in the unit that suits it: `12.3 µs`.
pub fn duration(nanos: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let n = nanos as f64;
    match nanos {
        0..=999 => format!("{nanos} ns"),
        1_000..=999_999 => format!("{:.1} µs", n / 1e3),
        1_000_000..=999_999_999 => format!("{:.1} ms", n / 1e6),
        _ => format!("{:.1} s", n / 1e9),
    }
}

/// What is said where the language is not known: an error, which is put into words at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    en: String,
    zh: String,
}

impl Message {
    pub fn new(say: impl Fn(Lang) -> String) -> Self {
        Self { en: say(Lang::En), zh: say(Lang::Zh) }
    }

    pub fn words(&self, lang: Lang) -> &str {
        lang.of(&self.en, &self.zh)
    }
}

impl From<Both> for Message {
    fn from((en, zh): Both) -> Self {
        Self { en: en.to_owned(), zh: zh.to_owned() }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Message {}

/// A [`Message`] with numbers in it: `message!("{n} events", "{n} 个事件")`.
macro_rules! message {
    ($en:literal, $zh:literal $(, $arg:expr)* $(,)?) => {
        $crate::i18n::Message::new(|lang| $crate::i18n::words!(lang, $en, $zh $(, $arg)*))
    };
}
pub(crate) use message;

/// Whether a space belongs between two characters of a Chinese text: it does between Chinese and all that is not.
pub fn spaced(before: char, after: char) -> bool {
    let han = |c| ('\u{3400}'..='\u{9fff}').contains(&c);
    let other = |c: char| c.is_ascii_graphic() || (c.is_alphanumeric() && !han(c));
    (han(before) && other(after)) || (other(before) && han(after))
}

/// Two pieces of a Chinese sentence, with a space between them where one belongs.
pub fn joined(before: &str, after: &str) -> String {
    let gap = before.chars().next_back().zip(after.chars().next()).is_some_and(|(before, after)| spaced(before, after));
    format!("{before}{}{after}", if gap { " " } else { "" })
}

/// `format!` in two languages: `words!(lang, "{n} events", "{n} 个事件")`. Only the one that is asked for is made.
macro_rules! words {
    ($lang:expr, $en:literal, $zh:literal $(, $arg:expr)* $(,)?) => {
        match $lang {
            $crate::i18n::Lang::En => format!($en $(, $arg)*),
            $crate::i18n::Lang::Zh => format!($zh $(, $arg)*),
        }
    };
}
pub(crate) use words;

#[cfg(test)]
#[test]
fn words_are_made_in_the_language_asked_for() {
    let n = 3;
    assert_eq!([Lang::En, Lang::Zh].map(|lang| words!(lang, "{n} events", "{n} 个事件")), ["3 events", "3 个事件"]);
}
