//! Who is woken when something happens to a file: the waiters in its wait queue, by the rows of the [table](super::wakes).

use super::bands;
use super::epoll::Epoll;
use super::file::{File, FileId, Key as ItemKey, Stream};
use super::report::Cause;
use super::stance::Nature;
use super::state::{NESTED, WAKES, World};
use super::wakes::{Deed, End, If, Key, Wake, rows};
use crate::record::{Access, Fd, FdKind, Ready};

impl World {
    /// Wakes whom the table says. What it asks for is known by now: how the file stands after that.
    #[inline]
    pub(super) fn happened(&mut self, id: FileId, deed: Deed) {
        let Some(file) = self.files.get(id) else { return };
        for &Wake(end, key, when, cause) in rows(file.woken_as(), deed) {
            let woken = match end {
                End::This | End::Signals | End::Readers | End::Writers => Some(id),
                End::Peer => self.files.get(id).and_then(File::peer),
            };
            let Some(woken) = woken else { continue };
            let Some(file) = self.files.get(woken) else { continue };
            let holds = match (when, file.stream()) {
                (If::Always, _) => true,
                (If::Room, _) => file.ready().contains(Ready::OUT),
                (If::Enough, stream) => stream.is_none_or(Stream::has_enough),
                (If::EnoughOrEnd, stream) => stream.is_none_or(|stream| stream.fin || stream.reaches_low_water()),
                (If::Little, _) => self.files.get(id).and_then(File::depth).is_some_and(|depth| depth <= 128),
                (If::OnlyOne, _) => self.is_only_one(id),
                (If::OneSided, _) => {
                    let left = self.openings(id).into_iter().filter(|(other, _)| *other != id);
                    let (reads, writes) = sides(left);
                    (reads == 0) != (writes == 0)
                }
            };
            let nature = file.woken_as();
            let key = match (key, deed) {
                (Key::Of(events), _) => events,
                (Key::New, Deed::Became(new)) => new,
                (Key::Any | Key::New, _) => Ready::empty(),
            };
            let key = bands::woken(nature, key);
            let cause = match (cause, deed) {
                (Cause::Arrived { .. }, Deed::Wrote(bytes)) => Cause::Arrived { bytes: bytes.into() },
                (Cause::Arrived { .. }, Deed::Came(bytes) | Deed::CameAndWent(bytes)) => Cause::Arrived { bytes },
                (Cause::BecameReady, Deed::Became(new)) if new.contains(Ready::ERR) => Cause::Failed,
                (cause, _) => cause,
            };
            match end {
                _ if !holds && matches!(cause, Cause::Arrived { .. }) => self.settle_and(woken, Epoll::more_came),
                _ if !holds => {}
                End::Signals => {
                    let signalfds: Vec<FileId> = self.signalfds().map(|file| file.id).collect();
                    self.wake_queue(&signalfds, key, cause);
                }
                End::Readers | End::Writers => {
                    let other_way = if end == End::Readers { Access::Write } else { Access::Read };
                    let queue = self.openings(id).into_iter().filter(|(_, access)| *access != other_way);
                    let queue: Vec<FileId> = queue.map(|(id, _)| id).collect();
                    self.wake_queue(&queue, key, cause);
                }
                End::This | End::Peer => self.wake_one_of(woken, key, cause),
            }
        }
    }

    /// How a file of another kind stands after that, only a sample shows.
    fn wake_one_of(&mut self, id: FileId, key: Ready, cause: Cause) {
        self.wake(id, key, cause);
        if self.is_other(id)
            && let Some(file) = self.files.get_mut(id)
        {
            file.on_its_way = true;
        }
    }

    /// Whether it is the only opening of a FIFO for reading, or for writing.
    fn is_only_one(&self, id: FileId) -> bool {
        let openings = self.openings(id);
        let own = openings.iter().find(|(opening, _)| *opening == id).map(|(_, access)| *access);
        let (reads, writes) = sides(openings.into_iter());
        own != Some(Access::Write) && reads == 1 || own != Some(Access::Read) && writes == 1
    }

