//! What can be inferred without samples. In a flood the sampler's budget is used up, so nobody asks the kernel how much is
//! unread when a wait reports a connection. Yet three things are known:
//!
//! - What was not so before the report and is so in it has come since: a report of IN on a connection that was empty means
//!   that bytes arrived, though not how many ([`Cause::SomeArrived`]).
//! - What the server receives after the report says how many: they are added to the report, up to the next one.
//! - What a wait did not report was not ready. A level-triggered registration stays on the ready list while its file has
//!   something to read, so if a wait looks at it and passes it over, the file is empty.
//!
//! Each of these holds only under conditions that the functions below check; where they do not hold, the cause stays
//! [`Cause::Unseen`].

use super::epoll::Epoll;
use super::file::{File, FileId, Key, Kind, Listener, Stream};
use super::report::{Cause, Item, Report};
use super::tables::Files;
use super::who::Who;
use crate::record::{Interest, Ready};

impl Report {
    /// Takes over what `item` says before it is reported. Where the report `belongs` to a return in the trace, it may also
    /// explain itself.
    #[inline]
    pub(super) fn explain(&mut self, item: &Item, file: Option<&File>, belongs: bool) {
        (self.interest, self.before) = (item.interest, item.last_report);
        self.who = item.name.map(Who::Named).or(file.map(File::who)).unwrap_or_default();
        self.cause = item.queued.unwrap_or(Cause::Unseen);
        let Some(file) = file else { return };
        self.listens = file.listener().is_some();
        self.depth = file.depth();
        if item.queued.is_none() && belongs {
            self.cause = file.news(item, self.ready);
            // Something has come, so a depth of 0 is out of date.
            self.depth = self.depth.filter(|depth| *depth > 0 || !self.ready.contains(Ready::IN));
        }
    }
}

impl File {
    /// Why `item`, a registration of this file, is reported as `ready` although nothing is known to have put it on the ready
    /// list: what was not so when the file was last heard of has come since.
    pub(super) fn news(&self, item: &Item, ready: Ready) -> Cause {
        match &self.kind {
            Kind::Stream(stream) => stream.news(item, ready),
            Kind::Listener(Listener { pending: Some(0), .. }) if ready.contains(Ready::IN) => Cause::Connected,
            _ => Cause::Unseen,
        }
    }
}

impl Stream {
    fn news(&self, item: &Item, ready: Ready) -> Cause {
        match ready - self.ready() {
            new if new.intersects(Ready::ERR | Ready::HUP) => Cause::Failed,
            new if new.contains(Ready::RDHUP) => Cause::Ended,
            new if new.contains(Ready::IN) && self.was_empty(item) => Cause::SomeArrived { received: 0 },
            new if new.contains(Ready::OUT) => Cause::Space,
            _ => Cause::Unseen,
        }
    }

    /// Whether it was empty after the last report of `item`, or, before the first report, when it was accepted. Unknown
    /// where it was registered without IN meanwhile, since bytes that came then were not reported, and where bytes are
    /// behind an urgent one, which the depth does not count.
    fn was_empty(&self, item: &Item) -> bool {
        let is_new = self.accepted && self.received == 0 && item.last_report == 0;
        let is_known = !self.unwatched && !self.behind_urgent;
        is_known && self.unread.map_or(is_new, |unread| unread == 0)
    }

    /// A wait looked at it and did not report it, so nothing is unread. Not if its other end is in the trace, since its
    /// calls say more than this, nor with SO_RCVLOWAT, since then some bytes may be unread without a report.
    fn is_found_idle(&mut self) {
        if self.unread.is_none() && self.other.is_none() && self.low_water <= 1 {
            self.unread = Some(0);
        }
    }
}

impl Files {
    /// A registration of `id` was changed; `asked` is what both the old mask and the new one ask for.
    pub(super) fn asked_for(&mut self, id: FileId, asked: Interest) {
        if let Some(Kind::Stream(stream)) = self.get_mut(id).map(|file| &mut file.kind) {
            stream.unwatched |= !asked.contains(Interest::IN);
        }
    }

    /// A wait looked at `id` and did not report it. Where its depth was unknown, it is 0.
    pub(super) fn found_idle(&mut self, id: FileId) {
        if self.get(id).is_none_or(|file| file.depth().is_some()) {
            return;
        }
        match self.get_mut(id).map(|file| &mut file.kind) {
            Some(Kind::Stream(stream)) => stream.is_found_idle(),
            Some(Kind::Listener(listener)) => listener.pending = Some(0),
            _ => {}
        }
    }
}

impl Item {
    /// Whether nothing is unread if a wait looks at it and does not report it: true of a level-triggered registration that
    /// asks for IN and is armed.
    pub(super) fn tells_idle(&self) -> bool {
        self.armed && self.interest & (Interest::IN | Interest::ET) == Interest::IN
    }
}

