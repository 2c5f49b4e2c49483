//! What is done where a thread enters a call, and where it returns from it.

use super::decode::{Entered, Returned};
use super::fds::{Kind, Table};
use super::filter::THIS_ARCH;
use super::memory::Memory;
use super::numbers::{FCNTL, IOCTL, is_recorded, old};
use super::threads::Inside;
use super::tracer::{Grip, Tracer, path_chunk};
use crate::record::{Annotation, Call, Chunk, CtlOp, Fd, FdKind, Foreign, NewFd, Ret, SAMPLED_AFTER_WAIT, Tid};
use crate::sys::Errno;
use crate::sys::ptrace::{self, Request, SyscallInfo};

/// `struct ptrace_syscall_info`: what it is of.
const ENTRY: u8 = 1;
const EXIT: u8 = 2;
const SECCOMP: u8 = 3;

/// The kernel's own errors for a call that a signal has interrupted: it is made again, or becomes EINTR. linux/errno.h
const RESTARTS: std::ops::RangeInclusive<i64> = -516..=-512;

impl Tracer {
    /// A thread is about to enter a call. How it goes on; `None` where it is held, unless it was `let_go`.
    pub(super) fn entered(&mut self, tid: Tid, let_go: bool) -> Option<Request> {
        let entry = if self.grip == Grip::Launched { SECCOMP } else { ENTRY };
        let Some(info) = self.info(tid, entry) else { return Some(self.on(0)) };
        let [number, arguments @ .., _] = info.words;
        let entered = Entered { number: number.cast_signed(), arguments };
        if info.arch != THIS_ARCH || self.is_left_out(tid, &entered) || self.is_marker(tid, &entered) {
            return Some(self.on(0));
        }
        let again = self.threads.of.get_mut(&tid).and_then(|thread| thread.interrupted.take());
        if let Some(again) = again {
            if again.entered == entered {
                self.is_inside(tid, again);
                return Some(Request::Syscall(0));
            }
            self.put_back(tid, again);
            self.forget_interrupted(tid);
        }
        let line = self.line(tid, &entered);
        if !let_go && self.is_to_be_held(tid, &entered, line) {
            return None;
        }
        self.enter(tid, entered, line);
        Some(Request::Syscall(0))
    }

    /// A thread enters a call.
    fn enter(&mut self, tid: Tid, entered: Entered, line: Option<Chunk>) {
        #[cfg(target_arch = "x86_64")]
        if entered.number == libc::SYS_io_uring_setup && self.grip == Grip::Launched {
            let _ = ptrace::skip_call(tid);
        }
        let memory = Memory(tid);
        let path =
            (entered.number == libc::SYS_execve).then(|| path_chunk(&memory.string(entered.arguments[0], Chunk::MAX)));
        let wait = entered.wait(memory);
        self.is_inside(tid, Inside { entered, since: self.now(), noted: false, path, hung: false, line });
        if let Some(wait) = wait {
            if let Some(thread) = self.threads.of.get_mut(&tid) {
                thread.waits = true;
            }
            self.note_line(tid, line);
            self.note(tid, wait);
        }
        if entered.number == libc::SYS_close
            && let Some(table) = self.threads.table(tid)
        {
            table.closing.push((entered.fd(0), tid));
        }
    }

    fn info(&mut self, tid: Tid, op: u8) -> Option<SyscallInfo> {
        match ptrace::syscall_info(tid) {
            Ok(info) => Some(info).filter(|info| info.op == op),
            Err(Errno::EIO) => {
                self.missing();
                None
            }
            Err(_) => None,
        }
    }

