//! What each record does to the world: which part of it changes is said here, how it changes in the files beside.

use super::file::{FileId, Kind, Listener, Stream, Table};
use super::report::Wait;
use super::state::{Just, World};
use super::wakes::Deed;
use crate::record::{Annotation, Call, Dir, FcntlCmd, MsgFlags, Record, Signal, SockOpt, Tid};
use crate::sys::Errno;

impl World {
    /// Takes one record into account.
    pub fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        self.t = self.t.max(record.t);
        let tid = record.tid;
        let call = self.plain(tid, record.call);
        self.count(tid, &call);
        match call {
            Call::EpollCreate1 { ret } | Call::EpollCreate { ret, .. } | Call::EpollCreate1With { ret, .. } => {
                self.created(tid, ret);
            }
            Call::EpollCtl { epfd, op, fd, interest, ret } if ret.ok().is_some() => {
                self.controlled(tid, epfd, op, fd, interest);
            }
            Call::EpollWaitEnter { epfd, max_events, timeout } => {
                let wait = Wait::entered(record, max_events, timeout);
                self.entered(tid, epfd, wait);
            }
            Call::EpollWait { epfd, ret } => self.left(tid, epfd, record.t, ret),
            Call::Event { epfd, fd, ready } => self.reported(tid, epfd, fd, ready),
            Call::Socket { ret } => {
                if let Some(fd) = ret.fd() {
                    self.open(tid, fd, Kind::Unknown);
                }
            }
            Call::Listen { fd, backlog, ret } if ret.ok().is_some() => {
                let id = self.resolve(tid, fd);
                self.listens_with(id, backlog);
            }
            Call::Getsockopt { fd, option, ret, .. } if ret.ok().is_some() => self.option_asked(tid, fd, option),
            Call::Getsockname { fd, addr, ret } if ret.ok().is_some() => self.named(tid, fd, addr),
            Call::Local { fd, addr } => self.listens_at(tid, fd, addr),
            Call::Setsockopt { fd, option: SockOpt::Linger, value: 0, ret } if ret.ok().is_some() => {
                let id = self.resolve(tid, fd);
                self.with_stream(id, |stream| stream.abortive = true);
            }
            Call::Setsockopt { fd, option, value, ret }
                if matches!(
                    option,
                    SockOpt::RcvLowat | SockOpt::SndBuf | SockOpt::NotsentLowat | SockOpt::OobInline | SockOpt::RecvErr
                ) && ret.ok().is_some() =>
            {
                self.option_set(tid, fd, option, value);
            }
            Call::Connect { fd, addr, ret } => self.connected(tid, fd, addr, ret),
            Call::Accept4 { fd, peer, ret } => self.accepted(tid, fd, peer, ret),
            Call::Recvfrom { fd, len, flags, ret } => self.received(tid, fd, len, flags, ret),
            Call::Sendto { fd, len, flags, ret } => self.sent(tid, fd, len, flags, ret),
            Call::Shutdown { fd, how, ret } if ret.ok().is_some() || ret.is(Errno::ENOTCONN) => {
                self.shut(tid, fd, how, ret);
            }
            Call::NewFd(new) => self.made(tid, new),
            Call::Read { fd, len, ret } => self.read(tid, fd, len, ret),
            Call::Write { fd, ret, .. } => self.written(tid, fd, MsgFlags::empty(), ret),
            Call::Fcntl { fd, cmd: FcntlCmd::SetPipeSize, ret, .. } if ret.ok().is_some() => {
                let id = self.resolve(tid, fd);
                self.happened(id, Deed::Resized);
            }
            Call::TimerfdSettime { fd, every_ms, ret, .. } | Call::TimerfdSettimeAt { fd, every_ms, ret, .. }
                if ret.ok().is_some() =>
            {
                self.timer_set(tid, fd, every_ms > 0);
            }
            Call::Tgkill { signal: Signal::Usr2, ret, .. } if ret.ok().is_some() => self.signalled(),
            Call::Fork { ret } => self.forked(tid, ret),
            Call::Wait4 { pid, ret } if ret.ok().is_some() => self.ended(pid),
            Call::Dup { fd, ret } => self.duplicated(tid, fd, ret),
            // Linux releases the fd whatever close returns, except for EBADF. close(2)
            Call::Close { fd, ret } if !ret.is(Errno::EBADF) => self.forget(tid, fd),
            Call::CloseRange { ret, .. } if ret.ok().is_some() => {
                self.thread(tid).table = Table(tid.0);
            }
            Call::Data { fd, dir: Dir::In, chunk } => self.read_from_timer(tid, fd, &chunk),
            // A call that failed has changed nothing; the others have nothing to do with readiness.
            Call::EpollCtl { .. }
            | Call::Listen { .. }
            | Call::Getsockname { .. }
            | Call::Setsockopt { .. }
            | Call::Getsockopt { .. }
            | Call::Bind { .. }
            | Call::TimerfdSettime { .. }
            | Call::TimerfdSettimeAt { .. }
            | Call::Unlinkat { .. }
            | Call::Kcmp { .. }
            | Call::Ppoll { .. }
            | Call::RtSigprocmask { .. }
            | Call::Fcntl { .. }
            | Call::Tgkill { .. }
            | Call::Wait4 { .. }
            | Call::Shutdown { .. }
            | Call::Close { .. }
            | Call::CloseRange { .. }
            | Call::Data { .. } => {}
            call => self.told(tid, call),
        }
    }

    /// What the instrument asked, or has to say.
    fn told(&mut self, tid: Tid, call: Call) {
        match call {
            Call::Sample { fd, unread, unsent, ready } => self.sampled(tid, fd, unread, unsent, ready),
            Call::Drops { fd, count } => self.drops(tid, fd, count),
            Call::Backlog { fd, pending, .. } => self.backlog(tid, fd, pending),
            Call::Fdinfo { epfd, fd, interest } => {
                let key = (fd, self.resolve(tid, fd));
                if let Some(item) = self.epoll_of(tid, epfd).items.get_mut(&key) {
                    item.fdinfo = Some(interest);
                } else if self.watched {
                    self.found_registered(tid, epfd, key, interest);
                }
            }
            Call::Peer { fd, addr } => self.found_connected(tid, fd, addr),
            Call::Poll { epfd, ready } => self.polled(tid, epfd, ready),
            Call::Policy { policy } => self.policy = Some(policy),
            Call::Foreign(foreign) => self.foreign(tid, foreign),
            Call::Annotation(annotation) => self.annotated(tid, annotation),
            Call::Name { fd, name } => self.called(tid, fd, name),
            Call::Lost { count } => self.lost(tid, count),
            Call::Repeated { turns, calls, .. } => self.repeated(tid, turns, calls),
            _ => {}
        }
    }

    #[inline]
    fn count(&mut self, tid: Tid, call: &Call) {
        let syscall = call.is_syscall();
        self.moments += u64::from(syscall);
        let thread = self.thread(tid);
        match call {
            Call::EpollWait { .. } => thread.just = Just::Waited,
            Call::Recvfrom { fd, flags, ret, .. } if ret.ok().is_some() && !flags.contains(MsgFlags::PEEK) => {
                thread.just = Just::Received(*fd);
            }
            _ if syscall => thread.just = Just::Other,
            _ => {}
        }
        thread.serves |= matches!(
            call,
            Call::EpollCreate1 { .. }
                | Call::EpollWaitEnter { .. }
                | Call::EpollWait { .. }
                | Call::Listen { .. }
                | Call::Accept4 { .. }
                | Call::CloseRange { .. }
        );
        if syscall || matches!(call, Call::Policy { .. } | Call::Annotation(Annotation::Stop {})) {
            thread.rests = None;
        }
        if syscall {
            thread.inside = None;
        }
        if !thread.serves || !syscall {
            return;
        }
        let counters = &mut self.counters;
        // Entering and leaving epoll_wait are one call.
        counters.calls += u64::from(!matches!(call, Call::EpollWait { .. }));
        match *call {
            Call::Recvfrom { flags, ret, .. } if !flags.contains(MsgFlags::PEEK) => {
                counters.bytes_in += u64::from(ret.ok().unwrap_or(0));
                counters.eagain += u64::from(ret.is(Errno::EAGAIN));
            }
            Call::Sendto { ret, .. } => {
                counters.bytes_out += u64::from(ret.ok().unwrap_or(0));
                counters.eagain += u64::from(ret.is(Errno::EAGAIN));
            }
            Call::Accept4 { ret, .. } => {
                counters.accepted += u64::from(ret.ok().is_some());
                counters.eagain += u64::from(ret.is(Errno::EAGAIN));
            }
            _ => {}
        }
    }

    #[inline]
    pub(super) fn with_stream(&mut self, id: FileId, change: impl FnOnce(&mut Stream)) {
        if let Some(stream) = self.files.get_mut(id).and_then(|file| file.stream_mut()) {
            change(stream);
        }
    }

    /// The same, of what is known to be a TCP socket.
    pub(super) fn with_stream_only(&mut self, id: FileId, change: impl FnOnce(&mut Stream)) {
        if self.files.get(id).is_some_and(|file| file.stream().is_some()) {
            self.with_stream(id, change);
        }
    }

    pub(super) fn with_listener(&mut self, id: FileId, change: impl FnOnce(&mut Listener)) {
        if let Some(listener) = self.files.get_mut(id).and_then(|file| file.listener_mut()) {
            change(listener);
        }
    }
}
