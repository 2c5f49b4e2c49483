//! The server's next call after a moment of the past, according to the records that came later.

use crate::record::{Annotation, Call, Fairness, Record, Timeout};
use crate::trace::{Timeline, World};

/// What a screen shows of a moment that is not in its world.
#[derive(Clone, Debug, Default)]
pub(super) struct NextCall {
    /// The position that was looked at, and how many records there were.
    of: Option<(u64, u64)>,
    pub(super) next: Option<Call>,
    /// The recv or send in which it hangs.
    pub(super) hung: Option<Call>,
    /// The recv or send on a blocking fd that it has entered, if there is no later call of it.
    pub(super) unreturned: Option<Call>,
}

impl NextCall {
    /// Looks again if the position is another one, or if records that were missing may have come.
    pub(super) fn look(&mut self, timeline: &Timeline, at: u64, world: &World) {
        let answered = self.next.is_some() || self.hung.is_some();
        let seen = self.of.is_some_and(|(of, len)| of == at && (answered || len == timeline.len()));
        if seen {
            return;
        }
        let next = next_record(timeline, at, world);
        self.of = Some((at, timeline.len()));
        self.hung = world.hung();
        self.unreturned = world.inside().filter(|_| next.is_none());
        let next = world.rests_before().or(next.map(|record| record.call));
        self.next = next.filter(|_| self.hung.is_none() && !world.is_blocked());
    }
}

/// The server's next call after position `at`, which it made or was held before. The server takes orders right before
/// an epoll_wait, and does not make that wait.
fn next_record(timeline: &Timeline, at: u64, world: &World) -> Option<Record> {
    let now = timeline.now();
    let mut later = timeline.range(at, timeline.len()).filter(|record| now.serves(record.tid));
    let next = later.find(|record| {
        record.call.is_syscall()
            || world.epoll().is_some()
                && matches!(record.call, Call::Policy { .. } | Call::Annotation(Annotation::Stop {}))
    })?;
    if next.call.is_syscall() {
        return Some(next);
    }
    let (epoll, policy) = (world.epoll()?, world.policy()?);
    // A server that takes turns and has work left waits with timeout 0, also after the order.
    let takes_turns = matches!(policy.fairness, Fairness::RoundRobin(_));
    let timeout = later.find_map(|record| match record.call {
        Call::EpollWaitEnter { timeout: Timeout::ZERO, .. } if takes_turns => Some(Timeout::ZERO),
        Call::EpollWaitEnter { .. } => Some(policy.timeout),
        _ => None,
    });
    let timeout = timeout.unwrap_or(policy.timeout);
    Some(Record { call: Call::EpollWaitEnter { epfd: epoll.fd, max_events: policy.max_events, timeout }, ..next })
}
