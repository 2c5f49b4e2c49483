//! Who hears of each call: a [`Sink`] records, may hold the thread, and takes hints.
//!
//! Sinks are stacked, and one that forgot to pass something on would silence it for all below. So no method has a default:
//! a decorator that leaves one out does not compile. A sink at the bottom takes what is usual from [`note_events`] and
//! [`note_payload`].

use crate::record::{Call, Chunk, Dir, Fd, Nanos, Ready};

/// The most bytes of one recv or send that are recorded, in bytes.
pub const CAPTURE: usize = 4 * Chunk::MAX;

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Go,
    /// Do not make it yet: there are orders to look at first. Only ever said of epoll_wait.
    Orders,
}

/// Records each call that has returned, with its events and bytes.
pub trait Recorder {
    /// Whether anything is listening. Where it is false, the tap does not even build the records.
    const ON: bool;

    /// The time, for a record of a call that is about to be made.
    fn now(&self) -> Nanos;

    /// The time for the record of a call that acts on somebody else, and is about to be made. Where the server has only
    /// computed since the return that was noted last, that one's time will do: a cause may be told too early by that
    /// much, and never too late.
    fn entry(&self) -> Nanos;

    /// A call, or something that the instrument asked or has to say.
    fn note(&mut self, t: Nanos, call: Call);

    /// What an epoll_wait that returned at the time `t` brought: the fd of each event, and what is reported.
    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone);

    /// Whether anything is to be done with the bytes of a call that is noted with the time `t`.
    fn wants_payload(&self, t: Nanos) -> bool;

    /// The bytes of the recv or send that was noted last; what goes beyond [`CAPTURE`] is left out.
    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]);
}

/// Holds the thread before a call.
pub trait Holder {
    /// A call is about to be made; its result is not known yet and says 0. Returns when the thread may go on.
    fn before(&mut self, next: &Call) -> Turn;
}

/// Takes hints, from the server or from a sink above.
pub trait Hinted {
    /// What a sink does with it is its own affair, but a decorator passes on what it does not use itself.
    fn hint(&mut self, hint: Hint);
}

/// What a sink may want to know, or is asked to do, without a call as the occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Ask the kernel how things stand, and note it.
    Survey,
    /// Let the reading side find from here on what was noted so far.
    HandOver,
    /// The thread is about to be held; the reading side should be told now.
    Held,
    /// Whether the server has work of its own besides what epoll would report, so that its next wait won't block.
    HasWork(bool),
    /// Whether the server runs freely from here on, so that what is asked and copied besides its calls must not slow it
    /// down.
    RunsFreely(bool),
    /// Whether a recv or send may block from here on.
    MayBlock(bool),
}

/// What a tap needs: something that records, holds and takes hints.
pub trait Sink: Recorder + Holder + Hinted {}

impl<T: Recorder + Holder + Hinted> Sink for T {}

#[inline(always)]
pub fn note_events(sink: &mut impl Recorder, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)>) {
    for (fd, ready) in events {
        sink.note(t, Call::Event { epfd, fd, ready });
    }
}

pub fn note_payload(sink: &mut impl Recorder, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
    for chunk in bytes[..bytes.len().min(CAPTURE)].chunks(Chunk::MAX) {
        sink.note(t, Call::Data { fd, dir, chunk: Chunk::new(chunk) });
    }
}

/// Nobody listens, and nothing is done about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Recorder for Null {
    const ON: bool = false;

    #[inline]
    fn now(&self) -> Nanos {
        Nanos(0)
    }

    #[inline]
    fn entry(&self) -> Nanos {
        Nanos(0)
    }

    #[inline]
    fn note(&mut self, _: Nanos, _: Call) {}

    #[inline]
    fn reported(&mut self, _: Nanos, _: Fd, _: impl Iterator<Item = (Fd, Ready)> + Clone) {}

    #[inline]
    fn wants_payload(&self, _: Nanos) -> bool {
        false
    }

    #[inline]
    fn payload(&mut self, _: Nanos, _: Fd, _: Dir, _: &[u8]) {}
}

impl Holder for Null {
    #[inline]
    fn before(&mut self, _: &Call) -> Turn {
        Turn::Go
    }
}

impl Hinted for Null {
    #[inline]
    fn hint(&mut self, _: Hint) {}
}
