//! `lesson.toml`: what is played and asked.

use crate::i18n::{Message, escape};
use serde::Deserialize;
use toml::Spanned;

use crate::script::Diagnostic;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The heading that the list has it under.
    pub(super) group: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) needs: Vec<Spanned<String>>,
    pub(super) scene: Spanned<String>,
    #[serde(default)]
    pub(super) step: Vec<Step>,
    pub(super) task: Option<Task>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Its name; the prose has a heading by it.
    pub(super) id: Spanned<String>,
    pub(super) run: Spanned<String>,
    /// Parts of lines of the program that the introduction shows: the mistakes that this step finds.
    #[serde(default)]
    pub(super) finds: Vec<Spanned<String>>,
    pub(super) question: Option<Question>,
}

/// What the learner is to bring about after the last step. Each text has lines of a scene.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    /// Played before the learner begins; counts are taken from its end.
    #[serde(default = "nothing")]
    pub(super) begin: Spanned<String>,
    /// `expect` lines that must all hold.
    pub(super) goal: Spanned<String>,
    /// `expect` lines of which none may hold.
    #[serde(default = "nothing")]
    pub(super) never: Spanned<String>,
    /// Lines that reach the goal.
    pub(super) solution: Spanned<String>,
    /// Lines of obvious ways that do not reach it.
    pub(super) wrong: Vec<Spanned<String>>,
}

fn nothing() -> Spanned<String> {
    Spanned::new(0..0, String::new())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) asks: Spanned<String>,
    pub(super) choices: Vec<Spanned<String>>,
    /// A number is typed; the choices are the numbers that have something said about them.
    #[serde(default)]
    pub(super) number: bool,
    /// Names of calls of this step that prove the answer; none where what is asked for was timed.
    #[serde(default)]
    pub(super) proof: Vec<Spanned<String>>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Manifest, Diagnostic> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let length = error
            .span()
            .map_or(1, |span| text.get(span).map_or(1, |of| of.lines().next().unwrap_or("").chars().count()));
        // What the TOML reader says is English in both languages.
        let message = escape(error.message().as_bytes());
        Diagnostic::at_byte(file, text, at, length, Message::new(|_| message.clone()))
    })
}

/// The number of the line on which the text of a string begins, of one in three quotes that of its first line of text.
pub(super) fn first_line(text: &str, string: &Spanned<String>) -> usize {
    let start = string.span().start;
    let line = text[..start].matches('\n').count() + 1;
    let quoted = &text[start..];
    let opens = |quotes: &str| quoted.strip_prefix(quotes).is_some_and(|rest| rest.starts_with(['\n', '\r']));
    line + usize::from(opens("\"\"\"") || opens("'''"))
}