    /// A read, write or close of a regular file, or a request that the filter lets stop only because the number is too long.
    fn is_left_out(&mut self, tid: Tid, entered: &Entered) -> bool {
        let second = entered.int(1).cast_unsigned();
        match entered.number {
            number if self.grip != Grip::Launched && !is_recorded(number) => true,
            libc::SYS_ioctl => !IOCTL.contains(&second),
            libc::SYS_fcntl => !FCNTL.contains(&second),
            _ if entered.is_transfer() || entered.number == libc::SYS_close => {
                let Some(table) = self.threads.table(tid) else { return false };
                let is_file = table.kind(entered.fd(0)) == Kind::File;
                if is_file && entered.number == libc::SYS_close {
                    table.closed(entered.fd(0));
                }
                is_file
            }
            _ => false,
        }
    }

    fn is_inside(&mut self, tid: Tid, inside: Inside) {
        if let Some(thread) = self.threads.of.get_mut(&tid) {
            thread.inside = Some(inside);
        }
    }

    fn put_back(&mut self, tid: Tid, interrupted: Inside) {
        if let Some(thread) = self.threads.of.get_mut(&tid) {
            thread.interrupted = Some(interrupted);
        }
    }

    /// A call that a signal has interrupted is not made again: the program got EINTR.
    pub(super) fn forget_interrupted(&mut self, tid: Tid) {
        let interrupted = self.threads.of.get_mut(&tid).and_then(|thread| thread.interrupted.take());
        if let Some(interrupted) = interrupted {
            self.note_return(tid, &interrupted, Ret::error(Errno::EINTR));
        }
    }

    /// A thread has returned from a call.
    pub(super) fn returned(&mut self, tid: Tid) {
        let Some(info) = self.info(tid, EXIT) else { return };
        let Some(inside) = self.threads.of.get_mut(&tid).and_then(|thread| thread.inside.take()) else { return };
        let value = info.words[0].cast_signed();
        if RESTARTS.contains(&value) {
            return self.put_back(tid, inside);
        }
        let ret = match i32::try_from(value) {
            Ok(small @ ..0) => Ret::from_raw(small),
            _ => Ret::value(usize::try_from(value).unwrap_or(0)),
        };
        if inside.entered.number == libc::SYS_execve && !self.started {
            return self.not_executed(ret.errno().unwrap_or(Errno::UnknownErrno));
        }
        self.note_return(tid, &inside, ret);
    }

    fn note_return(&mut self, tid: Tid, inside: &Inside, ret: Ret) {
        if let Some(table) = self.threads.table(tid) {
            table.closing.retain(|(_, thread)| *thread != tid);
        }
        if inside.noted {
            return;
        }
        let entered = &inside.entered;
        if let Some(born) = born(entered, ret) {
            return self.note(tid, born);
        }
        if entered.number == libc::SYS_execve {
            return self.note(tid, execve(inside, ret));
        }
        let Some(table) = self.threads.table(tid) else { return };
        let mut returned = Returned { entered, ret, memory: Memory(tid), table, parts: Vec::new() };
        let Some(call) = returned.call() else { return self.note_closed(tid, entered) };
        let parts = returned.parts;
        self.closed_before(tid, &call);
        // What acts on somebody else has the time of its entry, so that a cause is never later than its effect.
        let acts = matches!(
            call.plain(),
            Call::Connect { .. }
                | Call::Sendto { .. }
                | Call::Write { .. }
                | Call::Shutdown { .. }
                | Call::Close { .. }
        );
        if !matches!(call.plain(), Call::EpollWait { .. }) {
            self.note_line(tid, inside.line);
        }
        let t = if acts { inside.since } else { self.now() };
        self.note_at(t, tid, call);
        for part in &parts {
            self.note_at(t, tid, *part);
        }
        self.follow(tid, &call);
        self.ask_after(tid, &call, &parts);
    }

    /// close_range has no row for what other programs do with it: what it has closed is told.
    fn note_closed(&mut self, tid: Tid, entered: &Entered) {
        if entered.number != libc::SYS_close_range {
            return;
        }
        let closed = self.threads.table(tid).map(Table::closed_meanwhile).unwrap_or_default();
        for fd in closed {
            self.note(tid, Call::Annotation(Annotation::Closed { fd }));
        }
    }

