//! Records kept in order in memory, for callers that note and read in the same thread.

use super::{Clock, Sink, Turn};
use crate::record::{Call, Nanos, Record, Seq, Tid};
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

    /// Takes what was noted since the last time.
    pub fn take(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records)
    }
}

impl Sink for VecSink {
    const ON: bool = true;

    fn before(&mut self, _: &Call) -> Turn {
        Turn::Go
    }

    fn now(&self) -> Nanos {
        self.clock.now()
    }

    fn note(&mut self, t: Nanos, call: Call) {
        self.records.push(Record { seq: Seq(0), t, tid: self.tid, call });
    }
}
