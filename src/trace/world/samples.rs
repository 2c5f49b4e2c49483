//! What the kernel said when the instrument asked it, and what the instrument missed.
//!
//! A sample gives the depth and the readiness of a file at one moment. What it means depends on that moment. Right after a
//! wait it explains the report that came before it; right after EPOLL_CTL_ADD it shows what that call found; at any other
//! time, whatever is new in it has woken the epolls that watch the file. Samples and calls of different threads can
//! overtake each other, so a sample may also show less than was already known to have been sent; see `World::asked`.

use super::epoll::Epoll;
use super::file::{File, FileId, Kind, Stream};
use super::report::{Cause, Report};
use super::stance::{Found, Nature};
use super::state::{Just, World};
use super::wakes::Deed;
use crate::record::{Fd, Ready, SockOpt, Tid};

impl World {
    pub(super) fn sampled(&mut self, tid: Tid, fd: Fd, unread: u32, unsent: u32, ready: Ready) {
        let id = self.resolve(tid, fd);
        if self.is_other(id) {
            return self.sampled_other(tid, id, unread, unsent, ready);
        }
        let unread = u64::from(unread);
        let (mut was, mut before, mut full) = (Ready::empty(), None, false);
        let (mut arrived, mut ended, mut established) = (None, false, false);
        let just = self.threads.get(&tid).map_or(Just::Other, |thread| thread.just);
        self.with_stream(id, |stream| {
            (was, before, full) = (stream.ready(), stream.unread, stream.full);
            let fin = !stream.shut_read && !ready.intersects(Ready::ERR | Ready::HUP);
            stream.fin = ready.contains(Ready::RDHUP) && (stream.fin || fin);
            stream.unread = Some(unread);
            // SIOCOUTQ counts the FIN, which comes last, as a byte.
            stream.unsent = u64::from(unsent).saturating_sub(u64::from(stream.shut_write));
            stream.ended = ready.contains(Ready::RDHUP);
            stream.error = ready.contains(Ready::ERR);
            stream.failed |= stream.error;
            stream.hung_up = ready.contains(Ready::HUP);
            stream.full = !ready.contains(Ready::OUT);
            stream.urgent = ready.contains(Ready::PRI);
            stream.more_than_counted = ready.contains(Ready::IN) && unread < stream.low_water.max(1) && !stream.ended;
            stream.had_urgent |= stream.urgent;
            stream.urgent_ahead |= stream.urgent && !stream.oob_inline;
            let failed = ready.intersects(Ready::ERR | Ready::HUP);
            established = stream.connecting && ready.contains(Ready::OUT) && !failed;
            stream.refused |= stream.connecting && failed;
            stream.connecting &= !established && !failed;
            stream.uncounted &= just != Just::Waited;
            if !stream.had_urgent {
                arrived = Some(stream.received + unread);
            }
            ended = stream.fin_behind.take_if(|bytes| arrived.is_some_and(|arrived| arrived >= *bytes)).is_some();
        });
        // What is unread right after a recv was unread before it, unless the depth was known: it is no new arrival.
        let left = if just == Just::Received(fd) { unread } else { 0 };
        let more = unread.saturating_sub(before.unwrap_or(left));
        // FIONREAD counts no further than to an urgent byte.
        let missing = before.filter(|_| arrived.is_some()).map_or(0, |before| before.saturating_sub(unread));
        let (new, gone) = (ready - was, was - ready);
        let less = missing > 0 || gone.intersects(Ready::RDHUP | Ready::HUP);
        let news = more > 0 || new.intersects(Ready::RDHUP | Ready::HUP);
        self.asked(id, less, news);
        let other = self.files.get(id).and_then(File::peer).and_then(|other| self.files.get(other)?.stream());
        if let (Some(other), Some(arrived)) = (other, arrived) {
            let missing = other.sent > arrived;
            let on_its_way = missing || gone.intersects(Ready::RDHUP | Ready::HUP);
            self.asked(id, on_its_way, !on_its_way);
        }
        self.is_stuck(id);
        if missing > 0 {
            self.not_yet(id, missing);
        }
        if self.belongs_to_report(tid, id, unread, more) || self.belongs_to_add(tid, id, ready) {
            return self.settle(id);
        }
        // What did not suffice for SO_RCVLOWAT is counted already. After a recv it may be what an urgent byte had hidden.
        let suffices = new.contains(Ready::IN) && !new.contains(Ready::RDHUP) && just != Just::Received(fd);
        if more > 0 || suffices {
            self.happened(id, Deed::Came(if more > 0 { more } else { unread }));
        }
        if new.contains(Ready::PRI) {
            self.happened(id, Deed::CameUrgent);
        }
        if new.intersects(Ready::HUP | Ready::ERR) {
            self.happened(id, Deed::PeerReset);
        } else if new.contains(Ready::RDHUP) || ended {
            self.happened(id, Deed::PeerEnded);
        }
        if established {
            self.happened(id, Deed::Established);
        } else if full && ready.contains(Ready::OUT) {
            self.happened(id, Deed::Freed);
        }
        self.belongs_to_option(tid, id);
        self.settle(id);
    }

