//! Files that are neither TCP sockets nor epoll objects: pipes, socketpairs, eventfds, timers.

use super::file::{FileId, Kind, Other};
use super::report::Cause;
use super::state::World;
use crate::record::{Addr, Fd, FdKind, NewFd, PairType, Ready, Ret, Tid};

impl World {
    pub(super) fn made(&mut self, tid: Tid, new: NewFd) {
        let NewFd { kind, fd, other, ret } = new;
        if ret.ok().is_none() {
            return;
        }
        let file = |other| Kind::Other(Other { made_by: kind, other, ready: Ready::empty(), depth: None });
        let id = self.open(tid, fd, file(None));
        if kind.makes_two() {
            let second = self.open(tid, other, file(Some(id)));
            self.with_other(id, |end| end.other = Some(second));
        }
    }

    /// Bytes were written: they arrive at the other end, or at the file itself where it has no other end, as an eventfd.
    pub(super) fn written(&mut self, tid: Tid, fd: Fd, ret: Ret) {
        let id = self.resolve(tid, fd);
        let Some(bytes) = ret.ok().filter(|bytes| *bytes > 0) else { return };
        let mut target = id;
        let mut udp = false;
        self.with_other(id, |end| {
            target = end.other.unwrap_or(id);
            udp = end.made_by == FdKind::UdpSocket;
        });
        // On the loopback a datagram leaves its sender at once, and that wakes whoever waits for room.
        if udp {
            self.wake(id, Ready::OUT, Cause::Space);
        }
        self.wake(target, Ready::IN, Cause::Arrived { bytes: bytes.into() });
    }

    /// A socketpair's end was shut down for writing. The kernel wakes the other end, ready or not.
    pub(super) fn shut(&mut self, id: FileId) {
        let mut target = None;
        self.with_other(id, |end| target = end.other.filter(|_| end.made_by != FdKind::Socketpair(PairType::Dgram)));
        if let Some(target) = target {
            self.wake(target, Ready::empty(), Cause::Ended);
        }
    }

    /// A UDP socket was connected: what it sends arrives at the socket with this address.
    pub(super) fn aimed(&mut self, id: FileId, addr: Addr) {
        let target = self.datagrams.get(&addr).copied();
        self.with_other(id, |socket| socket.other = target.or(socket.other));
    }

    /// A sample of the file: events that poll(2) did not give before have come since.
    pub(super) fn sampled_other(&mut self, tid: Tid, id: FileId, unread: u32, ready: Ready) {
        let mut was = Ready::empty();
        self.with_other(id, |file| {
            was = std::mem::replace(&mut file.ready, ready);
            file.depth = Some(unread.into());
        });
        let new = ready - was;
        let explained = self.belongs_to_report(tid, id, unread.into(), 0) || self.belongs_to_add(tid, id, ready);
        if !explained && !new.is_empty() {
            self.wake(id, new, Cause::BecameReady);
        }
        self.settle(id);
    }

    pub(super) fn is_other(&self, id: FileId) -> bool {
        self.files.get(id).is_some_and(|file| matches!(file.kind, Kind::Other(_)))
    }

    fn with_other(&mut self, id: FileId, change: impl FnOnce(&mut Other)) {
        if let Some(Kind::Other(other)) = self.files.get_mut(id).map(|file| &mut file.kind) {
            change(other);
        }
    }
}
