//! The checks, all in one pass: for each record those that it can be the occasion of, and nothing for most records.

use super::fact::Fact;
use super::found::Found;
use super::habits::Habits;
use super::spins::Spins;
use crate::record::{Annotation, Call, CtlOp, Dir, Fd, Ready, Record, Ret, SPIN, Tid, idle_waits};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::{Cause, Epoll, FileId, Kind, Nature};

/// This many calls in a row about one fd starve another one that is ready.
const STARVED: u32 = 64;

/// The same of any program, where only reads count: it may have much to send, and reads end where one peer is too fast.
const STARVED_BY_READS: u32 = 512;

/// What the checks remember, by thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    threads: Vec<Thread>,
    /// The one that the last record was of.
    last: usize,
    /// A file may have two numbers, so that a ghost is possible.
    duplicated: bool,
    /// Those of a watched program.
    spins: Spins,
    habits: Habits,
}

#[derive(Clone, Debug)]
struct Thread {
    tid: Tid,
    idle_waits: u32,
    /// The last accept4 found no free fd.
    no_fd: bool,
    /// How many calls in a row were about `busy`.
    calls: u32,
    busy: Option<Fd>,
    /// The fds reported by the last wait for which room to send was told, level-triggered, and nothing was sent since.
    unsent: Vec<(Fd, FileId)>,
    reported: Option<Fd>,
    /// Events that are to come, where the event list is full.
    to_come: u32,
    /// Events of the last return that are to come.
    events: u32,
    /// The instrument itself has ended the call that returns next.
    woken: bool,
}

impl Thread {
    /// The most fds that are watched for being sent to.
    const UNSENT: usize = 64;

    fn new(tid: Tid) -> Self {
        Self {
            tid,
            idle_waits: 0,
            no_fd: false,
            calls: 0,
            busy: None,
            unsent: Vec::new(),
            reported: None,
            to_come: 0,
            events: 0,
            woken: false,
        }
    }
}

impl Watch {
    pub(super) fn look(&mut self, record: &Record, world: &World, findings: &mut Found) {
        let tid = record.tid;
        let (made, record) = (record, &Record { call: world.plain(tid, record.call), ..*record });
        match record.call {
            Call::Data { .. }
            | Call::Backlog { .. }
            | Call::Drops { .. }
            | Call::Local { .. }
            | Call::Fdinfo { .. }
            | Call::Sample { .. }
            | Call::Poll { .. } => return,
            Call::Lost { count } => {
                self.threads.clear();
                return findings.found(Fact::Lost { count }, None, None, world, waits(world));
            }
            Call::Repeated { turns, .. } => return findings.repeated(turns, waits(world)),
            Call::Dup { .. } | Call::Fork { .. } => self.duplicated = true,
            Call::Annotation(Annotation::Rest { server, epfd, .. }) => {
                let epoll = world.epoll_at(server, epfd);
                return epoll.into_iter().for_each(|epoll| look_for_stranded(epoll, world, findings));
            }
            Call::Annotation(Annotation::Woken {}) => return self.thread(tid).woken = true,
            // Noted by the session in the name of the thread that sleeps. How long it will sleep is not known then; a
            // limit of time would make the finding depend on the machine.
            Call::Annotation(Annotation::Hung { fd, dir, .. }) => {
                let file = world.file_of(tid, fd).map(|(id, _)| id);
                let call = match dir {
                    // Which of several it is in, the record of its return says.
                    Dir::In if world.is_watched() => "recv or read",
                    Dir::Out if world.is_watched() => "send or write",
                    dir => dir.call(),
                };
                return findings.found(Fact::Hung { call }, Some(fd), file, world, waits(world));
            }
            _ => {}
        }
        self.habits.meet(tid);
        if !world.serves(tid) {
            return;
        }
        // Of any program it is not known what it means to do: that a wait ends by its timeout, that a signal comes, or that
        // an event list is full, is no mistake of its own.
        let (duplicated, watched) = (self.duplicated, world.is_watched());
        let thread = self.thread(tid);
        let woken = record.call.is_syscall() && std::mem::take(&mut thread.woken);
        look_at_failure(record, woken, world, findings);
        if watched {
            self.spins.look(record, world, findings);
            self.habits.look(made, record.call, world, findings);
        } else {
            thread.look_for_spin(record, world, findings);
        }
        let thread = self.thread(tid);
        match record.call {
            Call::EpollWaitEnter { epfd, .. } => {
                if let Some(epoll) = world.epoll_at(tid, epfd) {
                    look_for_stranded(epoll, world, findings);
                    if !watched {
                        thread.look_for_unsent(epoll, world, findings);
                    }
                }
            }
            Call::EpollWait { epfd, ret } => {
                if let Some(epoll) = world.epoll_at(tid, epfd) {
                    thread.look_at_return(epoll, ret, world, findings);
                }
            }
            Call::Event { epfd, fd, ready } => {
                let asks = thread.to_come > 0 || duplicated || ready.contains(Ready::OUT);
                if let Some(epoll) = asks.then(|| world.epoll_at(tid, epfd)).flatten() {
                    thread.look_at_event(epoll, fd, duplicated, world, findings);
                }
            }
            Call::Recvfrom { fd, ret, .. } | Call::Sendto { fd, ret, .. } => {
                let sends = matches!(record.call, Call::Sendto { .. });
                if sends {
                    thread.unsent.retain(|(unsent, _)| *unsent != fd);
                }
                if !(sends && watched) {
                    thread.look_for_starved(fd, ret, world, findings);
                }
            }
            Call::EpollCtl { fd, .. } | Call::Close { fd, .. } if !thread.unsent.is_empty() => {
                thread.unsent.retain(|(unsent, _)| *unsent != fd);
            }
            _ => {}
        }
    }

