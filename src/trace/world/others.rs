//! Files that are neither TCP sockets nor epoll objects: what calls on them do.

use super::file::{File, FileId, Kind};
use super::other::Other;
use super::state::World;
use super::wakes::Deed;
use super::who::Who;
use crate::record::{Access, Fd, FdKind, How, MsgFlags, NewFd, Ready, Ret, Tid};
use crate::sys::Errno;

impl World {
    pub(super) fn made(&mut self, tid: Tid, new: NewFd) {
        let NewFd { kind, fd, other, ret } = new;
        if let (FdKind::Fifo(_), Some(_)) = (kind, ret.ok()) {
            let fifo = self.meant(self.table(tid), other).and_then(|other| self.files.get(other)?.peer());
            return self.opened(tid, new, fifo);
        }
        if ret.ok().is_none() {
            return;
        }
        let file = |other| Kind::Other(Other::new(kind, other));
        let id = self.open(tid, fd, file(None));
        if kind.makes_two() {
            let second = self.open(tid, other, file(Some(id)));
            self.with_other(id, |end| end.other = Some(second));
            self.with_other(second, |end| end.writes = matches!(kind, FdKind::Pipe2 | FdKind::PacketPipe));
        }
    }

    /// A FIFO was opened. The id of its first opening stands for it.
    fn opened(&mut self, tid: Tid, new: NewFd, fifo: Option<FileId>) {
        let id = self.open(tid, new.fd, Kind::Other(Other::new(new.kind, fifo)));
        self.with_other(id, |file| file.other = fifo.or(Some(id)));
        self.happened(id, Deed::Opened);
    }

    /// The openings of the FIFO that `id` is one of: each with the way it was opened.
    pub(super) fn openings(&self, id: FileId) -> Vec<(FileId, Access)> {
        let fifo = self.files.get(id).and_then(File::peer);
        let opening = |file: &File| match &file.kind {
            Kind::Other(Other { made_by: FdKind::Fifo(access), other, .. }) if *other == fifo => {
                Some((file.id, *access))
            }
            _ => None,
        };
        self.files.iter().filter_map(opening).collect()
    }

    /// Counts what is unread at a side of a pseudo-terminal: what was written there comes a little later.
    fn with_pty(&mut self, id: FileId, change: impl FnOnce(u64) -> u64) {
        self.with_other(id, |side| {
            if side.made_by == FdKind::Openpty {
                side.depth = side.depth.map(change);
            }
        });
    }

    /// A timer was set, or what it had counted was read: until the next sample shows it, it has not expired.
    pub(super) fn unexpired(&mut self, id: FileId) {
        self.with_other(id, |file| {
            if file.made_by == FdKind::TimerfdCreate {
                file.ready = Ready::empty();
            }
        });
    }

    /// A write that took something, or found no room for it.
    pub(super) fn written(&mut self, tid: Tid, fd: Fd, flags: MsgFlags, ret: Ret) {
        let id = self.resolve(tid, fd);
        match ret.ok() {
            Some(_) if flags.contains(MsgFlags::OOB) => self.happened(id, Deed::WroteUrgent),
            Some(bytes) => {
                if let Some(peer) = self.files.get(id).and_then(File::peer) {
                    self.with_pty(peer, |depth| depth + u64::from(bytes));
                }
                self.happened(id, Deed::Wrote(bytes));
                self.sent_datagram(id, bytes);
            }
            None if ret.is(Errno::EAGAIN) => self.happened(id, Deed::FoundFull),
            None => {
                let refused =
                    [Errno::EPIPE, Errno::ECONNREFUSED, Errno::ENOTCONN].into_iter().any(|errno| ret.is(errno));
                let is_shut = |file: &File| matches!(file.kind, Kind::Other(Other { shut: true, .. }));
                if refused && !self.files.get(id).is_some_and(is_shut) {
                    self.happened(id, Deed::Refused);
                }
            }
        }
    }

