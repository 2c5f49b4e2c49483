//! A demo as what the loop shows and drives.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::screen::{DemoScreen, LAST, SHORTEST};
use super::view;
use crate::demo::Player;
use crate::record::Record;
use crate::tui::Show;
use crate::tui::navigator::Passed;

impl Show for DemoScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) {
        match event {
            Event::Key(key) => self.key(key, event),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let mut searched = Passed::default();
        if self.looks_on(|navigator, timeline| {
            searched = navigator.pass(passed, timeline);
            searched.moved
        }) {
            return searched;
        }
        // At most to the next moment: after a suspension nothing rushes by.
        let most = self.player.wakes_at().map_or(passed, |due| due.saturating_sub(self.time));
        self.time += passed.min(most);
        let moved = if self.ends() {
            self.ended += passed;
            self.ended >= LAST && self.again()
        } else {
            self.ended = Duration::ZERO;
            self.go(Player::advance)
        };
        let again = match self.player.wakes_at() {
            Some(due) => Some(due.saturating_sub(self.time)),
            None => self.ends().then(|| LAST.saturating_sub(self.ended)),
        };
        Passed { moved, again: again.map(|again| again.max(SHORTEST)) }
    }

    fn is_left(&self) -> bool {
        self.quit || self.handed.is_some()
    }
}
