//! What is wrong with a script, where, and what would be right.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A mistake in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The script's file, or `-`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters it is about.
    pub length: usize,
    /// The line itself.
    pub text: String,
    /// What is wrong, and what was expected.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        // The caret stands under the cells of the mistake, which for wide characters are more than its letters.
        let before: String = self.text.chars().take(self.column - 1).collect();
        let under: String = self.text.chars().skip(self.column - 1).take(self.length).collect();
        let carets = "^".repeat(safe(&under).width().max(1));
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number} | {}", safe(&self.text))?;
        write!(f, "{gutter} | {}{carets}", " ".repeat(safe(&before).width()))
    }
}

impl std::error::Error for Mistake {}

/// The text without what would command a terminal: each such character is shown as a dot.
fn safe(text: &str) -> String {
    text.chars().map(|c| if c.width().unwrap_or(0) == 0 { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake_in_wide_text_too() {
        let text = "write a \"边缘触发\" 7\u{1b}".to_owned();
        let mistake = Mistake { file: "x".into(), line: 12, column: 16, length: 1, text, what: "no".into() };
        let shown = mistake.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[2], "12 | write a \"边缘触发\" 7·");
        assert_eq!(lines[3].width(), lines[2].find('7').map(|at| lines[2][..=at].width()).expect("a 7"));
    }
}
