//! The picture that tells level from edge: unread bytes as a wave, with arrivals and reports as marks.

use super::world::{File, FileId};
use super::{Timeline, World};
use crate::record::{Call, Nanos, Record};

/// What one column of the picture stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timebase {
    /// So many system calls, the server's and its clients', at least 1.
    Calls(u32),
    /// So much time.
    Time(Nanos),
}

/// The columns of a picture: where each begins, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    starts: Vec<u64>,
    end: u64,
}

/// One column of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Column {
    /// Unread bytes at its end, or connections that wait; `None` where it is not known, or before the file was opened.
    pub depth: Option<u64>,
    /// Something arrived.
    pub arrived: bool,
    /// epoll_wait reported it.
    pub reported: bool,
    /// Something was read.
    pub read: bool,
}

/// The most records that a picture looks at.
const HORIZON: usize = 100_000;

impl Columns {
    /// The last `width` columns before position `end`.
    pub fn before(timeline: &Timeline, end: u64, width: usize, base: Timebase) -> Self {
        let mut starts = Vec::with_capacity(width);
        let last = timeline.range(timeline.first(), end).next_back().map_or(0, |record| record.t.0);
        let (mut calls, mut reached) = (0_u32, end);
        for record in timeline.range(timeline.first(), end).rev().take(HORIZON) {
            if let Timebase::Time(Nanos(base)) = base {
                let age = last.saturating_sub(record.t.0) / base.max(1);
                while starts.len() < width && (starts.len() as u64) < age {
                    starts.push(reached);
                }
            }
            if starts.len() >= width {
                break;
            }
            reached = record.seq.0 - 1;
            if let Timebase::Calls(per_column) = base {
                // What belongs to a call follows it, so that a column begins with a call.
                calls += u32::from(record.call.is_syscall());
                if record.call.is_syscall() && calls.is_multiple_of(per_column.max(1)) {
                    starts.push(reached);
                }
            }
        }
        if starts.len() < width && starts.last() != Some(&reached) {
            starts.push(reached);
        }
        starts.truncate(width);
        starts.reverse();
        Self { starts, end }
    }

    /// Columns that begin at these positions, oldest first; one that begins where the next does is empty.
    pub fn of(starts: Vec<u64>, end: u64) -> Self {
        Self { starts, end }
    }

    /// How many columns there are; fewer than asked for where the trace is short.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The wave of the file `id`, a column each; `world` is the world at the columns' end.
    pub fn wave(&self, timeline: &Timeline, world: &World, id: FileId) -> Vec<Column> {
        let Some(file) = world.file(id) else { return vec![Column::default(); self.len()] };
        let other = file.stream().and_then(|stream| stream.other).and_then(|other| Some((other, world.file(other)?)));
        let mut wave =
            Wave { columns: Vec::with_capacity(self.len()), depth: 0, known_from: 0, known: false, lost: false };
        for (i, &start) in self.starts.iter().enumerate() {
            let end = self.starts.get(i + 1).copied().unwrap_or(self.end);
            let mut column = Column::default();
            for record in timeline.range(start.max(id.0.saturating_sub(1)), end.max(id.0)).filter(|r| r.seq.0 <= end) {
                wave.take(&record, world, file, other, &mut column);
            }
            wave.columns.push((end >= id.0 && !wave.lost, wave.depth, column));
        }
        wave.finish(file.depth())
    }
}

/// A wave in the making. Until the depth is known it is counted from 0 and shifted later.
struct Wave {
    columns: Vec<(bool, i64, Column)>,
    depth: i64,
    /// From this column on the depth is absolute.
    known_from: usize,
    known: bool,
    /// Records are missing, and the depth has not been told since.
    lost: bool,
}

impl Wave {
    fn take(
        &mut self,
        record: &Record,
        world: &World,
        file: &File,
        other: Option<(FileId, &File)>,
        column: &mut Column,
    ) {
        self.lost |= matches!(record.call, Call::Lost { .. });
        let Some(fd) = record.call.fd() else { return };
        if other.is_some_and(|(id, other)| record.seq.0 >= id.0 && world.means(record.tid, fd, other)) {
            if let Call::Sendto { ret, .. } = record.call {
                let sent = ret.ok().unwrap_or(0);
                column.arrived |= sent > 0;
                self.depth += i64::from(sent);
            }
            return;
        }
        if !world.means(record.tid, fd, file) {
            return;
        }
        match record.call {
            Call::Event { .. } => column.reported = true,
            Call::Recvfrom { len, ret, oob: false, .. } => {
                let n = ret.ok().unwrap_or(0);
                column.read |= n > 0;
                if ret.is(crate::kernel::Errno::EAGAIN) || ret.ok().is_some() && n < len {
                    self.depth -= i64::from(n);
                    self.is(0, column);
                } else {
                    self.depth -= i64::from(n);
                }
            }
            Call::Accept4 { ret, .. } => {
                column.read |= ret.ok().is_some();
                self.depth -= i64::from(ret.ok().is_some());
            }
            Call::Sample { unread, .. } => self.is(i64::from(unread), column),
            Call::Backlog { pending, .. } => self.is(i64::from(pending), column),
            _ => {}
        }
    }

    /// The depth is told.
    fn is(&mut self, depth: i64, column: &mut Column) {
        if self.known {
            column.arrived |= depth > self.depth;
        } else {
            self.shift(depth - self.depth);
            self.known = true;
        }
        self.depth = depth;
        self.lost = false;
    }

    fn shift(&mut self, by: i64) {
        for (_, depth, _) in &mut self.columns[self.known_from..] {
            *depth += by;
        }
        self.known_from = self.columns.len();
    }

    fn finish(mut self, now: Option<u64>) -> Vec<Column> {
        if let (false, Some(now)) = (self.known, now) {
            self.shift(i64::try_from(now).unwrap_or(i64::MAX) - self.depth);
            self.known = true;
        }
        let known = self.known;
        let depth = |open, depth: i64| (known && open).then(|| u64::try_from(depth).unwrap_or(0));
        self.columns.into_iter().map(|(open, d, column)| Column { depth: depth(open, d), ..column }).collect()
    }
}
