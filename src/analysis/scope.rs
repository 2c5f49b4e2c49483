//! The picture that tells level from edge: unread bytes as a wave, with arrivals and reports as marks.

mod wave;

use wave::Wave;

use crate::record::{Call, Fd, Nanos, Record};
use crate::trace::world::FileId;
use crate::trace::{Timeline, World};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, CtlOp, Interest, MsgFlags, Ready, Ret, Seq, Tid, Timeout};

    const EPFD: Fd = Fd(4);
    const FD: Fd = Fd(5);

    const WAIT: Call = Call::EpollWaitEnter { epfd: EPFD, max_events: 64, timeout: Timeout::NONE };

    /// A client from outside was accepted, and a first wait entered; then come these.
    fn timeline(then: &[Call]) -> Timeline {
        let calls = [
            Call::Socket { ret: Ret::from_raw(3) },
            Call::Listen { fd: Fd(3), backlog: 8, ret: Ret::OK },
            Call::EpollCreate1 { ret: Ret::from_raw(EPFD.0) },
            Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::from_raw(FD.0) },
            Call::EpollCtl { epfd: EPFD, op: CtlOp::Add, fd: FD, interest: Interest::IN, ret: Ret::OK },
            WAIT,
        ];
        let mut timeline = Timeline::default();
        for (t, call) in (0..).zip(calls.iter().chain(then)) {
            timeline.push(Record { seq: Seq(0), t: Nanos(t), tid: Tid(1), call: *call });
        }
        timeline
    }

    /// A wait that returns with it.
    fn report() -> [Call; 2] {
        let ret = Ret::value(1);
        [Call::EpollWait { epfd: EPFD, ret }, Call::Event { epfd: EPFD, fd: FD, ready: Ready::IN }]
    }

    fn sample(unread: u32) -> Call {
        Call::Sample { fd: FD, unread, unsent: 0, ready: Ready::OUT }
    }

    /// Of a buffer of 1,024 bytes.
    fn recv(bytes: usize) -> Call {
        Call::Recvfrom { fd: FD, len: 1024, flags: MsgFlags::empty(), ret: Ret::value(bytes) }
    }

    fn wave(then: &[&[Call]], width: usize, base: Timebase) -> Vec<Option<u64>> {
        let timeline = timeline(&then.concat());
        let id = timeline.now().file_of(Tid(1), FD).expect("it is open").0;
        let columns = Columns::before(&timeline, timeline.len(), width, base);
        let waves = columns.waves(&timeline, timeline.now(), &[id]);
        waves[0].iter().map(|column| column.depth).collect()
    }

    #[test]
    fn what_a_report_told_first_was_not_there_before_it_as_far_as_anybody_knows() {
        let sampled = [&report()[..], &[sample(11), recv(11)]];
        assert_eq!(wave(&sampled, 3, Timebase::Calls(1)), [None, Some(11), Some(0)]);
    }

    #[test]
    fn what_came_and_went_within_a_column_shows() {
        for asked in [&[sample(11)][..], &[]] {
            assert_eq!(wave(&[&report(), asked, &[recv(11)]], 1, Timebase::Calls(3)), [Some(11)]);
        }
    }

    #[test]
    fn what_a_drain_takes_lay_there_from_the_report_on() {
        let drained = [&report()[..], &[recv(1024), recv(1024), recv(952)]];
        assert_eq!(wave(&drained, 4, Timebase::Calls(1)), [Some(3000), Some(1976), Some(952), Some(0)]);
        assert_eq!(wave(&drained, 2, Timebase::Calls(3)), [Some(3000), Some(1976)], "as high as after any call");
    }

    #[test]
    fn what_a_full_read_leaves_is_not_known() {
        let once = [&report()[..], &[recv(1024), WAIT]].concat();
        let last = [&report()[..], &[recv(952)]].concat();
        let known = [Some(1024), None, None, Some(1024), None, None, Some(952), Some(0)];
        assert_eq!(wave(&[&once, &once, &last], 8, Timebase::Calls(1)), known);
        assert_eq!(wave(&[&once], 3, Timebase::Calls(1)), [Some(1024), None, None], "and nobody told since");
        let asked = [&report()[..], &[recv(1024), sample(1976)]];
        assert_eq!(wave(&asked, 2, Timebase::Calls(1)), [Some(3000), Some(1976)], "unless it is asked");
    }

    #[test]
    fn a_report_of_which_nothing_came_yet_is_of_nobody_knows_how_much() {
        let read = [&report()[..], &[recv(11), WAIT]].concat();
        assert_eq!(wave(&[&read, &report()], 4, Timebase::Calls(1)), [Some(11), Some(0), Some(0), None]);
    }
}
