//! Files that are neither TCP sockets nor epoll objects: pipes, socketpairs, eventfds, timers.

use super::file::{FileId, Kind, Other};
use super::state::World;
use super::wakes::Deed;
use crate::record::{Addr, Fd, How, MsgFlags, NewFd, Ready, Ret, Tid};
use crate::sys::Errno;

impl World {
    pub(super) fn made(&mut self, tid: Tid, new: NewFd) {
        let NewFd { kind, fd, other, ret } = new;
        if ret.ok().is_none() {
            return;
        }
        let file = |other| {
            Kind::Other(Other {
                made_by: kind,
                other,
                ready: Ready::empty(),
                depth: None,
                unsent: 0,
                shut: false,
                end_read: false,
                shut_read: false,
                periodic: false,
            })
        };
        let id = self.open(tid, fd, file(None));
        if kind.makes_two() {
            let second = self.open(tid, other, file(Some(id)));
            self.with_other(id, |end| end.other = Some(second));
        }
    }

    /// A write that took something, or found no room for it.
    pub(super) fn written(&mut self, tid: Tid, fd: Fd, flags: MsgFlags, ret: Ret) {
        let id = self.resolve(tid, fd);
        match ret.ok() {
            Some(_) if flags.contains(MsgFlags::OOB) => self.happened(id, Deed::WroteUrgent),
            Some(bytes) => self.happened(id, Deed::Wrote(bytes)),
            None if ret.is(Errno::EAGAIN) => self.happened(id, Deed::FoundFull),
            None if [Errno::EPIPE, Errno::ECONNREFUSED, Errno::ENOTCONN].into_iter().any(|errno| ret.is(errno)) => {
                let shut =
                    matches!(self.files.get(id).map(|file| &file.kind), Some(Kind::Other(Other { shut: true, .. })));
                if !shut {
                    self.happened(id, Deed::Refused);
                }
            }
            None => {}
        }
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
        if ret.ok().is_some() {
            self.happened(id, Deed::Read);
        }
        self.settle(id);
    }

    /// A UDP socket was connected: what it sends arrives at the socket with this address.
    pub(super) fn aimed(&mut self, id: FileId, addr: Addr) {
        let target = self.datagrams.get(&addr).copied();
        self.with_other(id, |socket| socket.other = target.or(socket.other));
    }

    /// A sample of the file: events that poll(2) did not give before have come since.
    pub(super) fn sampled_other(&mut self, tid: Tid, id: FileId, unread: u32, unsent: u32, ready: Ready) {
        let (mut was, mut freed) = (Ready::empty(), false);
        self.with_other(id, |file| {
            was = std::mem::replace(&mut file.ready, ready);
            freed = unsent < file.unsent;
            (file.depth, file.unsent) = (Some(unread.into()), unsent);
        });
        let new = ready - was;
        let explained = self.belongs_to_report(tid, id, unread.into(), 0) || self.belongs_to_add(tid, id, ready);
        if !explained && !new.is_empty() {
            self.happened(id, Deed::Became(new));
        }
        if freed {
            self.happened(id, Deed::Freed);
        }
        self.belongs_to_option(tid, id);
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
