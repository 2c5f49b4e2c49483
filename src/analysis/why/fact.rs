//! What there is to say of a report, or of an fd that is not reported, before it is put into words.

use crate::record::{FdKind, Interest, PairType, Ready};
use crate::trace::world::{Nature, Stance};

/// What there is to say of a report, or of an fd that is not reported.
///
/// Waits are named by their numbers: `since` 0 is since ever, or since the registration. What is counted is `None` where it
/// is not known. [`Fact::Behind`] is on the ready list with more before it than the next wait takes, and
/// [`Fact::ListFull`] was left over by the last wait, with `before` others before it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    PutBack {
        after: u32,
        state: State,
        /// Something has arrived since.
        more: bool,
    },
    /// EPOLL_CTL_ADD found this, and what is to be said of the time since.
    Added(State, Since),
    /// The same of EPOLL_CTL_MOD, and for which of ONESHOT and ET it armed the registration again.
    Modified {
        rearms: Interest,
        state: State,
        since: Since,
    },
    Arrived {
        edge: bool,
        what: What,
        since: u32,
        besides: Besides,
    },
    SomeArrived {
        edge: bool,
        received: u64,
        since: u32,
    },
    Connected(Option<u64>),
    Ended {
        unread: Option<u64>,
    },
    /// The same, which wakes whoever waits: it is reported for this.
    EndedBut(Ready),
    /// This wakes whoever waits, and it is reported for what it may have been ready for before.
    Woke(By, State),
    Failed,
    FinAcked,
    Space(Room),
    /// A write that found the pipe full has woken its reader.
    FoundFull {
        edge: bool,
        unread: Option<u64>,
    },
    Urgent,
    BecameReady(State),
    Unseen(State),
    AtWork {
        by: u32,
        state: State,
    },
    Due,
    Behind {
        before: u64,
        max_events: u32,
    },
    ListFull {
        before: u64,
        max_events: u32,
    },
    Disarmed {
        by: u32,
    },
    NotAsked(Ready),
    /// So many bytes are unread, and the mask does not ask for them.
    UnreadNotAsked(u64),
    Stranded {
        since: u32,
        state: State,
    },
    /// Edge-triggered: it is as it was, and that is not worth reading.
    NothingNew {
        since: u32,
        state: State,
    },
    LowWater {
        unread: u64,
        low: u64,
    },
    /// Ready, exclusive, and not the one that was woken.
    PassedOver(State),
    /// Ready, and not on the list.
    NotWoken(State),
    Idle(Idle),
    Unknown,
}

/// How a file stands: the first thing that makes it ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Bytes(u64),
    /// Of which this is the first, or all.
    Datagrams(u64),
    /// So many bytes of SOCK_SEQPACKET, whose FIONREAD counts all that is unread.
    Messages(u64),
    /// So many; 0 is not known.
    Clients(u64),
    /// The counter of an eventfd.
    Counter,
    /// A timer has expired, so often; 0 is not known.
    Expired(u64),
    Signal,
    /// What an inotify tells.
    FileEvent,
    /// That of a pidfd.
    ProcessEnded,
    /// The same, which its parent has waited for. Since Linux 6.9
    ProcessReaped,
    /// The other side of a pseudo-terminal is closed.
    TerminalClosed,
    /// The same, which has hung up this side.
    HungUp,
    /// The list of an epoll that is watched.
    List,
    /// Something to read; how much is not known.
    Readable,
    /// The place of an urgent byte of `AF_UNIX` that was read: it stays in the queue until a read comes to it.
    UrgentTaken,
    /// The end of the stream, which nobody has read.
    End,
    /// The same, read.
    EndRead,
    /// The peer has ended its side.
    Ended,
    /// A TCP connection that was reset or has failed.
    Dead,
    ConnectFailed,
    NotConnected,
    /// Both directions of a TCP connection have ended in order.
    Down,
    /// This end has shut down both.
    ShutBoth,
    /// Both have ended, one of them at this end.
    BothEnded,
    /// Both directions of an `AF_UNIX` connection.
    UnixDown {
        unread: u64,
    },
    /// The peer of an `AF_UNIX` socket has closed with bytes unread, which resets it.
    UnixReset {
        unread: u64,
    },
    /// Reading was shut down at this end, and nothing is unread, as far as it is known.
    ShutRead {
        empty: bool,
    },
    /// A pipe without a writer.
    NoWriter {
        unread: u64,
    },
    /// A pipe without a reader.
    NoReader,
    /// An error that is reported once.
    Error,
    /// An error that stays in the error queue.
    KeptError,
    Urgent,
    Room,
    PipeRoom,
    CounterRoom,
    Ready(Ready),
}

