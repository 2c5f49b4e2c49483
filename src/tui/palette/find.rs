//! The open palette: what is typed, and the row that is selected.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::entry::{Entry, Leads, all};
use super::place::Place;
use crate::i18n::Lang;
use crate::tui::Theme;
use crate::tui::keymap::binding::Listed;

/// The open palette.
pub struct Palette {
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) input: Input,
    entries: Vec<Entry>,
    pub(super) row: usize,
    /// Why what was chosen last cannot be opened.
    pub(super) wrong: Option<String>,
}

/// What became of an event.
pub enum Found {
    /// It goes on.
    Nothing,
    Closed,
    /// This key is meant, for the screen below.
    Key(KeyEvent),
    Place(Place),
}

impl Palette {
    pub fn new(keys: Vec<Listed>, theme: Theme, lang: Lang) -> Self {
        Self { lang, theme, input: Input::default(), entries: all(keys, lang), row: 0, wrong: None }
    }

    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// What was chosen cannot be opened; it says why, and stays.
    pub fn refuse(&mut self, why: String) {
        self.wrong = Some(why);
    }

    pub(super) fn fitting(&self) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.fits(self.input.value())).collect()
    }

    pub fn input(&mut self, event: &Event) -> Found {
        let Event::Key(key) = event else {
            if let Event::Paste(text) = event {
                self.input = Input::new(format!("{}{}", self.input.value(), text.lines().next().unwrap_or_default()));
                self.row = 0;
            }
            return Found::Nothing;
        };
        self.wrong = None;
        let last = self.fitting().len().saturating_sub(1);
        match key.code {
            KeyCode::Esc => return Found::Closed,
            KeyCode::Char('p') if key.modifiers == KeyModifiers::CONTROL => return Found::Closed,
            KeyCode::Enter => {
                return match self.fitting().get(self.row).map(|entry| entry.leads.clone()) {
                    Some(Leads::Key(code)) => Found::Key(KeyEvent::new(code, KeyModifiers::NONE)),
                    Some(Leads::To(place)) => Found::Place(place),
                    None => Found::Nothing,
                };
            }
            KeyCode::Up => self.row = self.row.saturating_sub(1),
            KeyCode::Down => self.row = (self.row + 1).min(last),
            KeyCode::PageUp => self.row = self.row.saturating_sub(10),
            KeyCode::PageDown => self.row = (self.row + 10).min(last),
            _ => {
                self.row = 0;
                self.input.handle_event(event);
            }
        }
        Found::Nothing
    }
}
