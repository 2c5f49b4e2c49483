//! Mistakes of any program that show only over several calls: what it has forgotten to do by the time it waits again.

use std::collections::HashMap;

use super::fact::Fact;
use super::found::Found;
use super::lints::waits;
use crate::record::{Call, CtlOp, Fd, Foreign, Interest, MsgFlags, Record, Ret, Tid, Timeout};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::{Epoll, FileId, Item};

/// So often a thread must have come too late for a client before that is a herd: once or twice is chance.
pub(super) const HERD: u32 = 8;

/// So many connections whose end was read must be open and left alone before they are said to leak: a program may have
/// its reasons for one.
const LEAK: usize = 3;

/// The most files of a kind that are remembered.
const MOST: usize = 1 << 14;

/// A program may try again after a time; this many waits with a timeout are granted.
const PATIENT: u32 = 3;

#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    threads: HashMap<Tid, Batch>,
    /// Connections to which not all was sent.
    short: HashMap<FileId, Short>,
    /// Connections whose end was read, and to which nothing was sent since.
    ended: HashMap<FileId, Tid>,
    /// How often a thread came too late for the client of a listener.
    late: HashMap<FileId, u32>,
    first: Option<Tid>,
    /// There are several threads, or processes.
    several: bool,
}

/// What the last wait of a thread reported.
#[derive(Clone, Debug, Default)]
struct Batch {
    events: Vec<(Fd, Option<FileId>)>,
    /// Those among them that were closed since.
    closed: Vec<Fd>,
    /// The listeners among them of which nothing was accepted yet, and whether somebody else has accepted since.
    listeners: Vec<(FileId, bool)>,
}

#[derive(Clone, Copy, Debug)]
struct Short {
    tid: Tid,
    fd: Fd,
    sent: u32,
    len: u32,
    waits: u32,
}

impl Habits {
    /// A thread has made a call, of whatever kind.
    pub(super) fn meet(&mut self, tid: Tid) {
        self.several |= *self.first.get_or_insert(tid) != tid;
    }

    /// Takes in the next record, and its call in its plain form.
    pub(super) fn look(&mut self, record: &Record, plain: Call, world: &World, findings: &mut Found) {
        let tid = record.tid;
        match plain {
            Call::EpollWaitEnter { epfd, timeout, .. } => self.waits(tid, epfd, timeout, world, findings),
            Call::EpollWait { .. } => self.threads.insert(tid, Batch::default()).map_or((), drop),
            Call::Event { fd, .. } => self.is_reported(tid, fd, world),
            Call::EpollCtl { epfd, op: CtlOp::Add, fd, ret, .. } if ret.ok().is_some() => {
                if let Some(epoll) = world.epoll_at(tid, epfd) {
                    is_registered(tid, epoll, fd, world, findings);
                }
            }
            Call::Accept4 { fd, ret, .. } => self.accepts(tid, fd, ret, world, findings),
            Call::Recvfrom { fd, len, flags, ret } => {
                self.uses(tid, fd, plain, ret, world, findings);
                if ret.ok() == Some(0) && len > 0 && !flags.contains(MsgFlags::PEEK) {
                    self.is_at_end(tid, fd, world);
                }
            }
            Call::Read { fd, len, ret } => {
                self.uses(tid, fd, plain, ret, world, findings);
                if ret.ok() == Some(0) && len > 0 {
                    self.is_at_end(tid, fd, world);
                }
            }
            Call::Sendto { fd, len, ret, .. } | Call::Write { fd, len, ret } => {
                self.uses(tid, fd, plain, ret, world, findings);
                // A file may be shorter than what sendfile was asked for.
                if !matches!(record.call, Call::Foreign(Foreign::Sendfile { .. })) {
                    self.sends(tid, fd, len, ret, world);
                }
            }
            Call::Close { fd, .. } => {
                if let Some(batch) = self.threads.get_mut(&tid)
                    && batch.events.iter().any(|(of, _)| *of == fd)
                {
                    batch.closed.push(fd);
                }
            }
            _ => {}
        }
    }

    fn is_reported(&mut self, tid: Tid, fd: Fd, world: &World) {
        let file = world.file_of(tid, fd);
        let batch = self.threads.entry(tid).or_default();
        batch.events.push((fd, file.map(|(id, _)| id)));
        if let Some((id, _)) = file.filter(|(_, file)| file.listener().is_some()) {
            batch.listeners.push((id, false));
        }
    }

    /// A call on an fd that was closed while its event was still to be handled.
    fn uses(&mut self, tid: Tid, fd: Fd, call: Call, ret: Ret, world: &World, findings: &mut Found) {
        if ret.is(Errno::EBADF) && self.threads.get(&tid).is_some_and(|batch| batch.closed.contains(&fd)) {
            findings.found(Fact::Closed { call: call.name() }, Some(fd), None, world, waits(world));
        }
    }

