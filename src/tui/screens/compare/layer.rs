//! A comparison on the stack of screens.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::screen::CompareScreen;
use super::view;
use crate::record::Record;
use crate::session::Session;
use crate::tui::navigator::Passed;
use crate::tui::stack::{Next, Screen};

impl Screen for CompareScreen {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => return self.key(key),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        Next::Stay
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.play_on(passed)
    }

    fn leave(self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        None
    }
}
