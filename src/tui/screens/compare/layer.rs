//! A comparison as what the loop shows and drives.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::screen::CompareScreen;
use super::view;
use crate::record::Record;
use crate::tui::Show;
use crate::tui::navigator::Passed;

impl Show for CompareScreen {
    fn take_in(&mut self, _: &mut dyn FnMut(&Record)) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.play_on(passed)
    }

    fn is_left(&self) -> bool {
        self.quit
    }
}
