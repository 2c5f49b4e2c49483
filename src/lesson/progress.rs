//! Which lessons were taken, kept from one day to the next.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::source;
use crate::i18n::{Message, message, shown, words};

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

type Standings = BTreeMap<String, Standing>;

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
    lessons: Standings,
}

impl Progress {
    /// What is kept in the folder for state, `$XDG_STATE_HOME/epollscope` or `~/.local/state/epollscope`; and what is
    /// wrong with the file, if it can't be read.
    pub fn load() -> (Self, Option<Message>) {
        let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".local/state"));
        let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
        let file = state.map(|state| state.join("epollscope").join("progress.json"));
        let (lessons, wrong) = match file.as_deref().map_or_else(|| Ok(Standings::new()), read) {
            Ok(lessons) => (lessons, None),
            Err(wrong) => (Standings::new(), Some(wrong)),
        };
        (Self { file, lessons }, wrong)
    }

    pub fn of(&self, id: &str) -> Option<&Standing> {
        self.lessons.get(id)
    }

    /// Keeps how a lesson stands, beside what other instances have kept meanwhile. The file is replaced as a whole, so that
    /// a crash leaves the old one or the new one. One that can't be read is left as it is.
    ///
    /// # Errors
    /// What is wrong with the file, or what the file system refused.
    pub fn keep(&mut self, id: &str, standing: Standing) -> Result<(), Message> {
        let Some(file) = self.file.clone() else {
            self.note(id, standing);
            return Ok(());
        };
        self.keep_in(&file, id, standing)
            .unwrap_or_else(|error| Err(message!("{}: {error}", "{}：{error}", shown(&file))))
    }

    fn keep_in(&mut self, file: &Path, id: &str, standing: Standing) -> io::Result<Result<(), Message>> {
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder)?;
        // Whoever holds the lock does so for the few lines below.
        let locked = File::open(folder)?;
        locked.lock()?;
        match read(file) {
            Ok(lessons) => self.lessons = lessons,
            Err(wrong) => {
                self.note(id, standing);
                return Ok(Err(wrong));
            }
        }
        self.note(id, standing);
        let new = file.with_extension("new");
        // One that a crash has left, or that is no file at all.
        let _ = fs::remove_file(&new);
        let mut out = File::create_new(&new)?;
        out.write_all(serde_json::to_string_pretty(&self.lessons)?.as_bytes())?;
        out.sync_all()?;
        fs::rename(&new, file).map(Ok)
    }

    fn note(&mut self, id: &str, standing: Standing) {
        let before = self.lessons.get(id).copied().unwrap_or_default();
        let further = if before.of == standing.of { before.steps.max(standing.steps) } else { standing.steps };
        self.lessons.insert(id.to_owned(), Standing { steps: further, ..standing });
    }
}

/// What is in the file: nothing where there is none.
fn read(file: &Path) -> Result<Standings, Message> {
    if !file.exists() {
        return Ok(Standings::new());
    }
    let read = source::text(file, MAX_FILE).and_then(|text| {
        serde_json::from_str(&text).map_err(|error| message!("cannot be read: {error}", "无法读取：{error}"))
    });
    read.map_err(|what| {
        let file = shown(file);
        Message::new(|lang| {
            let what = what.words(lang);
            words!(
                lang,
                "{file} {what}; progress is kept again once it is moved away",
                "{file} {what}；移走它之后才能保存进度"
            )
        })
    })
}
