//! Open file descriptions: what a file descriptor's number stands for. open(2), "Open file descriptions".

use std::ops::Deref;
use std::sync::Arc;

pub use super::file_id::FileId;
use super::other::Other;
use super::who::Who;
use crate::record::{Addr, Fd, FdKind, Ready};

/// A file table: the threads that share one see the same fds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Table(pub u32);

/// An open file description, as far as the records show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// How many fds refer to it. A registration lives as long as this is not 0.
    pub refs: u32,
    /// What it is.
    pub kind: Kind,
    /// The file table that it was opened in.
    pub table: Table,
    /// The number that it was opened under.
    pub fd: Fd,
    /// The epolls that watch it, with the fd number it was registered under.
    pub(super) watched_by: Watchers,
    /// When the kernel was asked last, something that the other end did had not arrived here yet.
    pub(super) on_its_way: bool,
}

/// What an open file description is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The trace does not show it, or not yet.
    Unknown,
    /// An epoll object.
    Epoll,
    /// A socket that listens.
    Listener(Listener),
    /// One end of a connection.
    Stream(Stream),
    /// A pipe's end, a socketpair's, an eventfd, a timer, a regular file.
    Other(Other),
}

/// A listening socket.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Listener {
    /// Its own address.
    pub addr: Addr,
    /// Connections that wait to be accepted; `None` where it is not known.
    pub pending: Option<u32>,
    /// What listen(2) was told.
    pub(super) backlog: Option<u32>,
    /// Arrivals that it has dropped, because its queue was full.
    pub dropped: u32,
}

/// What does not change while a connection is open, so that copies of the world share it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ends {
    /// Its own address.
    pub local: Addr,
    /// The other end's address.
    pub peer: Addr,
    /// For the connecting end: its place in the order of connecting, from 0; it names the connection.
    pub ordinal: Option<u32>,
    /// For the accepted end: the ordinal of the built-in client at the other end, also when that is closed.
    pub client: Option<u32>,
}

impl Deref for Stream {
    type Target = Ends;

    #[inline]
    fn deref(&self) -> &Ends {
        &self.ends
    }
}

/// What a registration is known by: the fd number that it was made under, and the file.
pub(super) type Key = (Fd, FileId);

/// The registrations of a file, oldest first, by epoll and fd; most files have one.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) enum Watchers {
    #[default]
    None,
    One([(FileId, Fd); 1]),
    More(Vec<(FileId, Fd)>),
}

impl Watchers {
    pub(super) fn push(&mut self, watcher: (FileId, Fd)) {
        *self = match std::mem::take(self) {
            Self::None => Self::One([watcher]),
            Self::One([first]) => Self::More(vec![first, watcher]),
            Self::More(mut all) => {
                all.push(watcher);
                Self::More(all)
            }
        };
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&(FileId, Fd)) -> bool) {
        match self {
            Self::None => {}
            Self::One([only]) if stays(only) => {}
            Self::One(_) => *self = Self::None,
            Self::More(all) => all.retain(stays),
        }
    }

    /// About how many bytes it has on the heap.
    pub(super) fn beside(&self) -> usize {
        match self {
            Self::More(all) => all.capacity() * size_of::<(FileId, Fd)>(),
            _ => 0,
        }
    }
}

impl Deref for Watchers {
    type Target = [(FileId, Fd)];

