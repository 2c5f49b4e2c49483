//! Who looks at a timeline: where they look, what has their keys, what they were told last, what they search for, and where
//! they would have the server stop.
//!
//! The workbench, a lesson and twins have one each, so that the past is the same on every screen that has one. It knows
//! nothing of where the records come from, and drives nobody.

mod look;
mod prompt;
mod search;
mod stopped;
mod stops;

use std::time::Duration;

use crossterm::event::KeyEvent;

use super::Cursor;
use super::cursor::Passed;
use super::{Action, keys};
use crate::analysis::query::Query;
use crate::i18n::Lang;
use crate::probe::Breakpoint;
use crate::trace::Timeline;

pub(super) use prompt::Typed;
pub use prompt::{Prompt, Question};
use search::Searching;
pub use stops::{is_hit, meaning, rows};

/// What has the keys.
#[derive(Clone, Debug)]
pub enum Mode {
    /// The screen itself.
    Screen,
    /// The list of keys; scrolled down by so many lines.
    Help {
        /// Lines.
        scroll: u16,
    },
    /// The policy's choices, one of them selected.
    Policy {
        /// Its row.
        row: usize,
    },
    /// A question is being answered.
    Prompt(Prompt),
    /// Where the server is to stop; one row selected.
    Breakpoints {
        /// Its row.
        row: usize,
    },
    /// One fd, whole; scrolled down by so many lines.
    Inspect {
        /// Lines.
        scroll: u16,
    },
}

/// A word to the user that stays until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The word.
    pub text: String,
    /// It says that something did not work.
    pub alert: bool,
}

/// One who looks.
pub struct Navigator {
    lang: Lang,
    /// Where they look.
    pub cursor: Cursor,
    pub(super) mode: Mode,
    pub(super) notice: Option<Notice>,
    /// What the calls were searched for last.
    sought: Option<(String, Query)>,
    searching: Option<Searching>,
    /// A search that has come to the end of what there is.
    exhausted: Option<Searching>,
    breakpoints: Vec<Breakpoint>,
    /// The breakpoint that stopped the server, as it was last told.
    stopped: Option<Breakpoint>,
}

impl Navigator {
    /// One who looks at now, and was told nothing yet.
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            cursor: Cursor::default(),
            mode: Mode::Screen,
            notice: None,
            sought: None,
            searching: None,
            exhausted: None,
            breakpoints: Vec::new(),
            stopped: None,
        }
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alert: false });
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alert: true });
    }

    /// A key comes: what was told was for the one before, and a search that goes on ends.
    pub(super) fn attend(&mut self) {
        (self.notice, self.searching, self.exhausted) = (None, None, None);
    }

    /// Where the server is to stop.
    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }

    /// A key on a screen over which help, breakpoints and questions about the past are all that can be opened; whether it
    /// was for what is open.
    pub(super) fn opened_key(&mut self, key: &KeyEvent, timeline: &Timeline) -> bool {
        match self.type_key(key) {
            Typed::Unasked => {}
            Typed::More => return true,
            Typed::Answer(question, answer) => return self.answer(question, &answer, timeline),
        }
        match (self.mode.clone(), keys::action(key)) {
            (Mode::Help { scroll }, action) => {
                let scrolled = action.and_then(|action| scrolled(scroll, action));
                self.mode = scrolled.map_or(Mode::Screen, |scroll| Mode::Help { scroll });
                action != Some(Action::Quit)
            }
            (Mode::Breakpoints { row }, Some(action)) => self.breakpoint_key(row, action),
            _ => false,
        }
    }

    /// So much time has passed: a search goes on, or what plays; a breakpoint stops it.
    pub(super) fn pass(&mut self, passed: Duration, timeline: &Timeline) -> Passed {
        self.search_slice(timeline).unwrap_or_else(|| self.play_on(passed, timeline))
    }
}

/// Where `action` scrolls to, if it scrolls.
pub(super) fn scrolled(scroll: u16, action: Action) -> Option<u16> {
    match action {
        Action::Up => Some(scroll.saturating_sub(1)),
        Action::Down => Some(scroll.saturating_add(1)),
        Action::PageUp => Some(scroll.saturating_sub(10)),
        Action::PageDown => Some(scroll.saturating_add(10)),
        _ => None,
    }
}
