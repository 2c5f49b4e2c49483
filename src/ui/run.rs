//! The loop: keys and signals in, pictures out, the server's records in between. It sleeps in one poll(2) for all of
//! them, so that nothing runs while nothing happens.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyModifiers};
use nix::poll::PollTimeout;

use super::App;
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

/// Shows `app` and lets the user drive it. Each record goes to `each` too, for a recording.
///
/// # Errors
/// The terminal's; a terminal that is gone counts as [`Caught::HangUp`].
pub fn run(
    app: &mut App,
    terminal: &mut Terminal,
    signals: &Signals,
    mut each: impl FnMut(&Record) -> io::Result<()>,
) -> io::Result<Ended> {
    let mut keyboard = Keyboard::default();
    let mut drawn: Option<Instant> = None;
    let mut stale = true;
    let mut noted = Ok(());
    let mut stood = (app.live().position(), app.live().hangs());
    loop {
        stale |= app.pump(|record| {
            if noted.is_ok() {
                noted = each(record);
            }
        });
        std::mem::replace(&mut noted, Ok(()))?;
        // The server is held, or hangs, only after its last record has come: that is news too.
        let stands = (app.live().position(), app.live().hangs());
        stale |= std::mem::replace(&mut stood, stands) != stands;
        let due = drawn.map_or(Duration::ZERO, |drawn| FRAME.saturating_sub(drawn.elapsed()));
        if stale && due.is_zero() {
            if terminal.draw(|frame| app.view().draw(frame)).is_err() {
                return Ok(Ended::Signal(Caught::HangUp));
            }
            (drawn, stale) = (Some(Instant::now()), false);
        }
        let timeout = if stale { PollTimeout::try_from(due).unwrap_or(PollTimeout::ZERO) } else { PollTimeout::NONE };
        // EINTR: the loop looks at everything anyway.
        let _ = app.live().sleep(&[keyboard.as_fd(), signals.as_fd()], timeout);
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
        if app.wants_to_quit() {
            return Ok(Ended::Quit);
        }
    }
}

fn is_suspend(event: &Event) -> bool {
    matches!(event, Event::Key(key) if key.code == KeyCode::Char('z') && key.modifiers == KeyModifiers::CONTROL)
}
