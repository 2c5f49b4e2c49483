//! Where one looks on a timeline: at now, or at a moment of the past, from which it may play on.
//!
//! The workbench, a lesson, a comparison, the demo and a replay each have one [`Cursor`] for what they show, and one
//! [table of keys](crate::tui::keymap::KEYS) moves them all. The past is only looked at: whoever drives the server decides
//! whether that waits meanwhile.

use std::time::Duration;

use super::autoplay::{Autoplay, Passed};
use super::next_call::NextCall;
use crate::analysis::query::Query;
use crate::analysis::search::{Hit, Search, Wanted, Way};
use crate::analysis::{Finding, History};
use crate::probe::ServerState;
use crate::record::Record;
use crate::trace::{Timeline, World};
use crate::tui::keymap::Move;
use crate::tui::moment::{Moment, Now, Place, Playhead};

/// Where one looks, and how it plays.
#[derive(Debug, Default)]
pub struct Cursor {
    /// `None` is now.
    past: Option<Past>,
    autoplay: Autoplay,
    next_call: NextCall,
}

/// A moment of the past.
#[derive(Debug)]
struct Past {
    at: u64,
    world: Box<World>,
}

impl Cursor {
    /// The position that is looked at.
    pub fn at(&self, timeline: &Timeline) -> u64 {
        self.past.as_ref().map_or(timeline.len(), |moment| moment.at)
    }

    /// The world there.
    pub fn world<'a>(&'a self, timeline: &'a Timeline) -> &'a World {
        self.past.as_ref().map_or(timeline.now(), |moment| &moment.world)
    }

    /// Whether a moment of the past is looked at.
    pub fn is_past(&self) -> bool {
        self.past.is_some()
    }

    /// Whether the past plays.
    pub fn is_playing(&self) -> bool {
        self.autoplay.is_playing()
    }

    /// How many system calls ago that was.
    pub fn behind(&self, timeline: &Timeline) -> u64 {
        timeline.now().moments().saturating_sub(self.world(timeline).moments())
    }

    /// The moment that is looked at, as it is to be shown: from the records, or as things stand `now`.
    pub fn shown<'a>(&'a self, timeline: &'a History, now: Now) -> Moment<'a> {
        let place = (now.recorded || self.is_past()).then(|| Place {
            recorded: now.recorded,
            playing: self.is_playing().then(|| self.speed()),
            runs_on: now.runs_on,
        });
        let next = self.next_call.next;
        // A recording that was made before hangs were noted shows one by a call that never returned.
        let hung = self.next_call.hung.or(self.next_call.unreturned.filter(|_| now.recorded)).map(ServerState::Hung);
        let now = match self.is_past() {
            true => {
                let state = match hung {
                    None if self.world(timeline).is_blocked() => ServerState::Waiting,
                    None => ServerState::Working,
                    Some(hung) => hung,
                };
                // Where no record tells what came next, that is the call that the server is held before.
                let next = next.or(now.next.filter(|_| state == ServerState::Working));
                let playhead = Playhead::Past { behind: self.behind(timeline) };
                Now { state, playhead, next, ended: None, ..now }
            }
            false if now.recorded => Now { next, state: hung.unwrap_or(now.state), ..now },
            false => now,
        };
        Moment { timeline, at: self.at(timeline), world: self.world(timeline), now, place }
    }

    /// Looks at the moment at position `k`; at now, where that is not in the past. Playing ends.
    pub fn look_at(&mut self, k: u64, timeline: &Timeline) {
        self.autoplay.stop();
        self.show(k, timeline);
    }

    /// Looks at now again.
    pub fn to_now(&mut self) {
        self.autoplay.stop();
        (self.past, self.next_call) = (None, NextCall::default());
    }

    /// Makes a move; whether it led anywhere else. Moves to what only the caller knows, a finding or a hit or a call of
    /// some number, lead nowhere here: there is a function for each.
    pub fn go(&mut self, to: Move, timeline: &Timeline) -> bool {
        let at = self.at(timeline);
        let k = match to {
            Move::BackCall => timeline.call_before(at),
            Move::ForwardCall => timeline.call_after(at),
            Move::BackWait => timeline.wait_before(at),
            Move::ForwardWait => timeline.wait_after(at),
            Move::Start => timeline.first(),
            Move::Now => timeline.len(),
            Move::Play => return self.play_or_pause(),
            Move::Slower => return self.autoplay.slower(),
            Move::Faster => return self.autoplay.faster(),
            Move::BackFinding | Move::ForwardFinding | Move::BackHit | Move::ForwardHit | Move::Call | Move::Search => {
                return false;
            }
        };
        self.look_at(k, timeline);
        self.at(timeline) != at
    }

    /// Looks at the moment after the first `n` system calls.
    pub fn go_to_call(&mut self, n: u64, timeline: &Timeline) {
        self.look_at(timeline.after_calls(n), timeline);
    }

