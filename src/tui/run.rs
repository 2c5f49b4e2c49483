//! The loop: it reads keys and signals, takes in the server's records, and draws the top screen. It sleeps in one
//! poll(2) for all of them, so an idle program uses no processor time.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};
use nix::poll::PollTimeout;
use ratatui::buffer::Buffer;

use super::ascii;
use super::navigator::Notice;
use super::stack::{Screen, Stack};
use super::terminal::{Caught, Keyboard, Signals, Terminal};
use crate::i18n::Lang;
use crate::record::Record;

/// There is at most one picture in this time.
const FRAME: Duration = Duration::from_millis(33);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Quit,
    Signal(Caught),
}

/// Watches the loop, for a recording or a film. A closure that takes a record is an observer of records only.
pub trait Observer {
    /// A record was taken in. An error ends the loop.
    fn record(&mut self, record: &Record) -> io::Result<()>;
    /// This much time has passed since the last call.
    fn pass(&mut self, _passed: Duration) {}
    /// Something that the user must know.
    fn warning(&mut self, _lang: Lang) -> Option<String> {
        None
    }
    fn drawn(&mut self, _top: &dyn Screen, _picture: &Buffer) {}
    /// The loop has ended while `top` was shown.
    fn left(&mut self, _top: &dyn Screen) {}
}

impl<F: FnMut(&Record) -> io::Result<()>> Observer for F {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self(record)
    }
}

/// Shows `stack` until its first screen is left or a signal comes, then closes all screens above the first.
/// A terminal that is gone counts as [`Caught::HangUp`].
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
    let ascii_only = ascii::is_wanted();
    loop {
        stale |= noting(observer, |each| stack.take_in(each))?;
        let elapsed = std::mem::replace(&mut looked, Instant::now()).elapsed();
        observer.pass(elapsed);
        if let Some(text) = observer.warning(stack.top().looks().1) {
            stack.top_mut().tell(Notice { text, alert: true });
            stale = true;
        }
        let passed = stack.top_mut().pass(elapsed);
        if stack.has_failed() {
            return Ok(Ended::Quit);
        }
        stale |= passed.moved;
        let due = drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        if stale && due.is_zero() {
            let top = stack.top();
            let draw = terminal.draw(|frame| {
                let area = frame.area();
                stack.render(area, frame.buffer_mut());
                observer.drawn(top, frame.buffer_mut());
                if ascii_only {
                    ascii::replace(frame.buffer_mut());
                }
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
            if let Some(text) = stack.take_copied() {
                terminal.copy(&text)?;
            }
            // A key is answered at once, not at the next picture that is due.
            (drawn, stale) = (None, true);
        }
    }
}

/// Runs `does` to its end with a function that passes records to the observer; returns the observer's first error.
pub(super) fn noting<T>(
    observer: &mut impl Observer,
    does: impl FnOnce(&mut dyn FnMut(&Record)) -> T,
) -> io::Result<T> {
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
