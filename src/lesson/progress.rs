//! Which lessons were taken, kept from one day to the next.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::{env, fs};

use serde::{Deserialize, Serialize};

/// How one lesson went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// How many steps were taken, of the furthest time.
    pub steps: usize,
    pub of: usize,
    /// Predictions that came true, the last time.
    #[serde(default)]
    pub right: usize,
    /// Predictions made, the last time.
    #[serde(default)]
    pub predicted: usize,
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
    lessons: BTreeMap<String, Standing>,
}

impl Progress {
    /// Reads `$XDG_STATE_HOME/epollscope` or `~/.local/state/epollscope`. If that fails, there is no progress yet.
    pub fn load() -> Self {
        let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".local/state"));
        let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
        let file = state.map(|state| state.join("epollscope").join("progress.json"));
        let text = file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        let lessons = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { file, lessons }
    }

    pub fn of(&self, id: &str) -> Option<&Standing> {
        self.lessons.get(id)
    }

    /// Keeps how a lesson stands. The file is replaced as a whole, so that a crash leaves the old one or the new one.
    pub fn keep(&mut self, id: &str, standing: Standing) -> io::Result<()> {
        let before = self.lessons.get(id).copied().unwrap_or_default();
        let further = if before.of == standing.of { before.steps.max(standing.steps) } else { standing.steps };
        self.lessons.insert(id.to_owned(), Standing { steps: further, ..standing });
        let Some(file) = &self.file else { return Ok(()) };
        let folder = file.parent().map(PathBuf::from).unwrap_or_default();
        fs::create_dir_all(&folder)?;
        let new = folder.join(format!("progress.json.{}", std::process::id()));
        let mut out = fs::File::create(&new)?;
        out.write_all(serde_json::to_string_pretty(&self.lessons)?.as_bytes())?;
        out.sync_all()?;
        fs::rename(&new, file)
    }
}
