//! Files that are neither TCP sockets nor epoll objects: pipes, socketpairs, eventfds, timers.

use super::Cause;
use super::{FileId, Kind, Other};
use crate::record::{Addr, Fd, FdKind, NewFd, PairType, Ready, Ret, Tid};
use crate::trace::World;

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

    /// Bytes were written: they arrive at the other end, or, where there is none, at the file itself.
    pub(super) fn written(&mut self, tid: Tid, fd: Fd, ret: Ret) {
        let id = self.resolve(tid, fd);
        let Some(bytes) = ret.ok().filter(|bytes| *bytes > 0) else { return };
        let mut target = id;
        let mut udp = false;
        self.with_other(id, |end| {
            target = end.other.unwrap_or(id);
            udp = end.made_by == FdKind::UdpSocket;
        });
        // On the loopback a datagram has left its sender at once, which is room come free.
        if udp {
            self.wake(id, Ready::OUT, Cause::Space);
        }
        self.wake(target, Ready::IN, Cause::Arrived { bytes: bytes.into() });
    }

    /// A socketpair's end will write no more: the other is woken, whatever it was ready for before.
    pub(super) fn shut(&mut self, id: FileId) {
        let mut target = None;
        self.with_other(id, |end| target = end.other.filter(|_| end.made_by != FdKind::Socketpair(PairType::Dgram)));
        if let Some(target) = target {
            self.wake(target, Ready::empty(), Cause::Ended);
        }
    }

    /// A UDP socket is connected: what it sends arrives at the one that has this address.
    pub(super) fn aimed(&mut self, id: FileId, addr: Addr) {
        let target = self.datagrams.get(&addr).copied();
        self.with_other(id, |socket| socket.other = target.or(socket.other));
    }

    /// What poll(2) says of the file; what it did not say before has come since.
    pub(super) fn sampled_other(&mut self, tid: Tid, id: FileId, unread: u32, ready: Ready) {
        let mut was = Ready::empty();
        self.with_other(id, |file| {
            was = std::mem::replace(&mut file.ready, ready);
            file.depth = Some(unread.into());
        });
        let new = ready - was;
        let told = self.belongs_to_report(tid, id, unread.into(), 0) || self.belongs_to_add(tid, id, ready);
        if !told && !new.is_empty() {
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