impl Epoll {
    /// The server received `bytes` after a report that could not say how many there were.
    pub(super) fn count_received(&mut self, key: Key, bytes: u32) {
        let Some(&Item { last_report, last_place, .. }) = self.items.get(&key) else { return };
        let Some(wait) = self.wait_mut(last_report) else { return };
        let report = wait.reports.get_mut(usize::from(last_place)).filter(|report| report.file == Some(key.1));
        match report.map(|report| (&mut report.cause, &mut report.depth)) {
            Some((cause @ Cause::SomeArrived { received: 0 }, depth)) if bytes == 0 => {
                (*cause, *depth) = (Cause::Ended, Some(0));
            }
            Some((Cause::SomeArrived { received }, _)) => *received += u64::from(bytes),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::World;
    use super::*;
    use crate::record::{Addr, Call, CtlOp, Fd, MsgFlags, Nanos, Record, Ret, Seq, Tid, Timeout};

    const LISTENER: Fd = Fd(3);
    const EPFD: Fd = Fd(4);
    const A: Fd = Fd(5);

    /// A world in which a server has accepted one connection from outside.
    fn world(mask: Interest) -> World {
        let mut world = World::default();
        say(
            &mut world,
            &[
                Call::Socket { ret: Ret::from_raw(LISTENER.0) },
                Call::Listen { fd: LISTENER, backlog: 8, ret: Ret::OK },
                Call::EpollCreate1 { ret: Ret::from_raw(EPFD.0) },
                control(CtlOp::Add, LISTENER, Interest::IN),
            ],
        );
        report(&mut world, LISTENER, Ready::IN);
        say(&mut world, &[Call::Accept4 { fd: LISTENER, peer: Addr::NONE, ret: Ret::from_raw(A.0) }]);
        say(&mut world, &[control(CtlOp::Add, A, mask)]);
        world
    }

    fn say(world: &mut World, calls: &[Call]) {
        for &call in calls {
            let seq = Seq(world.seq().0 + 1);
            world.apply(&Record { seq, t: Nanos(seq.0), tid: Tid(1), call });
        }
    }

    fn control(op: CtlOp, fd: Fd, interest: Interest) -> Call {
        Call::EpollCtl { epfd: EPFD, op, fd, interest, ret: Ret::OK }
    }

    /// A wait that returns this and nothing else.
    fn report(world: &mut World, fd: Fd, ready: Ready) {
        say(
            world,
            &[
                Call::EpollWaitEnter { epfd: EPFD, max_events: 8, timeout: Timeout::NONE },
                Call::EpollWait { epfd: EPFD, ret: Ret::from_raw(1) },
                Call::Event { epfd: EPFD, fd, ready },
            ],
        );
    }

    /// Of a buffer of 64 bytes.
    fn recv(bytes: usize) -> Call {
        Call::Recvfrom { fd: A, len: 64, flags: MsgFlags::empty(), ret: Ret::value(bytes) }
    }

    /// The cause and depth of the last report, and the depth of its file now.
    fn last(world: &World) -> (Cause, Option<u64>, Option<u64>) {
        let wait = world.epoll().and_then(|epoll| epoll.waits().next_back()).expect("a wait");
        let report = wait.reports.last().expect("a report");
        (report.cause, report.depth, world.file(report.file.expect("registered")).expect("open").depth())
    }

    #[test]
    fn what_was_not_there_when_it_was_told_has_come() {
        let mut world = world(Interest::IN | Interest::RDHUP);
        assert_eq!(last(&world), (Cause::Connected, None, None));
        report(&mut world, A, Ready::IN);
        assert_eq!(last(&world), (Cause::SomeArrived { received: 0 }, None, None));
        say(&mut world, &[recv(64), recv(64), recv(1)]);
        assert_eq!(last(&world), (Cause::SomeArrived { received: 129 }, None, Some(0)));
        report(&mut world, A, Ready::IN | Ready::RDHUP);
        assert_eq!(last(&world), (Cause::Ended, None, None));
    }

    #[test]
    fn what_a_wait_does_not_report_has_nothing_to_read() {
        let mut world = world(Interest::IN);
        report(&mut world, A, Ready::IN);
        say(&mut world, &[recv(64)]);
        assert_eq!(last(&world).2, None, "it may have been all");
        report(&mut world, LISTENER, Ready::IN);
        assert_eq!(last(&world).0, Cause::Connected, "the wait before did not report it");
        let id = world.file_of(Tid(1), A).expect("open").0;
        assert_eq!(world.file(id).expect("open").depth(), Some(0));
        report(&mut world, A, Ready::IN);
        say(&mut world, &[recv(0)]);
        assert_eq!(last(&world), (Cause::Ended, Some(0), Some(0)), "nothing came but the end");
    }

    #[test]
    fn what_came_while_nobody_watched_came_at_no_known_time() {
        let mut world = world(Interest::IN);
        report(&mut world, A, Ready::IN);
        say(&mut world, &[recv(9), control(CtlOp::Mod, A, Interest::OUT), control(CtlOp::Mod, A, Interest::IN)]);
        report(&mut world, A, Ready::IN);
        assert_eq!(last(&world).0, Cause::Unseen);
    }

    #[test]
    fn what_lay_there_before_is_no_news() {
        let mut world = world(Interest::IN | Interest::ET);
        report(&mut world, A, Ready::IN);
        say(&mut world, &[recv(64)]);
        report(&mut world, A, Ready::IN);
        assert_eq!(last(&world), (Cause::Unseen, None, None), "there may be bytes left");
    }
}
