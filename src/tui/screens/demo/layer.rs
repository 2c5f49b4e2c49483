//! A demo on the stack of screens.

use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::screen::{DemoScreen, LAST, SHORTEST};
use super::view;
use crate::demo::Player;
use crate::record::Record;
use crate::session::Session;
use crate::tui::navigator::Passed;
use crate::tui::stack::{Next, Screen};

impl Screen for DemoScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        view::render(self, area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => return self.key(key, event),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        Next::Stay
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let mut searched = Passed::default();
        if self.looks_on(|navigator, timeline| {
            searched = navigator.pass(passed, timeline);
            searched.moved
        }) {
            return searched;
        }
        // At most until the next moment: after Ctrl-Z and `fg`, nothing rushes by.
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

    fn has_failed(&self) -> bool {
        self.trouble.is_some()
    }

    fn chapter(&self) -> Option<(usize, &str)> {
        self.player.moment().caption.map(|number| (number + 1, self.player.caption()))
    }

    fn leave(mut self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        self.player.hand_over()
    }

    /// The demo continues with a server of its own: the one that was taken over may be in any state.
    fn come_back(&mut self, session: Option<Session>, each: &mut dyn FnMut(&Record)) -> Next {
        if let Some(mut session) = session {
            // It may have died, which is no failure of closing.
            let _ = session.close(each);
        }
        self.go(|player, now, each| player.come_back(now, each).map(|()| true));
        if self.has_failed() { Next::Quit } else { Next::Stay }
    }
}
