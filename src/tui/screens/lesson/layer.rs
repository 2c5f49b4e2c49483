//! Lessons on the stack of screens.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::keys::Page;
use super::list::LessonList;
use super::screen::LessonScreen;
use super::{list_view, view};
use crate::record::Record;
use crate::session::Session;
use crate::tui::keymap::binding::interrupts;
use crate::tui::navigator::Passed;
use crate::tui::stack::{Next, Screen};

impl Screen for LessonList {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        list_view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => self.key(key),
            _ => Next::Stay,
        }
    }

    fn leave(self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        None
    }
}

impl Screen for LessonScreen {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) if interrupts(key) => return Next::Quit,
            Event::Key(key) => self.key(key),
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
        self.navigator.pass(passed, self.run.play().timeline())
    }

    /// Ends the scene, and puts back on the desk what the next lesson needs.
    fn leave(mut self: Box<Self>, each: &mut dyn FnMut(&Record)) -> Option<Session> {
        self.run.end().iter().for_each(each);
        let mut desk = self.desk.borrow_mut();
        self.navigator.cursor.to_now();
        (desk.theme, desk.navigator, desk.bench_first) = (self.theme, self.navigator, self.bench_first);
        None
    }

    /// After playing by hand, the lesson shows its last page again, with the scene as its last step leaves it.
    fn come_back(&mut self, session: Option<Session>, each: &mut dyn FnMut(&Record)) -> Next {
        if let Some(mut session) = session {
            // It may have died, which is no failure of closing.
            let _ = session.close(each);
        }
        self.again(self.lesson.steps.len(), Page::Over);
        std::mem::take(&mut self.next)
    }
}
