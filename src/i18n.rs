//! The two languages of the screen and of the sentences of why.
//!
//! Both stand side by side where they are used, so that neither can be missing: [`Lang::of`] for what is fixed,
//! [`Lang::pick`] for a pair in a table, `words!` for what has numbers in it. Names that the kernel gives, `EPOLLIN`
//! and `fd` and `epoll_wait`, are the same in both.
//!
//! One word for each concept; the whole table is in `docs/glossary.md`:
//!
//! | English | 中文 | | English | 中文 |
//! |---|---|---|---|---|
//! | interest list | 兴趣列表 | | unread, unsent | 未读、未发 |
//! | ready list (inferred) | 就绪列表（推断） | | stranded | 滞留 |
//! | level-triggered | 水平触发 | | ghost | 幽灵 |
//! | edge-triggered | 边缘触发 | | wait #2 | 第 2 次等待 |
//! | one-shot | 一次性 | | blocked | 阻塞 |
//! | to report, a report | 报告 | | to accept | 接受 |
//! | to disarm, to re-arm (one-shot) | 停用、重新启用 | | peer | 对端 |
//! | to check again (MOD) | 重新检查 | | end of the stream | 流的末尾（EOF） |
//! | a fault that can be switched | 缺陷 | | echo | 回显 |
//! | quiet, hangs, died | 静止、卡住、异常退出 | | finding | 发现项 |
//! | blocking (of an fd) | 阻塞模式的 | | recording | 录制文件 |
//! | mask | 掩码 | | client, connection | 客户端、连接 |
//! | to watch, to ask for | 关注 | | listener | 监听套接字；in a column 监听 |
//! | policy | 策略 | | call | 调用 |
//! | greedy, round-robin | 贪婪、轮转 | | record | 记录 |
//! | short read | 短读 | | scope, timebase | 示波器、时基 |
//!
//! The seven steps: create 创建, register 注册, wait 等待, act 处理, modify 修改, repeat 重复, destroy 销毁.

pub(crate) mod wrap;

use std::fmt;

/// A language.
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

    /// The one of the pair that is in this language.
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
    /// What `say` says in each language.
    pub fn new(say: impl Fn(Lang) -> String) -> Self {
        Self { en: say(Lang::En), zh: say(Lang::Zh) }
    }

    /// It in a language.
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
