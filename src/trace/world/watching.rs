//! What epoll calls, and wake-ups from files, do to the interest lists and ready lists.

use super::epoll::Epoll;
use super::file::{File, FileId, Key, Kind};
use super::report::{Cause, Item, Wait};
use super::stance::{Found, Nature};
use super::state::{CROWD, Just, MAX_EPOLLS, MAX_FILES, World};
use crate::record::{Chunk, CtlOp, Fd, FdKind, Interest, Nanos, Ready, Ret, Tid, Timeout};
use crate::sys::Errno;

impl World {
    pub(super) fn created(&mut self, tid: Tid, ret: Ret) {
        if let Some(fd) = ret.fd() {
            let mut id = self.open(tid, fd, Kind::Epoll);
            if self.epolls.len() >= MAX_EPOLLS || id == CROWD {
                id = self.crowd();
            }
            self.epolls.insert(id, Box::new(Epoll::new(fd, id != CROWD)));
            self.used = Some(id);
        }
    }

    /// The epoll that `tid` calls `epfd`. If the trace does not show its creation, it is entered here, with a ready list in
    /// doubt.
    #[inline]
    pub(super) fn epoll_of(&mut self, tid: Tid, epfd: Fd) -> &mut Epoll {
        let id = self.epoll_id(tid, epfd);
        self.epolls.entry(id).or_insert_with(|| Box::new(Epoll::new(epfd, false)))
    }

    #[inline]
    pub(super) fn epoll_id(&mut self, tid: Tid, epfd: Fd) -> FileId {
        let id = self.resolve(tid, epfd);
        if self.epolls.len() >= MAX_EPOLLS && !self.epolls.contains_key(&id) {
            return self.crowd();
        }
        if self.files.get(id).is_some_and(|file| !matches!(file.kind, Kind::Epoll))
            && let Some(file) = self.files.get_mut(id)
        {
            file.kind = Kind::Epoll;
        }
        id
    }

    pub(super) fn controlled(&mut self, tid: Tid, epfd: Fd, op: CtlOp, fd: Fd, interest: Interest) {
        let epoll_id = self.epoll_id(tid, epfd);
        self.used = Some(epoll_id);
        let file_id = self.resolve(tid, fd);
        let key = (fd, file_id);
        let Some(file) = self.files.get_mut(file_id) else { return };
        if matches!(op, CtlOp::Unknown(_)) {
            return;
        }
        if op != CtlOp::Add {
            self.counters.changes += 1;
        }
        if op == CtlOp::Del {
            file.watched_by.retain(|watcher| *watcher != (epoll_id, fd));
            return self.epoll_of(tid, epfd).remove(key);
        }
        if self.epolls.get(&epoll_id).is_some_and(|epoll| epoll.items.len() >= MAX_FILES) {
            self.crowd();
            return;
        }
        if !file.watched_by.contains(&(epoll_id, fd)) {
            file.watched_by.push((epoll_id, fd));
        }
        let stands = self.ready_of(file_id);
        let ready = stands & interest.reportable();
        let found = Found::of(self.files.get(file_id), stands, interest);
        let name = self.called_by(tid, fd);
        let epoll = self.epolls.entry(epoll_id).or_insert_with(|| Box::new(Epoll::new(epfd, false)));
        let cause = if let Some(item) = epoll.items.get_mut(&key) {
            self.files.asked_for(file_id, item.interest & interest);
            let before = std::mem::replace(&mut item.interest, interest);
            item.modified(before, found);
            item.name = name.or(item.name);
            item.armed = true;
            item.fdinfo = None;
            Cause::Modified
        } else {
            epoll.add(Item {
                fd,
                file: file_id,
                name,
                interest,
                armed: true,
                added: self.seq,
                found: Some(found),
                queued: None,
                queued_after: 0,
                reports: 0,
                last_report: 0,
                last_place: 0,
                fdinfo: None,
            });
            Cause::Added
        };
        let news = !ready.is_empty() && epoll.items.get(&key).is_some_and(|item| item.queued.is_none());
        if news {
            epoll.wake(key, ready, cause);
            self.wake(epoll_id, Ready::IN, Cause::BecameReady);
        }
        if let (Cause::Added, Some(thread)) = (cause, self.threads.get_mut(&tid)) {
            thread.just = Just::Added(epoll_id, fd, file_id);
        }
        self.asked_if_ready(file_id);
        self.settle(file_id);
    }

