//! What only other programs than the built-in server do: calls by other names, and two streams at once.

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
            for (fd, _) in self.entries(table) {
                self.forget_in(table, fd);
            }
        }
    }
}