    /// A UDP socket without room drops what comes. Where the kernel is asked about it, its next sample tells.
    fn sent_datagram(&mut self, id: FileId, bytes: u32) {
        let Some(file) = self.files.get(id).filter(|file| file.who() == Who::Made(FdKind::UdpSocket)) else { return };
        let stands = file.ready();
        let Some(peer) = file.peer() else { return };
        if self.files.get(peer).is_none() && stands.contains(Ready::ERR) {
            // One more error comes behind those that IP_RECVERR has queued, which a sample would not tell. ip(7)
            return self.happened(id, Deed::Became(Ready::ERR));
        }
        if self.files.get(peer).is_some_and(|peer| peer.depth().is_some()) {
            self.with_other(peer, |peer| peer.coming = (peer.coming.0 + 1, peer.coming.1.saturating_add(bytes)));
        } else {
            self.happened(peer, Deed::Came(bytes.into()));
        }
    }

    pub(super) fn drops(&mut self, tid: Tid, fd: Fd, count: u32) {
        let id = self.resolve(tid, fd);
        if let Some(listener) =
            self.files.get_mut(id).filter(|file| file.listener().is_some()).and_then(File::listener_mut)
        {
            let before = std::mem::replace(&mut listener.dropped, count);
            self.counters.dropped += u64::from(count.saturating_sub(before));
            return;
        }
        self.with_other(id, |socket| socket.dropped.1 = count);
    }

    /// shutdown(2).
    pub(super) fn shut_other(&mut self, id: FileId, how: How) {
        self.with_other(id, |end| {
            end.shut |= how != How::Read;
            end.shut_read |= how != How::Write;
        });
    }

    /// A read of at most `len` bytes. One that returns 0 has read the end.
    pub(super) fn read(&mut self, tid: Tid, fd: Fd, len: u32, ret: Ret) {
        let id = self.resolve(tid, fd);
        if len > 0 && (ret.ok() == Some(0) || ret.is(Errno::ECONNRESET)) {
            self.with_other(id, |end| end.end_read = true);
        }
        if let Some(bytes) = ret.ok() {
            self.with_pty(id, |depth| depth.saturating_sub(bytes.into()));
            self.unexpired(id);
            self.happened(id, Deed::Read);
        }
        self.settle(id);
    }

    /// A sample of the file: events that poll(2) did not give before have come since.
    pub(super) fn sampled_other(&mut self, tid: Tid, id: FileId, unread: u32, unsent: u32, ready: Ready) {
        let (mut was, mut freed, mut grew, mut came) = (Ready::empty(), false, false, None);
        self.with_other(id, |file| {
            was = std::mem::replace(&mut file.ready, ready);
            // How a new opening of a FIFO stands is no news to those that have it open.
            if matches!(file.made_by, FdKind::Fifo(_)) && file.depth.is_none() {
                was = ready;
            }
            freed = unsent < file.unsent;
            grew = file.depth.is_some_and(|depth| depth < unread.into());
            (file.depth, file.unsent) = (Some(unread.into()), unsent);
            let (datagrams, bytes) = std::mem::take(&mut file.coming);
            let (before, now) = file.dropped;
            came = Some(bytes).filter(|_| datagrams > now.saturating_sub(before));
            file.dropped.0 = now;
        });
        if let Some(bytes) = came {
            self.happened(id, Deed::Came(bytes.into()));
        }
        let new = ready - was;
        if let Some(epoll) = self.reported_by(tid, id, unread.into(), 0) {
            self.wake_others(id, epoll, new);
        } else if !self.belongs_to_add(tid, id, ready) && !new.is_empty() {
            self.happened(id, Deed::Became(new));
        }
        if grew {
            self.happened(id, Deed::Grew);
        }
        if freed {
            self.happened(id, Deed::Freed);
        }
        self.belongs_to_option(tid, id);
        if let Some(file) = self.files.get_mut(id) {
            file.on_its_way = false;
        }
        self.settle(id);
    }

    pub(super) fn is_other(&self, id: FileId) -> bool {
        self.files.get(id).is_some_and(|file| matches!(file.kind, Kind::Other(_)))
    }

    pub(super) fn with_other(&mut self, id: FileId, change: impl FnOnce(&mut Other)) {
        if let Some(Kind::Other(other)) = self.files.get_mut(id).map(|file| &mut file.kind) {
            change(other);
        }
    }
}
