//! What makes fds of other kinds than epoll objects and TCP sockets.

/// The calls that make fds of other kinds than epoll objects and TCP sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FdKind {
    /// pipe2(2): `fd` reads, `other` writes.
    Pipe2,
    /// socketpair(2) of `AF_UNIX`, with this type.
    Socketpair(PairType),
    /// eventfd2(2).
    Eventfd2,
    /// timerfd_create(2), on `CLOCK_MONOTONIC`.
    TimerfdCreate,
    /// openat(2), with `O_TMPFILE`: a regular file.
    Openat,
    /// socket(2) of `AF_INET` and `SOCK_DGRAM`: UDP.
    UdpSocket,
    /// signalfd4(2), for `SIGUSR2`.
    Signalfd4,
}

/// The type of a socketpair(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PairType {
    /// `SOCK_STREAM`
    Stream,
    /// `SOCK_DGRAM`
    Dgram,
    /// `SOCK_SEQPACKET`
    Seqpacket,
}

impl FdKind {
    /// The system call's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipe2 => "pipe2",
            Self::Socketpair(_) => "socketpair",
            Self::Eventfd2 => "eventfd2",
            Self::TimerfdCreate => "timerfd_create",
            Self::Openat => "openat",
            Self::UdpSocket => "socket",
            Self::Signalfd4 => "signalfd4",
        }
    }

    /// What it makes, in a word.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Pipe2 => "pipe",
            Self::Socketpair(_) => "socketpair",
            Self::Eventfd2 => "eventfd",
            Self::TimerfdCreate => "timerfd",
            Self::Openat => "file",
            Self::UdpSocket => "udp",
            Self::Signalfd4 => "signalfd",
        }
    }

    /// Whether it makes two fds.
    pub fn makes_two(self) -> bool {
        matches!(self, Self::Pipe2 | Self::Socketpair(_))
    }
}
