//! One accepted connection: its fd, what it asks of epoll, and the bytes that wait to be sent.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::record::{Interest, Policy, WriteInterest};

/// Past this many unsent bytes the server stops reading the peer until half of them are gone. One read more may lie on
/// top of it.
pub const UNSENT_BOUND: usize = 64 * 1024;

bitflags::bitflags! {
    /// What sets a connection apart from most, which read, and echo at once what they read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Traits: u8 {
        /// It waits in the server's own list for its next turn.
        const QUEUED = 1;
        /// An end, an error or urgent data was reported, and a read may stop short before it: that all was read is known
        /// from EAGAIN alone, also in a later turn.
        const TO_EAGAIN = 1 << 1;
        const BLOCKING = 1 << 2;
        const EOF = 1 << 3;
        const UNSENT = 1 << 4;
        /// So many bytes wait to be sent that it does not read.
        const THROTTLED = 1 << 5;
    }
}

/// A connection. Idle, it has no buffer.
pub(super) struct Connection {
    pub(super) fd: OwnedFd,
    pub(super) interest: Interest,
    /// Tells this connection from an earlier one with the same fd.
    pub(super) generation: u32,
    pub(super) traits: Traits,
    unsent: Vec<u8>,
    sent: usize,
}

impl Connection {
    pub(super) fn new(fd: OwnedFd, generation: u32, blocking: bool) -> Self {
        let mut traits = Traits::empty();
        traits.set(Traits::BLOCKING, blocking);
        Self { fd, interest: Interest::empty(), generation, traits, unsent: Vec::new(), sent: 0 }
    }

    pub(super) fn is(&self, traits: Traits) -> bool {
        self.traits.intersects(traits)
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

    /// What one wants that reads, and has nothing to send.
    pub(super) fn plainly_wanted(policy: &Policy) -> Interest {
        let mut wanted = policy.trigger_flags() | policy.input();
        wanted.set(Interest::OUT, policy.write == WriteInterest::Always);
        wanted
    }

    pub(super) fn may_read(&self) -> bool {
        !self.is(Traits::EOF | Traits::THROTTLED)
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.is(Traits::UNSENT)
    }

    /// All that will ever come has been read and sent.
    pub(super) fn is_finished(&self) -> bool {
        self.is(Traits::EOF) && !self.has_unsent()
    }

    pub(super) fn unsent(&self) -> &[u8] {
        &self.unsent[self.sent..]
    }

    /// Keeps `bytes` until there is room to send them.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        self.unsent.drain(..std::mem::take(&mut self.sent));
        self.unsent.extend_from_slice(bytes);
        self.traits.set(Traits::UNSENT, !self.unsent.is_empty());
        self.traits.set(Traits::THROTTLED, self.unsent.len() >= UNSENT_BOUND);
    }

    /// The first `n` unsent bytes have left. With the last of them the memory is given back.
    pub(super) fn has_sent(&mut self, n: usize) {
        self.sent += n;
        let left = self.unsent.len() - self.sent;
        if left == 0 {
            self.unsent = Vec::new();
            self.sent = 0;
            self.traits -= Traits::UNSENT;
        }
        if left <= UNSENT_BOUND / 2 {
            self.traits -= Traits::THROTTLED;
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
