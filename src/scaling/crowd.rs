//! A crowd of connections, of which few speak: made once, waited for in every way.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use super::{Method, waiter::Waiter};
use crate::record::{MsgFlags, PairType};
use crate::sys::{self, Errno};

/// What an active client sends, and gets back, in bytes.
pub const MESSAGE: usize = 64;

/// Connected stream sockets. Of an idle pair both ends are waited for, so that each costs one fd and each is a
/// connection whose peer is silent; of an active pair one end, and the other is its client.
pub(super) struct Crowd {
    idle: Vec<OwnedFd>,
    active: Vec<(OwnedFd, OwnedFd)>,
}

/// What a wait took of the processor, and the wait with the serving of what it reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub wait: Duration,
    pub whole: Duration,
}

impl Crowd {
    /// As many idle and active connections.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE` where there are too few fds.
    pub(super) fn new(idle: usize, active: usize) -> Result<Self, Errno> {
        let pair = || sys::unix_pair(PairType::Stream);
        // The active ones come first: their numbers are low, and room for the idle ones is all that can be missing.
        let active = (0..active).map(|_| pair()).collect::<Result<Vec<_>, _>>()?;
        let mut fds = Vec::with_capacity(idle + 1);
        while fds.len() < idle {
            let (one, other) = pair()?;
            fds.extend([one, other]);
        }
        Ok(Self { idle: fds, active })
    }

    /// One that waits, in its way, for the first `idle` of the idle ones and behind them the active ones.
    ///
    /// # Errors
    /// `EINVAL` where select(2) has no bit for one of them; `ENOSPC`, `EMFILE` of epoll.
    pub(super) fn waiter(&self, method: Method, idle: usize) -> Result<Waiting<'_>, Errno> {
        let idle = &self.idle[..idle.min(self.idle.len())];
        let fds = idle.iter().chain(self.active.iter().map(|(server, _)| server));
        let waiter = Waiter::new(method, fds.map(AsFd::as_fd), u32::try_from(self.active.len()).unwrap_or(u32::MAX))?;
        Ok(Waiting { crowd: self, behind: idle.len(), waiter })
    }
}

/// One of the ways, with its crowd.
pub(super) struct Waiting<'a> {
    crowd: &'a Crowd,
    /// The place of the first active one.
    behind: usize,
    waiter: Waiter<'a>,
}

impl Waiting<'_> {
    /// Every active client sends a message; one wait reports them; each is read and sent back.
    ///
    /// # Errors
    /// What a call refused; `EPROTO` where another number was reported than spoke.
    pub(super) fn round(&mut self) -> Result<Cost, Errno> {
        let mut buffer = [0; 1024];
        for (_, client) in &self.crowd.active {
            sys::send(client.as_fd(), &[b'x'; MESSAGE], MsgFlags::empty()).result()?;
        }
        let began = sys::thread_time()?;
        let reported = self.waiter.wait()?;
        let waited = sys::thread_time()?;
        let drains = self.waiter.drains();
        self.waiter.each(|place| {
            let active = place.checked_sub(self.behind).and_then(|i| self.crowd.active.get(i));
            let (server, _) = active.ok_or(Errno::EPROTO)?;
            let n = sys::recv(server.as_fd(), &mut buffer, MsgFlags::empty()).result()?;
            sys::send(server.as_fd(), &buffer[..n], MsgFlags::empty()).result()?;
            if drains && !sys::recv(server.as_fd(), &mut buffer, MsgFlags::empty()).is(Errno::EAGAIN) {
                return Err(Errno::EPROTO);
            }
            self.waiter.rearm(server.as_fd(), place)
        })?;
        let served = sys::thread_time()?;
        for (_, client) in &self.crowd.active {
            sys::recv(client.as_fd(), &mut buffer, MsgFlags::empty()).result()?;
        }
        // As many as spoke; anything else would be no measurement of that.
        if reported != self.crowd.active.len() {
            return Err(Errno::EPROTO);
        }
        Ok(Cost { wait: waited.saturating_sub(began), whole: served.saturating_sub(began) })
    }
}
