//! The stack of screens. The top one is drawn, has the keys, and lives through time; a screen says what comes next when
//! it has dealt with an event.
//!
//! A live server moves with its screens: whoever pushes the workbench gives its session away, and gets it back when the
//! workbench is popped.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::navigator::Passed;
use crate::record::Record;
use crate::session::Session;

/// What a screen wants of the stack.
#[derive(Default)]
pub enum Next {
    /// Nothing: it stays on top.
    #[default]
    Stay,
    /// Another screen on top of it.
    Push(Box<dyn Screen>),
    /// To be taken off: the screen below goes on. Popping the first screen leaves the loop.
    Pop,
    /// To leave the loop, whatever is below.
    Quit,
}

/// What can be shown and driven.
pub trait Screen {
    /// Draws it into `area`.
    fn render(&self, area: Rect, buf: &mut Buffer);

    /// Deals with a key or a paste.
    fn input(&mut self, event: &Event) -> Next;

    /// Takes in what has happened, each record also to `each`; whether there is anything new to show.
    fn take_in(&mut self, _each: &mut dyn FnMut(&Record)) -> bool {
        false
    }

    /// Sleeps until something happens, or one of `also` is readable, or the time is up, or a signal comes. Nothing happens
    /// by itself unless a screen says otherwise.
    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let mut fds: Vec<PollFd<'_>> = also.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        // EINTR: the loop looks at everything anyway.
        let _ = poll(&mut fds, timeout);
    }

    /// So much time has passed since the last call: what plays goes on.
    fn pass(&mut self, _passed: Duration) -> Passed {
        Passed::default()
    }

    /// Whether it can't go on, for a reason that it tells whoever opened it: the loop ends.
    fn has_failed(&self) -> bool {
        false
    }

    /// The chapter that is shown, counted from 1, and its title, where a film is to have one.
    fn chapter(&self) -> Option<(usize, &str)> {
        None
    }

    /// It was taken off the stack: it closes what it holds, each record to `each`, but for a session that it was given,
    /// which it gives back.
    fn leave(self: Box<Self>, each: &mut dyn FnMut(&Record)) -> Option<Session>;

    /// The screen that it pushed was popped, and gave back this session.
    fn come_back(&mut self, _session: Option<Session>, _each: &mut dyn FnMut(&Record)) -> Next {
        Next::Stay
    }

    /// Draws it into all of a frame.
    fn draw(&self, frame: &mut Frame<'_>) {
        self.render(frame.area(), frame.buffer_mut());
    }

    /// The screen as it is now, of this size.
    fn picture(&self, (columns, rows): (u16, u16)) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.render(buffer.area, &mut buffer);
        buffer
    }
}

/// Screens on top of each other. The first stays with whoever opened it, who may ask it afterwards what came of it.
pub struct Stack<'a> {
    first: &'a mut dyn Screen,
    above: Vec<Box<dyn Screen>>,
}

impl<'a> Stack<'a> {
    /// A stack of one screen.
    pub fn new(first: &'a mut dyn Screen) -> Self {
        Self { first, above: Vec::new() }
    }

    /// Puts a screen on top.
    pub fn push(&mut self, screen: Box<dyn Screen>) {
        self.above.push(screen);
    }

    /// The screen on top.
    pub fn top(&self) -> &dyn Screen {
        self.above.last().map_or(&*self.first, |screen| &**screen)
    }

    /// The same, to be driven.
    pub fn top_mut(&mut self) -> &mut dyn Screen {
        match self.above.last_mut() {
            Some(screen) => &mut **screen,
            None => self.first,
        }
    }

    /// Gives an event to the top screen and does what that wants then; whether the stack is left. Records of screens that
    /// go, or come back, go to `each`.
    pub fn input(&mut self, event: &Event, each: &mut dyn FnMut(&Record)) -> bool {
        let mut next = self.top_mut().input(event);
        loop {
            next = match next {
                Next::Stay => return false,
                Next::Quit => return true,
                Next::Push(screen) => {
                    // Its own records are older than those of the screen that it pushed.
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

    /// Closes all screens but the first, from the top down; the records that are left go to `each`.
    pub fn close(&mut self, each: &mut dyn FnMut(&Record)) {
        while let Some(mut screen) = self.above.pop() {
            screen.take_in(each);
            if let Some(mut session) = screen.leave(each) {
                // One that has died is at its end.
                let _ = session.close(&mut *each);
            }
        }
        self.first.take_in(each);
    }
}
