//! Sockets that are connected by hand: what a connect that goes on, is refused or finds no room means, and `AF_UNIX`.

use std::collections::VecDeque;

use super::file::{File, FileId, Kind};
use super::other::Other;
use super::state::World;
use super::wakes::Deed;
use crate::record::{Addr, Fd, FdKind, PairType, Ret, SockOpt, Tid};
use crate::sys::Errno;

impl World {
    /// listen(2), with room for one connection more than it is told.
    pub(super) fn listens_with(&mut self, id: FileId, backlog: i32) {
        self.listens(id);
        self.with_listener(id, |listener| listener.backlog = u32::try_from(backlog).ok());
    }

    /// The kernel said which address a listener has.
    pub(super) fn listens_at(&mut self, tid: Tid, fd: Fd, addr: Addr) {
        let is_listener = self.file_of(tid, fd).is_some_and(|(_, file)| file.listener().is_some());
        if is_listener {
            self.named(tid, fd, addr);
        }
    }

    /// A connection has come to a listener, unless its queue is full: then the client tries again and again.
    pub(super) fn knocks(&mut self, listener: FileId) {
        let mut has_room = true;
        self.with_listener(listener, |listener| {
            has_room = listener.backlog.zip(listener.pending).is_none_or(|(backlog, pending)| pending <= backlog);
            listener.pending = listener.pending.map(|n| n.saturating_add(u32::from(has_room)));
        });
        if has_room {
            self.happened(listener, Deed::Connected);
        }
    }

    /// A listener is gone: those that wait to be accepted are reset, in the order in which they came (inet_csk_listen_stop).
    pub(super) fn reset_pending(&mut self, listener: Addr) {
        let waits = |id: &FileId| {
            let stream = self.files.get(*id)?.stream()?;
            (stream.peer == listener && !stream.connecting).then_some((stream.ordinal, *id))
        };
        let mut waiting: Vec<_> = self.connecting.values().flatten().filter_map(waits).collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.end(id, true);
        }
    }

    /// Whether an earlier connect of this TCP socket has begun, and has not failed.
    pub(super) fn is_connected(&self, id: FileId) -> bool {
        let stream = self.files.get(id).and_then(File::stream);
        stream.is_some_and(|stream| {
            (stream.ordinal.is_some() || self.watched && stream.peer != Addr::NONE) && !stream.hung_up
        })
    }

    /// A connect has failed, this one or one before it: the socket lets go of it, and tells of the error.
    pub(super) fn disconnected(&mut self, id: FileId, ret: Ret) {
        let failed = [
            Errno::ECONNREFUSED,
            Errno::ECONNABORTED,
            Errno::ECONNRESET,
            Errno::ETIMEDOUT,
            Errno::EHOSTUNREACH,
            Errno::ENETUNREACH,
        ];
        if failed.into_iter().any(|errno| ret.is(errno)) {
            self.with_stream_only(id, |stream| {
                (stream.error, stream.connecting, stream.ended) = (false, false, false);
            });
            self.happened(id, Deed::Disconnected);
        }
    }

    /// getsockopt(2).
    pub(super) fn option_asked(&mut self, tid: Tid, fd: Fd, option: SockOpt) {
        if option == SockOpt::Error {
            let id = self.resolve(tid, fd);
            self.with_stream_only(id, |stream| stream.error = false);
        }
    }

    /// A socket that is not TCP's was connected. A datagram socket sends to the socket with this address; a stream waits
    /// there to be accepted.
    pub(super) fn aimed(&mut self, id: FileId, addr: Addr) {
        let target = self.datagrams.get(&addr).copied();
        let mut waits = false;
        self.with_other(id, |socket| {
            waits = matches!(socket.made_by, FdKind::UnixSocket(PairType::Stream | PairType::Seqpacket));
            socket.connected = true;
            if !waits {
                socket.other = target.or(socket.other);
            }
        });
        if let Some(listener) = target.filter(|_| waits) {
            self.connecting.entry(addr).or_default().push_back(id);
            self.happened(listener, Deed::Connected);
        }
    }

    /// accept4(2) on a listener of `AF_UNIX`.
    pub(super) fn accepted_unix(&mut self, tid: Tid, listener: FileId, fd: Fd) {
        let addr = self.datagrams.iter().find(|(_, socket)| **socket == listener).map(|(addr, _)| *addr);
        let other = addr.and_then(|addr| self.connecting.get_mut(&addr)).and_then(VecDeque::pop_front);
        let Some(Kind::Other(Other { made_by, .. })) = self.files.get(listener).map(|file| &file.kind) else { return };
        let accepted = Other { connected: true, ..Other::new(*made_by, other) };
        let id = self.open(tid, fd, Kind::Other(accepted));
        if let Some(other) = other {
            self.with_other(other, |client| client.other = Some(id));
        }
    }
}
