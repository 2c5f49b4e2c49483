//! The stack of screens. The top screen is drawn, gets the keys, and is told how time passes. After each event it says
//! what comes next.
//!
//! A live session moves with the screens: a screen that pushes the workbench gives its session away, and gets it back
//! when the workbench is popped.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::prelude::{Buffer, Frame, Rect};

use super::navigator::Passed;
use crate::record::Record;
use crate::session::Session;

/// What a screen wants after an event.
#[derive(Default)]
pub enum Next {
    #[default]
    Stay,
    /// Put this screen on top of it.
    Push(Box<dyn Screen>),
    /// Take it off; the screen below goes on. If it is the first screen, the loop ends.
    Pop,
    Quit,
}

/// A screen: something that can be drawn and driven.
pub trait Screen {
    fn render(&self, area: Rect, buf: &mut Buffer);

    fn input(&mut self, event: &Event) -> Next;

    /// Takes in new records, and passes each on to `each`. Returns whether there is anything new to show.
    fn take_in(&mut self, _each: &mut dyn FnMut(&Record)) -> bool {
        false
    }

    /// Sleeps until something happens, one of `also` becomes readable, the time is up, or a signal comes.
    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let mut fds: Vec<PollFd<'_>> = also.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        // EINTR is no error here: the loop looks at everything after each sleep.
        let _ = poll(&mut fds, timeout);
    }

    /// This much time has passed since the last call; what plays goes on.
    fn pass(&mut self, _passed: Duration) -> Passed {
        Passed::default()
    }

    /// Whether it cannot go on. The loop ends, and whoever opened the screen asks it for the reason.
    fn has_failed(&self) -> bool {
        false
    }

    /// The number of the chapter that is shown, from 1, and its title, for a film.
    fn chapter(&self) -> Option<(usize, &str)> {
        None
    }

    /// Leaves the stack. The screen closes what it holds, each record to `each`, except for a session that it was
    /// given: that is returned.
    fn leave(self: Box<Self>, _each: &mut dyn FnMut(&Record)) -> Option<Session> {
        None
    }

    /// The screen that it pushed was popped and returned this session.
    fn come_back(&mut self, _session: Option<Session>, _each: &mut dyn FnMut(&Record)) -> Next {
        Next::Stay
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.render(frame.area(), frame.buffer_mut());
    }

    fn picture(&self, (columns, rows): (u16, u16)) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.render(buffer.area, &mut buffer);
        buffer
    }
}

/// Screens on top of each other. The first one is borrowed: its owner may ask it for results after the loop.
pub struct Stack<'a> {
    first: &'a mut dyn Screen,
    above: Vec<Box<dyn Screen>>,
}

impl<'a> Stack<'a> {
    pub fn new(first: &'a mut dyn Screen) -> Self {
        Self { first, above: Vec::new() }
    }

    pub fn push(&mut self, screen: Box<dyn Screen>) {
        self.above.push(screen);
    }

    pub fn top(&self) -> &dyn Screen {
        self.above.last().map_or(&*self.first, |screen| &**screen)
    }

    pub fn top_mut(&mut self) -> &mut dyn Screen {
        match self.above.last_mut() {
            Some(screen) => &mut **screen,
            None => self.first,
        }
    }

    /// Passes an event to the top screen and does what it asks for. Returns whether the loop ends. Records of screens
    /// that leave or come back go to `each`.
    pub fn input(&mut self, event: &Event, each: &mut dyn FnMut(&Record)) -> bool {
        let mut next = self.top_mut().input(event);
        loop {
            next = match next {
                Next::Stay => return false,
                Next::Quit => return true,
                Next::Push(screen) => {
                    // Records that it has not passed on yet are older than those of the new screen.
                    self.top_mut().take_in(each);
                    self.push(screen);
                    return false;
                }
                Next::Pop => {
                    let Some(mut top) = self.above.pop() else { return true };
                    top.take_in(each);
                    let session = top.leave(each);
                    self.top_mut().come_back(session, each)
                }
            };
        }
    }

    /// Closes all screens but the first, from the top down; their remaining records go to `each`.
    pub fn close(&mut self, each: &mut dyn FnMut(&Record)) {
        while let Some(mut screen) = self.above.pop() {
            screen.take_in(each);
            if let Some(mut session) = screen.leave(each) {
                // A server that died has ended already: its error was shown, and is no failure of closing.
                let _ = session.close(&mut *each);
            }
        }
        self.first.take_in(each);
    }
}
