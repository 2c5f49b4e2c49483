//! What the program under the scope, and its clients, did between two moments: counted from the records alone.

use std::collections::{BTreeMap, HashMap};

use crate::record::{Call, Record, Ret};
use crate::trace::Timeline;
use crate::trace::{World, world::Who};

/// Counts over a stretch of records. Bytes are those that the clients sent and got back, by their ordinal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Tally {
    /// epoll_waits that returned.
    pub waits: u64,
    /// Of them those without an event.
    pub empty: u64,
    pub accepted: u64,
    calls: BTreeMap<&'static str, u64>,
    errors: BTreeMap<i32, u64>,
    reports: HashMap<Who, u64>,
    sent: BTreeMap<u32, u64>,
    received: BTreeMap<u32, u64>,
}

impl Tally {
    /// The counts over all records from position `from` on.
    pub fn since(timeline: &Timeline, from: u64) -> Self {
        let mut world = timeline.at(from);
        let mut tally = Self::default();
        for record in timeline.range(from, timeline.len()) {
            // What a close takes away, and who an event is about, is known before the record is applied.
            tally.count(&record, &world);
            world.apply(&record);
        }
        tally
    }

    /// System calls of the program under the scope; entering and leaving epoll_wait are one.
    pub fn calls(&self) -> u64 {
        self.calls.values().sum()
    }

    /// Those of one name.
    pub fn calls_named(&self, name: &str) -> u64 {
        self.calls.get(name).copied().unwrap_or(0)
    }

    /// Those that failed with this error.
    pub fn errors(&self, raw: i32) -> u64 {
        self.errors.get(&raw).copied().unwrap_or(0)
    }

    pub fn reports(&self, who: Who) -> u64 {
        self.reports.get(&who).copied().unwrap_or(0)
    }

    /// Bytes that a client sent.
    pub fn sent(&self, ordinal: u32) -> u64 {
        self.sent.get(&ordinal).copied().unwrap_or(0)
    }

    /// Bytes that a client received.
    pub fn received(&self, ordinal: u32) -> u64 {
        self.received.get(&ordinal).copied().unwrap_or(0)
    }

    fn count(&mut self, record: &Record, world: &World) {
        if let Call::Event { fd, .. } = record.call {
            let who = world.file_of(record.tid, fd).map_or(Who::Unknown, |(_, file)| file.who());
            *self.reports.entry(who).or_default() += 1;
        }
        if !record.call.is_syscall() {
            return;
        }
        if world.serves(record.tid) {
            self.count_call(&record.call);
        } else {
            self.count_bytes(record, world);
        }
    }

    fn count_call(&mut self, call: &Call) {
        match &call.plain() {
            Call::EpollWaitEnter { .. } => return,
            Call::EpollWait { ret, .. } => {
                self.waits += u64::from(ret.ok().is_some());
                self.empty += u64::from(ret.ok() == Some(0));
            }
            Call::Accept4 { ret, .. } => self.accepted += u64::from(ret.ok().is_some()),
            _ => {}
        }
        *self.calls.entry(call.name()).or_default() += 1;
        if let Some(errno) = call.ret().and_then(Ret::errno) {
            *self.errors.entry(errno as i32).or_default() += 1;
        }
    }

    fn count_bytes(&mut self, record: &Record, world: &World) {
        let (fd, bytes, moved) = match record.call {
            Call::Sendto { fd, ret, .. } => (fd, &mut self.sent, ret),
            Call::Recvfrom { fd, ret, .. } => (fd, &mut self.received, ret),
            _ => return,
        };
        let ordinal = world.file_of(record.tid, fd).and_then(|(_, file)| file.stream()?.ordinal);
        if let (Some(ordinal), Some(moved)) = (ordinal, moved.ok()) {
            *bytes.entry(ordinal).or_default() += u64::from(moved);
        }
    }
}
