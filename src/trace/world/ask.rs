//! What others ask of the world.

use super::bands;
use super::epoll::Epoll;
use super::file::{File, FileId};
use super::report::Item;
use super::stance::Nature;
use super::state::{Counters, NESTED, WAKES, World};
use super::who::Who;
use crate::i18n::Lang;
use crate::record::{Chunk, Fd, Nanos, Policy, Ready, Seq, Tid};

impl World {
    /// The number of the last record; 0 for none.
    #[inline]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// The time of the last record.
    #[inline]
    pub fn time(&self) -> Nanos {
        self.t
    }

    /// The policy that the server follows, where the records say.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// Counts so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// System calls so far, of all threads, as a user steps through them: entering epoll_wait is one, leaving it another.
    pub fn moments(&self) -> u64 {
        self.moments
    }

    /// The epoll objects, oldest first.
    pub fn epolls(&self) -> impl Iterator<Item = &Epoll> + '_ {
        self.epolls.values().map(|epoll| &**epoll)
    }

    /// The epoll object under the scope: that which was used last, while it is open, else the oldest.
    pub fn epoll(&self) -> Option<&Epoll> {
        self.used.and_then(|id| self.epolls.get(&id)).or_else(|| self.epolls.values().next()).map(|epoll| &**epoll)
    }

    /// [`World::epoll`], else that which was closed last, without its lists: its waits stay worth a look.
    pub fn last_epoll(&self) -> Option<&Epoll> {
        self.epoll().or(self.closed.as_deref())
    }

    /// The epoll object that `tid` calls `epfd`.
    pub fn epoll_at(&self, tid: Tid, epfd: Fd) -> Option<&Epoll> {
        self.epolls.get(&self.meant(self.table(tid), epfd)?).map(|epoll| &**epoll)
    }

    /// Whether the fd that `item` was registered under no longer stands for its file: it was closed, and a duplicate
    /// keeps the registration alive.
    pub fn is_ghost(&self, item: &Item) -> bool {
        self.files.get(item.file).is_some_and(|file| self.meant(file.table, item.fd) != Some(item.file))
    }

    /// The registration of `id` at `epoll`; of several that under the lowest fd.
    pub fn registration<'a>(&self, epoll: &'a Epoll, id: FileId) -> Option<&'a Item> {
        let fds = self.file(id)?.watched_by.iter().map(|(_, fd)| *fd);
        fds.filter_map(|fd| epoll.items.get(&(fd, id))).min_by_key(|item| item.fd)
    }

    /// The accepted end of the built-in client with this ordinal, from 0 in the order of connecting, while both are open.
    pub fn accepted_from_client(&self, ordinal: u32) -> Option<FileId> {
        let client = self.files.get(self.clients.get(ordinal)?.1)?.stream()?;
        let end = client.other.filter(|_| client.ordinal == Some(ordinal))?;
        self.files.get(end)?.stream()?.accepted.then_some(end)
    }

    /// The file behind a registration or report.
    #[inline]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id)
    }

    /// All that is open, in no order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> + '_ {
        self.files.iter().map(|file| (file.id, file))
    }

    /// The file behind `fd` as numbered in `tid`'s fd table.
    #[inline]
    pub fn file_of(&self, tid: Tid, fd: Fd) -> Option<(FileId, &File)> {
        let id = self.meant(self.table(tid), fd)?;
        Some((id, self.files.get(id)?))
    }

    /// Whether `fd`, as numbered in `tid`'s fd table, is the number that `file` was opened under.
    pub fn means(&self, tid: Tid, fd: Fd, file: &File) -> bool {
        file.fd == fd && file.table == self.table(tid)
    }

    /// Whether `tid` belongs to the program under the scope: it listens, accepts, or uses an epoll. The others are its
    /// clients. Of a program that is watched also a thread that has ended.
    pub fn serves(&self, tid: Tid) -> bool {
        self.threads.get(&tid).map_or(self.watched, |thread| thread.serves)
    }

    /// How many connections of the server's side are open.
    pub fn open_connections(&self) -> u64 {
        (self.counters.accepted + self.counters.found).saturating_sub(self.counters.closed)
    }

    /// What a wait on `epoll` would report now as far as is known, with the masks, in order: the items of the inferred
    /// ready list that are ready. The next wait will drop the others.
    pub fn due<'a>(&'a self, epoll: &'a Epoll) -> impl Iterator<Item = (&'a Item, Ready)> {
        let masks = epoll.ready_list().map(|item| (item, self.ready_for(item)));
        masks.filter(|(item, mask)| !mask.is_empty() && !self.is_unknown(item))
    }

    /// The items of the inferred ready list of which nobody can say whether a wait would report them now: something has
    /// happened to the file, and the kernel was not asked since, as it can't be of a file that only a child has open.
    pub fn unknown<'a>(&'a self, epoll: &'a Epoll) -> impl Iterator<Item = &'a Item> {
        epoll.ready_list().filter(|item| self.is_unknown(item))
    }

    /// See [`World::unknown`].
    pub fn is_unknown(&self, item: &Item) -> bool {
        self.is_ready(item).is_none()
    }

    /// The events that `item` is ready for, of those it asks for.
    #[inline]
    pub fn ready_for(&self, item: &Item) -> Ready {
        self.ready_of(item.file) & item.interest.reportable()
    }

    /// What poll(2) would say of a file, as far as it is known. An epoll is readable when a wait on it would report
    /// something.
    #[inline]
    pub fn ready_of(&self, id: FileId) -> Ready {
        self.ready_within(id, NESTED, &mut { WAKES })
    }

    /// The kernel allows at most [`WAKES`] paths from a file to the epolls above it, so a recording with more is not
    /// followed further: it could be made to take forever.
    fn ready_within(&self, id: FileId, levels: u32, ways: &mut u32) -> Ready {
        let mut due = |epoll: &Epoll| {
            epoll.ready_list().any(|item| {
                let nested = self.epolls.contains_key(&item.file);
                *ways = ways.saturating_sub(u32::from(nested));
                (!nested || *ways > 0)
                    && self.ready_within(item.file, levels - 1, ways).intersects(item.interest.reportable())
            })
        };
        match self.epolls.get(&id) {
            Some(epoll) if levels > 0 && due(epoll) => bands::reported(Nature::Epoll, Ready::IN),
            _ => self.files.get(id).map_or(Ready::empty(), |file| bands::reported(file.woken_as(), file.ready())),
        }
    }

    /// The clients that have connected and are not accepted yet, as far as the records show who connects: the last
    /// `most`, in the order of connecting.
    pub fn unaccepted(&self, most: usize) -> Vec<FileId> {
        // A longer queue than any listener has is not looked through.
        let last = self.connected.saturating_sub(self.pending().min(1 << 12))..self.connected;
        let clients = last.filter_map(|ordinal| Some(self.clients.get(ordinal)?.1));
        let waits = |id: &FileId| {
            let stream = self.files.get(*id).and_then(File::stream);
            stream.is_some_and(|stream| stream.other.is_none() && !stream.hung_up)
        };
        let mut waiting: Vec<FileId> = clients.filter(waits).collect();
        waiting.drain(..waiting.len().saturating_sub(most));
        waiting
    }

    /// How many connections wait to be accepted, at all listeners on the interest list.
    pub fn pending(&self) -> u32 {
        let items = self.epoll().into_iter().flat_map(Epoll::items);
        let pending = items.filter_map(|item| self.files.get(item.file)?.listener()?.pending);
        pending.fold(0, u32::saturating_add)
    }

    /// Bytes, and connections, that no coming report will announce, once the server waits. See [`Epoll::silent`].
    pub fn stranded(&self) -> impl Iterator<Item = (&Item, u64)> + '_ {
        self.epolls().flat_map(Epoll::silent).filter_map(|item| {
            let depth = self.files.get(item.file).and_then(File::depth)?;
            Some((item, depth))
        })
    }

    /// The name of a file: what the program calls the number that it was opened under, else what it is.
    pub fn name(&self, id: FileId, lang: Lang) -> String {
        self.who(id).name(lang)
    }

    /// The same, not in words. A ghost has the name that it was registered under.
    pub fn who(&self, id: FileId) -> Who {
        let Some(file) = self.files.get(id) else { return Who::Unknown };
        let place = (file.table, file.fd);
        let named =
            self.names.get(place).filter(|_| self.meant(file.table, file.fd) == Some(id)).map(|(_, name)| *name);
        let registered = || {
            let mut items =
                file.watched_by.iter().filter_map(|(epoll, fd)| self.epolls.get(epoll)?.items.get(&(*fd, id)));
            items.find_map(|item| item.name)
        };
        named.or_else(registered).map_or(file.who(), Who::Named)
    }

    /// The name of a registration, by the number that it was made under.
    pub fn name_of(&self, item: &Item, lang: Lang) -> String {
        item.name.map_or_else(|| self.name(item.file, lang), |name| Who::Named(name).name(lang))
    }

    /// What the program of `tid` calls its `fd`.
    pub fn called_by(&self, tid: Tid, fd: Fd) -> Option<Chunk> {
        self.names.get((self.table(tid), fd)).map(|(_, name)| *name)
    }
}
