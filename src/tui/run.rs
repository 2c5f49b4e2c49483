//! The loop: keys and signals in, pictures out, the server's records in between. It sleeps in one poll(2) for all of
//! them, so that nothing runs while nothing happens.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::navigator::Passed;
use super::terminal::{Caught, Keyboard, Signals, Terminal};
use crate::record::Record;

/// At most so many pictures a second.
const FRAME: Duration = Duration::from_millis(33);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user left.
    Quit,
    /// A signal said so.
    Signal(Caught),
}

/// What can be shown and driven: the workbench, or a lesson.
pub trait Show {
    /// Takes in what has happened, each record also to `each`; whether there is anything new to show.
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool;
    /// Draws it into `area`.
    fn render(&self, area: Rect, buf: &mut Buffer);
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
    /// Sleeps until something happens, or one of `also` is readable, or the time is up, or a signal comes. Nothing happens
    /// by itself unless it says otherwise.
    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let mut fds: Vec<PollFd<'_>> = also.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        // EINTR: the loop looks at everything anyway.
        let _ = poll(&mut fds, timeout);
    }
    /// A key was pressed, or something was pasted.
    fn input(&mut self, event: &Event);
    /// So much time has passed since the last call: what plays goes on.
    fn pass(&mut self, _passed: Duration) -> Passed {
        Passed::default()
    }
    /// Whether the user has asked to leave.
    fn is_left(&self) -> bool;
}

/// Shows `app` and lets the user drive it. Each record goes to `each` too, for a recording.
///
/// # Errors
/// The terminal's; a terminal that is gone counts as [`Caught::HangUp`].
pub fn run(
    app: &mut impl Show,
    terminal: &mut Terminal,
    signals: &Signals,
    mut each: impl FnMut(&Record) -> io::Result<()>,
) -> io::Result<Ended> {
    let mut keyboard = Keyboard::default();
    let mut drawn: Option<Instant> = None;
    let mut looked = Instant::now();
    let mut stale = true;
    let mut noted = Ok(());
    loop {
        stale |= app.take_in(&mut |record| {
            if noted.is_ok() {
                noted = each(record);
            }
        });
        std::mem::replace(&mut noted, Ok(()))?;
        let passed = app.pass(std::mem::replace(&mut looked, Instant::now()).elapsed());
        stale |= passed.moved;
        let due = drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        if stale && due.is_zero() {
            if terminal.draw(|frame| app.draw(frame)).is_err() {
                return Ok(Ended::Signal(Caught::HangUp));
            }
            (drawn, stale) = (Some(Instant::now()), false);
        }
        let next = [stale.then_some(due), passed.again].into_iter().flatten().min();
        let timeout = next.map_or(PollTimeout::NONE, |next| PollTimeout::try_from(next).unwrap_or(PollTimeout::ZERO));
        app.sleep(&[keyboard.as_fd(), signals.as_fd()], timeout);
        for caught in signals.drain().collect::<Vec<_>>() {
            match caught {
                Caught::Interrupt | Caught::Terminate | Caught::HangUp => return Ok(Ended::Signal(caught)),
                Caught::Stop => terminal.suspend()?,
                Caught::Continue => terminal.resume()?,
                Caught::Resize => {}
            }
            (drawn, stale) = (None, true);
        }
        let Ok(events) = keyboard.keys() else { return Ok(Ended::Signal(Caught::HangUp)) };
        for event in events {
            if is_suspend(&event) {
                terminal.suspend()?;
            } else {
                app.input(&event);
            }
            // An answer to a key is not kept waiting.
            (drawn, stale) = (None, true);
        }
        if app.is_left() {
            return Ok(Ended::Quit);
        }
    }
}

fn is_suspend(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.code == KeyCode::Char('z') && key.modifiers == KeyModifiers::CONTROL)
}
