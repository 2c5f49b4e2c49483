//! A look at a running process: the state of the screen, and how it stands on the stack of screens.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Duration;

use crossterm::event::{Event, KeyEvent};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::prelude::{Buffer, Rect};

use super::keys::{self, Action, KEYS};
use super::looking::{Look, Looking, OFTEN};
use crate::i18n::Lang;
use crate::record::{Record, Tid};
use crate::sys::Errno;
use crate::tui::keymap::binding::{Listed, listed};
use crate::tui::navigator::Notice;
use crate::tui::{Next, Screen, Theme};
use crate::watch::{PeekError, Peeked, Peeker};

/// How many rows a page has that is scrolled.
const PAGE: usize = 10;

/// The screen of a look at a running process.
pub struct PeekScreen {
    looking: Looking,
    pub(super) pid: Tid,
    pub(super) seen: Vec<Peeked>,
    /// Why there is nothing more to be seen.
    pub(super) over: Option<PeekError>,
    pub(super) every: Duration,
    /// What is shown stays.
    pub(super) kept: bool,
    pub(super) scroll: usize,
    pub(super) help: bool,
    traces: bool,
    pub(super) notice: Option<Notice>,
    pub(super) theme: Theme,
    pub(super) lang: Lang,
}

impl PeekScreen {
    /// Looks at `pid` from now on; what was seen already comes with who looks.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn new(pid: Tid, (peeker, seen): (Peeker, Vec<Peeked>), theme: Theme, lang: Lang) -> Result<Self, Errno> {
        Ok(Self {
            looking: Looking::start(peeker)?,
            pid,
            seen,
            over: None,
            every: OFTEN,
            kept: false,
            scroll: 0,
            help: false,
            traces: false,
            notice: None,
            theme,
            lang,
        })
    }

    /// Whether it was left so that the calls of the process are traced.
    pub fn wants_trace(&self) -> bool {
        self.traces
    }

    fn key(&mut self, key: &KeyEvent) -> Next {
        self.notice = None;
        let Some(action) = keys::action(key) else {
            self.help = false;
            return Next::Stay;
        };
        let closes = std::mem::take(&mut self.help);
        match action {
            Action::Up => self.scroll = self.scroll.saturating_sub(1),
            Action::Down => self.scroll += 1,
            Action::PageUp => self.scroll = self.scroll.saturating_sub(PAGE),
            Action::PageDown => self.scroll += PAGE,
            Action::Start => self.scroll = 0,
            Action::End => self.scroll = usize::MAX,
            Action::Hold => self.kept = !self.kept,
            Action::Trace => {
                self.traces = true;
                return Next::Quit;
            }
            Action::Save => return Next::Save,
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Help => self.help = !closes,
            Action::Quit => return Next::Pop,
        }
        // The end is known only now.
        self.scroll = self.scroll.min(self.rows().saturating_sub(1));
        Next::Stay
    }
}

impl Screen for PeekScreen {
    fn take_in(&mut self, _: &mut dyn FnMut(&Record)) -> bool {
        self.looking.notifier.awake();
        let Some(Look { seen, every }) = self.looking.take() else { return false };
        match seen {
            Err(error) => self.over = Some(error),
            Ok(_) if self.kept => return false,
            Ok(seen) => {
                let same = self.seen == seen && self.every == every;
                (self.seen, self.every) = (seen, every);
                return !same;
            }
        }
        true
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let own = self.looking.notifier.as_fd();
        let mut fds: Vec<PollFd<'_>> =
            also.iter().copied().chain([own]).map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        // EINTR is no error here: the loop looks at everything after each sleep.
        let _ = poll(&mut fds, timeout);
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        self.draw_on(area, buf);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => self.key(key),
            _ => Next::Stay,
        }
    }

    fn keys(&self) -> Vec<Listed> {
        listed(KEYS).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    fn tell(&mut self, notice: Notice) {
        self.notice = Some(notice);
    }
}
