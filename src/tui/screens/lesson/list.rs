//! The list of lessons: its state and its keys.

use std::cell::RefCell;
use std::rc::Rc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use ratatui::prelude::{Buffer, Rect};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::keys::{self, Action, PageKind, shown_on};
use super::list_view;
use super::panels::Panels;
use super::screen::{Desk, LessonScreen, SharedDesk, warn};
use crate::i18n::Lang;
use crate::lesson::{Lesson, Progress, recommended};
use crate::tui::keymap::binding::{Listed, interrupts};
use crate::tui::navigator::Notice;
use crate::tui::{CodeLanguage, Navigator, Next, Screen, Theme};

/// The list of lessons; an open lesson is pushed on top of it.
pub struct LessonList {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
    /// What is searched for, while it is typed.
    pub(super) search: Option<Input>,
}

impl LessonList {
    pub fn new(lessons: Vec<Rc<Lesson>>, progress: Progress, theme: Theme, lang: Lang) -> Self {
        let navigator = Navigator::new(lang);
        let row = recommended(&lessons, &progress).unwrap_or(0);
        let desk = Desk { lessons, progress, row, theme, navigator, bench_first: false, panels: Panels::default() };
        Self { desk: Rc::new(RefCell::new(desk)), lang, search: None }
    }

    /// Shows servers' code in this language.
    pub fn prefer(&mut self, code: CodeLanguage) {
        self.desk.borrow_mut().panels.language = code;
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

    /// The lessons that are listed: all, or those that are called as is searched for, or else those that mention it.
    pub(super) fn listed(&self, desk: &Desk) -> Vec<usize> {
        let part = self.search.as_ref().map_or("", Input::value);
        let of = |fits: fn(&Lesson, &str) -> bool| -> Vec<usize> {
            desk.lessons.iter().enumerate().filter(|(_, lesson)| fits(lesson, part)).map(|(i, _)| i).collect()
        };
        let called = of(Lesson::is_called);
        if called.is_empty() { of(Lesson::mentions) } else { called }
    }

    /// Moves along the lessons that are listed.
    fn go(&self, by: isize) {
        let desk = &mut *self.desk.borrow_mut();
        let listed = self.listed(desk);
        let at = listed.iter().position(|i| *i == desk.row).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(listed.len().saturating_sub(1));
        desk.row = listed.get(to).copied().unwrap_or(desk.row);
    }

    fn search_key(&mut self, key: &KeyEvent) -> Next {
        match key.code {
            KeyCode::Esc => self.search = None,
            KeyCode::Up => self.go(-1),
            KeyCode::Down => self.go(1),
            KeyCode::Enter => {
                let found = !self.listed(&self.desk.borrow()).is_empty();
                self.search = None;
                return if found { self.opened() } else { Next::Stay };
            }
            _ => {
                self.search.as_mut().map(|input| input.handle_event(&Event::Key(*key)));
                // The selected lesson is always one that is listed.
                self.go(0);
            }
        }
        Next::Stay
    }

    fn opened(&mut self) -> Next {
        self.open().map_or(Next::Stay, |lesson| Next::Push(Box::new(lesson)))
    }

    pub(super) fn key(&mut self, key: &KeyEvent) -> Next {
        if self.search.is_some() && !interrupts(key) {
            return self.search_key(key);
        }
        if key.code == KeyCode::Char('/') {
            self.search = Some(Input::default());
            return Next::Stay;
        }
        match key.code {
            KeyCode::Home => self.go(isize::MIN),
            KeyCode::End => self.go(isize::MAX),
            KeyCode::Esc => return Next::Quit,
            _ => {}
        }
        let mut desk = self.desk.borrow_mut();
        desk.navigator.attend();
        let Some(action) = keys::action(key) else { return Next::Stay };
        let by = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -10,
            Action::PageDown => 10,
            _ => 0,
        };
        match action {
            Action::Quit => return Next::Quit,
            Action::Save => return Next::Save,
            Action::Projector => desk.theme = desk.theme.projected(!desk.theme.projector),
            Action::Swap => desk.bench_first = !desk.bench_first,
            Action::Go if !desk.lessons.is_empty() => {
                drop(desk);
                return self.opened();
            }
            _ => {}
        }
        drop(desk);
        self.go(by);
        Next::Stay
    }
}

impl Screen for LessonList {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        list_view::render(self, area, buf);
    }

    fn keys(&self) -> Vec<Listed> {
        let keys = shown_on(PageKind::List).filter_map(|binding| {
            Some(Listed { code: *binding.codes.first()?, shown: binding.shown.to_owned(), says: binding.short })
        });
        keys.collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.desk.borrow().theme.clone(), self.lang)
    }

    fn tell(&mut self, notice: Notice) {
        self.desk.borrow_mut().navigator.notice = Some(notice);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => {
                let line = text.lines().next().unwrap_or_default();
                self.search = self.search.take().map(|input| Input::new(format!("{}{line}", input.value())));
                self.go(0);
                Next::Stay
            }
            _ => Next::Stay,
        }
    }
}
