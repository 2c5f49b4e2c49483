//! All records so far, and the world after any number of them.

use std::collections::VecDeque;

use super::World;
use crate::record::{Call, Record, Seq};

/// Records in order, with the fold over all of them, and checkpoints from which the fold over the first `k` is reached
/// quickly.
///
/// Positions count records from the stream's beginning: position `k` is the moment after the first `k`. When more
/// records have come than are kept, the oldest are dropped; [`Timeline::first`] tells how many.
#[derive(Debug)]
pub struct Timeline {
    records: VecDeque<Record>,
    first: u64,
    keep: usize,
    /// The world at `first`, then at later positions; ordered.
    checkpoints: VecDeque<(u64, World)>,
    now: World,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::keeping(Self::KEEP)
    }
}

impl Timeline {
    /// How many records are kept unless said otherwise: 56 MiB of them.
    pub const KEEP: usize = 1 << 20;
    /// The fewest records between two checkpoints.
    const SPACING: u64 = 4096;

    /// An empty timeline that keeps the last `keep` records, or somewhat more.
    pub fn keeping(keep: usize) -> Self {
        Self {
            records: VecDeque::new(),
            first: 0,
            keep,
            checkpoints: VecDeque::from([(0, World::default())]),
            now: World::default(),
        }
    }

    /// Adds the next record, numbered by its position. What a gap left out counts as passed.
    pub fn push(&mut self, record: Record) {
        let record = Record { seq: Seq(self.len() + 1), ..record };
        self.now.apply(&record);
        self.records.push_back(record);
        let last = self.checkpoints.back().map_or(0, |(at, _)| *at);
        // A large world is copied seldom, so that the copies stay small beside the records.
        if self.len() - last >= Self::SPACING.max(8 * self.now.weight()) {
            self.checkpoints.push_back((self.len(), self.now.clone()));
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        while let Some(&(second, _)) = self.checkpoints.get(1) {
            let spare = second - self.first;
            if (self.records.len() as u64) < spare.saturating_add(self.keep as u64) {
                break;
            }
            self.records.drain(..usize::try_from(spare).unwrap_or(usize::MAX));
            self.first = second;
            self.checkpoints.pop_front();
        }
    }

    /// The position after the last record.
    pub fn len(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// Whether no record has come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The earliest position that can still be seen: so many records were dropped.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The world after all records.
    pub fn now(&self) -> &World {
        &self.now
    }

    /// The world after the first `k` records; after the nearest position that there is, where `k` is not one.
    pub fn at(&self, k: u64) -> World {
        let k = k.clamp(self.first, self.len());
        let from = self.checkpoints.partition_point(|(at, _)| *at <= k).saturating_sub(1);
        let Some((at, world)) = self.checkpoints.get(from) else { return World::default() };
        let mut world = world.clone();
        for record in self.range(*at, k) {
            world.apply(&record);
        }
        world
    }

    /// The record that leads from position `k` to `k + 1`.
    pub fn get(&self, k: u64) -> Option<Record> {
        self.records.get(usize::try_from(k.checked_sub(self.first)?).ok()?).copied()
    }

    /// The records between two positions, oldest first.
    pub fn range(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Record> + '_ {
        let index = |k: u64| usize::try_from(k.clamp(self.first, self.len()) - self.first).unwrap_or(0);
        let (from, to) = (index(from), index(to));
        self.records.range(from.min(to)..to).copied()
    }

    /// The position one system call before `k`: right before the last one at or before it was made.
    pub fn call_before(&self, k: u64) -> u64 {
        let calls = self.range(self.first, k).rev().filter(|record| record.call.is_syscall());
        calls.map(|record| record.seq.0 - 1).next().unwrap_or(self.first)
    }

    /// The position one system call after `k`, with all that belongs to it.
    pub fn call_after(&self, k: u64) -> u64 {
        let mut calls = self.range(k, self.len()).filter(|record| record.call.is_syscall());
        let _this = calls.next();
        calls.next().map_or(self.len(), |record| record.seq.0 - 1)
    }

    /// The position after the first `n` system calls, with all that belongs to the last of them; the nearest to it that
    /// there is.
    pub fn after_calls(&self, n: u64) -> u64 {
        let from = self.checkpoints.partition_point(|(_, world)| world.moments() <= n).saturating_sub(1);
        let Some((at, world)) = self.checkpoints.get(from) else { return self.first };
        let Some(more) = n.checked_sub(world.moments()) else { return self.first };
        let mut later = self.range(*at, self.len()).filter(|record| record.call.is_syscall());
        later.nth(usize::try_from(more).unwrap_or(usize::MAX)).map_or(self.len(), |record| record.seq.0 - 1)
    }

    /// The position right before the return of the last epoll_wait before `k`.
    pub fn wait_before(&self, k: u64) -> u64 {
        let mut waits = self.range(self.first, k).rev().filter(|r| matches!(r.call, Call::EpollWait { .. }));
        waits.next().map_or(self.first, |record| record.seq.0 - 1)
    }

    /// The position after the return of the next epoll_wait after `k`, with its events.
    pub fn wait_after(&self, k: u64) -> u64 {
        let mut waits = self.range(k, self.len()).filter(|r| matches!(r.call, Call::EpollWait { .. }));
        waits.next().map_or(self.len(), |record| self.call_after(record.seq.0 - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Fd, Nanos, Ret, Tid};

    fn record(n: u64) -> Record {
        let fd = Fd(i32::try_from(n % 7).expect("small"));
        Record {
            seq: Seq(0),
            t: Nanos(n),
            tid: Tid(1),
            call: Call::Recvfrom { fd, len: 9, oob: false, ret: Ret::value(3) },
        }
    }

    #[test]
    fn any_moment_is_the_fold_of_what_came_before() {
        let mut timeline = Timeline::default();
        (0..10_000).for_each(|n| timeline.push(record(n)));
        let mut world = World::default();
        for k in 0..10_000 {
            if k % 997 == 0 {
                assert_eq!(timeline.at(k), world, "at {k}");
            }
            world.apply(&timeline.get(k).expect("a record"));
        }
        assert_eq!(timeline.at(10_000), *timeline.now());
    }

    #[test]
    fn the_oldest_are_dropped_and_the_rest_is_unchanged() {
        let (mut all, mut few) = (Timeline::default(), Timeline::keeping(5_000));
        for n in 0..30_000 {
            all.push(record(n));
            few.push(record(n));
        }
        assert!(few.first() > 0 && few.len() - few.first() >= 5_000, "from {}", few.first());
        assert_eq!(few.at(29_000), all.at(29_000));
        assert_eq!(few.at(0), all.at(few.first()));
        assert_eq!(few.now(), all.now());
    }
}
