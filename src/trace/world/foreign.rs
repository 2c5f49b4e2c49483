//! What only other programs than the built-in server do: calls by other names, and two streams at once.

use super::file::{FileId, Table};
use super::state::World;
use crate::record::{Call, Fd, Foreign, MsgFlags, Tid};

impl World {
    /// The call that the built-in server would have made for the same, as far as there is one: read(2) on a connection is
    /// recv(2), writev(2) is send(2). It depends on what `tid` calls its fds, so ask before a close is applied.
    #[inline]
    pub fn plain(&self, tid: Tid, call: Call) -> Call {
        let flags = MsgFlags::empty();
        match call.plain() {
            Call::Read { fd, len, ret } if self.is_stream(tid, fd) => Call::Recvfrom { fd, len, flags, ret },
            Call::Write { fd, len, ret } if self.is_stream(tid, fd) => Call::Sendto { fd, len, flags, ret },
            call => call,
        }
    }

    fn is_stream(&self, tid: Tid, fd: Fd) -> bool {
        self.file_of(tid, fd).is_some_and(|(_, file)| file.stream().is_some())
    }

    pub(super) fn foreign(&mut self, tid: Tid, call: Foreign) {
        match call {
            Foreign::Splice { from, to, len, ret } => {
                if self.is_stream(tid, from) {
                    self.received(tid, from, len, MsgFlags::empty(), ret);
                } else {
                    self.read(tid, from, len, ret);
                }
                if self.is_stream(tid, to) {
                    self.sent(tid, to, len, MsgFlags::empty(), ret);
                } else {
                    self.written(tid, to, MsgFlags::empty(), ret);
                }
            }
            Foreign::Tee { to, ret, .. } => self.written(tid, to, MsgFlags::empty(), ret),
            Foreign::Clone { ret, .. } | Foreign::Clone3 { ret, .. } => {
                let table = self.table(tid);
                if let Some(child) = ret.ok().filter(|child| *child > 0) {
                    self.thread(Tid(child)).table = table;
                }
            }
            // What follows of it has records of its own; the others have a plain form.
            _ => {}
        }
    }

    /// A thread has ended; with the last one that used a file table, that is gone too.
    pub(super) fn exited(&mut self, tid: Tid) {
        let table = self.table(tid);
        self.threads.remove(&tid);
        if !self.watched || !self.may_go_through(self.threads.len()) {
            return;
        }
        if !self.threads.values().any(|thread| thread.table == table) {
            let entries = self.entries(table);
            self.move_to_heirs(table, &entries);
            for (fd, _) in entries {
                self.forget_in(table, fd);
            }
        }
    }

    /// What a child has under the same number lives on there, when this table ends: no call has closed it.
    fn move_to_heirs(&mut self, table: Table, entries: &[(Fd, FileId)]) {
        for ((heir, fd), id) in self.fds.iter().filter(|((of, _), _)| *of != table) {
            if entries.binary_search(&(*fd, *id)).is_ok()
                && let Some(file) = self.files.get_mut(*id).filter(|file| file.table == table)
            {
                file.table = *heir;
            }
        }
    }
}
