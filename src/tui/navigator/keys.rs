//! The keys of what is open over a screen, the same on every screen.

use crossterm::event::KeyEvent;

use super::overlay::{Overlay, Question};
use super::state::Navigator;
use crate::trace::Timeline;
use crate::tui::keymap::{self, Action, interrupts};

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is for the screen: it asks to quit, nothing is open, or what is open has no use for it.
    No,
    /// It was for what is open.
    Done,
    /// It ended the answer to a question that only the screen can deal with.
    Answer(Question, String),
}

impl Navigator {
    /// Offers a key to the help, the list of breakpoints and prompts. A prompt takes every key but Ctrl-C.
    pub(crate) fn take(&mut self, key: &KeyEvent, timeline: &Timeline) -> Taken {
        if interrupts(key) {
            return Taken::No;
        }
        match self.type_key(key) {
            Taken::No => {}
            Taken::Answer(question, answer) if self.answer(question, &answer, timeline) => return Taken::Done,
            taken => return taken,
        }
        let action = keymap::action(key);
        let done = match (&self.overlay, action) {
            (Overlay::Help { scroll }, action) => {
                let scrolled = action.and_then(|action| scrolled(*scroll, action));
                self.overlay = scrolled.map_or(Overlay::None, |scroll| Overlay::Help { scroll });
                action != Some(Action::Quit)
            }
            (Overlay::Breakpoints { row }, Some(action)) => self.breakpoint_key(*row, action),
            _ => false,
        };
        if done { Taken::Done } else { Taken::No }
    }
}

/// The position after `action`, if that scrolls.
pub(crate) fn scrolled(scroll: u16, action: Action) -> Option<u16> {
    match action {
        Action::Up => Some(scroll.saturating_sub(1)),
        Action::Down => Some(scroll.saturating_add(1)),
        Action::PageUp => Some(scroll.saturating_sub(10)),
        Action::PageDown => Some(scroll.saturating_add(10)),
        _ => None,
    }
}
