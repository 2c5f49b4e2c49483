//! Follows a program from stop to stop, and makes records of its calls.

use std::collections::HashSet;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigEvent, SigevNotify, Signal};
use nix::sys::timer::{Expiration, Timer, TimerSetTimeFlags};
use nix::time::ClockId;

use super::error::WatchError;
use super::holds::{HeldCall, HoldAt, Holds};
use super::launch::Watched;
use super::memory::Memory;
use super::orders::Orders;
use super::stacks::Stacks;
use super::stops::{Next, Stops};
use super::threads::{Threads, is_foreign, name_of};
use crate::i18n::shown;
use crate::probe::Clock;
use crate::record::{Annotation, Call, Nanos, Record, Seq, Tid};
use crate::sys::ptrace::{Request, Waited, trace};
use crate::sys::{self, Errno, Wake, ptrace};

/// How long a thread on which others depend must sleep in a recv or send to be said to hang.
const HANGS: Duration = Duration::from_millis(250);

/// How a program ended, in the convention of shells: its exit status, or 128 and the number of the signal.
pub type Status = u8;

/// How a program came under the tracer, and whether it is let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grip {
    /// Started by it: the filter says what stops.
    Launched,
    /// It ran already: each call stops.
    Attached,
    Detaching,
}

/// Follows a program.
#[derive(Debug)]
pub struct Tracer {
    pub(super) threads: Threads,
    stops: Stops,
    /// `None` where nobody wants to know where calls are made.
    pub(super) stacks: Option<Stacks>,
    clock: Clock,
    pub(super) records: Vec<Record>,
    last: (Seq, Nanos),
    watched: Watched,
    pub(super) grip: Grip,
    pub(super) detaching_since: Option<Instant>,
    /// Threads that are to be interrupted once more.
    pub(super) again: Vec<Tid>,
    /// It has executed its program.
    pub(super) started: bool,
    failed: Option<WatchError>,
    status: Option<Status>,
    pub(super) orders: Orders,
    /// Threads that are held since the last records were handed over.
    pub(super) held: Vec<HeldCall>,
    /// The files of source that were heard of.
    pub(super) files: HashSet<PathBuf>,
    /// Nobody may ask for a copy of an fd here, so that depths are unknown.
    pub(super) no_depths: bool,
    /// A call was made since all threads were last found asleep.
    moved: bool,
}

impl Tracer {
    /// For the thread that has launched `watched`.
    ///
    /// # Errors
    /// None is expected.
    pub fn new(mut watched: Watched, hold: HoldAt) -> Result<(Self, Orders), WatchError> {
        let seized = watched.seized.take();
        let wake = Wake::this_thread().map_err(|errno| WatchError::System { what: "sigaction", errno })?;
        let orders = Orders {
            over: Arc::default(),
            alone: Arc::new(seized.is_some().into()),
            wake,
            holds: Arc::new(Holds::new(hold)),
        };
        let mut threads = Threads::default();
        threads.first(watched.pid);
        let mut tracer = Self {
            threads,
            stops: Stops::new(),
            stacks: watched.source.then(Stacks::default),
            clock: Clock::start(),
            records: Vec::new(),
            last: (Seq(0), Nanos(0)),
            watched,
            grip: if seized.is_some() { Grip::Attached } else { Grip::Launched },
            detaching_since: None,
            again: Vec::new(),
            started: seized.is_some(),
            failed: None,
            status: None,
            orders: orders.clone(),
            held: Vec::new(),
            files: HashSet::new(),
            no_depths: false,
            moved: false,
        };
        if let Some(seized) = seized {
            tracer.begin_midway(&seized.processes);
            tracer.stops.put(seized.stops);
        }
        Ok((tracer, orders))
    }

    /// Whether the kernel refused copies of fds, so that no depth is known.
    pub fn lacks_depths(&self) -> bool {
        self.no_depths
    }

    /// Whether lines were asked for, and none was found.
    pub fn lacks_lines(&self) -> bool {
        self.stacks.as_ref().is_some_and(|stacks| !stacks.has_found)
    }

