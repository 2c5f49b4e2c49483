//! Signals as something to read.
//!
//! A handler may do next to nothing, and interrupts whatever runs. So the signals that the screen answers are blocked
//! and wait at a signalfd(2), where the main loop finds them beside its keys, in a poll(2) of both.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::sys::hurry;

/// What the outside asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caught {
    /// `SIGINT`: end. With the screen up, Ctrl-C is a key and not this signal.
    Interrupt,
    /// `SIGTERM`, `SIGQUIT`: end.
    Terminate,
    /// `SIGHUP`: the terminal is gone; end.
    HangUp,
    /// `SIGTSTP`: give the terminal back and stop. With the screen up, Ctrl-Z is a key and not this signal.
    Stop,
    /// `SIGCONT`: the process was stopped and runs again; the screen must be redrawn.
    Continue,
    /// `SIGWINCH`: the terminal's size changed.
    Resize,
}

/// The signals of [`Caught`], readable. They stay blocked after a drop: a late one must not interrupt the cleanup.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// Each signal, and what it asks for.
    pub const ALL: [(Signal, Caught); 7] = [
        (Signal::SIGINT, Caught::Interrupt),
        (Signal::SIGTERM, Caught::Terminate),
        (Signal::SIGQUIT, Caught::Terminate),
        (Signal::SIGHUP, Caught::HangUp),
        (Signal::SIGTSTP, Caught::Stop),
        (Signal::SIGCONT, Caught::Continue),
        (Signal::SIGWINCH, Caught::Resize),
    ];

    /// Blocks the signals in this thread and in every thread that it starts from here on, so call it first: a thread
    /// that does not block them would take them, and end the process.
    pub fn block() -> io::Result<Self> {
        let set: SigSet = Self::ALL.iter().map(|&(signal, _)| signal).collect();
        set.thread_block()?;
        Ok(Self(SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?))
    }

    /// Takes the pending signals without blocking: each kind once, in no particular order. signal(7)
    pub fn drain(&self) -> impl Iterator<Item = Caught> + '_ {
        std::iter::from_fn(|| self.0.read_signal().ok().flatten())
            .filter_map(|info| {
                Self::ALL
                    .iter()
                    .find(|(signal, _)| u32::try_from(*signal as i32) == Ok(info.ssi_signo))
                    .map(|&(_, caught)| caught)
            })
            .inspect(|caught| {
                if matches!(caught, Caught::Interrupt | Caught::Terminate | Caught::HangUp) {
                    hurry();
                }
            })
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
