//! A lesson as a screen on the stack.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::prelude::{Buffer, Rect};

use super::keys;
use super::screen::LessonScreen;
use super::view;
use crate::analysis::History;
use crate::i18n::Lang;
use crate::lesson::TaskRun;
use crate::record::Record;
use crate::session::Session;
use crate::tui::keymap::binding::{Listed, is_own, listed};
use crate::tui::keymap::{interrupts, past};
use crate::tui::navigator::{Notice, Passed};
use crate::tui::{Next, Screen, Theme};

impl Screen for LessonScreen {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) if interrupts(key) => return Next::Quit,
            Event::Key(key) => {
                self.key(key);
                self.look_whether_seen();
            }
            Event::Paste(text) => self.paste(text),
            _ => {}
        }
        std::mem::take(&mut self.next)
    }

    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.gather();
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let passed = self.navigator.pass(passed, self.run.play().timeline());
        self.look_whether_seen();
        passed
    }

    fn keys(&self) -> Vec<Listed> {
        listed(keys::KEYS).chain(past(|code| is_own(keys::KEYS, code))).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    fn recorded(&self) -> Option<&History> {
        Some(self.run.play().timeline())
    }

    fn tell(&mut self, notice: Notice) {
        self.navigator.notice = Some(notice);
    }

    /// Ends the scene, and puts back on the desk what the next lesson needs.
    fn leave(mut self: Box<Self>, each: &mut dyn FnMut(&Record)) -> Option<Session> {
        self.run.end().iter().for_each(each);
        let mut desk = self.desk.borrow_mut();
        self.navigator.cursor.to_now();
        (desk.theme, desk.navigator) = (self.theme, self.navigator);
        (desk.bench_first, desk.panels) = (self.bench_first, self.panels.clone());
        None
    }

    /// After playing by hand, the lesson shows its last page again, with the scene as its last step leaves it. A task
    /// that is to be begun again begins at once.
    fn come_back(&mut self, session: Option<Session>, each: &mut dyn FnMut(&Record)) -> Next {
        if let Some(mut session) = session {
            // It may have died, which is no failure of closing.
            let _ = session.close(each);
        }
        self.look_at_task();
        if self.task.as_ref().is_some_and(TaskRun::is_asked_again) {
            self.take_task();
        } else {
            self.again(self.lesson.steps.len(), self.page);
        }
        std::mem::take(&mut self.next)
    }
}
