//! What there is to say of a report, or of an fd that is not reported, before it is put into words.

use crate::record::Ready;

/// What there is to say of a report, or of an fd that is not reported.
///
/// Waits are named by their numbers: `since` 0 is since ever, or since the registration. What is counted is `None` where it
/// is not known. [`Fact::Behind`] is on the ready list with more before it than the next wait takes, and
/// [`Fact::ListFull`] was left over by the last wait, with `before` others before it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    PutBack { after: u32, still: Still },
    Added(Found),
    Modified(Found),
    Arrived { edge: bool, bytes: u64, since: u32, besides: Besides },
    SomeArrived { edge: bool, received: u64, since: u32 },
    Connected(Option<Left>),
    Ended { unread: Option<u64> },
    Failed,
    FinAcked,
    Space,
    Urgent,
    BecameReady(Ready),
    Unseen(Ready),
    AtWork { by: u32, left: Left },
    Due,
    Behind { before: u64, max_events: u32 },
    ListFull { before: u64, max_events: u32 },
    Disarmed { by: u32 },
    NotAsked(Ready),
    Stranded { since: u32, left: Left },
    NobodyWaits,
    NothingUnread,
    Unknown,
}

/// What is left to read or to accept: never nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Bytes(u64),
    Clients(u64),
    /// The end of the stream.
    End,
    /// Something that is not counted in bytes.
    Something,
}

/// What keeps a level-triggered file ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Still {
    /// The connection is gone until it is closed.
    Dead,
    Left(Left),
    Ended,
    /// Something to read; how much is not known.
    Readable,
    Writable,
    Ready(Ready),
}

/// What a call found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Left(Left),
    Ready(Ready),
}

/// What is to be said besides that bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Besides {
    Nothing,
    /// This many were unread before.
    Older(u64),
    /// They have been read, and it is ready for this.
    Read(Ready),
}

impl Fact {
    /// Whether it says of bytes that they are there, and so nothing of an end behind them.
    pub(super) fn is_of_bytes(self) -> bool {
        matches!(
            self,
            Self::Arrived { besides: Besides::Nothing | Besides::Older(_), .. }
                | Self::SomeArrived { .. }
                | Self::PutBack { still: Still::Left(Left::Bytes(_)) | Still::Readable, .. }
                | Self::Added(Found::Left(Left::Bytes(_)))
                | Self::Modified(Found::Left(Left::Bytes(_)))
        )
    }
}

/// How many entries of the ready list are counted, at most: a redraw must not go through thousands.
pub const MANY: u64 = 1_000;
