//! The state that the records add up to: a fold.
//!
//! `World::apply` takes any stream of records, also one with gaps or one that starts midway, never panics, and says
//! `None` or [`Cause::Unseen`] where it cannot know. It is the only place where records get a meaning; the screen, the
//! sentences of why and the tests all read it.

mod annotations;
mod apply;
mod epoll;
mod file;
mod nested;
mod order;
mod other;
mod process;
mod report;
mod rest;
mod samples;
mod shared;
mod silent;
mod tables;
mod traffic;
mod uncounted;
mod watching;
mod who;

use std::collections::{BTreeMap, HashMap, VecDeque};

pub use epoll::Epoll;
pub use file::{File, FileId, Kind, Listener, Other, Stream, Table};
pub use report::{Cause, Item, Report, Wait};
use shared::Paged;
use tables::{Client, Entry, Files, Name};
pub use who::{Who, client_name};

use crate::i18n::Lang;
use crate::record::{Addr, Annotation, Call, Chunk, Fd, Nanos, Policy, Ready, Seq, Tid};

/// How deep epolls may watch each other: `EP_MAX_NESTS`. epoll_ctl(2), `ELOOP`
const NESTED: u32 = 5;

/// The most ways that lead from a file over epolls to who waits: `path_limits` of `fs/eventpoll.c`, for each length.
const WAKES: u32 = 1000 + 500 + 100 + 50 + 10;

/// The most fds, files and registrations of an epoll that are told apart; a process has no more unless `fs.nr_open` was
/// raised. A recording may claim any number: all others are then one file, of which nothing is known.
const MAX_FILES: usize = 1 << 20;

/// The most epolls that are told apart, since each keeps its last waits.
const MAX_EPOLLS: usize = 4096;

/// The most threads that are told apart.
const MAX_THREADS: usize = 1 << 16;

/// The file that stands for all beyond [`MAX_FILES`].
const CROWD: FileId = FileId::CROWD;

/// Counts over everything so far, as the server's side made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counters {
    /// System calls.
    pub calls: u64,
    /// Calls that answered EAGAIN.
    pub eagain: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections closed.
    pub closed: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes that send took.
    pub bytes_out: u64,
    /// Records that are missing.
    pub lost: u64,
    /// How often something was not told apart from the rest, since there is more of its kind than anybody has.
    pub crowded: u64,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Thread {
    table: Table,
    /// It is the program under the scope: it listens, accepts, or has to do with an epoll. The others are its clients.
    serves: bool,
    /// What its last system call was, where a sample right after it tells how that call found things.
    just: Just,
    /// The recv or send on a blocking fd that it has entered, and when.
    inside: Option<(Call, Nanos)>,
    /// The epoll_wait that it is held before; see [`Annotation::Rest`](crate::record::Annotation::Rest).
    rests: Option<Call>,
}

/// See [`Thread::just`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Just {
    #[default]
    Other,
    /// epoll_wait returned.
    Waited,
    /// EPOLL_CTL_ADD at this epoll, of this fd and file.
    Added(FileId, Fd, FileId),
    /// Bytes were received from this fd.
    Received(Fd),
}