    /// Where all that a full connection has sent and that has not come is in the send queue, nothing is on its way; with an
    /// urgent byte, which the counts leave out, where that queue is empty.
    fn is_stuck(&mut self, id: FileId) {
        let Some(stream) = self.files.get(id).and_then(File::stream) else { return };
        let (Some(other), sent, unsent) = (stream.other, stream.sent, stream.unsent) else { return };
        let Some(file) = self.files.get_mut(other) else { return };
        let is_stuck = |end: &Stream| match (end.had_urgent, end.unread) {
            (true, _) => unsent == 0,
            // A FIN that was sent before the watch began counts as a byte.
            (false, Some(unread)) => unsent > 0 && (sent..=sent + 1).contains(&(end.received + unread + unsent)),
            (false, None) => false,
        };
        if file.stream().is_some_and(is_stuck) {
            file.on_its_way = false;
        }
    }

    /// A sample that was taken right after setsockopt shows what the kernel found when it looked whom to wake.
    pub(super) fn belongs_to_option(&mut self, tid: Tid, id: FileId) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        match thread.just {
            Just::Set(of, option) if of == id => {
                thread.just = Just::Other;
                self.happened(id, if option == SockOpt::RcvLowat { Deed::LowWater } else { Deed::SendBuffer });
            }
            _ => {}
        }
    }

    pub(super) fn backlog(&mut self, tid: Tid, fd: Fd, pending: u32) {
        let id = self.resolve(tid, fd);
        let mut before = None;
        self.with_listener(id, |listener| before = listener.pending.replace(pending));
        let more = u64::from(pending.saturating_sub(before.unwrap_or(0)));
        self.asked(id, before.is_some_and(|before| pending < before), more > 0);
        if !self.belongs_to_report(tid, id, u64::from(pending), more) && more > 0 {
            self.happened(id, Deed::Connected);
        }
        self.settle(id);
    }

    /// The kernel was asked. A call that acts on somebody else is recorded with the time of its entry, so a sample may come
    /// between the call and its effect. It then shows `less` than the call said, and a later sample shows the `news`.
    #[inline]
    fn asked(&mut self, id: FileId, less: bool, news: bool) {
        if let Some(file) = self.files.get_mut(id) {
            file.on_its_way = less || file.on_its_way && !news;
        }
    }

    /// So many bytes that were counted as arrived are still on their way: they count when a sample shows them.
    fn not_yet(&mut self, id: FileId, bytes: u64) {
        let Some(file) = self.files.get(id) else { return };
        for &(epoll, fd) in file.watched_by.iter() {
            let item = self.epolls.get_mut(&epoll).and_then(|epoll| epoll.items.get_mut(&(fd, id)));
            if let Some(Cause::Arrived { bytes: arrived }) = item.and_then(|item| item.queued.as_mut()) {
                *arrived = arrived.saturating_sub(bytes);
            }
        }
    }

    /// A sample that was taken right after a wait returned shows nothing new, but how the file stood when it was reported:
    /// the report gets its depth and, where nothing explained it before, its cause.
    #[inline]
    pub(super) fn belongs_to_report(&mut self, tid: Tid, id: FileId, depth: u64, more: u64) -> bool {
        self.reported_by(tid, id, depth, more).is_some()
    }

    /// The same: the epoll that has reported it.
    pub(super) fn reported_by(&mut self, tid: Tid, id: FileId, depth: u64, more: u64) -> Option<FileId> {
        if self.threads.get(&tid).is_none_or(|thread| thread.just != Just::Waited) {
            return None;
        }
        let listens = self.files.get(id).is_some_and(|file| file.listener().is_some());
        let stands = self.files.get(id).map_or(Ready::empty(), File::ready);
        let most = self.sampled_after_wait.0;
        let mut reports = self.epolls.iter_mut().map(|(epoll, of)| Some((*epoll, of.report_to_sample(id, most)?)));
        let (epoll, report) = reports.find_map(|report| report)?;
        report.depth = Some(depth);
        report.stance.ready |= stands;
        if matches!(report.cause, Cause::Unseen | Cause::SomeArrived { .. })
            || report.stance.nature == Nature::Tcp && matches!(report.cause, Cause::Arrived { bytes: 0 })
        {
            report.cause = match report.ready {
                ready if ready.intersects(Ready::ERR | Ready::HUP) => Cause::Failed,
                _ if more > 0 && listens => Cause::Connected,
                _ if more > 0 => Cause::Arrived { bytes: more },
                ready if ready.contains(Ready::RDHUP) => Cause::Ended,
                // Who does not ask for RDHUP is told of the end as of bytes.
                ready if depth == 0 && ready.contains(Ready::IN) && stands.contains(Ready::RDHUP) => Cause::Ended,
                ready if ready.contains(Ready::PRI) => Cause::Urgent,
                _ => Cause::Unseen,
            };
        }
        Some(epoll)
    }

    /// A sample that was taken right after EPOLL_CTL_ADD shows how that call found the file.
    pub(super) fn belongs_to_add(&mut self, tid: Tid, id: FileId, ready: Ready) -> bool {
        let Some(thread) = self.threads.get_mut(&tid) else { return false };
        let Just::Added(epoll, fd, _) = thread.just else { return false };
        if thread.just != Just::Added(epoll, fd, id) {
            return false;
        }
        thread.just = Just::Other;
        let Some(epoll) = self.epolls.get_mut(&epoll) else { return true };
        let key = (fd, id);
        if let Some(item) = epoll.items.get_mut(&key) {
            item.found = Some(Found::of(self.files.get(id), ready, item.interest));
        }
        if epoll.items.get(&key).is_some_and(|item| ready.intersects(item.interest.reportable())) {
            epoll.wake(key, ready, Cause::Added);
        }
        true
    }

    /// Records are missing, so no depth and no ready list is certain until a sample or a call says it again.
    pub(super) fn lost(&mut self, tid: Tid, count: u64) {
        self.counters.lost = self.counters.lost.saturating_add(count);
        self.files.change_all(
            |file| file.depth().is_some(),
            |file| match &mut file.kind {
                Kind::Stream(stream) => stream.unread = None,
                Kind::Listener(listener) => listener.pending = None,
                Kind::Other(other) => other.depth = None,
                Kind::Unknown | Kind::Epoll => {}
            },
        );
        for epoll in self.epolls.values_mut() {
            epoll.lose(tid, self.t);
        }
        for thread in self.threads.values_mut() {
            thread.just = Just::Other;
        }
    }
}

impl Epoll {
    /// The report of `file` in the wait that returned last, if this is its first sample and it is among the `most` that are
    /// sampled then.
    #[inline]
    fn report_to_sample(&mut self, file: FileId, most: usize) -> Option<&mut Report> {
        let reports = &mut self.wait_mut(self.returned_count())?.reports;
        let report = reports.iter_mut().take(most).find(|report| report.file == Some(file))?;
        (!std::mem::replace(&mut report.sampled, true)).then_some(report)
    }
}
