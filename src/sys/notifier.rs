//! Wakes a thread that sleeps in poll(2) for what another thread has put somewhere in memory.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

use super::{Errno, lift};

/// An eventfd(2) that is written only while the other side sleeps, so that news costs a busy sender no system call.
///
/// Neither side may miss the other: the sleeper says that it will sleep and then looks for news once more, the sender puts
/// its news in place and then looks whether somebody sleeps. The fences keep each from seeing the world as it was before
/// its own step, in which case both could go to sleep.
#[derive(Debug)]
pub struct Notifier {
    event: OwnedFd,
    asleep: AtomicBool,
}

impl Notifier {
    /// How long a busy sleeper is not woken, in milliseconds.
    pub const REST: u8 = 10;

    /// A notifier whose fd is out of the way of low fd numbers.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn new() -> Result<Self, Errno> {
        let event = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self { event: lift(event.into())?, asleep: AtomicBool::new(false) })
    }

    /// Sleeps until it is notified, one of `also` is readable, or the time is up; not at all where `has_news` says that
    /// there is something already. A sleeper that is `busy`, because its sender runs freely and has just sent something,
    /// first rests for [`Notifier::REST`]: to be woken for each wait would cost the sender a write(2) each time.
    ///
    /// # Errors
    /// `EINTR` when a signal came.
    pub fn sleep(
        &self,
        busy: bool,
        has_news: impl Fn() -> bool,
        also: &[BorrowedFd<'_>],
        timeout: PollTimeout,
    ) -> Result<(), Errno> {
        let mut fds: Vec<PollFd<'_>> = also.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        if busy {
            let rest = PollTimeout::from(Self::REST);
            let rest = if timeout.is_none() || timeout > rest { rest } else { timeout };
            if poll(&mut fds, rest)? > 0 || rest == timeout || has_news() {
                return Ok(());
            }
        }
        self.asleep.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        fds.push(PollFd::new(self.as_fd(), PollFlags::POLLIN));
        let slept = if has_news() { Ok(()) } else { poll(&mut fds, timeout).map(drop) };
        self.awake();
        slept
    }

    /// Says that the sleeper is awake, and takes back what was written for it.
    pub fn awake(&self) {
        self.asleep.store(false, Ordering::SeqCst);
        // EAGAIN: nobody has written.
        let _ = nix::unistd::read(&self.event, &mut [0; 8]);
    }

    /// Wakes the sleeper, if there is one.
    pub fn ring(&self) {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) && self.asleep.swap(false, Ordering::SeqCst) {
            self.notify();
        }
    }

    /// Makes the fd readable in any case: for news that `has_news` does not know of.
    pub fn notify(&self) {
        // A full counter wakes the sleeper too.
        let _ = nix::unistd::write(&self.event, &1_u64.to_ne_bytes());
    }

    /// A handle that notifies when the thread that owns it ends.
    pub fn on_drop(self: &Arc<Self>) -> NotifyOnDrop {
        NotifyOnDrop(Arc::clone(self))
    }
}

impl AsFd for Notifier {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

/// A sender's handle, which notifies when it is dropped.
#[derive(Debug)]
pub struct NotifyOnDrop(Arc<Notifier>);

impl NotifyOnDrop {
    #[inline]
    pub fn ring(&self) {
        self.0.ring();
    }

    pub fn notify(&self) {
        self.0.notify();
    }
}

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify();
    }
}
