//! How the terminal is given back, where a signal handler finds it.

use std::ptr;
use std::sync::atomic::AtomicPtr;

/// How a terminal is given back.
pub(crate) struct GiveBack {
    /// What is written to standard output.
    pub(crate) bytes: Vec<u8>,
    /// The line settings of standard input.
    pub(crate) settings: libc::termios,
    /// What is written to take it again after a stop.
    pub(crate) again: &'static [u8],
}

/// How it is done now, for the handler; null if there is nothing to give back.
pub(super) static HOW: AtomicPtr<GiveBack> = AtomicPtr::new(ptr::null_mut());
