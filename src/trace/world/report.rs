//! What an epoll object keeps of each registration and each wait: the facts behind the sentences of why.

use super::file::FileId;
use super::stance::{Found, Ghost, Stance};
use super::who::Who;
use crate::record::{Chunk, Fd, Interest, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};

/// What put a registration on the ready list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `EPOLL_CTL_ADD` found it ready.
    Added,
    /// `EPOLL_CTL_MOD` found it ready.
    Modified,
    /// Level-triggered: put back when it was reported by this wait.
    PutBack {
        /// The wait's number.
        after: u32,
        /// Something has arrived since.
        more: bool,
    },
    /// New bytes.
    Arrived {
        /// How many, since it was put on the list.
        bytes: u64,
    },
    /// Something to read arrived, and no sample says how much.
    SomeArrived {
        /// How many bytes the server received then, up to the next report; 0 until it does.
        received: u64,
    },
    /// A connection to accept.
    Connected,
    /// The peer ended its side of the stream.
    Ended,
    /// The connection was reset or failed.
    Failed,
    /// The peer acknowledged that this side of the stream ended.
    FinAcked,
    /// This end was shut down, in one direction or both.
    Shut,
    /// A FIFO was opened by its first reader, or by its first writer.
    Opened,
    /// Room to send.
    Space,
    /// Urgent data.
    Urgent,
    /// It became ready; the trace does not say how.
    BecameReady,
    /// The trace does not say.
    Unseen,
}

/// A registration: key, mask, and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The fd number that it was registered under.
    pub fd: Fd,
    /// The open file description behind it.
    pub file: FileId,
    /// What the program called that number when it registered it, or since.
    pub name: Option<Chunk>,
    /// The mask.
    pub interest: Interest,
    /// Not disarmed by a one-shot report.
    pub armed: bool,
    /// The record that registered it.
    pub(super) added: Seq,
    /// What the ADD or MOD found that put it on the ready list.
    pub(super) found: Option<Found>,
    /// Why it is on the ready list, if it is (inferred).
    pub queued: Option<Cause>,
    /// The last wait that had returned when it was put there; 0 for none.
    pub queued_after: u32,
    /// How often it was reported.
    pub reports: u32,
    /// The last wait that reported it; 0 for none.
    pub last_report: u32,
    /// Its place in that wait's event list, where it is kept.
    pub(super) last_place: u8,
    /// The mask as the kernel printed it in fdinfo, if that was read since the registration last changed.
    pub fdinfo: Option<Interest>,
}

/// One entry of an event list, with what explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The fd.
    pub fd: Fd,
    /// Its open file description; `None` where the trace does not show its registration.
    pub file: Option<FileId>,
    /// What was reported.
    pub ready: Ready,
    /// What it was registered for.
    pub interest: Interest,
    /// What had put it on the ready list.
    pub cause: Cause,
    /// Bytes unread, or connections pending, when it was reported; `None` where it is not known.
    pub depth: Option<u64>,
    /// How its file stood in all.
    pub stance: Stance,
    /// Where EPOLL_CTL_ADD or MOD put it on the list: what that found.
    pub found: Option<Found>,
    /// How often a timer had expired; 0 where that is not known.
    pub times: u64,
    /// Whether it is a ghost's.
    pub ghost: Ghost,
    /// The wait that reported it before; 0 for none.
    pub before: u32,
    /// Who it was; kept here, since the connection may be closed long before somebody asks.
    pub who: Who,
    /// A sample has given its depth.
    pub(super) sampled: bool,
}

/// One epoll_wait, from its entry on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Its number among the waits on this epoll, from 1.
    pub number: u32,
    /// Who waits.
    pub tid: Tid,
    /// The record of its entry; of its return where the entry is not in the trace.
    pub seq: Seq,
    /// When it was entered.
    pub entered: Nanos,
    /// When it returned.
    pub returned: Option<Nanos>,
    /// Its timeout.
    pub timeout: Timeout,
    /// Room in its event list; 0 where it is not known.
    pub max_events: u32,
    /// What it returned.
    pub ret: Option<Ret>,
    /// How many system calls there were when it returned; see [`World::moments`](super::World::moments).
    pub moment: u64,
    /// The event list; at most [`Wait::KEPT`] are kept.
    pub reports: Vec<Report>,
    /// How many events there were beyond those kept.
    pub more: u32,
    /// The instrument itself interrupted it.
    pub woken: bool,
}

impl Wait {
    /// The most reports of a wait that are kept.
    pub const KEPT: usize = 64;

    /// One that has begun with this record.
    pub(super) fn entered(record: &Record, max_events: u32, timeout: Timeout) -> Self {
        Self {
            number: 0,
            tid: record.tid,
            seq: record.seq,
            entered: record.t,
            returned: None,
            timeout,
            max_events,
            ret: None,
            moment: 0,
            reports: Vec::new(),
            more: 0,
            woken: false,
        }
    }

    /// How many events it can report, as far as that is known.
    pub(super) fn room(&self) -> u32 {
        if self.max_events == 0 { u32::MAX } else { self.max_events }
    }
}
