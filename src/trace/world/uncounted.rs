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
        self.stance = file.stance();
        self.stance.ready |= self.ready;
        self.found = item.found.filter(|_| matches!(self.cause, Cause::Added | Cause::Modified));
        self.times = u64::from(matches!(&file.kind, Kind::Other(timer) if !timer.periodic));
        self.depth = file.depth();
        // It was put back, but since then it was not ready for this.
        let anew = matches!(item.queued, Some(Cause::PutBack { .. })) && !file.ready().intersects(self.ready);
        if belongs && (anew || item.queued.is_none()) {
            let news = file.news(item, self.ready);
            self.cause = if news == Cause::Unseen { self.cause } else { news };
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
        let is_known = !self.unwatched && !self.more_than_counted;
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
