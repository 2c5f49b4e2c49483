//! Records kept in order in memory, for callers that note and read in the same thread.

use super::{Clock, Hint, Hinted, Holder, Recorder, Turn, note_events, note_payload};
use crate::record::{Call, Dir, Fd, Nanos, Ready, Record, Seq, Tid};
use crate::sys;

/// A sink that keeps what it hears until it is taken.
#[derive(Debug)]
pub struct VecSink {
    clock: Clock,
    tid: Tid,
    records: Vec<Record>,
}

impl VecSink {
    /// An empty notebook of the calling thread. The records have no number yet; who puts the stream together gives it.
    pub fn new(clock: Clock) -> Self {
        Self { clock, tid: sys::gettid(), records: Vec::new() }
    }

    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }
}

impl Recorder for VecSink {
    const ON: bool = true;

    fn now(&self) -> Nanos {
        self.clock.now()
    }

    fn entry(&self) -> Nanos {
        self.now()
    }

    fn note(&mut self, t: Nanos, call: Call) {
        self.records.push(Record { seq: Seq(0), t, tid: self.tid, call });
    }

    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        note_events(self, t, epfd, events);
    }

    fn wants_payload(&self, _: Nanos) -> bool {
        true
    }

    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        note_payload(self, t, fd, dir, bytes);
    }
}

impl Holder for VecSink {
    fn before(&mut self, _: &Call) -> Turn {
        Turn::Go
    }
}

impl Hinted for VecSink {
    fn hint(&mut self, _: Hint) {}
}
