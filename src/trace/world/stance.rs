//! What a report and a registration keep of how their file stands, for the sentences of why.

use super::who::Who;
use crate::record::{FdKind, PairType, Ready};

/// A kind of file, as far as it matters for a sentence or for who is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Nature {
    /// The trace does not say.
    #[default]
    Unknown,
    Tcp,
    Listener,
    Epoll,
    Made(FdKind),
}

/// How EPOLL_CTL_ADD or MOD found a file: what it was ready for of what was asked, and how much was unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its kind then: a listener that is shut down is a socket without a connection.
    pub nature: Nature,
    pub ready: Ready,
    /// What it was ready for in all.
    pub stands: Ready,
    pub depth: Option<u64>,
}

/// Whether a report is that of a ghost: a registration whose fd was closed while a duplicate is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ghost {
    #[default]
    No,
    /// Its number is free.
    Closed,
    /// Its number is that of another file by now.
    Reused(Who),
}

/// How a file stands, as far as it matters for a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stance {
    pub nature: Nature,
    /// What it is ready for, asked for or not. ERR also where a call has returned the error since.
    pub ready: Ready,
    /// Nothing can be read any more, because reading was shut down at this end.
    pub shut_read: bool,
    /// A TCP socket whose connect has failed.
    pub refused: bool,
    /// Its errors stay in a queue (`IP_RECVERR`).
    pub keeps_errors: bool,
}

impl Nature {
    /// Whether what is sent arrives in pieces, each of which one read takes.
    pub fn has_datagrams(self) -> bool {
        matches!(self, Self::Made(FdKind::UdpSocket | FdKind::Socketpair(PairType::Dgram | PairType::Seqpacket)))
    }

    /// Whether a read waits for a datagram although reading was shut down: `udp_recvmsg`, `unix_dgram_recvmsg`.
    pub fn waits_after_shutdown(self) -> bool {
        matches!(self, Self::Made(FdKind::UdpSocket | FdKind::Socketpair(PairType::Dgram)))
    }
}