/// What made room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// There was none before.
    Again,
    /// There may have been some before: memory was freed, or the size set.
    Freed,
    PipeResized,
    Terminal,
    CounterRead,
}

/// What wakes whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Shut,
    PeerShut,
    /// A FIFO has lost an opening, and got another one.
    Closed,
    /// A FIFO has got its first reader, or its first writer.
    Opened,
    Urgent,
    Connected,
    LowWater,
    /// There was room to send, which is used up again.
    Room,
    /// There was an error, which a call has returned since.
    Failed,
}

/// What has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Bytes(u64),
    /// So many bytes of datagrams, of which one at least may be all.
    Datagrams {
        bytes: u64,
        one: bool,
    },
    Messages(u64),
    /// A counter was written so often.
    Writes(u64),
}

/// What is to be said besides that something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Besides {
    Nothing,
    /// This many were unread before.
    Older(u64),
    /// They have been read, and it is ready for this.
    Read(Ready),
    /// Fewer are unread than SO_RCVLOWAT asks for, and it is ready for this.
    Few(Ready),
}

/// What has changed since ADD or MOD found it ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Nothing,
    Arrived(u64),
    /// It is ready for something else now. What of that is an end or an error is said behind it.
    Now(Ready),
}

/// Why there is nothing to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    Unread,
    Datagrams,
    Clients,
    Counter,
    Timer,
    Signal,
    FileEvent,
    Process,
    List,
    /// No room to send.
    NoRoom,
    /// The same of `AF_UNIX` datagrams, whose peer takes only so many: `net.unix.max_dgram_qlen`.
    QueueFull,
    /// A connect is under way.
    Connecting,
    /// Neither.
    UnreadNoRoom,
    PipeFull,
    CounterFull,
    /// The mask asks for OUT alone, and files of its kind are ready for IN alone.
    NeverOut,
    /// The mask asks for IN, and it is a writing end.
    NeverIn,
    /// The mask asks for neither.
    NotAsked,
}

impl Fact {
    /// What of an end, an error and an urgent byte it does not say, whether it is so or not.
    pub(super) fn unsaid(self) -> Ready {
        let all = Ready::RDHUP | Ready::HUP | Ready::ERR | Ready::PRI;
        match self {
            Self::Arrived { besides: Besides::Nothing | Besides::Older(_), .. }
            | Self::SomeArrived { .. }
            | Self::FoundFull { .. }
            | Self::Connected(_)
            | Self::Space(_)
            | Self::Added(_, Since::Now(_))
            | Self::Modified { since: Since::Now(_), .. } => all,
            Self::Failed => Ready::PRI,
            Self::Ended { .. } => all - Ready::RDHUP,
            Self::Urgent => all - Ready::PRI,
            Self::PutBack { state, .. }
            | Self::Added(state, Since::Nothing | Since::Arrived(_))
            | Self::Modified { state, since: Since::Nothing | Since::Arrived(_), .. }
            | Self::BecameReady(state)
            | Self::Woke(_, state)
            | Self::Unseen(state) => match state {
                State::Bytes(_)
                | State::Datagrams(_)
                | State::Messages(_)
                | State::Readable
                | State::UrgentTaken
                | State::Clients(_)
                | State::Room
                | State::PipeRoom => all,
                State::Urgent => all - Ready::PRI,
                State::Ended | State::End | State::ShutRead { .. } => all - Ready::RDHUP,
                State::UnixDown { .. }
                | State::UnixReset { .. }
                | State::Down
                | State::ShutBoth
                | State::BothEnded
                | State::Dead => Ready::PRI,
                _ => Ready::empty(),
            },
            _ => Ready::empty(),
        }
    }

    /// The same but for the numbers of waits.
    pub(super) fn unnumbered(self) -> Self {
        match self {
            Self::PutBack { state, more, .. } => Self::PutBack { after: 0, state, more },
            Self::Arrived { edge, what, besides, .. } => Self::Arrived { edge, what, since: 0, besides },
            Self::SomeArrived { edge, received, .. } => Self::SomeArrived { edge, received, since: 0 },
            fact => fact,
        }
    }
}