    /// Looks at the moment at which the next finding was known, or the one before; that finding.
    pub fn go_to_finding(&mut self, forward: bool, timeline: &History) -> Option<Finding> {
        let (at, findings) = (self.at(timeline), timeline.findings());
        let found = if forward { findings.after(at) } else { findings.before(at) };
        let found = found.filter(|finding| finding.position() >= timeline.first())?;
        self.look_at(found.position(), timeline);
        Some(*found)
    }

    /// A search from the moment that is looked at, for calls after it, or before.
    pub fn search(&self, forward: bool, query: Query, timeline: &Timeline) -> Search {
        let way = if forward { Way::Forward } else { Way::Backward };
        Search::new(Wanted::Query(query), way, self.at(timeline))
    }

    /// Looks at the moment after a call that was found; that call.
    pub fn go_to_hit(&mut self, hit: Hit, timeline: &Timeline) -> Option<Record> {
        self.look_at(hit.position, timeline);
        timeline.get(hit.seq - 1)
    }

    /// Plays on from here, or stops playing; whether it plays now. At now there is nothing to play.
    pub fn play_or_pause(&mut self) -> bool {
        let was_playing = self.autoplay.stop();
        if self.is_past() && !was_playing {
            self.autoplay.start();
        }
        self.is_playing()
    }

    /// Stops playing; whether it did play.
    pub fn pause(&mut self) -> bool {
        self.autoplay.stop()
    }

    /// How fast it plays, in calls a second.
    pub fn speed(&self) -> u64 {
        self.autoplay.speed()
    }

    /// So much time has passed: what plays shows the calls whose time has come, up to one at which `stops` says so of the
    /// world after it. Where the end is reached it is at now.
    pub fn pass(
        &mut self,
        passed: Duration,
        timeline: &Timeline,
        mut stops: impl FnMut(&World, &Record) -> bool,
    ) -> Passed {
        let mut autoplay = std::mem::take(&mut self.autoplay);
        let passed = autoplay.pass(passed, || !self.play_call(timeline, &mut stops) && self.is_past());
        self.autoplay = autoplay;
        self.look_ahead(timeline);
        passed
    }

    /// Shows the next call; whether it stops there.
    fn play_call(&mut self, timeline: &Timeline, stops: &mut impl FnMut(&World, &Record) -> bool) -> bool {
        let Some(moment) = &mut self.past else { return true };
        let mut stopped = false;
        let to = timeline.call_after(moment.at);
        for record in timeline.range(moment.at, to) {
            moment.world.apply(&record);
            stopped |= stops(&moment.world, &record);
        }
        moment.at = to;
        if to >= timeline.len() {
            self.past = None;
        }
        stopped
    }

    /// Records have come. The oldest may have been dropped for them: what is looked at is never older than what there is.
    pub fn keep_up(&mut self, timeline: &Timeline) {
        self.look_ahead(timeline);
        if self.past.as_ref().is_some_and(|moment| moment.at < timeline.first()) {
            self.show(timeline.first(), timeline);
        }
    }

    fn show(&mut self, k: u64, timeline: &Timeline) {
        let k = k.max(timeline.first());
        self.past = (k < timeline.len()).then(|| Past { at: k, world: Box::new(timeline.at(k)) });
        self.look_ahead(timeline);
    }

    fn look_ahead(&mut self, timeline: &Timeline) {
        let (at, world) = match &self.past {
            Some(moment) => (moment.at, &*moment.world),
            None => (timeline.len(), timeline.now()),
        };
        self.next_call.look(timeline, at, world);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Call, Chunk, Dir, Fd, MsgFlags, Nanos, Ret, Seq, Tid};

    const SECOND: Duration = Duration::from_secs(1);

    /// Ten recvs of fds 0 to 9, each with a record of its bytes.
    fn timeline() -> History {
        let mut timeline = History::default();
        for n in 0..10 {
            let fd = Fd(n);
            let call = Call::Recvfrom { fd, len: 9, flags: MsgFlags::empty(), ret: Ret::value(1) };
            let text = if n % 2 == 1 { "odd" } else { "even" };
            let data = Call::Data { fd, dir: Dir::In, chunk: Chunk::new(text.as_bytes()) };
            for call in [call, data] {
                timeline.push(Record { seq: Seq(0), t: Nanos(u64::from(n.unsigned_abs())), tid: Tid(1), call });
            }
        }
        timeline
    }

    fn is_recv_of(fd: i32) -> impl Fn(&Record) -> bool {
        move |record| matches!(record.call, Call::Recvfrom { .. }) && record.call.fd() == Some(Fd(fd))
    }

