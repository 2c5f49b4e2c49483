//! What the annotations mean: orders to the server and its clients, and where they stand.

use super::file::Table;
use super::state::World;
use super::wakes::Deed;
use crate::record::{Annotation, Call, Chunk, Dir, MsgFlags, Policy, Ret, Tid};

impl World {
    pub(super) fn annotated(&mut self, tid: Tid, annotation: Annotation) {
        match annotation {
            Annotation::Follow { policy } => self.ordered = Some(policy),
            Annotation::Reading { fd, on } => {
                let id = self.resolve(tid, fd);
                self.with_stream(id, |stream| stream.reads = Some(on));
            }
            Annotation::Inside { fd, dir, len } | Annotation::Hung { fd, dir, len } => {
                let (flags, ret) = (MsgFlags::empty(), Ret::OK);
                let call = match dir {
                    Dir::In => Call::Recvfrom { fd, len, flags, ret },
                    Dir::Out => Call::Sendto { fd, len, flags, ret },
                };
                self.thread(tid).inside = Some((call, matches!(annotation, Annotation::Hung { .. })));
            }
            Annotation::Rest { server, epfd, .. } if self.watched => {
                let id = self.epoll_id(server, epfd);
                self.all_sleep(id);
            }
            Annotation::Rest { server, epfd, timeout, .. } => {
                self.thread(server).rests = annotation.rests_before().map(|(_, wait)| wait);
                let id = self.epoll_id(server, epfd);
                self.leaves_behind(server, id, timeout);
            }
            Annotation::FinAcked { fd } => {
                let id = self.resolve(tid, fd);
                self.happened(id, Deed::FinAcked);
            }
            Annotation::Woken {} => self.interrupted(tid),
            Annotation::Line { .. } | Annotation::Limit { .. } => {}
            Annotation::Program { name } => {
                self.watched = true;
                let thread = self.thread(tid);
                (thread.serves, thread.name) = (true, Some(name));
                // Table 0 is that of the built-in clients, if there are any.
                if thread.table == Table::default() {
                    thread.table = Table(tid.0);
                }
            }
            Annotation::Attached { process } => {
                self.watched = true;
                let thread = self.thread(tid);
                (thread.serves, thread.table) = (true, Table(process.0));
            }
            Annotation::Open { fd, of, with } => self.found_open(tid, fd, of, with),
            Annotation::Ghost { epfd, fd, interest } => self.found_ghost(tid, epfd, fd, interest),
            Annotation::Closed { fd } => self.forget(tid, fd),
            Annotation::Exited { .. } => self.exited(tid),
            Annotation::Thread { name } => self.thread(tid).name = Some(name),
            Annotation::Stop {} | Annotation::Died { .. } => self.ended = Some(annotation),
        }
    }

    /// The instrument interrupts the wait that `tid` is in.
    fn interrupted(&mut self, tid: Tid) {
        for epoll in self.epolls.values_mut() {
            let wait = epoll.waits().rev().find(|wait| wait.tid == tid && wait.returned.is_none());
            if let Some(wait) = wait.map(|wait| wait.number).and_then(|number| epoll.wait_mut(number)) {
                wait.woken = true;
            }
        }
    }

    /// The policy that the server was told to follow and does not follow yet.
    pub fn ordered(&self) -> Option<&Policy> {
        self.ordered.as_ref().filter(|ordered| self.policy.as_ref() != Some(ordered))
    }

    /// Why the server ended: it was told to stop, or a call failed that it can't do without.
    pub fn ending(&self) -> Option<&Annotation> {
        self.ended.as_ref()
    }

    /// Whether the calls are those of a program that was watched, not of the built-in server or a lab.
    pub fn is_watched(&self) -> bool {
        self.watched
    }

    /// What a lab calls a thread, or its program's name.
    pub fn thread_name(&self, tid: Tid) -> Option<Chunk> {
        self.threads.get(&tid)?.name
    }

    /// The epoll_wait that the server is held before, if it would leave something stranded.
    pub fn rests_before(&self) -> Option<Call> {
        self.threads.values().find_map(|thread| thread.rests)
    }

    /// The recv or send on a blocking fd that the server is in, perhaps asleep.
    pub fn inside(&self) -> Option<Call> {
        self.threads.values().find_map(|thread| thread.inside).map(|(call, _)| call)
    }

    /// The same where it was found to hang in there.
    pub fn hung(&self) -> Option<Call> {
        self.threads.values().find_map(|thread| thread.inside).filter(|(_, hung)| *hung).map(|(call, _)| call)
    }
}
