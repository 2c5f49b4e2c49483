//! The terminal comes back, however the prompt ends; and Ctrl-C ends a call that waits, not the program.

use std::io::{self, stdin};
use std::thread;

use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use crate::sys::Wake;

/// The terminal's settings, put back when this is dropped and when a signal ends the program.
pub(super) struct Guard(Termios);

impl Guard {
    /// Blocks the signals in this thread, and so in all that it starts, and starts one that waits for them.
    pub(super) fn raise() -> io::Result<Self> {
        let settings = tcgetattr(stdin())?;
        let wake = Wake::this_thread()?;
        let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGQUIT, Signal::SIGHUP].into_iter().collect();
        signals.thread_block()?;
        let before = settings.clone();
        thread::Builder::new().spawn(move || {
            while let Ok(signal) = signals.wait() {
                if signal == Signal::SIGINT {
                    wake.wake();
                    continue;
                }
                let _ = tcsetattr(stdin(), SetArg::TCSANOW, &before);
                // Unblocked, it does what it always does: the program ends by it.
                let _ = SigSet::from(signal).thread_unblock();
                let _ = raise(signal);
            }
        })?;
        Ok(Self(settings))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), SetArg::TCSANOW, &self.0);
    }
}
