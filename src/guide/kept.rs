//! Whether somebody has been led through the first minute, kept from one run to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::folders;

/// After so many runs in which the guide was left before its end, nobody is asked again.
const ENOUGH: u32 = 2;

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Facts {
    finished: bool,
    left: u32,
}

/// What is known of earlier runs. The default knows nothing, and keeps nothing.
#[derive(Debug, Default)]
pub struct Kept {
    file: Option<PathBuf>,
    facts: Facts,
    /// It was left in this run; that counts once.
    left: bool,
}

impl Kept {
    /// What stands in `first-minute.json` of the folder for state. A file that cannot be read counts as none, and
    /// stays as it is: at worst somebody is welcomed once more.
    pub fn load() -> Self {
        let file = folders::state().map(|state| state.join("first-minute.json"));
        let facts = file.as_deref().and_then(|file| folders::kept(file).ok()).unwrap_or_default();
        Self { file, facts, left: false }
    }

    /// Whether the program begins with the welcome.
    pub fn welcomes(&self) -> bool {
        !self.facts.finished && self.facts.left < ENOUGH
    }

    pub fn finish(&mut self) {
        if !std::mem::replace(&mut self.facts.finished, true) {
            self.keep(|facts| facts.finished = true);
        }
    }

    /// The guide, or the welcome, was left before the end.
    pub fn leave(&mut self) {
        if !self.facts.finished && !std::mem::replace(&mut self.left, true) {
            let leave = |facts: &mut Facts| facts.left = facts.left.saturating_add(1);
            leave(&mut self.facts);
            self.keep(leave);
        }
    }

    fn keep(&self, change: impl FnOnce(&mut Facts)) {
        // Where it can't be kept, somebody is welcomed once more; that is no reason to disturb the screen.
        let _ = self.file.as_deref().map(|file| folders::change(file, change));
    }
}