    /// The program gives `fd` a name, until that is closed; a registration under `fd` keeps the name while it exists.
    pub(super) fn called(&mut self, tid: Tid, fd: Fd, name: Chunk) {
        let id = self.resolve(tid, fd);
        let place = (self.table(tid), fd);
        if self.fds.contains_key(place) {
            self.names.insert((place, name));
        }
        if let Some(epoll) = self.epolls.get_mut(&id) {
            epoll.name = Some(name);
        }
        for &(watcher, number) in self.files.get(id).map_or(&[][..], |file| &*file.watched_by) {
            let item = self.epolls.get_mut(&watcher).and_then(|epoll| epoll.items.get_mut(&(number, id)));
            if let Some(item) = item.filter(|_| number == fd) {
                item.name = Some(name);
            }
        }
    }

    pub(super) fn drop_epoll(&mut self, id: FileId) {
        let Some(epoll) = self.epolls.remove(&id) else { return };
        for item in epoll.items.values() {
            if let Some(file) = self.files.get_mut(item.file) {
                file.watched_by.retain(|(epoll, _)| *epoll != id);
            }
        }
        self.closed = Some(Box::new(epoll.without_lists()));
    }

    pub(super) fn entered(&mut self, tid: Tid, epfd: Fd, wait: Wait) {
        let file = self.meant(self.table(tid), epfd).and_then(|id| self.files.get(id));
        match (file.map(|file| &file.kind), &mut self.closed) {
            // What is no epoll gives EINVAL.
            (Some(Kind::Stream(_) | Kind::Listener(_) | Kind::Other(_)), _) => return,
            // What is closed gives EBADF. The wait is kept where the others are.
            (None, Some(closed)) if closed.fd == epfd => return closed.enter(wait, |_| None),
            _ => {}
        }
        let id = self.epoll_id(tid, epfd);
        self.used = Some(id);
        self.goes_through(id, wait.room());
        let mut epoll = self.epolls.remove(&id).unwrap_or_else(|| Box::new(Epoll::new(epfd, false)));
        let timeout = wait.timeout;
        epoll.enter(wait, |item| self.is_ready_to(tid, item));
        self.epolls.insert(id, epoll);
        self.leaves_behind(tid, id, timeout);
    }

    /// `tid` waits, or is about to: what it leaves behind is stranded.
    pub(super) fn leaves_behind(&mut self, tid: Tid, id: FileId, timeout: Timeout) {
        self.leaves(id, |world, epoll, key| world.rests(timeout) && world.is_left(epoll, key, tid));
    }

    /// All threads of a watched program sleep: what is unread now, nobody is about to read.
    pub(super) fn all_sleep(&mut self, id: FileId) {
        self.leaves(id, |world, _, key| world.is_readable(key));
    }

    fn leaves(&mut self, id: FileId, is_left: impl Fn(&Self, &Epoll, &Key) -> bool) {
        // Out of the world for a moment, so that both can be looked at.
        let Some(mut epoll) = self.epolls.remove(&id) else { return };
        let mut silent = std::mem::take(&mut epoll.silent);
        silent.enter(|key| epoll.certain && is_left(self, &epoll, key));
        epoll.silent = silent;
        self.epolls.insert(id, epoll);
    }

    pub(super) fn polled(&mut self, tid: Tid, epfd: Fd, ready: bool) {
        let id = self.epoll_id(tid, epfd);
        self.goes_through(id, 1);
        let mut epoll = self.epolls.remove(&id).unwrap_or_else(|| Box::new(Epoll::new(epfd, false)));
        epoll.poll(ready, |item| self.is_ready(item));
        self.epolls.insert(id, epoll);
    }

    #[inline]
    pub(super) fn reported(&mut self, tid: Tid, epfd: Fd, fd: Fd, ready: Ready) {
        let epoll_id = self.waited_on(tid, epfd);
        let epoll = self.epolls.entry(epoll_id).or_insert_with(|| Box::new(Epoll::new(epfd, false)));
        let seen = epoll.report(fd, ready, &mut self.files);
        let ready = ready.plain();
        // The kernel says how the file stands: what contradicts that was wrong, or is out of date.
        if let Some((id, cause)) = seen {
            self.asked_if_ready(id);
            let new =
                self.files.get(id).filter(|_| self.is_other(id)).map_or(Ready::empty(), |file| ready - file.ready());
            self.believe(id, ready, cause);
            self.wake_others(id, epoll_id, new);
            self.settle(id);
            self.mark_ghost(epoll_id, id, fd);
        }
        self.let_go(epoll_id);
    }