    /// Another thread has got the number that is being closed: so the close is done, although its return is still to come.
    fn closed_before(&mut self, tid: Tid, call: &Call) {
        let Some(new) = made(call) else { return };
        let Some(table) = self.threads.table(tid) else { return };
        let Some(at) = table.closing.iter().position(|(fd, thread)| *fd == new && *thread != tid) else { return };
        let (fd, closer) = table.closing.swap_remove(at);
        let Some(inside) = self.threads.of.get_mut(&closer).and_then(|thread| thread.inside.as_mut()) else { return };
        inside.noted = true;
        let since = inside.since;
        self.note_at(since, closer, Call::Close { fd, ret: Ret::OK });
        if let Some(table) = self.threads.table(closer) {
            table.closed(fd);
        }
    }

    /// What the call did to the program's fds.
    fn follow(&mut self, tid: Tid, call: &Call) {
        let Some(table) = self.threads.table(tid) else { return };
        match *call {
            Call::NewFd(NewFd { kind, fd, other, ret }) if ret.ok().is_some() => {
                let of = match (kind, call.plain()) {
                    (FdKind::EpollCreate1, _) => Kind::Epoll,
                    (_, Call::Socket { .. }) => Kind::Tcp,
                    _ => Kind::Made,
                };
                table.opened(fd, of);
                if kind.makes_two() {
                    table.opened(other, of);
                }
            }
            _ => match call.plain() {
                Call::EpollCreate1 { ret } | Call::EpollCreate { ret, .. } => {
                    if let Some(fd) = ret.fd() {
                        table.opened(fd, Kind::Epoll);
                    }
                }
                Call::Accept4 { fd, ret, .. } => {
                    if let Some(new) = ret.fd() {
                        let of = if table.kind(fd) == Kind::Listener { Kind::Tcp } else { table.kind(fd) };
                        table.opened(new, of);
                    }
                }
                Call::Listen { fd, ret, .. } if ret.ok().is_some() && table.kind(fd) == Kind::Tcp => {
                    table.opened(fd, Kind::Listener);
                }
                Call::Dup { fd, ret } => {
                    if let Some(copy) = ret.fd() {
                        table.duplicated(fd, copy);
                    }
                }
                Call::Close { fd, ret } if !ret.is(Errno::EBADF) => table.closed(fd),
                _ => {}
            },
        }
    }

    /// Asks the kernel how the queues stand that the call has to do with.
    fn ask_after(&mut self, tid: Tid, call: &Call, parts: &[Call]) {
        let mut about: Vec<Fd> = Vec::new();
        match call.plain() {
            Call::Listen { fd, ret, .. } if ret.ok().is_some() => {
                let addr = self.threads.table(tid).and_then(|table| table.local(fd));
                if let Some(addr) = addr {
                    self.note(tid, Call::Local { fd, addr });
                }
            }
            Call::EpollWait { .. } => {
                let events = parts.iter().filter_map(|part| match part {
                    Call::Event { fd, .. } => Some(*fd),
                    _ => None,
                });
                about.extend(events.take(SAMPLED_AFTER_WAIT));
            }
            Call::EpollCtl { op: CtlOp::Add, fd, ret, .. } if ret.ok().is_some() => about.push(fd),
            Call::Accept4 { fd, ret, .. } if ret.ok().is_some() => about.push(fd),
            Call::Recvfrom { fd, len, ret, .. } | Call::Read { fd, len, ret } if ret.ok() == Some(len) && len > 0 => {
                about.push(fd);
            }
            Call::Sendto { fd, len, ret, .. } | Call::Write { fd, len, ret } if ret.ok() != Some(len) => {
                about.push(fd);
            }
            _ => {}
        }
        for fd in about {
            self.ask(tid, fd);
        }
    }

