//! A forked child that holds copies of all fds, and makes calls on them when it is asked to.

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::Errno;
use super::raw::{self as sys, Mailbox};
use crate::record::Tid;

/// A child process. Dropped, it is killed and waited for; it does not outlive the thread that made it either.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
}

impl Child {
    /// fork(2).
    ///
    /// # Errors
    /// `EAGAIN` where the user may have no more processes; `ENOMEM`.
    pub(super) fn fork(mailbox: &Mailbox, open: SigSet) -> Result<Self, Errno> {
        sys::fork_worker(mailbox, open).map(|pid| Self { pid: Pid::from_raw(pid) })
    }

    pub fn pid(&self) -> Tid {
        Tid(self.pid.as_raw().unsigned_abs())
    }

    /// Kills it, and waits until its copies of the fds are closed. kill(2), waitpid(2)
    ///
    /// # Errors
    /// `ECHILD` where somebody else has waited for it.
    pub fn end(self) -> Result<(), Errno> {
        let ended = self.reap();
        std::mem::forget(self);
        ended
    }

    fn reap(&self) -> Result<(), Errno> {
        kill(self.pid, Signal::SIGKILL)?;
        loop {
            match waitpid(self.pid, None) {
                Err(Errno::EINTR) => {}
                waited => return waited.map(drop),
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.reap();
    }
}
