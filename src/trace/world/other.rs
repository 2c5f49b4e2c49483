//! Files that are neither TCP sockets nor epoll objects: pipes, socketpairs, eventfds, timers.

use super::file_id::FileId;
use crate::record::{Access, FdKind, Ready};

/// A file of another kind. Its readiness is that of the last sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own, true in any combination with the others")]
pub struct Other {
    /// What made it.
    pub made_by: FdKind,
    /// The other end, where it has one.
    pub other: Option<FileId>,
    /// What poll(2) said of it.
    pub ready: Ready,
    /// Bytes unread in the last sample.
    pub depth: Option<u64>,
    /// Memory that what it has sent still takes, in the last sample.
    pub(super) unsent: u32,
    /// It is the writing end of a pipe.
    pub(super) writes: bool,
    /// Its own sending side was shut down.
    pub(super) shut: bool,
    /// A read has returned 0, where that is the end of a stream, or that it was reset.
    pub(super) end_read: bool,
    /// Reading was shut down at this end.
    pub(super) shut_read: bool,
    /// A timer that expires time and again.
    pub(super) periodic: bool,
    /// It was connected by hand, or accepted.
    pub(super) connected: bool,
    /// An `AF_UNIX` socket that listens.
    pub(super) listening: bool,
    /// With `IP_RECVERR`: its errors stay in a queue.
    pub(super) keeps_errors: bool,
    /// For a UDP socket: what was sent to it since the last sample, in datagrams and bytes, and how many were dropped by then
    /// and by now.
    pub(super) coming: (u32, u32),
    pub(super) dropped: (u32, u32),
}

impl Other {
    pub(super) fn new(made_by: FdKind, other: Option<FileId>) -> Self {
        Self {
            made_by,
            other,
            ready: Ready::empty(),
            depth: None,
            unsent: 0,
            writes: matches!(made_by, FdKind::Fifo(Access::Write)),
            shut: false,
            end_read: false,
            shut_read: false,
            periodic: false,
            connected: false,
            listening: false,
            keeps_errors: false,
            coming: (0, 0),
            dropped: (0, 0),
        }
    }
}
