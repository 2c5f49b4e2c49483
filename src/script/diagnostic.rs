//! What is wrong with a script, where, and what would be right.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::i18n::{Lang, Message, shown, words};

/// A mistake in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The script's file, or `-`.
    pub file: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters it is about.
    pub length: usize,
    /// The line itself.
    pub text: String,
    pub what: Message,
}

impl Diagnostic {
    /// A mistake that is no line's, but the whole file's.
    pub fn of_file(file: &str, what: impl Into<Message>) -> Self {
        Self { file: file.to_owned(), line: 0, column: 1, length: 1, text: String::new(), what: what.into() }
    }

    /// A mistake about a whole line.
    pub fn of_line(file: &str, text: &str, line: usize, what: impl Into<Message>) -> Self {
        let said = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let indent = said.chars().take_while(|c| c.is_whitespace()).count();
        let length = said.trim().chars().count().max(1);
        Self { file: file.to_owned(), line, column: indent + 1, length, text: said.to_owned(), what: what.into() }
    }

    /// A mistake at byte `at` of a text, `length` characters long.
    pub fn at_byte(file: &str, text: &str, at: usize, length: usize, what: impl Into<Message>) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let said = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            length: length.max(1),
            text: said.to_owned(),
            what: what.into(),
        }
    }

    /// As people read it: where it is and what it is, the line, and a caret under it.
    pub fn words(&self, lang: Lang) -> String {
        let [file, what] = [&self.file, self.what.words(lang)].map(shown);
        if self.line == 0 {
            return words!(lang, "{file}: {what}", "{file}：{what}");
        }
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        // The caret stands under the cells of the mistake, which for wide characters are more than its letters.
        let before: String = self.text.chars().take(self.column - 1).collect();
        let under: String = self.text.chars().skip(self.column - 1).take(self.length).collect();
        let carets = "^".repeat(safe(&under).width().max(1));
        let (column, text, margin) = (self.column, safe(&self.text), " ".repeat(safe(&before).width()));
        let head = words!(lang, "{file}:{number}:{column}: {what}", "{file}:{number}:{column}：{what}");
        format!("{head}\n{gutter} |\n{number} | {text}\n{gutter} | {margin}{carets}")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for Diagnostic {}

/// The text without what would command a terminal: each such character is shown as a dot.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.width().unwrap_or(0) == 0 { '·' } else { c }).collect()
}