    #[inline]
    fn deref(&self) -> &Self::Target {
        match self {
            Self::None => &[],
            Self::One(one) => one,
            Self::More(all) => all,
        }
    }
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, true in any combination with the others")]
pub struct Stream {
    /// Who is connected.
    pub(super) ends: Arc<Ends>,
    /// The other end, where it is in this trace too.
    pub other: Option<FileId>,
    /// Whether it was accepted, that is the server's end.
    pub accepted: bool,
    /// Whether it was connected before the first record.
    pub found: bool,
    /// Bytes received from the peer by recv.
    pub received: u64,
    /// Bytes that send took.
    pub sent: u64,
    /// Bytes unread in the receive queue; `None` where the depth is unknown.
    pub unread: Option<u64>,
    /// Bytes in the send queue at the last sample, less what the peer is known to have received since.
    pub unsent: u64,
    /// A short send or EAGAIN said that there is no room to send, and nothing has said otherwise since.
    pub full: bool,
    /// Nothing will come any more: the peer has ended its side, or this end has shut down its reading side.
    pub ended: bool,
    /// The peer has ended its side.
    pub(super) fin: bool,
    /// The peer has ended its side behind so many bytes in all, and some of them had no room here.
    pub(super) fin_behind: Option<u64>,
    /// An urgent byte has come: from then on the counts of both ends may differ by those that were passed over.
    pub(super) had_urgent: bool,
    /// One is in the queue, outside of the stream, and no read has come to it.
    pub(super) urgent_ahead: bool,
    /// What this end has shut down itself.
    pub(super) shut_read: bool,
    pub(super) shut_write: bool,
    /// A read has returned the end of the stream.
    pub(super) end_read: bool,
    /// It was reset or has failed, also when a call has returned that error since.
    pub(super) failed: bool,
    /// The next recv or send will return an error (EPOLLERR): a reset, or another failure.
    pub error: bool,
    /// Both directions are closed (EPOLLHUP), as after a reset.
    pub hung_up: bool,
    /// For a built-in client's end: whether it receives what comes, if an annotation said so.
    pub reads: Option<bool>,
    /// An urgent byte waits.
    pub urgent: bool,
    /// poll(2) said that it is readable, although FIONREAD is too small for that. FIONREAD counts up to an urgent byte that
    /// has not been read past, poll(2) sees what is behind it; and the kernel caps `SO_RCVLOWAT`, and leaves it out of
    /// account while the receive window is shut. tcp(7)
    pub(super) more_than_counted: bool,
    /// Its last report was of bytes whose number is unknown; see [`Cause::SomeArrived`](super::Cause::SomeArrived).
    pub(super) uncounted: bool,
    /// It was registered without EPOLLIN for a while since it was last reported as readable.
    pub(super) unwatched: bool,
    /// With fewer bytes unread it is not readable: `SO_RCVLOWAT`, 0 where it was not set.
    pub(super) low_water: u64,
    /// connect(2) was called, and nothing shows yet how that ended.
    pub(super) connecting: bool,
    /// That connect has failed.
    pub(super) refused: bool,
    /// An urgent byte stays in the stream: `SO_OOBINLINE`.
    pub(super) oob_inline: bool,
    /// close will reset the connection: `SO_LINGER` with 0 s.
    pub(super) abortive: bool,
}

impl Stream {
    /// Whether there are bytes to read, and as many as `SO_RCVLOWAT` asks for.
    pub(super) fn has_enough(&self) -> bool {
        self.unread.is_some_and(|n| n >= self.low_water.max(1)) || self.more_than_counted
    }

    /// The same where the kernel looks whom to wake: it counts an urgent byte, which poll(2) passes over.
    pub(super) fn reaches_low_water(&self) -> bool {
        self.has_enough() || self.urgent_ahead && self.unread == Some(0) && self.low_water <= 1
    }

    /// What poll(2) would say, as far as it is known.
    #[inline]
    pub fn ready(&self) -> Ready {
        let mut ready = Ready::empty();
        ready.set(Ready::IN, self.has_enough() || self.ended);
        ready.set(Ready::PRI, self.urgent);
        ready.set(Ready::OUT, !self.full || self.hung_up);
        ready.set(Ready::RDHUP, self.ended);
        ready.set(Ready::ERR, self.error);
        ready.set(Ready::HUP, self.hung_up);
        ready
    }
}

impl File {
    pub(super) fn new(id: FileId, kind: Kind, table: Table, fd: Fd) -> Self {
        Self { id, refs: 1, kind, table, fd, watched_by: Watchers::default(), on_its_way: false }
    }

