//! The loop: keys and signals in, pictures out, the server's records in between. It sleeps in one poll(2) for all of
//! them, so that nothing runs while nothing happens.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};
use nix::poll::PollTimeout;
use ratatui::buffer::Buffer;

use super::stack::{Screen, Stack};
use super::terminal::{Caught, Keyboard, Signals, Terminal};
use crate::record::Record;

/// At most one picture in this time.
const FRAME: Duration = Duration::from_millis(33);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user left.
    Quit,
    /// A signal said so.
    Signal(Caught),
}

/// Sees what the loop does, for a recording or a film. A function of a record is one that sees records only.
pub trait Observer {
    /// A record was taken in.
    ///
    /// # Errors
    /// It could not be written, which ends the loop.
    fn record(&mut self, record: &Record) -> io::Result<()>;
    /// So much time has passed.
    fn pass(&mut self, _passed: Duration) {}
    /// `top` was drawn, and looks like `picture`.
    fn drawn(&mut self, _top: &dyn Screen, _picture: &Buffer) {}
    /// The loop has ended with `top` in sight.
    fn left(&mut self, _top: &dyn Screen) {}
}

impl<F: FnMut(&Record) -> io::Result<()>> Observer for F {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self(record)
    }
}

/// Shows `stack` and lets the user drive it, until its first screen is left, or a signal comes. All other screens are
/// closed then.
///
/// # Errors
/// The terminal's and the observer's; a terminal that is gone counts as [`Caught::HangUp`].
pub fn run(
    mut stack: Stack<'_>,
    terminal: &mut Terminal,
    signals: &Signals,
    observer: &mut impl Observer,
) -> io::Result<Ended> {
    let ended = until_left(&mut stack, terminal, signals, observer);
    observer.left(stack.top());
    let closed = noting(observer, |each| stack.close(each));
    let ended = ended?;
    closed.map(|()| ended)
}

fn until_left(
    stack: &mut Stack<'_>,
    terminal: &mut Terminal,
    signals: &Signals,
    observer: &mut impl Observer,
) -> io::Result<Ended> {
    let mut keyboard = Keyboard::default();
    let mut drawn: Option<Instant> = None;
    let mut looked = Instant::now();
    let mut stale = true;
    loop {
        stale |= noting(observer, |each| stack.top_mut().take_in(each))?;
        let elapsed = std::mem::replace(&mut looked, Instant::now()).elapsed();
        observer.pass(elapsed);
        let passed = stack.top_mut().pass(elapsed);
        if stack.top().has_failed() {
            return Ok(Ended::Quit);
        }
        stale |= passed.moved;
        let due = drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        if stale && due.is_zero() {
            let top = stack.top();
            let draw = terminal.draw(|frame| {
                top.draw(frame);
                observer.drawn(top, frame.buffer_mut());
            });
            if draw.is_err() {
                return Ok(Ended::Signal(Caught::HangUp));
            }
            (drawn, stale) = (Some(Instant::now()), false);
        }
        let next = [stale.then_some(due), passed.again].into_iter().flatten().min();
        let timeout = next.map_or(PollTimeout::NONE, |next| PollTimeout::try_from(next).unwrap_or(PollTimeout::ZERO));
        stack.top().sleep(&[keyboard.as_fd(), signals.as_fd()], timeout);
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
            } else if noting(observer, |each| stack.input(&event, each))? {
                return Ok(Ended::Quit);
            }
            // An answer to a key is not kept waiting.
            (drawn, stale) = (None, true);
        }
    }
}

/// Has `does` give records to the observer: what it does is done to its end, and the first error comes out.
fn noting<T>(observer: &mut impl Observer, does: impl FnOnce(&mut dyn FnMut(&Record)) -> T) -> io::Result<T> {
    let mut noted = Ok(());
    let done = does(&mut |record| {
        if noted.is_ok() {
            noted = observer.record(record);
        }
    });
    noted.map(|()| done)
}

fn is_suspend(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.code == KeyCode::Char('z') && key.modifiers == KeyModifiers::CONTROL)
}
