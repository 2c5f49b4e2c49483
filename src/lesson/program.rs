//! The program that a lesson is about: the code in its introduction, with the mistakes that have been found in it.

use super::{Block, Lesson, Prose};
use crate::i18n::Lang;

/// A line of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramLine {
    pub text: String,
    pub found: Found,
}

/// Whether a line has a mistake, as far as the lesson has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    No,
    Before,
    /// By the last step.
    Now,
}

pub(super) fn program(prose: &Prose) -> impl Iterator<Item = &str> {
    let code = prose.intro.iter().find_map(|block| if let Block::Code(code) = block { Some(code) } else { None });
    code.into_iter().flat_map(|code| code.lines())
}

impl Lesson {
    /// The program after this many steps; empty where no step finds a mistake in one.
    pub fn program(&self, steps: usize, lang: Lang) -> Vec<ProgramLine> {
        let finds = |from: usize, to: usize, text: &str| {
            let parts = self.steps.iter().take(to).skip(from).flat_map(|step| &step.finds);
            parts.into_iter().any(|part| text.contains(part.as_str()))
        };
        if self.steps.iter().all(|step| step.finds.is_empty()) {
            return Vec::new();
        }
        let before = steps.saturating_sub(1);
        let line = |text: &str| ProgramLine {
            text: text.to_owned(),
            found: match text {
                text if finds(before, steps, text) => Found::Now,
                text if finds(0, before, text) => Found::Before,
                _ => Found::No,
            },
        };
        program(self.prose(lang)).map(line).collect()
    }
}
