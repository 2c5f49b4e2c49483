//! Lessons as what the loop shows and drives.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::screen::LessonScreen;
use super::view;
use crate::record::Record;
use crate::tui::Show;
use crate::tui::navigator::Passed;

impl Show for LessonScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.gather();
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) {
        self.heard(event);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let Some(session) = &self.session else { return Passed::default() };
        self.navigator.pass(passed, session.play().timeline())
    }

    fn is_left(&self) -> bool {
        self.quit || self.handed.is_some()
    }
}