    fn accepts(&mut self, tid: Tid, fd: Fd, ret: Ret, world: &World, findings: &mut Found) {
        let Some((id, _)) = world.file_of(tid, fd) else { return };
        let batch = self.threads.entry(tid).or_default();
        let reported = batch.listeners.iter().position(|(of, _)| *of == id).map(|at| batch.listeners.swap_remove(at));
        if ret.ok().is_some() {
            let others = self.threads.iter_mut().filter(|(of, _)| **of != tid);
            for (_, by_others) in others.flat_map(|(_, batch)| &mut batch.listeners).filter(|(of, _)| *of == id) {
                *by_others = true;
            }
        } else if ret.is(Errno::EAGAIN)
            && let Some((_, true)) = reported
            && !registrations(world, id).any(|item| item.interest.contains(Interest::EXCLUSIVE))
        {
            let late = self.late.entry(id).or_default();
            *late += 1;
            if *late == HERD {
                findings.found(Fact::Herd, Some(fd), Some(id), world, waits(world));
            }
        }
    }

    fn is_at_end(&mut self, tid: Tid, fd: Fd, world: &World) {
        if let Some((id, _)) = world.file_of(tid, fd).filter(|(_, file)| file.stream().is_some_and(|of| of.accepted)) {
            if self.ended.len() == MOST {
                self.ended.clear();
            }
            self.ended.insert(id, tid);
        }
    }

    fn sends(&mut self, tid: Tid, fd: Fd, len: u32, ret: Ret, world: &World) {
        let Some((id, _)) = world.file_of(tid, fd).filter(|(_, file)| file.stream().is_some()) else { return };
        self.ended.remove(&id);
        let sent = ret.ok().unwrap_or(0);
        if (ret.ok().is_some() || ret.is(Errno::EAGAIN)) && sent < len {
            if self.short.len() == MOST {
                self.short.clear();
            }
            self.short.insert(id, Short { tid, fd, sent, len, waits: 0 });
        } else {
            self.short.remove(&id);
        }
    }

    /// A thread is done with what was reported: what it has forgotten then, it has forgotten.
    fn waits(&mut self, tid: Tid, epfd: Fd, timeout: Timeout, world: &World, findings: &mut Found) {
        self.threads.insert(tid, Batch::default());
        let for_ever = timeout.0 < 0;
        self.short.retain(|id, short| {
            if world.file(*id).is_none() {
                return false;
            }
            if short.tid != tid {
                return true;
            }
            let mut asks = registrations(world, *id).peekable();
            // One that no epoll watches is sent to by other means.
            if asks.peek().is_none() || asks.any(|item| item.interest.contains(Interest::OUT)) {
                return false;
            }
            short.waits += 1;
            if !for_ever && short.waits < PATIENT {
                return true;
            }
            let fact = Fact::Short { sent: short.sent, len: short.len };
            findings.found(fact, Some(short.fd), Some(*id), world, waits(world));
            false
        });
        let Some(epoll) = world.epoll_at(tid, epfd) else { return };
        if for_ever {
            self.look_for_leaks(tid, epoll, world, findings);
            if !self.several {
                look_for_disarmed(epoll, world, findings);
            }
        }
    }

    fn look_for_leaks(&mut self, tid: Tid, epoll: &Epoll, world: &World, findings: &mut Found) {
        self.ended.retain(|id, _| world.file(*id).is_some());
        let left = self.ended.iter().filter(|(id, of)| {
            // Where there is room to wait for, something is still to be sent.
            **of == tid && !registrations(world, **id).any(|item| item.interest.contains(Interest::OUT))
        });
        let mut left: Vec<FileId> = left.map(|(id, _)| *id).collect();
        if left.len() >= LEAK {
            left.sort_unstable();
            let fd = world.file(left[0]).map(|file| file.fd);
            let fact = Fact::Leak { count: left.len() as u64 };
            findings.found(fact, fd, Some(left[0]), world, epoll.wait_count);
        }
    }
}

/// The registrations of a file, in any epoll.
fn registrations(world: &World, id: FileId) -> impl Iterator<Item = &Item> + '_ {
    world.epolls().filter_map(move |epoll| world.registration(epoll, id))
}

/// A thread registers a file that is registered in the same epoll by another number.
fn is_registered(tid: Tid, epoll: &Epoll, fd: Fd, world: &World, findings: &mut Found) {
    let Some((id, _)) = world.file_of(tid, fd).filter(|(_, file)| file.refs > 1) else { return };
    let other = epoll.items().find(|item| item.file == id && item.fd != fd);
    // The other number may have been closed: that is a ghost.
    if let Some(other) = other.filter(|item| world.file_of(tid, item.fd).is_some_and(|(of, _)| of == id)) {
        findings.found(Fact::Twice { other: other.fd }, Some(fd), Some(id), world, epoll.wait_count);
    }
}

/// A program of one thread that waits for ever, and where only a new client could still be reported, will not arm anything
/// again.
fn look_for_disarmed(epoll: &Epoll, world: &World, findings: &mut Found) {
    let is_listener = |item: &Item| world.file(item.file).is_some_and(|file| file.listener().is_some());
    if epoll.items().any(|item| item.armed && !is_listener(item)) {
        return;
    }
    let disarmed =
        epoll.items().find(|item| !item.armed && world.file(item.file).is_some_and(|f| f.stream().is_some()));
    if let Some(item) = disarmed {
        findings.found(Fact::Disarmed, Some(item.fd), Some(item.file), world, epoll.wait_count);
    }
}