    fn signalfds(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.woken_as() == Nature::Made(FdKind::Signalfd4))
    }

    /// SIGUSR2 was sent to this process. A signal that is pending already is not sent again.
    pub(super) fn signalled(&mut self) {
        let pending = self.signalfds().any(|file| file.ready().contains(Ready::IN));
        let any = self.signalfds().next().map(|file| file.id);
        if let Some(any) = any.filter(|_| !pending) {
            self.happened(any, Deed::Signalled);
        }
    }

    /// The file wakes the epolls that watch it, the latest registration first: the kernel puts a new waiter at the head of
    /// the wait queue. Exclusive ones are put at its tail, so they come after the others in the order of registration, up
    /// to the first epoll in which a thread waits.
    pub(super) fn wake(&mut self, id: FileId, events: Ready, cause: Cause) {
        self.wake_within(id, events, cause, NESTED, &mut { WAKES });
        self.settle(id);
    }

    /// What was new in the report of `epoll` has woken the others that watch the file, too.
    pub(super) fn wake_others(&mut self, id: FileId, epoll: FileId, events: Ready) {
        let Some(file) = self.files.get(id).filter(|_| !events.is_empty()) else { return };
        let others: Vec<_> = file.watched_by.iter().copied().filter(|(other, _)| *other != epoll).collect();
        let turns = others.iter().rev().map(|other| (other, false)).chain(others.iter().map(|other| (other, true)));
        let mut wakes = WAKES;
        for (&other, exclusive) in turns {
            if self.wake_one(other, id, exclusive, events, Cause::BecameReady, NESTED, &mut wakes) {
                return;
            }
        }
    }

    /// The same for files that share a wait queue.
    pub(super) fn wake_queue(&mut self, ids: &[FileId], events: Ready, cause: Cause) {
        let added = |(epoll, fd): (FileId, Fd), id| Some(self.epolls.get(&epoll)?.items.get(&(fd, id))?.added);
        let mut queue: Vec<_> = ids
            .iter()
            .filter_map(|&id| Some((id, self.files.get(id)?)))
            .flat_map(|(id, file)| file.watched_by.iter().map(move |&watcher| (added(watcher, id), watcher, id)))
            .collect();
        queue.sort_unstable();
        let mut wakes = WAKES;
        for exclusive in [false, true] {
            for at in 0..queue.len() {
                let (_, watcher, id) = queue[if exclusive { at } else { queue.len() - 1 - at }];
                if self.wake_one(watcher, id, exclusive, events, cause, NESTED, &mut wakes) {
                    return;
                }
            }
        }
        for &id in ids {
            self.settle(id);
        }
    }

    /// An epoll that is woken wakes the epolls that watch it in its turn.
    fn wake_within(&mut self, id: FileId, events: Ready, cause: Cause, levels: u32, wakes: &mut u32) {
        let count = self.files.get(id).map_or(0, |file| file.watched_by.len());
        let turns = (0..count).rev().map(|i| (i, false)).chain((0..count).map(|i| (i, true)));
        for (i, exclusive) in turns {
            let Some(&watcher) = self.files.get(id).and_then(|file| file.watched_by.get(i)) else { return };
            if self.wake_one(watcher, id, exclusive, events, cause, levels, wakes) {
                return;
            }
        }
    }

    /// Wakes one registration, if it is an exclusive one or not as said. Whether no further one is woken.
    #[allow(clippy::too_many_arguments, reason = "one waiter of a queue that is gone through")]
    fn wake_one(
        &mut self,
        (watcher, fd): (FileId, Fd),
        id: FileId,
        exclusive: bool,
        events: Ready,
        cause: Cause,
        levels: u32,
        wakes: &mut u32,
    ) -> bool {
        let Some(epoll) = self.epolls.get_mut(&watcher) else { return false };
        let key = (fd, id);
        if *wakes == 0 {
            return true;
        }
        if epoll.is_exclusive(key) != exclusive || !epoll.wake(key, events, cause) {
            return false;
        }
        *wakes -= 1;
        let woken = epoll.in_wait().is_some();
        if levels > 0 {
            self.wake_within(watcher, Ready::IN, Cause::BecameReady, levels - 1, wakes);
        }
        exclusive && woken
    }
}

/// How many openings of a FIFO read, and how many write.
fn sides(openings: impl Iterator<Item = (FileId, Access)>) -> (usize, usize) {
    openings.fold((0, 0), |(reads, writes), (_, access)| {
        (reads + usize::from(access != Access::Write), writes + usize::from(access != Access::Read))
    })
}

impl Epoll {
    /// A wake-up from the file, with its events (none means any): puts the item on the list, unless it is there already, is
    /// disarmed, or did not ask for them. Gives whether it asked for them. What MOD has made an edge has a new cause.
    pub(super) fn wake(&mut self, key: ItemKey, events: Ready, cause: Cause) -> bool {
        let Some(item) = self.items.get_mut(&key) else { return false };
        if !item.armed || !(events.is_empty() || events.intersects(item.interest.reportable())) {
            return false;
        }
        match (&mut item.queued, cause) {
            (Some(Cause::Arrived { bytes }), Cause::Arrived { bytes: more }) => *bytes += more,
            (Some(queued @ Cause::PutBack { .. }), _) if item.interest.is_edge() => *queued = cause,
            (Some(Cause::PutBack { more, .. }), Cause::Arrived { .. } | Cause::Connected | Cause::Urgent) => {
                *more = true;
            }
            (Some(_), _) => {}
            (queued, _) => {
                *queued = Some(cause);
                item.queued_after = self.last_returned;
                self.ready.push_back(key);
            }
        }
        true
    }

    /// Something has arrived that wakes nobody, as too little is unread for SO_RCVLOWAT.
    pub(super) fn more_came(&mut self, key: ItemKey) {
        if let Some(Cause::PutBack { more, .. }) = self.items.get_mut(&key).and_then(|item| item.queued.as_mut()) {
            *more = true;
        }
    }
}