    /// What poll(2) would say, as far as it is known; of an epoll see [`World::ready_of`](crate::trace::World::ready_of).
    #[inline]
    pub fn ready(&self) -> Ready {
        match &self.kind {
            Kind::Stream(stream) => stream.ready(),
            Kind::Listener(listener) if listener.pending.is_some_and(|n| n > 0) => Ready::IN,
            Kind::Other(other) => other.ready,
            Kind::Listener(_) | Kind::Unknown | Kind::Epoll => Ready::empty(),
        }
    }

    /// The other end, where it has one that is in the trace.
    #[inline]
    pub(super) fn peer(&self) -> Option<FileId> {
        match &self.kind {
            Kind::Stream(stream) => stream.other,
            Kind::Other(other) => other.other,
            Kind::Unknown | Kind::Epoll | Kind::Listener(_) => None,
        }
    }

    /// Something has happened to it since the kernel was asked how it stands, and it is of a kind of which only that tells.
    pub(super) fn is_stale(&self) -> bool {
        self.on_its_way && matches!(self.kind, Kind::Other(_))
    }

    /// Who it is.
    #[inline]
    pub fn who(&self) -> Who {
        match &self.kind {
            Kind::Unknown => Who::Unknown,
            Kind::Epoll => Who::Epoll,
            Kind::Listener(_) => Who::Listener,
            Kind::Other(other) => Who::Made(other.made_by),
            Kind::Stream(stream) => match stream.ordinal.or(stream.client) {
                Some(ordinal) => Who::Client(ordinal),
                None => Who::Port(stream.peer.port()),
            },
        }
    }

    /// Whether an epoll watches it.
    #[inline]
    pub fn is_watched(&self) -> bool {
        !self.watched_by.is_empty()
    }

    /// The connection's end, if it is one.
    #[inline]
    pub fn stream(&self) -> Option<&Stream> {
        match &self.kind {
            Kind::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// The listener, if it is one.
    #[inline]
    pub fn listener(&self) -> Option<&Listener> {
        match &self.kind {
            Kind::Listener(listener) => Some(listener),
            _ => None,
        }
    }

    /// The connection's end; a file of unknown kind becomes one, since only sockets see these calls.
    #[inline]
    pub(super) fn stream_mut(&mut self) -> Option<&mut Stream> {
        if matches!(self.kind, Kind::Unknown) {
            self.kind = Kind::Stream(Stream::default());
        }
        match &mut self.kind {
            Kind::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    pub(super) fn listener_mut(&mut self) -> Option<&mut Listener> {
        if matches!(self.kind, Kind::Unknown) {
            self.kind = Kind::Listener(Listener::default());
        }
        match &mut self.kind {
            Kind::Listener(listener) => Some(listener),
            _ => None,
        }
    }

    /// Whether its depth is a number of bytes or connections; that of an eventfd, a timer or a signalfd is not.
    #[inline]
    pub fn counts_bytes(&self) -> bool {
        let counted = |by| {
            matches!(
                by,
                FdKind::Pipe2
                    | FdKind::PacketPipe
                    | FdKind::Fifo(_)
                    | FdKind::Socketpair(_)
                    | FdKind::UnixSocket(_)
                    | FdKind::UdpSocket
                    | FdKind::Openpty
            )
        };
        !matches!(&self.kind, Kind::Other(other) if !counted(other.made_by))
    }

    /// How much there is to read: bytes, or connections to accept.
    pub fn depth(&self) -> Option<u64> {
        match &self.kind {
            Kind::Stream(stream) => stream.unread,
            Kind::Listener(listener) => listener.pending.map(u64::from),
            Kind::Other(other) => other.depth,
            Kind::Unknown | Kind::Epoll => None,
        }
    }
}
