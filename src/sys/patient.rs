//! Output to a terminal, a pipe or a FIFO that nobody may be reading from.
//!
//! write(2) blocks while there is no room, and a program that has blocked SIGTERM to read it later would not hear of it. So
//! this waits in poll(2) for room and for a signal that ends the program.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::lift;

/// How long output may still take once the program ends, in milliseconds.
const LAST: u16 = 300;

static ENDS: AtomicBool = AtomicBool::new(false);

/// A signal that ends the program was read: from here on nobody is waited for any longer than for an instant.
pub fn hurry() {
    ENDS.store(true, Ordering::Relaxed);
}

/// Writes as any file does. Where there is no room, and a blocked signal asks the program to end, it fails with
/// [`ErrorKind::WouldBlock`].
#[derive(Debug)]
pub struct Patient(File);

impl Patient {
    /// Writes to the file behind `fd`.
    ///
    /// # Errors
    /// No fd is free.
    pub fn on(fd: BorrowedFd<'_>) -> io::Result<Self> {
        let same: File = lift(fd.try_clone_to_owned()?)?.into();
        if same.metadata()?.is_file() {
            return Ok(Self(same));
        }
        // Other programs share the open file description, and may not expect it to be non-blocking; hence another one.
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let path = format!("/proc/self/fd/{}", same.as_raw_fd());
        match OpenOptions::new().write(true).custom_flags(flags).open(path) {
            Ok(own) => Ok(Self(lift(OwnedFd::from(own))?.into())),
            // Sockets can't be opened, and a terminal not after su(1).
            Err(_) => Ok(Self(same)),
        }
    }

    fn wait(&self) -> io::Result<()> {
        let ending = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGQUIT, Signal::SIGHUP].into_iter().collect::<SigSet>();
        let signals = SignalFd::with_flags(&ending, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let mut fds = [(self.as_fd(), PollFlags::POLLOUT), (signals.as_fd(), PollFlags::POLLIN)]
            .map(|(fd, events)| PollFd::new(fd, events));
        let patience = if ENDS.load(Ordering::Relaxed) { PollTimeout::from(LAST) } else { PollTimeout::NONE };
        poll(&mut fds, patience)?;
        // EPIPE and EIO are told by the next write.
        if fds[0].any() == Some(true) { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
    }
}

impl AsFd for Patient {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => match self.wait() {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    waited => waited?,
                },
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
