//! The terminal comes back, however the prompt ends or stops; and Ctrl-C ends a call that waits, not the program.

use std::io::{self, stdin};
use std::thread;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use crate::sys::{GiveBack, Wake, give_back_on_death, give_back_on_stop};

/// The terminal's settings, put back when this is dropped and when a signal ends or stops the program.
pub(super) struct Guard(Termios);

impl Guard {
    /// Blocks Ctrl-C in this thread, and so in all that it starts, and starts one that waits for it.
    pub(super) fn raise() -> io::Result<Self> {
        let settings = tcgetattr(stdin())?;
        let wake = Wake::this_thread()?;
        let interrupt = SigSet::from(Signal::SIGINT);
        interrupt.thread_block()?;
        thread::Builder::new().spawn(move || {
            while interrupt.wait().is_ok() {
                wake.wake();
            }
        })?;
        // What the editor of lines asks of the terminal besides raw mode: pastes marked as such. It does not draw its line
        // again after a stop from outside, so the prompt is written here.
        let (bytes, again) = (b"\x1b[?2004l".to_vec(), b"\x1b[?2004h> ");
        give_back_on_death(Some(GiveBack { bytes, settings: settings.clone().into(), again }));
        give_back_on_stop()?;
        Ok(Self(settings))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), SetArg::TCSANOW, &self.0);
        give_back_on_death(None);
    }
}
