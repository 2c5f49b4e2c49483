//! Which lessons were taken, kept from one day to the next.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::folders;
use crate::i18n::Message;

type Standings = BTreeMap<String, Standing>;

/// How one lesson went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// How many steps were taken, of the furthest time.
    pub steps: usize,
    pub of: usize,
    /// Predictions that came true, the last time as many were made.
    #[serde(default)]
    pub right: usize,
    /// Predictions made, the last time.
    #[serde(default)]
    pub predicted: usize,
    /// Whether its task was done once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub task: bool,
}

impl Standing {
    pub fn is_done(&self) -> bool {
        self.of > 0 && self.steps >= self.of
    }
}

/// All lessons' standings.
#[derive(Debug, Default)]
pub struct Progress {
    file: Option<PathBuf>,
    lessons: Standings,
}

impl Progress {
    /// What is kept in the folder for state, `$XDG_STATE_HOME/epollscope` or `~/.local/state/epollscope`; and what is
    /// wrong with the file, if it can't be read.
    pub fn load() -> (Self, Option<Message>) {
        let file = folders::state().map(|state| state.join("progress.json"));
        let (lessons, wrong) = match file.as_deref().map_or_else(|| Ok(Standings::new()), folders::kept) {
            Ok(lessons) => (lessons, None),
            Err(wrong) => (Standings::new(), Some(wrong)),
        };
        (Self { file, lessons }, wrong)
    }

    pub fn of(&self, id: &str) -> Option<&Standing> {
        self.lessons.get(id)
    }

    /// Keeps how a lesson stands, beside what other instances have kept meanwhile.
    ///
    /// # Errors
    /// What is wrong with the file, or what the file system refused. It is kept in memory all the same.
    pub fn keep(&mut self, id: &str, standing: Standing) -> Result<(), Message> {
        note(&mut self.lessons, id, standing);
        if let Some(file) = &self.file {
            self.lessons = folders::change(file, |lessons| note(lessons, id, standing))?;
        }
        Ok(())
    }
}

fn note(lessons: &mut Standings, id: &str, standing: Standing) {
    let before = lessons.get(id).copied().unwrap_or_default();
    let further = if before.of == standing.of { before.steps.max(standing.steps) } else { standing.steps };
    // Who has begun again and gone no further keeps what was predicted the time before.
    let last = if before.of == standing.of && standing.predicted < before.predicted { before } else { standing };
    let now = Standing { steps: further, of: standing.of, task: standing.task || before.task, ..last };
    lessons.insert(id.to_owned(), now);
}
