//! Why a registration is not reported: what is the case, before it is put into words.

use crate::record::{FdKind, Interest, Ready};
use crate::trace::World;
use crate::trace::world::{Epoll, File, Item, Nature};

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
    /// So many bytes are unread, which the mask does not ask for; it is not ready for anything else that is new.
    UnreadNotAsked { unread: u64 },
    /// Fewer bytes are unread than `SO_RCVLOWAT` asks for.
    LowWater { unread: u64, low: u64 },
    /// Edge-triggered, and nothing new since the wait `since` reported it (0: since it was registered), although `depth`
    /// bytes are unread, or connections wait; 0 is the end of the stream, or what is not counted in bytes.
    Stranded { depth: u64, since: u32 },
    /// Edge-triggered and ready, but nothing new, and nothing to read.
    NothingNew { ready: Ready, since: u32 },
    /// Ready and registered with EPOLLEXCLUSIVE, and another epoll was woken.
    PassedOver { ready: Ready },
    /// Ready, but nothing has put it on the ready list.
    NotWoken { ready: Ready },
    /// There is nothing to report.
    Idle,
    /// It is unknown how much is unread.
    Unknown,
}

/// The number of a wait that nobody has seen: one from before the watch began.
pub(super) const UNSEEN: u32 = u32::MAX;

/// See [`NotReported`].
pub fn why_not_reported(world: &World, epoll: &Epoll, item: &Item) -> NotReported {
    let Some(file) = world.file(item.file) else { return NotReported::Unknown };
    let interest = item.interest.plain();
    let asked = world.ready_for(item).plain();
    let ready = world.ready_of(item.file).plain();
    // Of a registration from before the watch the kernel told, and no call has changed it since.
    let is_old = world.is_watched() && item.fdinfo.is_some() && item.last_report == 0;
    let last_report = if is_old { UNSEEN } else { item.last_report };
    if !item.armed {
        return NotReported::Disarmed { by: last_report };
    }
    if world.is_out_of_sight(item) && world.is_unknown(item) {
        return NotReported::Unknown;
    }
    if item.queued.is_some() && !asked.is_empty() {
        let full = epoll.waits().rev().find(|wait| wait.returned.is_some()).filter(|wait| {
            let count = wait.ret.and_then(crate::record::Ret::ok).unwrap_or(0);
            // What was put on the list since then is not its business.
            count > 0 && count == wait.max_events && item.queued_after < wait.number
        });
        return full.map_or(NotReported::None, |wait| NotReported::ListFull { max_events: wait.max_events });
    }
    let (since, asks_in) = (last_report, interest.contains(Interest::IN));
    if world.is_out_of_sight(item) {
        return NotReported::Unknown;
    }
    // The writing end of a pipe counts what the other end can read.
    let unread = file.depth().filter(|depth| *depth > 0);
    if let (Some(unread), Some(low), true) = (unread, file.short_of_low_water(), asks_in) {
        return NotReported::LowWater { unread, low };
    }
    let unasked = ready - asked - Ready::OUT;
    let is_inner = world.is_certain_epoll(item.file);
    // That it can be read does not tell why it cannot be written.
    let is_full = interest.contains(Interest::OUT)
        && !ready.contains(Ready::OUT)
        && file.nature() == Nature::Made(FdKind::Eventfd2);
    match unread {
        _ if asked.is_empty() && !unasked.is_empty() && !is_full => NotReported::NotAsked { ready: unasked },
        Some(unread) if !asks_in && ready.contains(Ready::IN) && file.listener().is_none() => {
            NotReported::UnreadNotAsked { unread }
        }
        _ if asked.is_empty() && (file.depth().is_some() || is_inner) => NotReported::Idle,
        _ if asked.is_empty() => NotReported::Unknown,
        _ if !item.interest.is_edge() && item.interest.contains(Interest::EXCLUSIVE) => {
            NotReported::PassedOver { ready: asked }
        }
        _ if file.depth().is_none() && !is_inner => NotReported::Unknown,
        _ if !item.interest.is_edge() => NotReported::NotWoken { ready: asked },
        _ if asks_in && (asked.contains(Ready::IN) && is_inner || file.has_something_to_read()) => {
            NotReported::Stranded { depth: unread.unwrap_or(0), since }
        }
        _ => NotReported::NothingNew { ready: asked, since },
    }
}

/// Whether `file` can be read only to learn that its stream has ended, which was read before.
pub(super) fn end_was_read(file: &File, asked: Ready) -> bool {
    let ended = asked.intersects(Ready::IN | Ready::RDHUP) && !file.stance().ready.intersects(Ready::ERR | Ready::HUP);
    ended && file.end_was_read() && !file.has_something_to_read()
}
