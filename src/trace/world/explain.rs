//! What the sentences of why need to know of a file, beside what moves the lists: its kind, what ADD or MOD found, and
//! whether a report is a ghost's.

use super::epoll::Epoll;
use super::file::{File, FileId, Key, Kind};
use super::other::Other;
use super::report::{Cause, Item, Report};
use super::stance::{Found, Ghost, Nature, Stance};
use super::state::World;
use super::who::Who;
use crate::record::{Chunk, Fd, FdKind, Interest, Ready, Tid};

impl Found {
    /// How EPOLL_CTL_ADD or MOD with this mask finds a file that is ready for `stands`.
    pub(super) fn of(file: Option<&File>, stands: Ready, interest: Interest) -> Self {
        Self {
            nature: file.map_or(Nature::Unknown, File::nature),
            ready: stands & interest.reportable(),
            stands,
            depth: file.and_then(File::depth),
        }
    }
}

impl File {
    pub fn nature(&self) -> Nature {
        match &self.kind {
            Kind::Unknown => Nature::Unknown,
            Kind::Epoll => Nature::Epoll,
            Kind::Listener(_) => Nature::Listener,
            Kind::Stream(_) => Nature::Tcp,
            Kind::Other(other) if other.listening && !other.ready.contains(Ready::HUP) => Nature::Listener,
            // What differs between these has no other words.
            Kind::Other(other) => Nature::Made(match other.made_by {
                FdKind::PacketPipe | FdKind::Fifo(_) => FdKind::Pipe2,
                FdKind::Semaphore => FdKind::Eventfd2,
                FdKind::UnixSocket(kind) => FdKind::Socketpair(kind),
                kind => kind,
            }),
        }
    }

    pub fn stance(&self) -> Stance {
        let (failed, shut_read) = match &self.kind {
            Kind::Stream(stream) => (stream.failed, stream.shut_read && !stream.fin),
            Kind::Other(other) => (false, other.shut_read),
            _ => (false, false),
        };
        let failed = if failed { Ready::ERR } else { Ready::empty() };
        let refused = self.stream().is_some_and(|stream| stream.refused);
        let keeps_errors = matches!(&self.kind, Kind::Other(other) if other.keeps_errors);
        Stance { nature: self.nature(), ready: self.ready() | failed, shut_read, refused, keeps_errors }
    }

    /// Whether a read would bring something that an edge-triggered program misses if nobody reports it: not the end of
    /// a stream that a read has returned already, or that the program has made itself, and no empty datagram.
    pub fn has_something_to_read(&self) -> bool {
        let Stance { nature, ready, shut_read, .. } = self.stance();
        // Nothing can be read from a pidfd.
        if matches!(nature, Nature::Made(FdKind::PidfdOpen(_))) {
            return false;
        }
        let no_news = shut_read || self.end_was_read() || nature.has_datagrams() && !ready.contains(Ready::RDHUP);
        self.ready().contains(Ready::IN) && (self.depth().is_none_or(|depth| depth > 0) || !no_news)
    }

    /// Whether it is the writing end of a pipe or a FIFO, from which nothing is ever read.
    pub fn is_writing_end(&self) -> bool {
        matches!(&self.kind, Kind::Other(other) if other.writes)
    }

    /// Whether connect(2) was called, and nothing shows yet how that ended.
    pub fn is_connecting(&self) -> bool {
        self.stream().is_some_and(|stream| stream.connecting)
    }

    /// `SO_RCVLOWAT`, where more is asked for than there is to read.
    pub fn short_of_low_water(&self) -> Option<u64> {
        let stream = self.stream()?;
        let low = stream.low_water;
        (!self.ready().contains(Ready::IN) && stream.unread.is_some_and(|unread| unread < low)).then_some(low)
    }

    /// Whether a read has returned the end of the stream.
    pub fn end_was_read(&self) -> bool {
        // An empty datagram is no end.
        let may_end = !self.nature().has_datagrams() || self.ready().contains(Ready::RDHUP);
        matches!(&self.kind, Kind::Stream(stream) if stream.end_read)
            || matches!(&self.kind, Kind::Other(other) if other.end_read && may_end)
    }
}

