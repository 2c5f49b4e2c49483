//! Why a registration is not reported: what is the case, before it is put into words.

use crate::record::{Interest, Ready};
use crate::trace::World;
use crate::trace::world::{Epoll, Item};

/// Why the registration `item` of `epoll` would not be in the event list of a wait now, or was not in that of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReported {
    /// It is on the ready list (inferred) and ready: the next wait that has room for it reports it.
    None,
    /// It was ready, and the event list of the last wait was full before its turn came.
    ListFull { max_events: u32 },
    /// A one-shot report of the wait `by` disarmed it.
    Disarmed { by: u32 },
    /// It is ready for something that the mask does not ask for.
    NotAsked { ready: Ready },
    /// Edge-triggered, and nothing new since the wait `since` reported it (0: since it was registered), although `depth`
    /// bytes are unread, or connections wait; 0 is the end of the stream.
    Stranded { depth: u64, since: u32 },
    /// There is nothing to report.
    Idle,
    /// It is unknown how much is unread.
    Unknown,
}

/// See [`NotReported`].
pub fn why_not_reported(world: &World, epoll: &Epoll, item: &Item) -> NotReported {
    let Some(file) = world.file(item.file) else { return NotReported::Unknown };
    let ready = world.ready_of(item.file);
    let asked = ready & item.interest.reportable();
    if !item.armed {
        return NotReported::Disarmed { by: item.last_report };
    }
    if item.queued.is_some() && !asked.is_empty() {
        let full = epoll.waits().rev().find(|wait| wait.returned.is_some()).filter(|wait| {
            let count = wait.ret.and_then(crate::record::Ret::ok).unwrap_or(0);
            // What was put on the list since then is not its business.
            count > 0 && count == wait.max_events && item.queued_after < wait.number
        });
        return full.map_or(NotReported::None, |wait| NotReported::ListFull { max_events: wait.max_events });
    }
    if asked.is_empty() {
        let of_interest = ready - Ready::OUT;
        return match file.depth() {
            _ if !of_interest.is_empty() => NotReported::NotAsked { ready: of_interest },
            None => NotReported::Unknown,
            Some(_) => NotReported::Idle,
        };
    }
    match file.depth() {
        Some(depth) if depth > 0 && item.interest.contains(Interest::ET | Interest::IN) => {
            NotReported::Stranded { depth, since: item.last_report }
        }
        None => NotReported::Unknown,
        Some(0) if asked.contains(Ready::IN) && item.interest.is_edge() => {
            NotReported::Stranded { depth: 0, since: item.last_report }
        }
        Some(_) => NotReported::Idle,
    }
}
