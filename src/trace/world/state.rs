//! What is kept: every fd, file and epoll that the records spoke of.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::epoll::Epoll;
use super::file::{File, FileId, Kind, Table};
use super::shared::Paged;
use super::tables::{Client, Entry, Files, Name};
use crate::record::{Addr, Annotation, Call, Chunk, Fd, Nanos, Policy, SAMPLED_AFTER_WAIT, Seq, SockOpt, Tid};
use crate::trace::file::Header;

/// How deep epolls may watch each other: `EP_MAX_NESTS`. epoll_ctl(2), `ELOOP`
pub(super) const NESTED: u32 = 5;

/// The most paths that lead from a file over epolls to a waiter: the sum of `path_limits` in `fs/eventpoll.c`, which has
/// a limit for each length.
pub(super) const WAKES: u32 = 1000 + 500 + 100 + 50 + 10;

// A recording may claim any number of fds, epolls and threads, and must not be able to fill the memory. Beyond these
// bounds all others count as one, of which nothing is known, and `Counters::crowded` says how often.

/// The most fds, files and registrations of an epoll that are told apart: a process has no more, unless `fs.nr_open` was
/// raised.
pub(super) const MAX_FILES: usize = 1 << 20;

/// The most epolls: each keeps its last waits.
pub(super) const MAX_EPOLLS: usize = 4096;

const MAX_THREADS: usize = 1 << 16;

/// The file that stands for all beyond [`MAX_FILES`].
pub(super) const CROWD: FileId = FileId::CROWD;

/// Counts over everything so far, of the server's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counters {
    /// System calls.
    pub calls: u64,
    /// Calls that answered EAGAIN.
    pub eagain: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections that were open before the first record.
    pub found: u64,
    /// Connections closed.
    pub closed: u64,
    /// Registrations changed by EPOLL_CTL_MOD, or taken off by EPOLL_CTL_DEL.
    pub changes: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes that send took.
    pub bytes_out: u64,
    /// Arrivals that listeners have dropped, because their queues were full.
    pub dropped: u64,
    /// Records that are missing.
    pub lost: u64,
    /// How often an fd, epoll or thread was not told apart from others, because there were too many.
    pub crowded: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Thread {
    pub(super) table: Table,
    /// It belongs to the program under the scope: it listens, accepts, or uses an epoll. The others are its clients.
    pub(super) serves: bool,
    /// Its last system call, if a sample right after it shows how that call found things.
    pub(super) just: Just,
    /// What a lab calls it, or its program's name.
    pub(super) name: Option<Chunk>,
    /// The recv or send on a blocking fd that it has entered, and whether it was found to hang there.
    pub(super) inside: Option<(Call, bool)>,
    /// The epoll_wait that it is held before; see [`Annotation::Rest`].
    pub(super) rests: Option<Call>,
}

/// See [`Thread::just`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Just {
    #[default]
    Other,
    /// epoll_wait returned.
    Waited,
    /// EPOLL_CTL_ADD at this epoll, of this fd and file.
    Added(FileId, Fd, FileId),
    /// Bytes were received from this fd.
    Received(Fd),
    /// `SO_SNDBUF` or `SO_RCVLOWAT` of this file was set; whom that wakes depends on how the file stands then.
    Set(FileId, SockOpt),
}

/// The state after some number of records.
///
/// ```
/// use epollscope::record::{Call, CtlOp, Fd, Interest, Nanos, Record, Ret, Seq, Tid};
/// use epollscope::trace::World;
///
/// let calls = [
///     Call::EpollCreate1 { ret: Ret::from_raw(4) },
///     Call::EpollCtl { epfd: Fd(4), op: CtlOp::Add, fd: Fd(5), interest: Interest::IN | Interest::ET, ret: Ret::OK },
/// ];
/// let mut world = World::default();
/// for (seq, call) in (1..).zip(calls) {
///     world.apply(&Record { seq: Seq(seq), t: Nanos(seq * 1_000), tid: Tid(77), call });
/// }
/// let epoll = world.epoll().expect("it was created");
/// assert!(epoll.item(Fd(5)).expect("it was registered").interest.is_edge());
/// assert_eq!(epoll.ready_len(), 0, "nothing is known to have arrived");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct World {
    pub(super) seq: Seq,
    pub(super) t: Nanos,
    pub(super) policy: Option<Policy>,
    /// What the server was told to follow last.
    pub(super) ordered: Option<Policy>,
    /// It was told to stop, or died.
    pub(super) ended: Option<Annotation>,
    pub(super) counters: Counters,
    /// See [`World::is_watched`].
    pub(super) watched: bool,
    /// See [`World::moments`].
    pub(super) moments: u64,
    pub(super) sampled_after_wait: Sampled,
    pub(super) threads: BTreeMap<Tid, Thread>,
    pub(super) fds: Paged<Entry>,
    /// What the program calls its fds.
    pub(super) names: Paged<Name>,
    pub(super) files: Files,
    /// An epoll is taken out while it is changed together with other parts of the world, and put back.
    pub(super) epolls: BTreeMap<FileId, Box<Epoll>>,
    /// The epoll that was used last.
    pub(super) used: Option<FileId>,
    /// The epoll that was closed last, without its lists.
    pub(super) closed: Option<Box<Epoll>>,
    /// Epolls of which the last fd was closed while a thread waited in them.
    pub(super) lingering: Vec<FileId>,
    /// Listeners by their own address.
    pub(super) listening: HashMap<Addr, FileId>,
    /// Connecting ends by their own address, until the other end is accepted; they may be closed by then.
    pub(super) connecting: HashMap<Addr, VecDeque<FileId>>,
    /// UDP sockets by their own address.
    pub(super) datagrams: HashMap<Addr, FileId>,
    /// How many have connected.
    pub(super) connected: u32,
    /// How many fds were copied for children and removed at their end.
    pub(super) gone_through: u64,
    /// The ends that connected and are open, by the order of connecting.
    pub(super) clients: Paged<Client>,
}