    #[test]
    fn every_move_shows_the_fold_of_what_came_before() {
        let timeline = timeline();
        let mut cursor = Cursor::default();
        assert!(!cursor.is_past() && cursor.behind(&timeline) == 0);
        for n in (0..10).rev() {
            assert!(cursor.go(Move::BackCall, &timeline));
            assert_eq!((cursor.at(&timeline), cursor.behind(&timeline)), (2 * n, 10 - n));
            assert_eq!(*cursor.world(&timeline), timeline.at(2 * n));
        }
        assert!(!cursor.go(Move::BackCall, &timeline));
        cursor.go_to_call(4, &timeline);
        assert_eq!((cursor.at(&timeline), cursor.world(&timeline).moments()), (8, 4));
        assert!(cursor.go(Move::ForwardCall, &timeline) && cursor.at(&timeline) == 10);
        assert!(cursor.go(Move::Now, &timeline) && !cursor.is_past());
    }

    #[test]
    fn a_call_that_there_is_not_is_the_nearest() {
        let timeline = timeline();
        let mut cursor = Cursor::default();
        cursor.go_to_call(0, &timeline);
        assert_eq!(cursor.at(&timeline), 0);
        cursor.go_to_call(10, &timeline);
        assert!(!cursor.is_past());
        cursor.go_to_call(u64::MAX, &timeline);
        assert!(!cursor.is_past());
    }

    #[test]
    fn a_search_goes_from_hit_to_hit() {
        let timeline = timeline();
        let mut cursor = Cursor::default();
        let text = Query::parse("\"odd\"").expect("a query");
        let mut hits = |forward| {
            let next = || {
                let hit = cursor.search(forward, text.clone(), &timeline).run(&timeline)?;
                cursor.go_to_hit(hit, &timeline)?.call.fd()
            };
            std::iter::from_fn(next).map(|fd| fd.0).collect::<Vec<_>>()
        };
        assert_eq!(hits(false), [7, 5, 3, 1], "the last call of all is looked at already");
        assert_eq!(hits(true), [3, 5, 7, 9]);
        cursor.go(Move::Start, &timeline);
        let hit = cursor.search(true, Query::parse("fd 7").expect("a query"), &timeline).run(&timeline);
        assert!(cursor.go_to_hit(hit.expect("found"), &timeline).is_some());
        assert_eq!(cursor.world(&timeline).moments(), 8, "after the call, with what belongs to it");
    }

    #[test]
    fn findings_are_gone_to_in_order() {
        let mut timeline = timeline();
        for _ in 0..2 {
            let lost = Record { seq: Seq(0), t: Nanos(9), tid: Tid(1), call: Call::Lost { count: 1 } };
            timeline.push(lost);
        }
        let mut cursor = Cursor::default();
        let found: Vec<u64> = timeline.findings().iter().map(Finding::position).collect();
        assert_eq!(found, [21], "the second is the same again");
        assert!(cursor.go_to_finding(false, &timeline).is_some() && cursor.at(&timeline) == 21);
        assert!(cursor.go_to_finding(false, &timeline).is_none() && cursor.go_to_finding(true, &timeline).is_none());
        cursor.go(Move::Start, &timeline);
        assert!(cursor.go_to_finding(true, &timeline).is_some() && cursor.at(&timeline) == 21);
    }

    #[test]
    fn it_plays_so_many_calls_a_second_until_now() {
        let timeline = timeline();
        let mut cursor = Cursor::default();
        assert!(!cursor.play_or_pause(), "there is nothing to play at now");
        cursor.go(Move::Start, &timeline);
        while cursor.go(Move::Slower, &timeline) {}
        (0..2).for_each(|_| assert!(cursor.go(Move::Faster, &timeline)));
        assert_eq!(cursor.speed(), 4);
        assert!(cursor.play_or_pause());
        let quarter = SECOND / 4;
        let never = |_: &World, _: &Record| false;
        assert_eq!(cursor.pass(60 * SECOND, &timeline, never), Passed { moved: false, again: Some(quarter) });
        for n in 1..10 {
            assert_eq!(cursor.pass(quarter, &timeline, never), Passed { moved: true, again: Some(quarter) });
            assert_eq!(cursor.world(&timeline), &timeline.at(2 * n));
        }
        assert_eq!(cursor.pass(quarter, &timeline, never), Passed { moved: true, again: None });
        assert!(!cursor.is_past() && !cursor.is_playing());
    }

    #[test]
    fn it_stops_playing_where_it_is_told_to_and_at_any_other_move() {
        let timeline = timeline();
        let mut cursor = Cursor::default();
        cursor.go(Move::Start, &timeline);
        while cursor.go(Move::Faster, &timeline) {}
        assert!(cursor.play_or_pause());
        cursor.pass(SECOND, &timeline, |_, _| false);
        let stopped = cursor.pass(SECOND, &timeline, |_, record| is_recv_of(3)(record));
        assert_eq!(stopped, Passed { moved: true, again: None });
        assert_eq!((cursor.at(&timeline), cursor.is_playing()), (8, false));
        assert!(cursor.play_or_pause());
        cursor.go(Move::BackCall, &timeline);
        assert!(!cursor.is_playing());
        assert!(cursor.play_or_pause() && cursor.pause() && !cursor.pause());
    }
}
