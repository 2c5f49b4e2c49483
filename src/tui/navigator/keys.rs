//! The keys for what is open over a screen, which are the same on every screen.

use crossterm::event::KeyEvent;

use super::overlay::{Mode, Question};
use super::prompt::Typed;
use super::state::Navigator;
use crate::trace::Timeline;
use crate::tui::keymap::binding::interrupts;
use crate::tui::keymap::{self, Action};

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the screen's: it asks to quit, or nothing is open, or what is open has no use for it.
    No,
    /// It was for what is open.
    Done,
    /// It ended the answer to a question that only the screen can deal with.
    Answer(Question, String),
}

impl Navigator {
    /// A key comes: help, the list of breakpoints, and questions have it first. While something is typed every key is a
    /// part of it, but for Ctrl-C.
    pub(crate) fn take(&mut self, key: &KeyEvent, timeline: &Timeline) -> Taken {
        if interrupts(key) {
            return Taken::No;
        }
        match self.type_key(key) {
            Typed::Unasked => {}
            Typed::More => return Taken::Done,
            Typed::Answer(question, answer) if self.answer(question, &answer, timeline) => return Taken::Done,
            Typed::Answer(question, answer) => return Taken::Answer(question, answer),
        }
        let action = keymap::action(key);
        let done = match (&self.mode, action) {
            (Mode::Help { scroll }, action) => {
                let scrolled = action.and_then(|action| scrolled(*scroll, action));
                self.mode = scrolled.map_or(Mode::Screen, |scroll| Mode::Help { scroll });
                action != Some(Action::Quit)
            }
            (Mode::Breakpoints { row }, Some(action)) => self.breakpoint_key(*row, action),
            _ => false,
        };
        if done { Taken::Done } else { Taken::No }
    }
}

/// Where `action` scrolls to, if it scrolls.
pub(crate) fn scrolled(scroll: u16, action: Action) -> Option<u16> {
    match action {
        Action::Up => Some(scroll.saturating_sub(1)),
        Action::Down => Some(scroll.saturating_add(1)),
        Action::PageUp => Some(scroll.saturating_sub(10)),
        Action::PageDown => Some(scroll.saturating_add(10)),
        _ => None,
    }
}
