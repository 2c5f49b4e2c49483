//! The turns of a server that spins, on their way to a file: those that repeat are counted, and not written.

use std::io;

use crate::record::{Call, Group, Nanos, Record, Row as _, SPIN, Seq, Tid, idle_waits};

/// The most records that a turn may have to be held back.
const LONGEST: usize = 256;
/// So many turns are told of at once at most, so that a reader who follows the file sees that it goes on.
const MOST: u32 = 1 << 20;

/// Holds back the turns of a server that spins, each from one epoll_wait to the next, while nothing new is in them.
#[derive(Debug, Default)]
pub struct Turns {
    /// Who waited last, and how many waits brought nothing since something came of one.
    tid: Option<Tid>,
    idle: u32,
    /// The calls of the last turn that was written whole, and what the kernel said when it was asked.
    last: Vec<Call>,
    asked: Vec<Call>,
    /// The turn that is being made, as far as it is held back.
    held: Vec<Record>,
    holds: bool,
    repeated: Option<Repeated>,
}

#[derive(Clone, Copy, Debug)]
struct Repeated {
    seq: Seq,
    t: Nanos,
    turns: u32,
    count: u64,
    calls: u64,
}

impl Turns {
    /// Takes the next record; what is to be written now goes to `write`.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn take(&mut self, record: &Record, mut write: impl FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        let call = record.call.plain();
        if matches!(call, Call::EpollWaitEnter { .. }) {
            if self.tid == Some(record.tid) {
                self.end_turn(&mut write)?;
            } else {
                self.flush(&mut write)?;
                (self.tid, self.idle) = (Some(record.tid), 0);
            }
            self.holds = self.idle >= SPIN;
        }
        let same = self.tid == Some(record.tid);
        if same {
            self.idle = idle_waits(self.idle, &call);
        }
        let plain = !matches!(call.group(), Group::Said | Group::Annotation);
        if self.holds && same && plain && self.idle >= SPIN && self.held.len() < LONGEST {
            self.held.push(*record);
            return Ok(());
        }
        self.flush(&mut write)?;
        write(record)
    }

    /// Writes all that is held back, and how many turns were not written.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn flush(&mut self, mut write: impl FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        self.tell(&mut write)?;
        self.last.clear();
        self.holds = false;
        self.held.drain(..).try_for_each(|record| write(&record))
    }

    fn end_turn(&mut self, write: &mut impl FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        let Some(first) = self.held.first().copied().filter(|_| self.holds) else { return Ok(()) };
        let is_asked = |record: &&Record| record.call.group() == Group::Asked;
        let calls: Vec<Call> = self.held.iter().filter(|record| !is_asked(record)).map(|record| record.call).collect();
        let new = self.held.iter().filter(is_asked).any(|record| !self.asked.contains(&record.call));
        if calls == self.last && !new {
            let t = self.held.last().map_or(first.t, |record| record.t);
            let start = Repeated { seq: first.seq, t, turns: 0, count: 0, calls: 0 };
            let Repeated { seq, turns, count, calls: before, .. } = self.repeated.unwrap_or(start);
            let made = calls.iter().filter(|call| call.is_syscall()).count() as u64;
            let (turns, count) = (turns + 1, count + self.held.len() as u64);
            self.repeated = Some(Repeated { seq, t, turns, count, calls: before + made });
            self.held.clear();
            return if turns >= MOST { self.tell(write) } else { Ok(()) };
        }
        self.tell(write)?;
        self.asked = self.held.iter().filter(is_asked).map(|record| record.call).collect();
        self.last = calls;
        self.held.drain(..).try_for_each(|record| write(&record))
    }

    fn tell(&mut self, write: &mut impl FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        let (Some(Repeated { seq, t, turns, count, calls }), Some(tid)) = (self.repeated.take(), self.tid) else {
            return Ok(());
        };
        write(&Record { seq, t, tid, call: Call::Repeated { turns, count, calls } })
    }
}