    /// Whether a thread spins.
    pub(super) fn spins(&self) -> bool {
        self.spins.is_any() || self.threads.iter().any(|thread| thread.idle_waits >= SPIN)
    }

    fn thread(&mut self, tid: Tid) -> &mut Thread {
        if self.threads.get(self.last).is_none_or(|thread| thread.tid != tid) {
            self.last = self.threads.iter().position(|thread| thread.tid == tid).unwrap_or_else(|| {
                self.threads.push(Thread::new(tid));
                self.threads.len() - 1
            });
        }
        &mut self.threads[self.last]
    }
}

impl Thread {
    fn look_for_spin(&mut self, record: &Record, world: &World, findings: &mut Found) {
        self.idle_waits = idle_waits(self.idle_waits, &record.call);
        match record.call {
            Call::EpollWait { ret, .. } => self.events = ret.ok().unwrap_or(0),
            Call::Accept4 { ret, .. } => return self.no_fd = is_out_of_fds(ret),
            Call::Event { fd, .. } => (self.events, self.reported) = (self.events.saturating_sub(1), Some(fd)),
            _ => return,
        }
        // With its last event the return is whole, and so is what is shown there.
        if self.idle_waits >= SPIN && self.events == 0 {
            let fd = self.reported;
            let file = fd.and_then(|fd| world.file_of(self.tid, fd)).map(|(id, _)| id);
            findings.found(Fact::Spin { no_fd: self.no_fd }, fd, file, world, waits(world));
        }
    }

    fn look_at_return(&mut self, epoll: &Epoll, ret: Ret, world: &World, findings: &mut Found) {
        (self.calls, self.busy) = (0, None);
        self.to_come = 0;
        self.unsent.clear();
        let Some(wait) = epoll.waits().rev().find(|wait| wait.tid == self.tid) else { return };
        match ret.ok() {
            Some(0) if world.rests(wait.timeout) && !world.is_watched() => {
                let fact = Fact::Empty { timeout: wait.timeout.0 };
                findings.found(fact, None, None, world, epoll.wait_count);
            }
            Some(n) if n == wait.max_events && !world.is_watched() => self.to_come = n,
            _ => {}
        }
    }

    fn look_at_event(&mut self, epoll: &Epoll, fd: Fd, duplicated: bool, world: &World, findings: &mut Found) {
        let Some(wait) = epoll.waits().rev().find(|wait| wait.tid == self.tid) else { return };
        if let Some(report) = wait.reports.last().filter(|report| report.fd == fd)
            && let Some(file) = report.file
        {
            let is_ghost = || epoll.items().any(|item| item.file == file && item.fd == fd && world.is_ghost(item));
            if duplicated && is_ghost() {
                findings.found(Fact::Ghost, Some(fd), Some(file), world, epoll.wait_count);
            }
            let level = !report.interest.is_edge();
            // After an end or an error, not to ask for OUT would not stop the reports.
            let ended = report.ready.intersects(Ready::ERR | Ready::HUP);
            if level && !ended && report.ready.contains(Ready::OUT) && self.unsent.len() < Self::UNSENT {
                self.unsent.push((fd, file));
            }
        }
        if self.to_come > 0 {
            self.to_come -= 1;
            // What stays at the head was there before this wait put back what it reported.
            let left = epoll.ready_list().next().filter(|item| {
                !matches!(item.queued, Some(Cause::PutBack { after, .. }) if after == wait.number)
                    && !world.ready_for(item).is_empty()
            });
            if let (0, Some(left)) = (self.to_come, left) {
                let fact = Fact::Full { max_events: wait.max_events };
                findings.found(fact, Some(left.fd), Some(left.file), world, epoll.wait_count);
            }
        }
    }

