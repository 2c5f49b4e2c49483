//! The picture that tells level from edge: unread bytes as a wave, with arrivals and reports as marks.

use super::world::{File, FileId};
use super::{Timeline, World};
use crate::record::{Call, Fd, Nanos, Record};

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
    /// The most unread bytes after any call in it, or connections that wait: what came and went within a column shows too.
    /// `None` where it is not known, or before the file was opened.
    pub depth: Option<u64>,
    /// Something arrived.
    pub arrived: bool,
    /// epoll_wait reported it.
    pub reported: bool,
    /// Something was read.
    pub read: bool,
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

    /// Whether there are none.
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
    /// So far it has gone back, and over so many calls.
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

    /// Oldest first.
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

/// A wave in the making. Until the depth is known it is counted from 0 and shifted later.
struct Wave<'a> {
    id: FileId,
    file: &'a File,
    other: Option<(FileId, &'a File)>,
    /// Whether the depth can be known, that depth, and the rest.
    columns: Vec<(bool, i64, Column)>,
    column: Column,
    depth: i64,
    /// The greatest depth after any call in the column; none, where it has not changed.
    peak: Option<i64>,
    /// From this column on the depth is absolute.
    known_from: usize,
    known: bool,
    /// Records are missing, and the depth has not been told since.
    lost: bool,
}

impl<'a> Wave<'a> {
    /// The wave of `id`, which is open in `world`.
    fn new(world: &'a World, id: FileId, columns: usize) -> Option<Self> {
        let file = world.file(id)?;
        let other = file.stream().and_then(|stream| stream.other).and_then(|other| Some((other, world.file(other)?)));
        let (columns, column) = (Vec::with_capacity(columns), Column::default());
        Some(Self { id, file, other, columns, column, depth: 0, peak: None, known_from: 0, known: false, lost: false })
    }

    /// The numbers under which records speak of it.
    fn fds(&self) -> impl Iterator<Item = Fd> {
        [Some(self.file.fd), self.other.map(|(_, other)| other.fd)].into_iter().flatten()
    }

    fn take(&mut self, record: &Record, world: &World) {
        let (file, other) = (self.file, self.other);
        // What came before it was opened is about another.
        if record.seq.0 < self.id.seq() {
            return;
        }
        self.lost |= matches!(record.call, Call::Lost { .. });
        let Some(fd) = record.call.fd() else { return };
        if other.is_some_and(|(id, other)| record.seq.0 >= id.seq() && world.means(record.tid, fd, other)) {
            if let Call::Sendto { ret, .. } = record.call {
                let sent = ret.ok().unwrap_or(0);
                self.column.arrived |= sent > 0;
                self.change(i64::from(sent));
            }
            return;
        }
        if !world.means(record.tid, fd, file) {
            return;
        }
        match record.call {
            Call::Event { .. } => {
                self.column.reported = true;
                if !self.known && other.is_none() {
                    self.forget();
                }
            }
            Call::Recvfrom { len, ret, oob: false, .. } => {
                let n = ret.ok().unwrap_or(0);
                self.column.read |= n > 0;
                if ret.is(crate::kernel::Errno::EAGAIN) || ret.ok().is_some() && n < len {
                    self.depth -= i64::from(n);
                    self.is(0);
                } else {
                    self.change(-i64::from(n));
                }
            }
            Call::Accept4 { ret, .. } => {
                self.column.read |= ret.ok().is_some();
                self.change(-i64::from(ret.ok().is_some()));
            }
            Call::Sample { unread, .. } => self.is(i64::from(unread)),
            Call::Backlog { pending, .. } => self.is(i64::from(pending)),
            _ => {}
        }
    }

    fn change(&mut self, by: i64) {
        self.depth += by;
        self.reach();
    }

    fn reach(&mut self) {
        self.peak = Some(self.peak.map_or(self.depth, |peak| peak.max(self.depth)));
    }

    /// The depth is told.
    fn is(&mut self, depth: i64) {
        if self.known {
            self.column.arrived |= depth > self.depth;
        } else {
            self.shift(depth - self.depth);
            self.known = true;
        }
        self.depth = depth;
        self.lost = false;
        self.reach();
    }

    /// Nobody told what was there before this report, nor when it came: what is told from here on says nothing of that.
    fn forget(&mut self) {
        self.columns.iter_mut().for_each(|(known, _, _)| *known = false);
        self.known_from = self.columns.len();
        self.peak = None;
    }

    /// The column that ends at position `end` is over.
    fn end_column(&mut self, end: u64) {
        let column = std::mem::take(&mut self.column);
        let depth = self.peak.take().unwrap_or(self.depth);
        self.columns.push((end >= self.id.seq() && !self.lost, depth, column));
    }

    fn shift(&mut self, by: i64) {
        for (_, depth, _) in &mut self.columns[self.known_from..] {
            *depth += by;
        }
        self.peak = self.peak.map(|peak| peak + by);
        self.known_from = self.columns.len();
    }

    fn finish(mut self) -> Vec<Column> {
        if let (false, Some(now)) = (self.known, self.file.depth()) {
            self.shift(i64::try_from(now).unwrap_or(i64::MAX) - self.depth);
            self.known = true;
        }
        let known = self.known;
        let depth = |open, depth: i64| (known && open).then(|| u64::try_from(depth).unwrap_or(0));
        self.columns.into_iter().map(|(open, d, column)| Column { depth: depth(open, d), ..column }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, CtlOp, Interest, Ready, Ret, Seq, Tid, Timeout};

    const EPFD: Fd = Fd(4);
    const FD: Fd = Fd(5);

    /// A client from outside was accepted, and after some calls has sent eleven bytes.
    fn timeline() -> Timeline {
        let wait = Call::EpollWaitEnter { epfd: EPFD, max_events: 64, timeout: Timeout::NONE };
        let calls = [
            Call::Socket { ret: Ret::from_raw(3) },
            Call::Listen { fd: Fd(3), backlog: 8, ret: Ret::OK },
            Call::EpollCreate1 { ret: Ret::from_raw(EPFD.0) },
            Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::from_raw(FD.0) },
            Call::EpollCtl { epfd: EPFD, op: CtlOp::Add, fd: FD, interest: Interest::IN, ret: Ret::OK },
            wait,
            Call::EpollWait { epfd: EPFD, ret: Ret::value(1) },
            Call::Event { epfd: EPFD, fd: FD, ready: Ready::IN },
            Call::Sample { fd: FD, unread: 11, unsent: 0, ready: Ready::IN | Ready::OUT },
            Call::Recvfrom { fd: FD, len: 1024, oob: false, ret: Ret::value(11) },
        ];
        let mut timeline = Timeline::default();
        for (t, call) in (0..).zip(calls) {
            timeline.push(Record { seq: Seq(0), t: Nanos(t), tid: Tid(1), call });
        }
        timeline
    }

    fn wave(width: usize, base: Timebase) -> Vec<Option<u64>> {
        let timeline = timeline();
        let id = timeline.now().file_of(Tid(1), FD).expect("it is open").0;
        let columns = Columns::before(&timeline, timeline.len(), width, base);
        let waves = columns.waves(&timeline, timeline.now(), &[id]);
        waves[0].iter().map(|column| column.depth).collect()
    }

    #[test]
    fn what_a_report_told_first_was_not_there_before_it_as_far_as_anybody_knows() {
        assert_eq!(wave(3, Timebase::Calls(1)), [None, Some(11), Some(0)]);
    }

    #[test]
    fn what_came_and_went_within_a_column_shows() {
        assert_eq!(wave(1, Timebase::Calls(3)), [Some(11)]);
    }
}