    /// Follows the program to its end, and gives `take` the records as they come; an empty slice says that nothing more
    /// comes for now. An error of `take` ends the program.
    ///
    /// # Errors
    /// Where the program could not be executed; and those of `take`.
    pub fn run(&mut self, mut take: impl FnMut(&[Record]) -> io::Result<()>) -> io::Result<Result<Status, WatchError>> {
        loop {
            self.let_go();
            match self.stops.next(false, self.threads.are_several()) {
                Next::Stop(tid, waited) => self.handle(tid, waited),
                Next::Over => break,
                Next::Nothing | Next::Interrupted if self.records.is_empty() => {
                    take(&[])?;
                    self.sleep();
                }
                Next::Nothing | Next::Interrupted => {}
            }
            if !self.records.is_empty() {
                self.orders.holds().noted(&self.records);
                take(&self.records)?;
                self.records.clear();
            }
            if !self.held.is_empty() {
                self.tell_held();
                take(&[])?;
            }
            let over = self.orders.over.load(Ordering::SeqCst) || self.failed.is_some();
            match self.grip {
                Grip::Launched if over => break,
                Grip::Attached if over => self.detach(),
                Grip::Detaching if self.has_waited_to_detach() => break,
                _ => {}
            }
        }
        take(&[])?;
        Ok(match self.failed.take() {
            Some(error) => Err(error),
            None => Ok(self.status.unwrap_or(0)),
        })
    }

    /// Sleeps until something stops. Where a thread may turn out to hang, or all may have come to rest, looks at them from
    /// time to time.
    fn sleep(&mut self) {
        let may_change = self.moved || self.grip == Grip::Detaching || self.threads.may_hang();
        let timer = if may_change { Self::alarm() } else { None };
        match self.stops.next(true, self.threads.are_several()) {
            Next::Stop(tid, waited) => self.handle(tid, waited),
            Next::Interrupted if self.moved && self.grip != Grip::Detaching => self.note_rest(),
            Next::Nothing | Next::Interrupted | Next::Over => {}
        }
        drop(timer);
        if self.grip == Grip::Detaching {
            return;
        }
        let before = self.clock.now().0.checked_sub(u64::try_from(HANGS.as_nanos()).unwrap_or(0));
        for (tid, hung) in before.map(|before| self.threads.hung_since(Nanos(before))).unwrap_or_default() {
            self.note(tid, Call::Annotation(hung));
        }
    }

    /// Where all threads of a process sleep, nobody is about to read what is unread. Of one thread alone its wait says so.
    fn note_rest(&mut self) {
        for (server, entered) in self.threads.at_rest() {
            if let Some(Call::EpollWaitEnter { epfd, max_events, timeout }) =
                entered.wait(Memory(server)).map(Call::plain)
            {
                self.note(server, Call::Annotation(Annotation::Rest { server, epfd, max_events, timeout }));
            }
        }
        self.moved = false;
    }