impl State {
    /// How a file of this kind stands that is `ready` for what matters, with `depth` unread.
    pub(super) fn of(stance: Stance, ready: Ready, depth: Option<u64>) -> Self {
        let Stance { nature, ready: stands, .. } = stance;
        let (ready, unread) = (ready.plain(), depth.unwrap_or(0));
        let pipe = Nature::Made(FdKind::Pipe2);
        match nature {
            _ if nature == pipe && ready.contains(Ready::ERR) => Self::NoReader,
            _ if nature == pipe && ready.contains(Ready::HUP) => Self::NoWriter { unread },
            Nature::Made(FdKind::Socketpair(_)) if ready.contains(Ready::ERR | Ready::HUP) => {
                Self::UnixReset { unread }
            }
            Nature::Made(FdKind::Socketpair(_)) if ready.contains(Ready::HUP) && !stands.contains(Ready::RDHUP) => {
                Self::NotConnected
            }
            Nature::Made(FdKind::PidfdOpen(_)) if ready.contains(Ready::HUP) => Self::ProcessReaped,
            Nature::Made(FdKind::PidfdOpen(_)) => Self::ProcessEnded,
            Nature::Made(FdKind::Openpty) if ready.contains(Ready::ERR) => Self::HungUp,
            Nature::Made(FdKind::Openpty) if ready.contains(Ready::HUP) => Self::TerminalClosed,
            Nature::Made(FdKind::Socketpair(_)) if ready.contains(Ready::HUP) && stance.shut_read && unread == 0 => {
                Self::BothEnded
            }
            Nature::Made(FdKind::Socketpair(_)) if ready.contains(Ready::HUP) => Self::UnixDown { unread },
            Nature::Made(_) if ready.contains(Ready::ERR) && stance.keeps_errors => Self::KeptError,
            Nature::Made(_) if ready.contains(Ready::ERR) => Self::Error,
            Nature::Made(FdKind::UdpSocket) if ready.contains(Ready::HUP) => Self::ShutBoth,
            Nature::Tcp if stance.refused && ready.intersects(Ready::ERR | Ready::HUP) => Self::ConnectFailed,
            Nature::Tcp | Nature::Unknown if ready.contains(Ready::ERR) => Self::Dead,
            Nature::Tcp if ready.contains(Ready::HUP) && stands.contains(Ready::ERR) => Self::Dead,
            Nature::Tcp if ready.contains(Ready::HUP) && !stands.contains(Ready::RDHUP) => Self::NotConnected,
            Nature::Tcp | Nature::Made(_) if ready.contains(Ready::HUP) && stance.shut_read => Self::ShutBoth,
            Nature::Tcp | Nature::Made(_) if ready.contains(Ready::HUP) => Self::Down,
            _ if ready.contains(Ready::IN) => Self::readable(stance, depth),
            _ if ready.contains(Ready::RDHUP) && stance.shut_read => {
                Self::ShutRead { empty: depth == Some(0) && !nature.waits_after_shutdown() }
            }
            _ if ready.contains(Ready::RDHUP) => Self::Ended,
            _ if ready.contains(Ready::PRI) => Self::Urgent,
            Nature::Made(FdKind::Eventfd2) if ready.contains(Ready::OUT) => Self::CounterRoom,
            _ if nature == pipe && ready.contains(Ready::OUT) => Self::PipeRoom,
            _ if ready.contains(Ready::OUT) => Self::Room,
            _ => Self::Ready(ready),
        }
    }

    /// The same of one that can be read, for bytes or for the end behind them.
    fn readable(Stance { nature, ready: stands, shut_read, .. }: Stance, depth: Option<u64>) -> Self {
        let ended = stands.contains(Ready::RDHUP);
        match (nature, depth) {
            (Nature::Made(FdKind::Eventfd2), _) => Self::Counter,
            (Nature::Made(FdKind::TimerfdCreate), _) => Self::Expired(0),
            (Nature::Made(FdKind::Signalfd4), _) => Self::Signal,
            (Nature::Made(FdKind::InotifyInit1), _) => Self::FileEvent,
            (Nature::Epoll, _) => Self::List,
            (Nature::Listener, _) => Self::Clients(depth.unwrap_or(0)),
            (Nature::Made(FdKind::Socketpair(PairType::Seqpacket)), Some(n @ 1..)) => Self::Messages(n),
            (_, Some(n)) if nature.has_datagrams() && (n > 0 || !ended) => Self::Datagrams(n),
            (_, Some(n @ 1..)) => Self::Bytes(n),
            _ if shut_read => Self::ShutRead { empty: !nature.waits_after_shutdown() },
            _ if ended => Self::Ended,
            (Nature::Made(FdKind::Socketpair(PairType::Stream)), Some(0)) => Self::UrgentTaken,
            _ => Self::Readable,
        }
    }
}

impl What {
    pub(super) fn of(nature: Nature, bytes: u64, depth: Option<u64>) -> Self {
        match nature {
            Nature::Made(FdKind::Eventfd2) => Self::Writes(bytes.div_ceil(8)),
            Nature::Made(FdKind::Socketpair(PairType::Seqpacket)) if bytes > 0 => Self::Messages(bytes),
            _ if nature.has_datagrams() => Self::Datagrams { bytes, one: depth == Some(bytes) },
            _ => Self::Bytes(bytes),
        }
    }
}

/// How many entries of the ready list are counted, at most: a redraw must not go through thousands.
pub const MANY: u64 = 1_000;
