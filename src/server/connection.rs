//! One accepted connection: its fd, what it asks of epoll, and the bytes that wait to be sent.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::record::{Interest, Policy, WriteInterest};

/// Past this many unsent bytes the server stops reading the peer until half of them are gone. One read more may lie on
/// top of it.
pub const UNSENT_BOUND: usize = 64 * 1024;

/// A connection. Idle, it has no buffer.
#[allow(clippy::struct_excessive_bools, reason = "each is true in any combination with the others")]
pub(super) struct Connection {
    pub(super) fd: OwnedFd,
    /// What it is registered for.
    pub(super) interest: Interest,
    /// Tells this connection from an earlier one with the same fd.
    pub(super) generation: u32,
    /// It waits in the server's own list for its next turn.
    pub(super) queued: bool,
    /// An end, an error or urgent data was reported, and a read may stop short before it: that all was read is known
    /// from EAGAIN alone, also in a later turn.
    pub(super) to_eagain: bool,
    /// Its calls block.
    pub(super) blocking: bool,
    /// The peer has ended its side of the stream.
    eof: bool,
    /// Too much is unsent: no reading.
    throttled: bool,
    unsent: Vec<u8>,
    /// How much of `unsent` has left.
    sent: usize,
}

impl Connection {
    pub(super) fn new(fd: OwnedFd, generation: u32, blocking: bool) -> Self {
        Self {
            fd,
            interest: Interest::empty(),
            generation,
            queued: false,
            to_eagain: false,
            blocking,
            eof: false,
            throttled: false,
            unsent: Vec::new(),
            sent: 0,
        }
    }

    /// What it should be registered for under `policy`: to read unless the peer has ended or is throttled, to write
    /// while there is something to write, or always.
    ///
    /// EPOLLRDHUP goes with EPOLLIN: it stays true for ever, so that a level-triggered connection that asks for it while
    /// it may not read would be reported again and again.
    pub(super) fn wanted(&self, policy: &Policy) -> Interest {
        let mut wanted = Self::plainly_wanted(policy);
        wanted.set(policy.input(), self.may_read());
        if self.has_unsent() { wanted | Interest::OUT } else { wanted }
    }

    /// What one wants that [is plain](Self::is_plain).
    pub(super) fn plainly_wanted(policy: &Policy) -> Interest {
        let mut wanted = policy.trigger_flags() | policy.input();
        wanted.set(Interest::OUT, policy.write == WriteInterest::Always);
        wanted
    }

    /// It reads, and has nothing to send: what most connections do most of the time.
    pub(super) fn is_plain(&self) -> bool {
        self.may_read() && !self.has_unsent()
    }

    pub(super) fn may_read(&self) -> bool {
        !self.eof && !self.throttled
    }

    /// All of `unsent` is given back as soon as it has left.
    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// All that will ever come has been read and sent.
    pub(super) fn is_finished(&self) -> bool {
        self.eof && !self.has_unsent()
    }

    pub(super) fn peer_has_ended(&mut self) {
        self.eof = true;
    }

    pub(super) fn unsent(&self) -> &[u8] {
        &self.unsent[self.sent..]
    }

    /// Keeps `bytes` until there is room to send them.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.unsent.drain(..std::mem::take(&mut self.sent));
        self.unsent.extend_from_slice(bytes);
        self.throttled = self.unsent.len() >= UNSENT_BOUND;
    }

    /// The first `n` unsent bytes have left.
    pub(super) fn has_sent(&mut self, n: usize) {
        self.sent += n;
        let left = self.unsent.len() - self.sent;
        if left == 0 {
            self.unsent = Vec::new();
            self.sent = 0;
        }
        self.throttled &= left > UNSENT_BOUND / 2;
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
