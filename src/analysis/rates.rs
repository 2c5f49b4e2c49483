//! How much goes through each connection in a second, by the times of the records.

use crate::record::{Call, Record};
use crate::trace::{Timeline, World, world::FileId};

const SECOND: u64 = 1_000_000_000;
/// A shorter stretch is no measure, unless it holds as many records as are looked at.
const LEAST: u64 = SECOND / 20;
/// The most records that are looked at: some tenths of a second of a server that runs freely.
const HORIZON: u64 = 1 << 14;

/// What went through a connection in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rate {
    /// Events that epoll_wait reported.
    pub events: u64,
    /// Bytes received and sent by the server.
    pub bytes: u64,
}

/// The rates of the files `ids` in the second before position `at`, or in as much of it as is looked at; `world` is the world
/// there. `None` where that is too short.
pub fn rates(timeline: &Timeline, world: &World, at: u64, ids: &[FileId]) -> Option<Vec<Rate>> {
    let files: Vec<_> = ids.iter().map(|id| world.file(*id)).collect();
    let mut rates = vec![Rate::default(); ids.len()];
    let (mut last, mut first) = (None, 0);
    let pieces = timeline.pieces(at.saturating_sub(HORIZON), at);
    let mut whole = false;
    'all: for piece in pieces.rev() {
        for record in piece.iter().rev() {
            let since = *last.get_or_insert(record.t.0);
            if since.saturating_sub(record.t.0) > SECOND {
                whole = true;
                break 'all;
            }
            first = record.t.0;
            count(record, |record| {
                let fd = record.call.fd();
                let mine =
                    |file: &&crate::trace::world::File| fd == Some(file.fd) && world.means(record.tid, file.fd, file);
                let at = files.iter().position(|file| file.as_ref().is_some_and(mine))?;
                rates.get_mut(at).filter(|_| record.seq.0 >= ids[at].seq())
            });
        }
    }
    let span = if whole { SECOND } else { last?.saturating_sub(first) };
    let a_second = |n: u64| u64::try_from(u128::from(n) * u128::from(SECOND) / u128::from(span)).unwrap_or(u64::MAX);
    // A fast server fills the horizon before the least time is over.
    (span >= LEAST || at >= HORIZON && span > 0)
        .then(|| rates.iter().map(|rate| Rate { events: a_second(rate.events), bytes: a_second(rate.bytes) }).collect())
}

fn count<'a>(record: &Record, rate: impl FnOnce(&Record) -> Option<&'a mut Rate>) {
    let (events, bytes) = match record.call.plain() {
        Call::Event { .. } => (1, 0),
        Call::Recvfrom { ret, .. } | Call::Sendto { ret, .. } => (0, ret.ok().map_or(0, u64::from)),
        _ => return,
    };
    if let Some(rate) = rate(record) {
        rate.events += events;
        rate.bytes += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, Fd, MsgFlags, Nanos, Ready, Ret, Seq, Tid};

    #[test]
    fn they_are_those_of_the_last_second_by_the_records_times() {
        const MS: u64 = 1_000_000;
        let mut timeline = Timeline::keeping(1 << 20);
        let say = |timeline: &mut Timeline, ms: u64, call| {
            timeline.push(Record { seq: Seq(0), t: Nanos(ms * MS), tid: Tid(1), call });
        };
        say(&mut timeline, 0, Call::Listen { fd: Fd(3), backlog: 9, ret: Ret::value(0) });
        say(&mut timeline, 0, Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::value(5) });
        for i in 0..40 {
            say(&mut timeline, 50 * i, Call::Event { epfd: Fd(4), fd: Fd(5), ready: Ready::IN });
            let call = Call::Recvfrom { fd: Fd(5), len: 900, flags: MsgFlags::empty(), ret: Ret::value(100) };
            say(&mut timeline, 50 * i, call);
        }
        let id = |timeline: &Timeline| timeline.now().files().find(|(_, file)| file.fd == Fd(5)).expect("it is open").0;
        let world = timeline.now();
        let of = |at| rates(&timeline, world, at, &[id(&timeline)]);
        // 21 of each in the last second, both ends counted.
        assert_eq!(of(timeline.len()), Some(vec![Rate { events: 21, bytes: 2_100 }]));
        // After half a second, what there is.
        assert_eq!(of(2 + 2 * 11), Some(vec![Rate { events: 22, bytes: 2_200 }]));
        assert_eq!(of(4), None);
    }

    #[test]
    fn a_server_that_fills_the_horizon_in_less_than_the_least_time_has_rates() {
        let mut timeline = Timeline::keeping(1 << 20);
        let mut say = |us: u64, call| {
            timeline.push(Record { seq: Seq(0), t: Nanos(us * 1_000), tid: Tid(1), call });
        };
        say(0, Call::Listen { fd: Fd(3), backlog: 9, ret: Ret::value(0) });
        say(0, Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::value(5) });
        for us in 1..=HORIZON {
            say(us, Call::Event { epfd: Fd(4), fd: Fd(5), ready: Ready::OUT });
        }
        let id = timeline.now().files().find(|(_, file)| file.fd == Fd(5)).expect("it is open").0;
        let found = rates(&timeline, timeline.now(), timeline.len(), &[id]).expect("rates");
        // One in each microsecond.
        assert!((1_000_000..1_001_000).contains(&found[0].events), "{found:?}");
    }
}
