//! The columns of the picture, and the waves over them.

use super::wave::{Column, Wave};
use crate::record::{Call, Fd, Nanos, Record};
use crate::trace::world::FileId;
use crate::trace::{Timeline, World};

/// What one column of the picture stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timebase {
    /// This many system calls, the server's and its clients', at least 1.
    Calls(u32),
    Time(Nanos),
}

impl Timebase {
    /// The next one of those that a key goes through.
    #[must_use]
    pub fn next(self) -> Self {
        const MS: u64 = 1_000_000;
        match self {
            Self::Calls(1) => Self::Calls(10),
            Self::Calls(_) => Self::Time(Nanos(MS)),
            Self::Time(Nanos(MS)) => Self::Time(Nanos(100 * MS)),
            Self::Time(_) => Self::Calls(1),
        }
    }
}

/// The columns of a picture: where each begins, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    starts: Vec<u64>,
    end: u64,
}

/// The most records that a picture looks at.
const HORIZON: u64 = 10_000;

impl Columns {
    /// The last `width` columns before position `end`.
    pub fn before(timeline: &Timeline, end: u64, width: usize, base: Timebase) -> Self {
        let horizon = end.min(timeline.len()).saturating_sub(HORIZON).max(timeline.first());
        let mut starts = Starts::new(width, base, end);
        for piece in timeline.pieces(horizon, end).rev() {
            if !piece.iter().rev().all(|record| starts.pass(record)) {
                break;
            }
        }
        Self { starts: starts.finish(), end }
    }

    /// Columns that begin at these positions, oldest first; one that begins where the next does is empty.
    pub fn of(starts: Vec<u64>, end: u64) -> Self {
        Self { starts, end }
    }

    /// How many columns there are; fewer than asked for where the trace is short.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The waves of the files `ids`, a column each; `world` is the world at the columns' end. The records are gone through
    /// once for all of them.
    pub fn waves(&self, timeline: &Timeline, world: &World, ids: &[FileId]) -> Vec<Vec<Column>> {
        let mut waves: Vec<Option<Wave<'_>>> = ids.iter().map(|id| Wave::new(world, *id, self.len())).collect();
        // Most records are about other fds: a bit for each number, modulo 64, tells them at a glance.
        let fds = waves.iter().flatten().flat_map(Wave::fds).fold(0, |bits, fd| bits | bit(fd));
        for (i, &start) in self.starts.iter().enumerate() {
            let end = self.starts.get(i + 1).copied().unwrap_or(self.end);
            for piece in timeline.pieces(start, end) {
                for record in &*piece {
                    let lost = matches!(record.call, Call::Lost { .. });
                    if lost || record.call.fd().is_some_and(|fd| bit(fd) & fds != 0) {
                        waves.iter_mut().flatten().for_each(|wave| wave.take(record, world));
                    }
                }
            }
            waves.iter_mut().flatten().for_each(|wave| wave.end_column(end));
        }
        let empty = || vec![Column::default(); self.len()];
        waves.into_iter().map(|wave| wave.map_or_else(empty, Wave::finish)).collect()
    }
}

/// Where columns begin, found from the end on.
struct Starts {
    width: usize,
    base: Timebase,
    found: Vec<u64>,
    /// The position that it has gone back to, and over how many calls.
    reached: u64,
    calls: u32,
    /// The time before which the column that is gone through does not reach; `None` where time does not either.
    edge: Option<u64>,
    begun: bool,
}

impl Starts {
    fn new(width: usize, base: Timebase, end: u64) -> Self {
        Self { width, base, found: Vec::with_capacity(width), reached: end, calls: 0, edge: None, begun: false }
    }

    /// Goes back over `record`; whether that was not too far.
    #[inline]
    fn pass(&mut self, record: &Record) -> bool {
        let first = !std::mem::replace(&mut self.begun, true);
        if let Timebase::Time(Nanos(base)) = self.base {
            let base = base.max(1);
            if first {
                self.edge = record.t.0.checked_sub(base);
            }
            // Where nothing happened there are columns too.
            while self.found.len() < self.width && self.edge.is_some_and(|edge| record.t.0 <= edge) {
                self.found.push(self.reached);
                self.edge = self.edge.and_then(|edge| edge.checked_sub(base));
            }
        }
        if self.found.len() >= self.width {
            return false;
        }
        self.reached = record.seq.0 - 1;
        if let Timebase::Calls(per_column) = self.base
            && record.call.is_syscall()
        {
            // What belongs to a call follows it, so that a column begins with a call.
            self.calls += 1;
            if self.calls.is_multiple_of(per_column.max(1)) {
                self.found.push(self.reached);
            }
        }
        true
    }

    fn finish(mut self) -> Vec<u64> {
        if self.found.len() < self.width && self.found.last() != Some(&self.reached) {
            self.found.push(self.reached);
        }
        self.found.truncate(self.width);
        self.found.reverse();
        self.found
    }
}

fn bit(fd: Fd) -> u64 {
    1 << (fd.0 & 63)
}
