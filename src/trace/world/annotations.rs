//! What the instrument knows and no call tells: what it told the server and its clients, and where they are.

use super::Cause;
use crate::record::{Annotation, Call, Dir, MsgFlags, Nanos, Policy, Ready, Ret, Tid};
use crate::trace::World;

impl World {
    pub(super) fn told(&mut self, tid: Tid, told: Annotation) {
        match told {
            Annotation::Follow { policy } => self.ordered = Some(policy),
            Annotation::Reading { fd, on } => {
                let id = self.resolve(tid, fd);
                self.with_stream(id, |stream| stream.reads = Some(on));
            }
            Annotation::Inside { fd, dir, len } => {
                let (flags, ret) = (MsgFlags::empty(), Ret::OK);
                let call = match dir {
                    Dir::In => Call::Recvfrom { fd, len, flags, ret },
                    Dir::Out => Call::Sendto { fd, len, flags, ret },
                };
                self.thread(tid).inside = Some((call, self.t));
            }
            Annotation::Rest { server, epfd, timeout, .. } => {
                self.thread(server).rests = told.rests_before().map(|(_, wait)| wait);
                let id = self.epoll_id(server, epfd);
                self.leaves_behind(server, id, timeout);
            }
            Annotation::FinAcked { fd } => {
                let id = self.resolve(tid, fd);
                self.wake(id, Ready::empty(), Cause::FinAcked);
            }
            Annotation::Stop {} | Annotation::Died { .. } => self.ended = Some(told),
        }
    }

    /// The policy that the server was told to follow, and does not yet.
    pub fn ordered(&self) -> Option<&Policy> {
        self.ordered.as_ref().filter(|ordered| self.policy.as_ref() != Some(ordered))
    }

    /// What ended the server: that it was told to stop, or the call that failed.
    pub fn ending(&self) -> Option<&Annotation> {
        self.ended.as_ref()
    }

    /// The epoll_wait that the server is held before, where it would leave something stranded and that was told.
    pub fn rests_before(&self) -> Option<Call> {
        self.threads.values().find_map(|thread| thread.rests)
    }

    /// The recv or send on a blocking fd that the server is in, and since when; it may sleep there.
    pub fn inside(&self) -> Option<(Call, Nanos)> {
        self.threads.values().find_map(|thread| thread.inside)
    }
}
