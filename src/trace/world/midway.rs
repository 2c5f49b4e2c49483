//! What was there before the first record: of a program that ran already when the watch began.

use std::sync::Arc;

use super::file::{Ends, File, Key, Kind, Table};
use super::report::Item;
use super::stance::Found;
use super::state::{MAX_FILES, World};
use crate::record::{Addr, Fd, Interest, Tid};

impl World {
    /// `fd` is open: the same file as `with` of `of`.
    pub(super) fn found_open(&mut self, tid: Tid, fd: Fd, of: Tid, with: Fd) {
        let known = self.meant(Table(of.0), with);
        let Some(id) = known.filter(|_| (self.table(tid), fd) != (Table(of.0), with) && !self.is_full()) else {
            self.resolve(tid, fd);
            return;
        };
        self.forget(tid, fd);
        if let Some(file) = self.files.get_mut(id) {
            file.refs = file.refs.saturating_add(1);
            self.fds.insert(((self.table(tid), fd), id));
        }
    }

    pub(super) fn found_connected(&mut self, tid: Tid, fd: Fd, addr: Addr) {
        let id = self.resolve(tid, fd);
        let mut is_new = false;
        self.with_stream(id, |stream| {
            stream.ends = Arc::new(Ends { peer: addr, ..(*stream.ends).clone() });
            is_new = !stream.accepted && !std::mem::replace(&mut stream.found, true);
        });
        self.counters.found += u64::from(is_new);
    }

    /// A registration of a file that no known fd stands for.
    pub(super) fn found_ghost(&mut self, tid: Tid, epfd: Fd, fd: Fd, interest: Interest) {
        if self.is_full() || self.epoll_of(tid, epfd).len() >= MAX_FILES {
            self.crowd();
            return;
        }
        let id = self.files.new_id(self.seq.0);
        self.files.insert(File::new(id, Kind::Unknown, self.table(tid), fd));
        self.found_registered(tid, epfd, (fd, id), interest);
    }

    /// A registration that was made unseen. Whether it is on the ready list nobody knows.
    pub(super) fn found_registered(&mut self, tid: Tid, epfd: Fd, (fd, file_id): Key, interest: Interest) {
        let epoll_id = self.epoll_id(tid, epfd);
        // The kernel adds these two to each mask.
        let interest = interest - Interest::ERR - Interest::HUP;
        let asked = Interest::IN | Interest::PRI | Interest::OUT | Interest::RDHUP;
        let armed = !interest.contains(Interest::ONESHOT) || interest.intersects(asked);
        let stands = self.ready_of(file_id);
        let found = Found::of(self.files.get(file_id), stands, interest);
        let (name, added) = (self.called_by(tid, fd), self.seq);
        let epoll = self.epoll_of(tid, epfd);
        if epoll.len() >= MAX_FILES {
            self.crowd();
            return;
        }
        epoll.certain = false;
        epoll.add(Item {
            fd,
            file: file_id,
            name,
            interest,
            armed,
            added,
            found: Some(found),
            queued: None,
            queued_after: 0,
            reports: 0,
            last_report: 0,
            last_place: 0,
            fdinfo: Some(interest),
        });
        self.used = Some(epoll_id);
        if let Some(file) = self.files.get_mut(file_id)
            && !file.watched_by.contains(&(epoll_id, fd))
        {
            file.watched_by.push((epoll_id, fd));
        }
        self.settle(file_id);
    }
}
