//! The language that the server's program is shown in, kept from one run to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::folders;
use crate::server::listing::Language;

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Facts {
    /// C; `None` where nobody has changed it.
    c: Option<bool>,
}

/// The language of the code, and where it is kept. The default keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct CodeLanguage {
    pub language: Language,
    file: Option<PathBuf>,
}

impl CodeLanguage {
    /// What was chosen last, in `code.json` of the folder for state, or else `otherwise`.
    pub fn load(otherwise: Language) -> Self {
        let file = folders::state().map(|state| state.join("code.json"));
        let facts: Facts = file.as_deref().and_then(|file| folders::kept(file).ok()).unwrap_or_default();
        let language = facts.c.map_or(otherwise, |c| if c { Language::C } else { Language::Python });
        Self { language, file }
    }

    /// Changes to the other one, and keeps that.
    pub fn turn(&mut self) {
        self.language = match self.language {
            Language::Python => Language::C,
            Language::C => Language::Python,
        };
        let c = Some(self.language == Language::C);
        // Where it can't be kept, the next run begins with the other one; that is no reason to disturb the screen.
        let _ = self.file.as_deref().map(|file| folders::change(file, |facts: &mut Facts| facts.c = c));
    }
}