    /// The epoll that `tid` waits on, or has waited on where its events are still coming in.
    #[inline]
    fn waited_on(&mut self, tid: Tid, epfd: Fd) -> FileId {
        let waits = |id: &&FileId| self.epolls.get(id).is_some_and(|epoll| epoll.fd == epfd && epoll.is_busy(tid));
        match self.lingering.iter().find(waits) {
            Some(id) => *id,
            None => self.epoll_id(tid, epfd),
        }
    }

    /// An epoll that was closed while a thread waited in it is gone when that wait is over: it held the file.
    #[inline]
    fn let_go(&mut self, id: FileId) {
        if self.lingering.contains(&id) && !self.epolls.get(&id).is_some_and(|epoll| epoll.is_busy(None)) {
            self.lingering.retain(|other| *other != id);
            self.release(id);
        }
    }

    /// The wait of `tid` returned.
    #[inline]
    pub(super) fn left(&mut self, tid: Tid, epfd: Fd, t: Nanos, ret: Ret) {
        if let Some(closed) = self.closed.as_mut().filter(|closed| closed.fd == epfd && closed.is_busy(tid)) {
            return closed.leave(tid, t, self.moments, ret, &mut self.files);
        }
        if ret.is(Errno::EINVAL) && self.lingering.is_empty() && self.epoll_at(tid, epfd).is_none() {
            return;
        }
        let id = self.waited_on(tid, epfd);
        let epoll = self.epolls.entry(id).or_insert_with(|| Box::new(Epoll::new(epfd, false)));
        epoll.leave(tid, t, self.moments, ret, &mut self.files);
        if ret.is(Errno::EBADF) && !self.lingering.contains(&id) {
            self.forget(tid, epfd);
        }
        self.let_go(id);
    }

    /// Corrects what is known of a file by a report of it.
    fn believe(&mut self, id: FileId, ready: Ready, cause: Cause) {
        let Some(file) = self.files.get_mut(id) else { return };
        if let Kind::Listener(listener) = &mut file.kind {
            listener.pending = listener.pending.filter(|pending| *pending > 0);
        } else if let Kind::Other(other) = &mut file.kind {
            other.ready |= ready;
            file.on_its_way = false;
        } else if let Some(stream) = file.stream_mut() {
            let had_ended = stream.ended;
            stream.uncounted = matches!(cause, Cause::SomeArrived { .. });
            stream.unwatched &= !ready.contains(Ready::IN);
            stream.full &= !ready.contains(Ready::OUT);
            stream.ended |= ready.contains(Ready::RDHUP);
            stream.error |= ready.contains(Ready::ERR);
            stream.failed |= stream.error;
            stream.hung_up |= ready.contains(Ready::HUP);
            stream.urgent |= ready.contains(Ready::PRI);
            if ready.contains(Ready::IN) && stream.unread == Some(0) && !had_ended && !stream.hung_up {
                stream.unread = None;
            }
        }
    }

    /// Brings [`Epoll::silent`] up to date after something changed in a file.
    #[inline]
    pub(super) fn settle(&mut self, id: FileId) {
        self.settle_and(id, |_, _| {});
    }

    /// The same, with something more to do for each registration.
    #[inline]
    pub(super) fn settle_and(&mut self, id: FileId, also: impl Fn(&mut Epoll, Key)) {
        let Some(file) = self.files.get(id) else { return };
        let readable = file.has_something_to_read();
        for &(epoll, fd) in file.watched_by.iter() {
            if let Some(epoll) = self.epolls.get_mut(&epoll) {
                epoll.settle((fd, id), readable);
                also(epoll, (fd, id));
            }
        }
    }

    /// The same of a wait by this thread: a signalfd tells of the signals of the process that waits. signalfd(2), "fork(2)
    /// semantics"
    fn is_ready_to(&self, tid: Tid, item: &Item) -> Option<bool> {
        let tells_others =
            |file: &File| file.woken_as() == Nature::Made(FdKind::Signalfd4) && file.table != self.table(tid);
        match self.files.get(item.file).is_some_and(tells_others) {
            true if self.watched => None,
            true => Some(false),
            false => self.is_ready(item),
        }
    }

    /// Whether a wait would report `item`; `None` where that is unknown, because the depth is unknown or something is on its
    /// way.
    #[inline]
    pub(super) fn is_ready(&self, item: &Item) -> Option<bool> {
        let file = self.files.get(item.file)?;
        let ready = self.ready_of(item.file).intersects(item.interest.reportable());
        let certain = match self.epolls.get(&item.file) {
            Some(inner) => inner.certain,
            None => file.depth().is_some() && !file.on_its_way,
        };
        (ready && !file.is_stale() || certain).then_some(ready)
    }
}
