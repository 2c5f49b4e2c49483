//! What fork(2) does to the fds: two file tables refer to the same open file descriptions.

use std::sync::Arc;

use super::epoll::Epoll;
use super::file::{FileId, Table};
use super::state::World;
use crate::record::{Fd, Nanos, Ret, Tid};

/// The most fds that are copied for children, and removed at their end, in a whole trace. A recording may claim any number
/// of forks of a process with a million fds; those beyond the bound are not followed.
const MAX_GONE_THROUGH: u64 = 1 << 26;

impl World {
    /// The child has a table of its own with the same entries, so each file gets a further reference.
    pub(super) fn forked(&mut self, tid: Tid, ret: Ret) {
        let Some(child) = ret.ok().filter(|pid| *pid > 0) else { return };
        self.ended(Tid(child));
        for (fd, id) in self.entries(self.table(tid)) {
            if self.is_full() {
                self.crowd();
                break;
            }
            self.fds.insert(((Table(child), fd), id));
            if let Some(file) = self.files.get_mut(id) {
                file.refs += 1;
            }
        }
        self.thread(Tid(child)).table = Table(child);
    }

    /// A child has ended, and its table with it.
    pub(super) fn ended(&mut self, child: Tid) {
        // Table 0 is that of the program under the scope.
        if child.0 == 0 || self.table(child) != Table(child.0) {
            return;
        }
        for (fd, _) in self.entries(Table(child.0)) {
            self.forget_in(Table(child.0), fd);
        }
        self.threads.remove(&child);
        for epoll in self.epolls.values_mut() {
            epoll.abandon(child, self.t);
        }
    }

    /// Whether so many entries may be gone through once more.
    pub(super) fn may_go_through(&mut self, entries: usize) -> bool {
        self.gone_through = self.gone_through.saturating_add(entries as u64);
        if self.gone_through > MAX_GONE_THROUGH {
            self.crowd();
        }
        self.gone_through <= MAX_GONE_THROUGH
    }

    /// The entries of a table by number, the order in which the kernel closes them.
    pub(super) fn entries(&mut self, table: Table) -> Vec<(Fd, FileId)> {
        if !self.may_go_through(self.fds.len()) {
            return Vec::new();
        }
        let of_table = self.fds.iter().filter(|((of, _), _)| *of == table);
        let mut entries: Vec<(Fd, FileId)> = of_table.map(|((_, fd), id)| (*fd, *id)).collect();
        entries.sort_unstable();
        entries
    }
}

impl Epoll {
    /// `tid` is in a wait no more, and what that returned is not known.
    pub(super) fn abandon(&mut self, tid: Tid, t: Nanos) {
        for wait in self.waits.iter_mut().filter(|wait| wait.tid == tid && wait.returned.is_none()) {
            Arc::make_mut(wait).returned = Some(t);
        }
    }
}
