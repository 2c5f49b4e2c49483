//! The lines of a program, and what writes them.

use super::Place;

/// A line of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text, without the newline.
    pub text: String,
    /// The call that it makes, if it makes one of the server's.
    pub place: Option<Place>,
    /// Whether the program of the default policy lacks it.
    pub changed: bool,
}

/// Writes a program line by line.
pub(super) struct Writer {
    lines: Vec<Line>,
    /// How far the lines are indented, in steps of four.
    pub(super) indent: usize,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { lines: Vec::new(), indent: 0 }
    }

    /// Adds the lines of `text`, none of which makes a call.
    pub(super) fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line, None));
    }

    /// Adds the line that makes the call of `place`.
    pub(super) fn call(&mut self, place: Place, text: &str) {
        self.line(text, Some(place));
    }

    /// Adds `text` where the policy asks for it.
    pub(super) fn text_if(&mut self, wanted: bool, text: &str) {
        if wanted {
            self.text(text);
        }
    }

    pub(super) fn blank(&mut self) {
        self.line("", None);
    }

    fn line(&mut self, text: &str, place: Option<Place>) {
        let indent = if text.is_empty() { 0 } else { 4 * self.indent };
        let text = format!("{:indent$}{text}", "");
        self.lines.push(Line { text, place, changed: false });
    }

    pub(super) fn done(self) -> Vec<Line> {
        self.lines
    }
}
