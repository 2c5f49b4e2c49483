//! Consecutive records of a timeline, which do not change any more, with what a search wants to know of them.

use std::sync::Arc;

use crate::record::{Call, Nanos, Record, Seq, Tid};
use crate::trace::file::Start;

#[derive(Debug)]
pub(super) struct Segment {
    /// The position of the first.
    pub(super) from: u64,
    pub(super) len: usize,
    pub(super) calls: u64,
    /// Whether epoll_wait returns in here.
    pub(super) has_waits: bool,
    /// Whether bytes went in or out in here, and were kept.
    pub(super) has_bytes: bool,
    /// When the first was made, and by which thread.
    first: (Nanos, Tid),
    /// `None` where they were released.
    pub(super) records: Option<Arc<[Record]>>,
    /// Where in the recording they can be read again.
    pub(super) start: Option<Start>,
}

impl Segment {
    /// A copy of `records`, the first of which is at position `from`.
    pub(super) fn new(from: u64, records: &[Record], start: Option<Start>) -> Self {
        Self {
            from,
            len: records.len(),
            calls: records.iter().filter(|record| record.call.is_syscall()).count() as u64,
            has_waits: records.iter().any(|record| matches!(record.call.plain(), Call::EpollWait { .. })),
            has_bytes: records.iter().any(|record| matches!(record.call, Call::Data { .. })),
            first: records.first().map_or((Nanos(0), Tid(0)), |record| (record.t, record.tid)),
            records: Some(records.into()),
            start,
        }
    }

    /// The position after its last record.
    pub(super) fn to(&self) -> u64 {
        self.from + self.len as u64
    }

    pub(super) fn size(&self) -> usize {
        let records = self.records.as_ref().map_or(0, |records| size_of_val(&**records));
        size_of::<Self>() + records
    }

    /// Lets its records go, if they can be read again, and returns how many bytes that frees.
    pub(super) fn release(&mut self) -> usize {
        let held = self.size();
        if self.start.is_some() {
            self.records = None;
        }
        held - self.size()
    }

    /// Stands for a record that cannot be read again, because the file has changed.
    pub(super) fn gone(&self) -> Record {
        let (t, tid) = self.first;
        Record { seq: Seq(self.from), t, tid, call: Call::Lost { count: 1 } }
    }
}
