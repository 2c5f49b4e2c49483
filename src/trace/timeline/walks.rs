//! Ways through a timeline: from call to call, and from wait to wait.

use super::segment::Segment;
use super::store::Timeline;
use crate::record::{Call, Record};

impl Timeline {
    /// The last record before position `k` that is `wanted`; in segments that have `some`.
    fn last_before(&self, k: u64, some: fn(&Segment) -> bool, wanted: fn(&Record) -> bool) -> Option<Record> {
        let open = self.range(self.closed(), k).rfind(wanted);
        open.or_else(|| {
            let segments = self.segments.range(..self.segments.len().min(self.segment_at(k) + 1)).rev();
            segments
                .filter(|segment| some(segment))
                .find_map(|segment| self.range(segment.from, segment.to().min(k)).rfind(wanted))
        })
    }

    /// The first record from position `k` on that is `wanted`; in segments that have `some`.
    fn first_after(&self, k: u64, some: fn(&Segment) -> bool, wanted: fn(&Record) -> bool) -> Option<Record> {
        let mut segments = self.segments.range(self.segment_at(k)..).filter(|segment| some(segment));
        let found = segments.find_map(|segment| self.range(segment.from.max(k), segment.to()).find(wanted));
        found.or_else(|| self.range(self.closed().max(k), self.len()).find(wanted))
    }

    /// The position one system call before `k`: right before the last one at or before it was made.
    pub fn call_before(&self, k: u64) -> u64 {
        self.last_before(k, has_calls, is_call).map_or(self.first, |record| record.seq.0 - 1)
    }

    /// The position one system call after `k`, with all that belongs to it.
    pub fn call_after(&self, k: u64) -> u64 {
        let this = self.first_after(k, has_calls, is_call);
        let next = this.and_then(|this| self.first_after(this.seq.0, has_calls, is_call));
        next.map_or(self.len(), |record| record.seq.0 - 1)
    }

    /// The position right before the return of the last epoll_wait before `k`.
    pub fn wait_before(&self, k: u64) -> u64 {
        self.last_before(k, |segment| segment.has_waits, is_wait).map_or(self.first, |record| record.seq.0 - 1)
    }

    /// The position after the return of the next epoll_wait after `k`, with its events.
    pub fn wait_after(&self, k: u64) -> u64 {
        let wait = self.first_after(k, |segment| segment.has_waits, is_wait);
        wait.map_or(self.len(), |record| self.call_after(record.seq.0 - 1))
    }

    /// The position after the first `n` system calls, with all that belongs to the last of them; the nearest to it that
    /// there is.
    pub fn after_calls(&self, n: u64) -> u64 {
        let from = self.checkpoints.partition_point(|(_, world)| world.moments() <= n).saturating_sub(1);
        let Some((at, world)) = self.checkpoints.get(from) else { return self.first };
        let Some(mut more) = n.checked_sub(world.moments()) else { return self.first };
        let mut from = *at;
        for segment in self.segments.range(self.segment_at(from)..).take_while(|segment| segment.from >= *at) {
            let Some(rest) = more.checked_sub(segment.calls) else { break };
            (more, from) = (rest, segment.to());
        }
        let mut later = self.range(from, self.len()).filter(is_call);
        later.nth(usize::try_from(more).unwrap_or(usize::MAX)).map_or(self.len(), |record| record.seq.0 - 1)
    }
}

fn has_calls(segment: &Segment) -> bool {
    segment.calls > 0
}

#[inline]
fn is_call(record: &Record) -> bool {
    record.call.is_syscall()
}

#[inline]
fn is_wait(record: &Record) -> bool {
    matches!(record.call.plain(), Call::EpollWait { .. })
}
