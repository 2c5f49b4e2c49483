//! Who hears of each call.

use crate::record::{Call, Chunk, Dir, Fd, Nanos, Ready};

/// The most bytes of one recv or send that are recorded, in bytes.
pub const CAPTURE: usize = 4 * Chunk::MAX;

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Make the call.
    Go,
    /// Do not make it yet: there are orders to look at first. Only ever said of epoll_wait.
    Orders,
}

/// Hears of each call before it is made and when it has returned.
pub trait Sink {
    /// Whether anything is listening. Where it is false, the tap does not even build the records.
    const ON: bool;

    /// A call is about to be made; its result is not known yet and says 0. May hold the thread.
    fn before(&mut self, next: &Call) -> Turn;

    /// The time, for a record of a call that is about to be made.
    fn now(&self) -> Nanos;

    /// The time for the record of a call that acts on somebody else, and is about to be made. Where the server has only
    /// computed since the return that was noted last, that one's time will do: a cause may be told too early by that
    /// much, and never too late.
    fn entry(&self) -> Nanos {
        self.now()
    }

    /// A call, or something that the instrument asked or has to say.
    fn note(&mut self, t: Nanos, call: Call);

    /// What an epoll_wait that returned at the time `t` brought: the fd of each event, and what is reported.
    #[inline(always)]
    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        for (fd, ready) in events {
            self.note(t, Call::Event { epfd, fd, ready });
        }
    }

    /// Whether anything is to be done with the bytes of a call that is noted with the time `t`.
    fn wants_payload(&self, _t: Nanos) -> bool {
        true
    }

    /// The bytes of the recv or send that was noted last; what goes beyond [`CAPTURE`] is left out.
    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        for chunk in bytes[..bytes.len().min(CAPTURE)].chunks(Chunk::MAX) {
            self.note(t, Call::Data { fd, dir, chunk: Chunk::new(chunk) });
        }
    }

    /// Asks the kernel how things stand and notes it, without a call of the server's as its occasion.
    fn survey(&mut self) {}

    /// Whoever looks finds from here on what was noted so far.
    fn hand_over(&mut self) {}

    /// The thread is about to be held; whoever looks should be told now.
    fn held(&mut self) {}

    /// Whether the server has work of its own besides what epoll would report, so that its next wait won't block.
    fn has_work(&mut self, _yes: bool) {}

    /// Whether the server runs freely from here on, so that what is asked and copied besides its calls must not slow it
    /// down.
    fn runs_freely(&mut self, _yes: bool) {}

    /// Whether a recv or send may block from here on.
    fn may_block(&mut self, _yes: bool) {}
}

/// Nobody listens, and nothing is done about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Sink for Null {
    const ON: bool = false;

    #[inline]
    fn before(&mut self, _: &Call) -> Turn {
        Turn::Go
    }

    #[inline]
    fn now(&self) -> Nanos {
        Nanos(0)
    }

    #[inline]
    fn note(&mut self, _: Nanos, _: Call) {}

    #[inline]
    fn payload(&mut self, _: Nanos, _: Fd, _: Dir, _: &[u8]) {}
}