    fn ask(&mut self, tid: Tid, fd: Fd) {
        if self.no_depths {
            return;
        }
        let said = self.threads.table(tid).map(|table| table.asked(fd));
        match said {
            Some(Ok(said)) => said.into_iter().for_each(|call| self.note(tid, call)),
            // No fd of this process will ever be copied.
            Some(Err(Errno::EPERM | Errno::ENOSYS)) => self.no_depths = true,
            _ => {}
        }
    }

    /// fork, vfork or clone has made a child, which is heard of before anything that it does.
    pub(super) fn has_child(&mut self, tid: Tid) {
        let Ok(child) = ptrace::event_message(tid) else { return };
        let Some(thread) = self.threads.of.get_mut(&tid) else { return };
        let entered = thread.inside.as_mut().map(|inside| {
            inside.noted = true;
            inside.entered
        });
        let call = entered.and_then(|entered| born_of(&entered, Ret::value(child.0 as usize), Memory(tid)));
        // A call that was entered before the watch began.
        let unseen = |child: Tid| match super::threads::process_of(child) {
            Some(process) if process != child => {
                Call::Foreign(Foreign::Clone { files: true, ret: Ret::value(child.0 as usize) })
            }
            _ => Call::Fork { ret: Ret::value(child.0 as usize) },
        };
        let call = call.unwrap_or_else(|| unseen(child));
        let shares =
            matches!(call, Call::Foreign(Foreign::Clone { files: true, .. } | Foreign::Clone3 { files: true, .. }));
        self.threads.born(tid, child, shares);
        self.note(tid, call);
        self.note_name(child);
        if self.threads.early.remove(&child) {
            let _ = ptrace::trace(child, self.on(0));
        }
    }

    /// A program was executed: what was to be closed then is closed.
    pub(super) fn note_execution(&mut self, tid: Tid) {
        let Some(thread) = self.threads.of.get_mut(&tid) else { return };
        let Some(inside) = thread.inside.as_mut() else { return };
        inside.noted = true;
        let inside = *inside;
        self.note(tid, execve(&inside, Ret::OK));
        let closed = self.threads.table(tid).map(Table::closed_meanwhile).unwrap_or_default();
        for fd in closed {
            self.note(tid, Call::Annotation(Annotation::Closed { fd }));
        }
        self.note_name(tid);
    }
}

fn execve(inside: &Inside, ret: Ret) -> Call {
    Call::Execve { path: inside.path.unwrap_or(Chunk::new(b"")), ret }
}

/// A call that was to make a process or a thread, and failed.
fn born(entered: &Entered, ret: Ret) -> Option<Call> {
    born_of(entered, ret, Memory(Tid(0)))
}

pub(super) fn born_of(entered: &Entered, ret: Ret, memory: Memory) -> Option<Call> {
    let shares = |flags: u64| flags & u64::from(libc::CLONE_FILES.unsigned_abs()) != 0;
    Some(match entered.number {
        old::FORK => Call::Fork { ret },
        old::VFORK => Call::Foreign(Foreign::Vfork { ret }),
        libc::SYS_clone => Call::Foreign(Foreign::Clone { files: shares(entered.arguments[0]), ret }),
        // struct clone_args begins with the flags.
        libc::SYS_clone3 => {
            let flags = memory.u64(entered.arguments[0]).unwrap_or(0);
            Call::Foreign(Foreign::Clone3 { files: shares(flags), ret })
        }
        _ => return None,
    })
}

/// The fd that a call has made.
fn made(call: &Call) -> Option<Fd> {
    match call.plain() {
        Call::NewFd(new) => new.ret.ok().map(|_| new.fd),
        Call::Accept4 { ret, .. }
        | Call::Dup { ret, .. }
        | Call::Socket { ret }
        | Call::EpollCreate1 { ret }
        | Call::EpollCreate { ret, .. } => ret.fd(),
        _ => None,
    }
}