/// The state after some number of records.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct World {
    seq: Seq,
    t: Nanos,
    policy: Option<Policy>,
    /// What the server was told to follow last.
    ordered: Option<Policy>,
    /// It was told to stop, or died.
    ended: Option<Annotation>,
    counters: Counters,
    /// See [`World::moments`].
    moments: u64,
    threads: BTreeMap<Tid, Thread>,
    fds: Paged<Entry>,
    /// What the program calls its fds.
    names: Paged<Name>,
    files: Files,
    /// Each is moved out while something is done to it, and back.
    epolls: BTreeMap<FileId, Box<Epoll>>,
    /// The epoll that was used last.
    used: Option<FileId>,
    /// The epoll that was closed last, without its lists.
    closed: Option<Box<Epoll>>,
    /// Listeners by their own address.
    listening: HashMap<Addr, FileId>,
    /// Connecting ends by their own address, until the other end is accepted; they may be closed by then.
    connecting: HashMap<Addr, VecDeque<FileId>>,
    /// UDP sockets by their own address.
    datagrams: HashMap<Addr, FileId>,
    /// How many have connected.
    connected: u32,
    /// How many fds were gone through for children and their ends.
    gone_through: u64,
    /// The ends that connected and are open, by the order of connecting.
    clients: Paged<Client>,
}

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

    /// System calls so far, of all threads, as they are looked at one after the other: to enter epoll_wait is one, to
    /// leave it another.
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

    /// [`World::epoll`], else that which was closed last, without its lists: what it told stands though it is gone.
    pub fn last_epoll(&self) -> Option<&Epoll> {
        self.epoll().or(self.closed.as_deref())
    }

    /// Whether the fd that `item` was registered under stands for it no more: it was closed, and a duplicate lives.
    pub fn is_ghost(&self, item: &Item) -> bool {
        self.files.get(item.file).is_some_and(|file| self.meant(file.table, item.fd) != Some(item.file))
    }

    /// The registration of `id` at `epoll`; of several that under the lowest fd.
    pub fn registration<'a>(&self, epoll: &'a Epoll, id: FileId) -> Option<&'a Item> {
        let fds = self.file(id)?.watched_by.iter().map(|(_, fd)| *fd);
        fds.filter_map(|fd| epoll.items.get(&(fd, id))).min_by_key(|item| item.fd)
    }

    /// The accepted end of the built-in client that connected as the how manieth, from 0, while both are open.
    pub fn accepted_from_client(&self, ordinal: u32) -> Option<FileId> {
        let client = self.files.get(self.clients.get(ordinal)?.1)?.stream()?;
        let end = client.other.filter(|_| client.ordinal == Some(ordinal))?;
        self.files.get(end)?.stream()?.accepted.then_some(end)
    }

    /// What is behind a registration or report.
    #[inline]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id)
    }

    /// Whether `tid` is of the program under the scope: it listens, accepts, or has to do with an epoll. The others are
    /// its clients.
    pub fn serves(&self, tid: Tid) -> bool {
        self.threads.get(&tid).is_some_and(|thread| thread.serves)
    }

    /// All that is open, in no order.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> + '_ {
        self.files.iter().map(|file| (file.id, file))
    }

    /// What `tid` means by `fd`.
    #[inline]
    pub fn file_of(&self, tid: Tid, fd: Fd) -> Option<(FileId, &File)> {
        let id = self.meant(self.table(tid), fd)?;
        Some((id, self.files.get(id)?))
    }

    /// Whether `fd` in the mouth of `tid` is the number that `file` was opened under.
    pub fn means(&self, tid: Tid, fd: Fd, file: &File) -> bool {
        file.fd == fd && file.table == self.table(tid)
    }

    /// How many connections of the server's side are open.
    pub fn open_connections(&self) -> u64 {
        self.counters.accepted.saturating_sub(self.counters.closed)
    }

    /// What a wait on `epoll` would report now as far as is known, with the masks, in order: the items of the inferred
    /// ready list that are ready. Those that are not will be dropped by the next wait.
    pub fn due<'a>(&'a self, epoll: &'a Epoll) -> impl Iterator<Item = (&'a Item, Ready)> {
        let masks = epoll.ready_list().map(|item| (item, self.ready_for(item)));
        masks.filter(|(_, mask)| !mask.is_empty())
    }

    /// What `item` is ready for, of that which it asks for.
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

    /// In the kernel no more than [`WAKES`] ways lead from a file to the epolls that watch it, so none leads to more.
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
            Some(epoll) if levels > 0 && due(epoll) => Ready::IN,
            _ => self.files.get(id).map_or(Ready::empty(), File::ready),
        }
    }

    /// The epoll object that `tid` calls `epfd`.
    pub fn epoll_at(&self, tid: Tid, epfd: Fd) -> Option<&Epoll> {
        self.epolls.get(&self.meant(self.table(tid), epfd)?).map(|epoll| &**epoll)
    }

    /// Bytes, and connections, that no coming report will announce, once the server waits. See [`Epoll::silent`].
    pub fn stranded(&self) -> impl Iterator<Item = (&Item, u64)> + '_ {
        self.epolls().flat_map(Epoll::silent).filter_map(|item| {
            let depth = self.files.get(item.file).and_then(File::depth)?;
            Some((item, depth))
        })
    }

    /// The name of what is behind `id`: what the program calls the number that it was opened under, else what it is.
    pub fn name(&self, id: FileId, lang: Lang) -> String {
        let Some(file) = self.files.get(id) else { return Who::Unknown.name(lang) };
        let named = self.names.get((file.table, file.fd)).filter(|_| self.meant(file.table, file.fd) == Some(id));
        named.map_or(file.who(), |(_, name)| Who::Named(*name)).name(lang)
    }

    /// The name of a registration, by the number that it was made under.
    pub fn name_of(&self, item: &Item, lang: Lang) -> String {
        item.name.map_or_else(|| self.name(item.file, lang), |name| Who::Named(name).name(lang))
    }

    /// What the program of `tid` calls its `fd`.
    pub fn called_by(&self, tid: Tid, fd: Fd) -> Option<Chunk> {
        self.names.get((self.table(tid), fd)).map(|(_, name)| *name)
    }

    /// About how many bytes a copy takes: what has changed since the last copy, and what no two worlds share.
    pub(super) fn price(&self) -> usize {
        let epolls: usize = self.epolls().chain(self.closed.as_deref()).map(Epoll::price).sum();
        let tables = self.fds.own(|_| 0) + self.names.own(|_| 0) + self.clients.own(|_| 0) + self.files.price();
        self.least_price() + tables + epolls
    }

    /// The least that a copy may take, quickly told.
    pub(super) fn least_price(&self) -> usize {
        let tables = self.fds.frame() + self.names.frame() + self.clients.frame() + self.files.frame();
        let threads = self.threads.len() * size_of::<(Tid, Thread)>() * 3 / 2;
        let connecting = self.connecting.capacity() * (size_of::<(Addr, VecDeque<FileId>)>() + 64);
        let addresses = (self.listening.capacity() + self.datagrams.capacity()) * size_of::<(Addr, FileId)>();
        let epolls: usize = self.epolls().chain(self.closed.as_deref()).map(Epoll::least_price).sum();
        size_of::<Self>() + tables + threads + connecting + addresses + epolls
    }

    /// What `fd` stands for in a table.
    #[inline]
    fn meant(&self, table: Table, fd: Fd) -> Option<FileId> {
        self.fds.get((table, fd)).map(|(_, id)| *id)
    }

    #[inline]
    fn table(&self, tid: Tid) -> Table {
        self.threads.get(&tid).map_or(Table::default(), |thread| thread.table)
    }

    /// The file that `tid` calls `fd`; one that nothing has told of yet is made up as unknown.
    #[inline]
    fn resolve(&mut self, tid: Tid, fd: Fd) -> FileId {
        let table = self.table(tid);
        if let Some(id) = self.meant(table, fd) {
            return id;
        }
        if self.is_full() {
            if !self.files.contains_key(CROWD) {
                self.files.insert(File::new(CROWD, Kind::Unknown, table, fd));
            }
            return self.crowd();
        }
        self.enter_file(Kind::Unknown, table, fd)
    }

    /// A new file, that `fd` stands for.
    fn enter_file(&mut self, kind: Kind, table: Table, fd: Fd) -> FileId {
        let id = self.files.new_id(self.seq.0);
        self.fds.insert(((table, fd), id));
        self.files.insert(File::new(id, kind, table, fd));
        id
    }

    /// What is spoken of is not told apart.
    fn crowd(&mut self) -> FileId {
        self.counters.crowded += 1;
        CROWD
    }

    /// Whether no more fds are told apart.
    fn is_full(&self) -> bool {
        self.fds.len() >= MAX_FILES
    }

    /// What is known of a thread; those beyond the bound are one.
    #[inline]
    fn thread(&mut self, tid: Tid) -> &mut Thread {
        let full = self.threads.len() >= MAX_THREADS && !self.threads.contains_key(&tid);
        self.counters.crowded += u64::from(full);
        self.threads.entry(if full { Tid(u32::MAX) } else { tid }).or_default()
    }

    /// A call gave `tid` a new fd.
    fn open(&mut self, tid: Tid, fd: Fd, kind: Kind) -> FileId {
        self.forget(tid, fd);
        if self.is_full() {
            return self.resolve(tid, fd);
        }
        self.enter_file(kind, self.table(tid), fd)
    }
}
