//! The workbench on the stack of screens.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::screen::WorkbenchScreen;
use super::source::Source;
use crate::record::Record;
use crate::session::Session;
use crate::tui::keymap::binding::interrupts;
use crate::tui::navigator::Passed;
use crate::tui::stack::{Next, Screen};

impl Screen for WorkbenchScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        let news = self.source.pump(each);
        let timeline = self.source.timeline();
        self.beginning.read_on(timeline);
        self.navigator.cursor.keep_up(timeline);
        if self.beginning.wanted && !timeline.is_empty() {
            self.beginning.wanted = false;
            self.navigator.cursor.look_at(self.beginning.before_step_1, timeline);
        }
        if let Some(session) = self.source.session() {
            self.navigator.tell_stop(session);
        }
        self.tell_trouble();
        // After its last record has come, the server may still be held or fall asleep in a call: that must be drawn
        // too.
        let stands = |session: &Session| (session.state(), session.held_before());
        let stands = self.source.session().map_or(self.stood, stands);
        std::mem::replace(&mut self.stood, stands) != stands || news
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        self.view().render(area, buf);
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        self.source.sleep(also, timeout);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) if interrupts(key) => return Next::Quit,
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.navigator.paste(text),
            _ => {}
        }
        if self.quit { Next::Pop } else { Next::Stay }
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        self.navigator.pass(passed, self.source.timeline())
    }

    fn leave(self: Box<Self>, _: &mut dyn FnMut(&Record)) -> Option<Session> {
        match self.source {
            Source::Session(session) => Some(*session),
            Source::Recording(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::i18n::Lang;
    use crate::probe::{Mode, ServerState, WhenFull};
    use crate::record::{Faults, Policy, Read};
    use crate::server::Setup;
    use crate::tui::Theme;
    use crate::tui::theme::{Depth, Ground};

    #[test]
    fn it_is_news_that_the_server_fell_asleep_in_a_call() {
        let policy = Policy { read: Read::Drain, faults: Faults::BLOCKING, ..Policy::default() };
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let setup = Setup { listen, policy, gate: Mode::Free, capacity: 1 << 10, when_full: WhenFull::Wait };
        let session = Session::open(&setup).expect("a server");
        let mut app = WorkbenchScreen::new(session, Theme::new(Depth::True, Ground::Dark), Lang::En);
        let press = |app: &mut WorkbenchScreen, key| {
            app.input(&Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
        };
        let hangs = |app: &WorkbenchScreen| matches!(app.session().map(Session::state), Some(ServerState::Hung(_)));
        press(&mut app, 'c');
        for _ in 0..200 {
            let waits = app.session().is_some_and(|session| session.state() == ServerState::Waiting);
            if waits {
                press(&mut app, 's');
            }
            app.sleep(&[], PollTimeout::from(10_u8));
            if !app.take_in(&mut |_| ()) && hangs(&app) {
                break;
            }
        }
        assert!(hangs(&app) && !app.take_in(&mut |_| ()));
        // As if that had happened just after the last look.
        app.stood.0 = ServerState::Working;
        assert!(app.take_in(&mut |_| ()), "nothing is drawn anew");
        assert!(!app.take_in(&mut |_| ()));
    }
}
