//! What can be wrong with a trace file.

use std::{fmt, io};

use crate::i18n::{Lang, is_harmless, words};

/// Why a recording, or one line of it, could not be read. The text names the file, the line, what was expected, and
/// where there is something to do, what to do.
///
/// After [`TraceError::Line`] and [`TraceError::TooLong`] reading can go on with the next line. Lines are counted from 1,
/// the header's; so are the bytes of a line, to which `column` points.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// There is no such file.
    Missing { file: String },
    /// The name is that of a directory.
    Directory { file: String },
    /// The system refused to open or read it.
    Io { file: String, source: io::Error },
    /// There is not even a header.
    Empty { file: String },
    /// It is something else than a recording; `what` its first line is instead.
    NotATrace { file: String, what: String },
    /// It is a recording in a format that this program does not know.
    Version { file: String, version: String },
    /// A line is wrong.
    Line { file: String, line: u64, column: Option<usize>, what: String },
    /// A line is longer than any that epollscope writes. It was passed over.
    TooLong { file: String, line: u64 },
    /// A second recording begins in this line. It is not read.
    Second { file: String, line: u64 },
    /// The last line is not whole: whoever recorded was stopped in the middle of it.
    Cut { file: String, line: u64 },
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

/// Lines of calls that this version does not know. A later minor version may add calls, if they leave the meaning of the
/// others as it is; so they are passed over and counted, and whoever reads says so at the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub struct Unknown {
    pub(super) file: String,
    pub count: u64,
    /// The first one's number, from 1, the header's.
    pub line: u64,
    /// The first one's call, without control characters.
    pub call: String,
}

impl Unknown {
    pub fn words(&self, lang: Lang) -> String {
        let Self { file, count, line, call } = self;
        let were = if *count == 1 { "line was" } else { "lines were" };
        words!(
            lang,
            "{file}: {count} {were} skipped, because this epollscope does not know the call (the first, line {line}, \
             is of {call:?}); a newer one wrote the recording",
            "{file}：略过了 {count} 行，这个版本的 epollscope 不认识其中的调用（第一个在第 {line} 行，是 {call:?}）；\
             录制文件由更新的版本写成"
        )
    }
}

fn before(line: u64, lang: Lang) -> String {
    match line {
        0 | 1 => lang.of("this is its header, so there is nothing to read", "那是文件头，所以没有可读的").to_owned(),
        n => {
            let (n, s) = (n - 1, if n == 2 { " before it can be" } else { "s before it can be" });
            words!(lang, "the {n} line{s} read", "更早的 {n} 行已读取")
        }
    }
}

impl TraceError {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Missing { file } => words!(
                lang,
                "{file}: there is no such file; check the name, or make a recording with `epollscope serve --record {file}`",
                "{file}：没有这个文件；请检查名字，或用 `epollscope serve --record {file}` 录制一个"
            ),
            Self::Directory { file } => {
                words!(
                    lang,
                    "{file}: this is a directory; name a recording in it",
                    "{file}：这是目录；请指定里面的录制文件"
                )
            }
            Self::Io { file, source } => words!(lang, "{file}: cannot be read: {source}", "{file}：无法读取，{source}"),
            Self::Empty { file } => words!(
                lang,
                "{file}: the file is empty; a recording begins with a header line, so it was cut off before its first write",
                "{file}：文件是空的；录制文件以一行文件头开始，所以它在第一次写入之前就中断了"
            ),
            Self::NotATrace { file, what } => words!(
                lang,
                "{file}: this is not a recording of epollscope ({what}); \
                 expected a first line that begins with {{\"format\":\"epollscope-trace\",\"version\":1",
                "{file}：这不是 epollscope 的录制文件（{what}）；\
                 第一行应以 {{\"format\":\"epollscope-trace\",\"version\":1 开头"
            ),
            Self::Version { file, version } => words!(
                lang,
                "{file}: unknown version {version}; this epollscope reads version 1",
                "{file}：不认识版本 {version}；这个 epollscope 读取版本 1"
            ),
            Self::Line { file, line, column, what } => {
                let column =
                    column.map(|column| words!(lang, ", column {column}", "第 {column} 列")).unwrap_or_default();
                lang.of(
                    format!("{file}: line {line}{column}: {what}"),
                    format!("{file}：第 {line} 行") + &column + "，" + what,
                )
            }
            Self::TooLong { file, line } => words!(
                lang,
                "{file}: line {line}: it is longer than 1 MiB, expected a call; it was skipped",
                "{file}：第 {line} 行超过 1 MiB，不像一次调用，已略过"
            ),
            Self::Second { file, line } => words!(
                lang,
                "{file}: a second recording begins in line {line}; it is not read: `tail -n +{line} FILE | epollscope replay -` \
                 reads it",
                "{file}：第 {line} 行开始了第二个录制，没有读取；`tail -n +{line} FILE | epollscope replay -` 可以读它"
            ),
            Self::Cut { file, line } => {
                let before = before(*line, lang);
                words!(
                    lang,
                    "{file}: the recording was cut off in line {line}; {before}",
                    "{file}：录制文件在第 {line} 行被截断；{before}"
                )
            }
        }
    }

    /// What the system said about `file`, in this program's words where they say more.
    pub fn io(file: &str, source: io::Error) -> Self {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { file },
            io::ErrorKind::IsADirectory => Self::Directory { file },
            _ => Self::Io { file, source },
        }
    }
}

/// What is wrong with the text of one line; the reader adds file and line.
#[derive(Debug)]
pub(super) struct LineError {
    /// The byte in the line, from 1.
    pub(super) column: Option<usize>,
    pub(super) what: String,
    /// Whether it is no whole JSON, so that it may be a line that was cut off.
    pub(super) broken: bool,
}

impl LineError {
    /// A mistake in what a well-formed line says.
    pub(super) fn new(what: impl AsRef<str>) -> Self {
        Self { column: None, what: printable(what.as_ref()), broken: false }
    }

    pub(super) fn at(self, file: &str, line: u64) -> TraceError {
        TraceError::Line { file: file.to_owned(), line, column: self.column, what: self.what }
    }
}

impl From<serde_json::Error> for LineError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // serde_json counts lines too, but it was given only one.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let what = text.strip_suffix(&place).unwrap_or(&text);
        Self {
            column: (error.column() > 0).then_some(error.column()),
            what: printable(what),
            broken: error.is_eof() || error.is_syntax(),
        }
    }
}

impl From<std::str::Utf8Error> for LineError {
    fn from(error: std::str::Utf8Error) -> Self {
        let what = "invalid UTF-8, expected plain ASCII".to_owned();
        Self { column: Some(error.valid_up_to() + 1), what, broken: true }
    }
}

/// The text with control characters escaped and cut to a length that a terminal can bear: messages quote the file, and
/// no file may move the cursor.
pub(super) fn printable(text: &str) -> String {
    const MOST: usize = 600;
    let mut out = String::with_capacity(text.len().min(MOST));
    for (n, c) in text.chars().enumerate() {
        if n == MOST {
            out.push('…');
            break;
        }
        if is_harmless(c) { out.push(c) } else { out.extend(c.escape_default()) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_drive_the_terminal() {
        assert_eq!(printable("a\x1b[2J\u{9b}é"), r"a\u{1b}[2J\u{9b}é");
        assert_eq!(printable(&"x".repeat(5000)).chars().count(), 601);
    }

    #[test]
    fn the_place_is_given_once() {
        let error = serde_json::from_str::<u8>("  x").expect_err("not a number");
        let error = LineError::from(error).at("f", 7);
        assert_eq!(error.to_string(), "f: line 7, column 3: expected value");
    }
}
