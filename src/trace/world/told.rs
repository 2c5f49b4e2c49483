//! What the instrument was told when it asked the kernel, and what it missed.

use super::World;
use super::epoll::Cause;
use super::file::{FileId, Kind, Stream};
use crate::record::{Fd, Ready, Tid};

impl World {
    pub(super) fn sampled(&mut self, tid: Tid, fd: Fd, unread: u32, unsent: u32, ready: Ready) {
        let id = self.resolve(tid, fd);
        let unread = u64::from(unread);
        let mut was = Stream::default();
        self.with_stream(id, |stream| {
            was = stream.clone();
            stream.unread = Some(unread);
            stream.unsent = u64::from(unsent);
            stream.ended = ready.contains(Ready::RDHUP);
            stream.failed = ready.intersects(Ready::ERR | Ready::HUP);
            stream.full = !ready.contains(Ready::OUT);
            stream.urgent = ready.contains(Ready::PRI);
        });
        let more = was.unread.map_or(unread, |before| unread.saturating_sub(before));
        if self.belongs_to_report(tid, id, unread, more) {
            return self.settle(id);
        }
        if more > 0 {
            self.wake(id, Ready::IN | Ready::PRI, Cause::Arrived { bytes: more });
        }
        if ready.contains(Ready::PRI) && !was.urgent {
            self.wake(id, Ready::IN | Ready::PRI, Cause::Urgent);
        }
        if ready.intersects(Ready::ERR | Ready::HUP) && !was.failed {
            self.wake(id, Ready::empty(), Cause::Failed);
        } else if ready.contains(Ready::RDHUP) && !was.ended {
            self.wake(id, Ready::empty(), Cause::Ended);
        }
        if was.full && ready.contains(Ready::OUT) {
            self.wake(id, Ready::OUT, Cause::Space);
        }
        self.settle(id);
    }

    pub(super) fn backlog(&mut self, tid: Tid, fd: Fd, pending: u32) {
        let id = self.resolve(tid, fd);
        let mut before = None;
        self.with_listener(id, |listener| before = listener.pending.replace(pending));
        let more = u64::from(pending.saturating_sub(before.unwrap_or(0)));
        if !self.belongs_to_report(tid, id, u64::from(pending), more) && more > 0 {
            self.wake(id, Ready::IN, Cause::Connected);
        }
        self.settle(id);
    }

    /// A sample that was taken right after a wait returned tells how things stood when it did, not of something new:
    /// the report gets its depth and, where nothing told of it before, its cause.
    pub(super) fn belongs_to_report(&mut self, tid: Tid, id: FileId, depth: u64, more: u64) -> bool {
        if !self.threads.get(&tid).is_some_and(|thread| thread.just_returned) {
            return false;
        }
        let listens = self.files.get(&id).is_some_and(|file| file.listener().is_some());
        let Some(report) = self.epolls.values_mut().find_map(|epoll| epoll.last_report_of(id)) else { return false };
        report.depth = Some(depth);
        if report.cause == Cause::Unseen {
            report.cause = match report.ready {
                ready if ready.intersects(Ready::ERR | Ready::HUP) => Cause::Failed,
                _ if more > 0 && listens => Cause::Connected,
                _ if more > 0 => Cause::Arrived { bytes: more },
                ready if ready.contains(Ready::RDHUP) => Cause::Ended,
                ready if ready.contains(Ready::PRI) => Cause::Urgent,
                _ => Cause::Unseen,
            };
        }
        true
    }

    /// Records are missing: nothing about the queues is certain until it is told anew.
    pub(super) fn lost(&mut self, count: u64) {
        self.counters.lost += count;
        for file in self.files.values_mut() {
            match &mut file.kind {
                Kind::Stream(stream) => stream.unread = None,
                Kind::Listener(listener) => listener.pending = None,
                Kind::Unknown | Kind::Epoll => {}
            }
        }
        for epoll in self.epolls.values_mut() {
            epoll.certain = false;
        }
    }
}