impl Item {
    /// EPOLL_CTL_MOD has changed `before` to the mask that it is now, and found this ready. Where the registration is on the
    /// ready list already, that stays its cause, unless it does not explain a report under the new mask.
    pub(super) fn modified(&mut self, before: Interest, found: Found) {
        let explained = match self.queued {
            Some(Cause::PutBack { .. }) if self.interest.is_edge() => Ready::empty(),
            Some(Cause::PutBack { .. }) => before.reportable(),
            Some(Cause::Arrived { .. } | Cause::SomeArrived { .. } | Cause::Connected) => Ready::IN,
            Some(Cause::Ended) => Ready::IN | Ready::RDHUP | Ready::HUP,
            Some(Cause::Space) => Ready::OUT,
            Some(Cause::Urgent) => Ready::PRI,
            Some(Cause::Failed) => Ready::ERR | Ready::HUP,
            Some(Cause::Added | Cause::Modified) => self.found.map_or(Ready::empty(), |found| found.ready),
            _ => Ready::all(),
        };
        if self.queued.is_some() && !found.ready.is_empty() && !explained.intersects(found.ready) {
            self.queued = Some(Cause::Modified);
        }
        if self.queued.is_none_or(|cause| cause == Cause::Modified) {
            self.found = Some(found);
        }
    }
}

impl World {
    /// Whether the program has closed its last fd for a file that is registered: then no sample says how it stands.
    pub fn is_out_of_sight(&self, item: &Item) -> bool {
        let of = |file: &File| self.fds.iter().any(|((table, _), id)| (*table, *id) == (file.table, file.id));
        self.is_ghost(item) && !self.files.get(item.file).is_some_and(of)
    }

    /// Whether `id` is an epoll of which the ready list is not in doubt.
    pub fn is_certain_epoll(&self, id: FileId) -> bool {
        self.epolls.get(&id).is_some_and(|epoll| epoll.certain)
    }

    /// The report of `file` under `fd`, the last one, is a ghost's if the number stands for that file no more.
    pub(super) fn mark_ghost(&mut self, epoll: FileId, file: FileId, fd: Fd) {
        let Some(of) = self.files.get(file) else { return };
        let place = (of.table, fd);
        let now = self.meant(place.0, fd);
        if now == Some(file) {
            return;
        }
        let named = || self.names.get(place).map(|(_, name)| Who::Named(*name));
        let who = now.and_then(|now| named().or_else(|| self.files.get(now).map(File::who)));
        let report = self.epolls.get_mut(&epoll).and_then(|epoll| epoll.last_report_of((fd, file)));
        if let Some(report) = report {
            report.ghost = who.map_or(Ghost::Closed, Ghost::Reused);
        }
    }

    /// A timer was set: it expires once, or time and again.
    pub(super) fn timer_set(&mut self, tid: Tid, fd: Fd, periodic: bool) {
        let id = self.resolve(tid, fd);
        if let Some(Kind::Other(other)) = self.files.get_mut(id).map(|file| &mut file.kind) {
            other.periodic = periodic;
        }
        self.unexpired(id);
    }

    /// What a read brought. That of a timer says how often it has expired.
    pub(super) fn read_from_timer(&mut self, tid: Tid, fd: Fd, chunk: &Chunk) {
        let Ok(times) = <[u8; 8]>::try_from(chunk.bytes()).map(u64::from_ne_bytes) else { return };
        let Some((id, file)) = self.file_of(tid, fd) else { return };
        if matches!(file.kind, Kind::Other(Other { made_by: FdKind::TimerfdCreate, .. })) {
            self.settle_and(id, |epoll, key| {
                if let Some(report) = epoll.last_report_of(key).filter(|report| report.times == 0) {
                    report.times = times;
                }
            });
        }
    }
}

impl Epoll {
    /// The last report of a registration, among the waits that are kept.
    fn last_report_of(&mut self, (fd, file): Key) -> Option<&mut Report> {
        let number = self.items.get(&(fd, file))?.last_report;
        let reports = &mut self.wait_mut(number)?.reports;
        reports.iter_mut().rev().find(|report| (report.fd, report.file) == (fd, Some(file)))
    }
}