    /// Wakes this thread after a time, and again and again.
    fn alarm() -> Option<Timer> {
        let signal = Signal::SIGUSR1;
        let to = i32::try_from(sys::gettid().0).ok()?;
        let notify = SigevNotify::SigevThreadId { signal, thread_id: to, si_value: 0 };
        let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, SigEvent::new(notify)).ok()?;
        let every = Expiration::Interval(HANGS.into());
        timer.set(every, TimerSetTimeFlags::empty()).ok()?;
        Some(timer)
    }

    fn handle(&mut self, tid: Tid, waited: Waited) {
        match waited {
            Waited::Exited(status) => self.ended(tid, status),
            Waited::Killed(signal) => self.ended(tid, 128 + signal),
            Waited::Stopped { signal, event } => {
                if let Some(on) = self.stopped(tid, signal, event) {
                    // ESRCH: it was killed meanwhile, which is told next.
                    let _ = trace(tid, on);
                    self.interrupt_again();
                }
            }
        }
    }

    /// How a thread that has stopped goes on; `None` where it waits.
    fn stopped(&mut self, tid: Tid, signal: i32, event: i32) -> Option<Request> {
        if self.grip == Grip::Detaching {
            return Some(self.stopped_while_detaching(tid, signal, event));
        }
        match event {
            libc::PTRACE_EVENT_SECCOMP => return self.entered(tid, false),
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => self.has_child(tid),
            libc::PTRACE_EVENT_EXEC => self.executed(tid),
            libc::PTRACE_EVENT_STOP if signal == libc::SIGTRAP => {
                if !self.threads.of.contains_key(&tid) {
                    // Before it goes on, the call that made it is to be heard of.
                    self.threads.early.insert(tid);
                    return None;
                }
                self.make_call_again(tid);
            }
            libc::PTRACE_EVENT_STOP => return Some(Request::Listen),
            _ if signal == libc::SIGTRAP | 0x80 && self.is_at_entry(tid) => return self.entered(tid, false),
            _ if signal == libc::SIGTRAP | 0x80 => self.returned(tid),
            // A signal is delivered; the thread is in no call then.
            _ => return Some(self.on(signal)),
        }
        Some(self.onward(tid))
    }

    /// A thread inside a call is to stop when that returns.
    pub(super) fn onward(&self, tid: Tid) -> Request {
        let inside = self.threads.of.get(&tid).is_some_and(|thread| thread.inside.is_some());
        if inside { Request::Syscall(0) } else { self.on(0) }
    }

    /// How a thread goes on to its next call; with a signal, or none.
    pub(super) fn on(&self, signal: i32) -> Request {
        match self.grip {
            Grip::Launched => Request::Cont(signal),
            Grip::Attached | Grip::Detaching => Request::Syscall(signal),
        }
    }

    fn executed(&mut self, tid: Tid) {
        let before = ptrace::event_message(tid).unwrap_or(tid);
        self.threads.executed(tid, before);
        self.forget_code(tid);
        if before != tid {
            self.note(before, Call::Annotation(Annotation::Exited { status: 0 }));
        }
        if is_foreign(tid) {
            let path = shown(&self.watched.path);
            self.failed = self.failed.take().or((!self.started).then_some(WatchError::OtherArchitecture { path }));
        }
        self.started = true;
        self.note_execution(tid);
    }

    /// The first execve has failed: there is no program.
    pub(super) fn not_executed(&mut self, errno: Errno) {
        self.failed = Some(WatchError::NotExecutable { path: shown(&self.watched.path), errno });
    }

    fn ended(&mut self, tid: Tid, status: i32) {
        self.orders.holds().forget(tid);
        self.held.retain(|held| held.tid != tid);
        self.forget_interrupted(tid);
        if self.started && self.threads.of.contains_key(&tid) {
            self.note(tid, Call::Annotation(Annotation::Exited { status: status.unsigned_abs() }));
        }
        self.threads.gone(tid);
        self.forget_code(tid);
        self.adopt_orphans();
        if tid == self.watched.pid {
            self.status = Some(Status::try_from(status).unwrap_or(255));
            self.orders.alone.store(true, Ordering::SeqCst);
            if !self.started && self.failed.is_none() {
                self.failed = Some(match status {
                    ptrace::NOT_STARTED => WatchError::NoFilter,
                    _ => WatchError::System { what: "execve", errno: Errno::EINTR },
                });
            }
        }
    }

    fn forget_code(&mut self, process: Tid) {
        if let Some(stacks) = &mut self.stacks {
            stacks.forget(process);
        }
    }

    /// A parent that was killed at the wrong moment is not heard of again: its children are told apart all the same.
    fn adopt_orphans(&mut self) {
        for child in self.threads.orphans() {
            self.threads.first(child);
            self.note_name(child);
            let _ = trace(child, self.on(0));
        }
    }

    pub(super) fn missing(&mut self) {
        self.failed = Some(WatchError::OldKernel);
    }

    /// The clock of its records.
    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    pub(super) fn now(&self) -> Nanos {
        self.clock.now()
    }

    /// Adds a record, of now.
    pub(super) fn note(&mut self, tid: Tid, call: Call) {
        self.note_at(self.clock.now(), tid, call);
    }

    /// Adds a record. The times of a stream never go back.
    pub(super) fn note_at(&mut self, t: Nanos, tid: Tid, call: Call) {
        self.last = (Seq(self.last.0.0 + 1), self.last.1.max(t));
        self.moved = true;
        self.records.push(Record { seq: self.last.0, t: self.last.1, tid, call });
    }

    pub(super) fn note_name(&mut self, tid: Tid) {
        self.note(tid, Call::Annotation(Annotation::Program { name: name_of(tid) }));
    }
}

/// The path of a program, as it is recorded.
pub(super) fn path_chunk(bytes: &[u8]) -> crate::record::Chunk {
    crate::record::Chunk::new(std::ffi::OsStr::from_bytes(bytes).as_bytes())
}