    /// The server waits again: whom it could have sent to, and did not.
    fn look_for_unsent(&mut self, epoll: &Epoll, world: &World, findings: &mut Found) {
        for (fd, file) in self.unsent.drain(..) {
            findings.found(Fact::OutArmed, Some(fd), Some(file), world, epoll.wait_count);
        }
    }

    fn look_for_starved(&mut self, fd: Fd, ret: Ret, world: &World, findings: &mut Found) {
        if self.busy != Some(fd) {
            (self.busy, self.calls) = (Some(fd), 0);
        }
        self.calls = self.calls.saturating_add(u32::from(ret.ok().is_some()));
        let limit = if world.is_watched() { STARVED_BY_READS } else { STARVED };
        if self.calls == 0 || !self.calls.is_multiple_of(limit) {
            return;
        }
        // Where several threads wait, another one may be about to serve it.
        let one_waits = |epoll: &&Epoll| !world.is_watched() || epoll.waits().all(|wait| wait.tid == self.tid);
        let Some(epoll) = world.epoll().filter(one_waits) else { return };
        // Another one that is on the ready list, or that the last wait reported and nobody has read since.
        let queued = world.due(epoll).map(|(item, _)| (item.fd, item.file)).find(|(other, _)| *other != fd);
        let Some(wait) = epoll.waits().rev().find(|wait| wait.tid == self.tid && wait.returned.is_some()) else {
            return;
        };
        let reported = || {
            let others = wait.reports.iter().filter(|report| report.fd != fd && report.ready.contains(Ready::IN));
            others.filter_map(|report| Some((report.fd, report.file?))).find(|(_, file)| {
                world
                    .file(*file)
                    .is_some_and(|file| file.ready().contains(Ready::IN) && !matches!(file.kind, Kind::Epoll))
            })
        };
        if let Some((other, file)) = queued.or_else(reported) {
            let fact = Fact::Starved { busy: fd, calls: self.calls };
            findings.found(fact, Some(other), Some(file), world, epoll.wait_count);
        }
    }
}

/// Findings that follow from a call's error alone.
fn look_at_failure(record: &Record, woken: bool, world: &World, findings: &mut Found) {
    let call = &record.call;
    let Some(ret) = call.ret().filter(|ret| ret.raw() < 0) else { return };
    let fd = call.fd();
    let file = || fd.and_then(|fd| world.file_of(record.tid, fd)).map(|(id, _)| id);
    let fact = match *call {
        _ if ret.is(Errno::EINTR) && (woken || world.is_watched()) => return,
        _ if ret.is(Errno::EINTR) => Fact::Interrupted { call: call.name() },
        Call::Accept4 { .. } if is_out_of_fds(ret) => Fact::NoFd { raw: -ret.raw() },
        Call::EpollCtl { epfd, op: CtlOp::Del, .. }
            if ret.is(Errno::EBADF) && file().is_none() && world.epoll_at(record.tid, epfd).is_some() =>
        {
            Fact::DelAfterClose
        }
        _ => return,
    };
    findings.found(fact, fd, file(), world, waits(world));
}

fn is_out_of_fds(ret: Ret) -> bool {
    ret.is(Errno::EMFILE) || ret.is(Errno::ENFILE)
}

fn look_for_stranded(epoll: &Epoll, world: &World, findings: &mut Found) {
    for item in world.newly_stranded(epoll) {
        let Some(file) = world.file(item.file).filter(|_| !world.is_out_of_sight(item)) else { continue };
        let depth = file.depth().unwrap_or(0);
        let fact = match file.nature() {
            Nature::Listener => Fact::Waiting { clients: depth },
            // After a reset a read gives ECONNRESET.
            _ if !file.counts_bytes() || file.stance().ready.contains(Ready::ERR) => Fact::Unread,
            _ => Fact::Stranded { bytes: depth },
        };
        findings.found(fact, Some(item.fd), Some(item.file), world, epoll.wait_count);
    }
}

/// The number of the last wait on the epoll in use.
pub(super) fn waits(world: &World) -> u32 {
    world.epoll().map_or(0, |epoll| epoll.wait_count)
}
