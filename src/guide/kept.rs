//! Whether somebody has been led through the first minute, kept from one run to the next.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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
    /// What stands in `first-minute.json` of the folder for state. A file that cannot be read counts as none: at worst
    /// somebody is welcomed once more.
    pub fn load() -> Self {
        let file = folders::state().map(|state| state.join("first-minute.json"));
        let read = |file: &PathBuf| serde_json::from_slice(&fs::read(file).ok()?).ok();
        Self { facts: file.as_ref().and_then(read).unwrap_or_default(), file, left: false }
    }

    /// Whether the program begins with the welcome.
    pub fn welcomes(&self) -> bool {
        !self.facts.finished && self.facts.left < ENOUGH
    }

    pub fn finish(&mut self) {
        if !std::mem::replace(&mut self.facts.finished, true) {
            self.keep();
        }
    }

    /// The guide, or the welcome, was left before the end.
    pub fn leave(&mut self) {
        if !self.facts.finished && !std::mem::replace(&mut self.left, true) {
            self.facts.left = self.facts.left.saturating_add(1);
            self.keep();
        }
    }

    fn keep(&self) {
        // Where it can't be kept, somebody is welcomed once more; that is no reason to disturb the screen.
        let _ = self.file.as_deref().map(|file| write(file, self.facts));
    }
}

fn write(file: &Path, facts: Facts) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // Replaced as a whole, so that a crash leaves the old file or the new one.
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_string(&facts)?)?;
    fs::rename(new, file)
}
