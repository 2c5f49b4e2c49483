//! The list of lessons: its state, and what each key does to it.

use std::cell::RefCell;
use std::rc::Rc;

use crossterm::event::KeyEvent;

use super::desk::{Desk, SharedDesk, warn};
use super::keys::{self, Action};
use super::screen::LessonScreen;
use crate::i18n::Lang;
use crate::lesson::{Lesson, Progress};
use crate::tui::stack::Next;
use crate::tui::{Navigator, Theme};

/// The list of lessons; an open lesson is pushed on top of it.
pub struct LessonList {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
}

impl LessonList {
    /// A list of these lessons.
    pub fn new(lessons: Vec<Rc<Lesson>>, progress: Progress, theme: Theme, lang: Lang) -> Self {
        let navigator = Navigator::new(lang);
        let desk = Desk { lessons, progress, row: 0, theme, navigator, bench_first: false };
        Self { desk: Rc::new(RefCell::new(desk)), lang }
    }

    /// Selects and opens the lesson of this id; if that fails, the list says why.
    pub fn take(&mut self, id: &str) -> Option<LessonScreen> {
        let row = self.desk.borrow().lessons.iter().position(|lesson| lesson.id == id)?;
        self.desk.borrow_mut().row = row;
        self.open()
    }

    fn open(&mut self) -> Option<LessonScreen> {
        let opened = LessonScreen::open(Rc::clone(&self.desk), self.lang);
        opened.map_err(|trouble| warn(&mut self.desk.borrow_mut().navigator, &trouble, self.lang)).ok()
    }

    pub(super) fn key(&mut self, key: &KeyEvent) -> Next {
        let mut desk = self.desk.borrow_mut();
        desk.navigator.attend();
        let Some(action) = keys::action(key) else { return Next::Stay };
        let (row, last) = (desk.row, desk.lessons.len().saturating_sub(1));
        desk.row = match action {
            Action::Up => row.saturating_sub(1),
            Action::Down => (row + 1).min(last),
            Action::PageUp => row.saturating_sub(10),
            Action::PageDown => (row + 10).min(last),
            _ => row,
        };
        match action {
            Action::Quit => return Next::Quit,
            Action::Projector => desk.theme = desk.theme.projected(!desk.theme.projector),
            Action::Swap => desk.bench_first = !desk.bench_first,
            Action::Go if !desk.lessons.is_empty() => {
                drop(desk);
                return self.open().map_or(Next::Stay, |lesson| Next::Push(Box::new(lesson)));
            }
            _ => {}
        }
        Next::Stay
    }
}