/// How many of the fds that a wait reports the instrument samples, the first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sampled(pub(super) usize);

impl Default for Sampled {
    fn default() -> Self {
        Self(SAMPLED_AFTER_WAIT)
    }
}

impl World {
    /// The state before the first record of a recording; the default is that of a run of this program.
    pub fn recorded(header: &Header) -> Self {
        Self { sampled_after_wait: Sampled(header.sampled_after_wait), ..Self::default() }
    }

    /// About how many bytes a copy takes: what has changed since the last copy, and what no two worlds share.
    pub(in crate::trace) fn price(&self) -> usize {
        let epolls: usize = self.epolls().chain(self.closed.as_deref()).map(Epoll::price).sum();
        let tables = self.fds.own(|_| 0) + self.names.own(|_| 0) + self.clients.own(|_| 0) + self.files.price();
        self.least_price() + tables + epolls
    }

    /// A lower bound of [`World::price`] that takes little time.
    pub(in crate::trace) fn least_price(&self) -> usize {
        let tables = self.fds.frame() + self.names.frame() + self.clients.frame() + self.files.frame();
        let threads = self.threads.len() * size_of::<(Tid, Thread)>() * 3 / 2;
        let connecting = self.connecting.capacity() * (size_of::<(Addr, VecDeque<FileId>)>() + 64);
        let addresses = (self.listening.capacity() + self.datagrams.capacity()) * size_of::<(Addr, FileId)>();
        let epolls: usize = self.epolls().chain(self.closed.as_deref()).map(Epoll::least_price).sum();
        size_of::<Self>() + tables + threads + connecting + addresses + epolls
    }

    /// The file behind `fd` in a table.
    #[inline]
    pub(super) fn meant(&self, table: Table, fd: Fd) -> Option<FileId> {
        self.fds.get((table, fd)).map(|(_, id)| *id)
    }

    #[inline]
    pub(super) fn table(&self, tid: Tid) -> Table {
        self.threads.get(&tid).map_or(Table::default(), |thread| thread.table)
    }

    /// The file behind `fd` as numbered in `tid`'s fd table. Where the trace has not shown how it was opened, an unknown
    /// file is entered.
    #[inline]
    pub(super) fn resolve(&mut self, tid: Tid, fd: Fd) -> FileId {
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

    /// A new file behind `fd`.
    fn enter_file(&mut self, kind: Kind, table: Table, fd: Fd) -> FileId {
        let id = self.files.new_id(self.seq.0);
        self.fds.insert(((table, fd), id));
        self.files.insert(File::new(id, kind, table, fd));
        id
    }

    /// Notes that something is not told apart from others.
    pub(super) fn crowd(&mut self) -> FileId {
        self.counters.crowded += 1;
        CROWD
    }

    /// Whether no further fds are told apart.
    pub(super) fn is_full(&self) -> bool {
        self.fds.len() >= MAX_FILES
    }

    /// What is known of a thread; those beyond the bound are one.
    #[inline]
    pub(super) fn thread(&mut self, tid: Tid) -> &mut Thread {
        let full = self.threads.len() >= MAX_THREADS && !self.threads.contains_key(&tid);
        self.counters.crowded += u64::from(full);
        self.threads.entry(if full { Tid(u32::MAX) } else { tid }).or_default()
    }

    /// A call gave `tid` a new fd. Whatever had its number was closed, even if the trace does not show it.
    pub(super) fn open(&mut self, tid: Tid, fd: Fd, kind: Kind) -> FileId {
        self.forget(tid, fd);
        if self.is_full() {
            return self.resolve(tid, fd);
        }
        self.enter_file(kind, self.table(tid), fd)
    }
}
