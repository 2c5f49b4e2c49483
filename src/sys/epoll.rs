//! The epoll object: create, control, wait, close. epoll(7).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::sys::epoll::{self, EpollCreateFlags};
use nix::sys::signal::SigSet;

use super::process::waiting_with;
use super::{Errno, by_number, raw as sys};
use crate::record::{CtlOp, Fd, Interest, Ready, SigMask, Timeout};

/// An epoll object. Dropping it closes it.
#[derive(Debug)]
pub struct Epoll {
    fd: OwnedFd,
    /// The signal mask while waiting: the thread's own, with the wake-up signal let through.
    waiting: SigSet,
}

impl Epoll {
    /// epoll_create1(2) with `EPOLL_CLOEXEC`.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE` when no fd is free; `ENOMEM`.
    pub fn create() -> Result<Self, Errno> {
        Ok(epoll::Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?.0.into())
    }

    /// epoll_ctl(2). `token` comes back with every report of this registration; `EPOLL_CTL_DEL` takes no notice of it
    /// and of `interest`.
    ///
    /// # Errors
    /// As epoll_ctl(2) lists them: `EEXIST`, `ENOENT`, `EPERM`, `EINVAL`, `ELOOP`, `ENOSPC`, `EBADF`.
    pub fn ctl(&self, op: CtlOp, fd: BorrowedFd<'_>, interest: Interest, token: u64) -> Result<(), Errno> {
        ctl(self.as_fd(), op, fd, interest, token)
    }

    /// epoll_wait(2): fills `events` and returns how many there are.
    ///
    /// It is made by epoll_pwait(2), so that [`Wake::wake`](super::Wake::wake) can interrupt it without a race: the
    /// signal is let through while the call waits and at no other time.
    ///
    /// # Errors
    /// `EINTR` when a signal came first; `EBADF`, `EINVAL`.
    pub fn wait(&self, events: &mut Events, timeout: Timeout) -> Result<usize, Errno> {
        events.filled = 0;
        events.filled = sys::epoll_pwait(self.as_fd(), &mut events.buffer, timeout.0, &self.waiting)?;
        Ok(events.filled)
    }

    /// The same object under a number out of the way of low fd numbers.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn lifted(self) -> Result<Self, Errno> {
        Ok(Self { fd: super::lift(self.fd)?, waiting: self.waiting })
    }

    /// Watches another epoll of the same thread, edge-triggered: a report for each arrival there.
    pub fn watch(&self, epfd: Fd) -> Result<(), Errno> {
        by_number(epfd, |epfd| self.ctl(CtlOp::Add, epfd, Interest::IN | Interest::ET, 0))
    }

    /// The fd itself, to close it by hand.
    pub fn into_fd(self) -> OwnedFd {
        self.fd
    }
}

impl From<OwnedFd> for Epoll {
    /// An epoll object that was made elsewhere, or its duplicate.
    fn from(fd: OwnedFd) -> Self {
        Self { fd, waiting: waiting() }
    }
}

/// epoll_ctl(2) on any fd; see [`Epoll::ctl`].
pub fn ctl(epfd: BorrowedFd<'_>, op: CtlOp, fd: BorrowedFd<'_>, interest: Interest, token: u64) -> Result<(), Errno> {
    sys::epoll_ctl(epfd, op.number(), fd, libc::epoll_event { events: interest.bits(), u64: token })
}

/// epoll_wait(2) by number, as a thread makes it whose fd another thread may close meanwhile. See [`Epoll::wait`].
pub fn wait_on(epfd: Fd, events: &mut Events, timeout: Timeout) -> Result<usize, Errno> {
    events.filled = 0;
    events.filled = by_number(epfd, |epfd| sys::epoll_pwait(epfd, &mut events.buffer, timeout.0, &waiting()))?;
    Ok(events.filled)
}

/// epoll_create(2).
///
/// # Errors
/// `EINVAL` for a size of 0 or less; `EMFILE`.
pub fn create_for(size: i32) -> Result<OwnedFd, Errno> {
    sys::epoll_create(size)
}

/// epoll_create1(2) with these flags.
///
/// # Errors
/// `EINVAL` for flags that the kernel does not know; `EMFILE`.
pub fn create_with(flags: i32) -> Result<OwnedFd, Errno> {
    sys::epoll_create1(flags)
}

/// epoll_wait(2) with an event list at address 0, for `max` events as the kernel reads it: nothing can be stored there.
///
/// # Errors
/// `EINVAL` where `max` is no number of events, `EFAULT` where there is an event.
pub fn wait_nowhere(epfd: BorrowedFd<'_>, max: i32, timeout: Timeout) -> Result<usize, Errno> {
    sys::epoll_pwait_nowhere(epfd, max, timeout.0, &waiting())
}

/// epoll_pwait(2) by number: while it waits, of the signals that the program sends those in `mask` are blocked.
///
/// # Errors
/// As [`wait_on`].
pub fn wait_masked(epfd: Fd, events: &mut Events, timeout: Timeout, mask: SigMask) -> Result<usize, Errno> {
    events.filled = 0;
    let set = waiting_with(mask);
    events.filled = by_number(epfd, |epfd| sys::epoll_pwait(epfd, &mut events.buffer, timeout.0, &set))?;
    Ok(events.filled)
}

/// epoll_pwait2(2) by number: the same, with a timeout in nanoseconds.
///
/// # Errors
/// `ENOSYS` before Linux 5.11.
pub fn wait_nanos(epfd: Fd, events: &mut Events, timeout_ns: u64, mask: SigMask) -> Result<usize, Errno> {
    events.filled = 0;
    let set = waiting_with(mask);
    events.filled = by_number(epfd, |epfd| sys::epoll_pwait2(epfd, &mut events.buffer, timeout_ns, &set))?;
    Ok(events.filled)
}

/// The calling thread's signal mask, with the wake-up signal let through.
fn waiting() -> SigSet {
    // Asking for one's own mask can't fail; without an answer nothing is blocked.
    let mut mask = SigSet::thread_get_mask().unwrap_or_else(|_| SigSet::empty());
    mask.remove(super::process::WAKE_SIGNAL);
    mask
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The event list that epoll_wait(2) fills.
pub struct Events {
    buffer: Vec<libc::epoll_event>,
    filled: usize,
}

impl Events {
    /// Room for `max_events`, at least 1.
    pub fn with_room(max_events: u32) -> Self {
        Self { buffer: vec![libc::epoll_event { events: 0, u64: 0 }; max_events.max(1) as usize], filled: 0 }
    }

    /// How many events one wait can return.
    pub fn room(&self) -> u32 {
        u32::try_from(self.buffer.len()).unwrap_or(u32::MAX)
    }

    /// Event number `i` of the last wait: the registration's token, and what is reported.
    pub fn get(&self, i: usize) -> Option<(u64, Ready)> {
        self.buffer[..self.filled].get(i).map(token_and_ready)
    }

    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u64, Ready)> + Clone + '_ {
        self.buffer[..self.filled].iter().map(token_and_ready)
    }
}

#[inline]
fn token_and_ready(event: &libc::epoll_event) -> (u64, Ready) {
    (event.u64, Ready::from_bits_retain(event.events))
}
