//! Why a report was made: what is the case, before it is put into words.

use super::fact::{Besides, By, Fact, Room, Since, State, What};
use crate::record::{FdKind, Interest, Ready};
use crate::trace::world::{Cause, Found, Nature, Report, Stance};

pub(super) fn reported_fact(report: &Report) -> Fact {
    let Report { stance, depth, .. } = *report;
    let ready = report.ready.plain();
    let nature = stance.nature;
    let (edge, since) = (report.interest.is_edge(), report.before);
    let state = match State::of(stance, ready, depth) {
        State::Expired(_) => State::Expired(report.times),
        state => state,
    };
    match report.cause {
        Cause::PutBack { after, more } => Fact::PutBack { after, state, more },
        Cause::Added => Fact::Added(found(report, state), since_then(report)),
        Cause::Modified => Fact::Modified {
            rearms: report.interest & (Interest::ONESHOT | Interest::ET),
            state: found(report, state),
            since: since_then(report),
        },
        // What came was taken in the meantime, or is behind something that is more.
        Cause::Arrived { .. } | Cause::Space if ready.intersects(Ready::ERR | Ready::HUP) && nature != Nature::Tcp => {
            became(report, state)
        }
        Cause::Arrived { bytes: 0 } if nature == Nature::Made(FdKind::Pipe2) && ready.contains(Ready::IN) => {
            Fact::FoundFull { edge, unread: depth }
        }
        Cause::Arrived { bytes: 0 } if !nature.has_datagrams() => became(report, state),
        Cause::Arrived { bytes } => {
            let what = What::of(nature, bytes, depth);
            let besides = match depth {
                Some(1..) if !ready.contains(Ready::IN) => Besides::Few(ready),
                Some(depth) if depth > bytes && matches!(what, What::Bytes(_)) => Besides::Older(depth - bytes),
                _ if !ready.contains(Ready::IN) => Besides::Read(ready),
                _ => Besides::Nothing,
            };
            Fact::Arrived { edge, what, since, besides }
        }
        Cause::SomeArrived { received } => Fact::SomeArrived { edge, received, since },
        Cause::Connected if ready.contains(Ready::IN) => Fact::Connected(depth.filter(|n| *n > 0)),
        Cause::Ended if nature != Nature::Tcp && ready.contains(Ready::HUP) || !stance.ready.contains(Ready::RDHUP) => {
            became(report, state)
        }
        Cause::Ended if !ready.intersects(Ready::IN | Ready::RDHUP) => Fact::EndedBut(ready),
        Cause::Ended => Fact::Ended { unread: depth },
        Cause::Failed
            if nature == Nature::Tcp
                && ready.intersects(Ready::ERR | Ready::HUP)
                && stance.ready.contains(Ready::ERR) =>
        {
            Fact::Failed
        }
        Cause::FinAcked => Fact::FinAcked,
        Cause::Space if ready.contains(Ready::OUT) => Fact::Space(match nature {
            Nature::Made(FdKind::Eventfd2) => Room::CounterRead,
            Nature::Made(FdKind::Pipe2) => Room::PipeResized,
            Nature::Made(FdKind::Openpty) => Room::Terminal,
            Nature::Made(_) => Room::Freed,
            _ => Room::Again,
        }),
        Cause::Urgent if ready.contains(Ready::PRI) => Fact::Urgent,
        Cause::Unseen if !matches!(state, State::Expired(_)) => Fact::Unseen(state),
        _ => became(report, state),
    }
}

/// It is ready for this; what has woken whoever waits, where it may have been so before.
fn became(report: &Report, state: State) -> Fact {
    let nature = report.stance.nature;
    let by = match report.cause {
        Cause::Shut => By::Shut,
        Cause::Ended if matches!(nature, Nature::Made(FdKind::Socketpair(_))) => By::PeerShut,
        Cause::Ended => By::Closed,
        Cause::Opened => By::Opened,
        Cause::Urgent => By::Urgent,
        Cause::BecameReady | Cause::Failed if nature == Nature::Tcp && state == State::Room => By::Connected,
        Cause::BecameReady if nature == Nature::Tcp => By::LowWater,
        Cause::Space => By::Room,
        Cause::Failed if !report.ready.intersects(Ready::ERR | Ready::HUP) => By::Failed,
        _ => return Fact::BecameReady(state),
    };
    match state {
        State::ConnectFailed | State::Dead if matches!(by, By::Shut | By::LowWater) => Fact::Woke(by, state),
        State::Ended
        | State::Urgent
        | State::UrgentTaken
        | State::Readable
        | State::Room
        | State::PipeRoom
        | State::Bytes(_)
        | State::Datagrams(_)
        | State::Messages(_) => Fact::Woke(by, state),
        _ => Fact::BecameReady(state),
    }
}

/// What ADD or MOD found.
fn found(report: &Report, now: State) -> State {
    let of = |found: Found| {
        let refused = report.stance.refused && found.stands.contains(Ready::ERR);
        let nature = if found.nature == Nature::Unknown { report.stance.nature } else { found.nature };
        State::of(Stance { nature, ready: found.stands, refused, ..report.stance }, found.ready, found.depth)
    };
    match report.found.filter(|found| !found.ready.is_empty()).map(of) {
        None | Some(State::Expired(_)) => now,
        Some(state) => state,
    }
}

fn since_then(report: &Report) -> Since {
    let Some(found) = report.found.filter(|found| !found.ready.is_empty()) else { return Since::Nothing };
    let nature = report.stance.nature;
    let counted = nature == Nature::Tcp
        || matches!(nature, Nature::Made(FdKind::Pipe2 | FdKind::Socketpair(_))) && !nature.has_datagrams();
    match report.depth.zip(found.depth).and_then(|(now, then)| now.checked_sub(then)) {
        _ if !report.ready.plain().contains(found.ready.plain()) => Since::Now(report.ready),
        Some(more @ 1..) if counted && report.ready.contains(Ready::IN) => Since::Arrived(more),
        _ if !found.ready.plain().contains(report.ready.plain()) => Since::Now(report.ready),
        _ => Since::Nothing,
    }
}
