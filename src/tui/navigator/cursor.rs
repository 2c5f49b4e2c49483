//! Which moment of a timeline is shown: now, or one of the past, from which it can play on.
//!
//! One [table of keys](crate::tui::keymap::KEYS) moves the cursor on every screen. A cursor in the past changes
//! nothing: whoever drives the server decides whether the server waits meanwhile.

use std::time::Duration;

use super::autoplay::{Autoplay, Passed};
use super::next_call::NextCall;
use crate::analysis::search::{Hit, Search, Wanted, Way};
use crate::analysis::{Finding, History, query::Query};
use crate::probe::ServerState;
use crate::record::Record;
use crate::trace::{Timeline, World};
use crate::tui::keymap::Move;
use crate::tui::moment::{Moment, Now, Playhead, Track};

/// Which moment is shown, and whether it plays.
#[derive(Debug, Default)]
pub struct Cursor {
    /// `None` means now.
    past: Option<Past>,
    pub autoplay: Autoplay,
    next_call: NextCall,
}

#[derive(Debug)]
struct Past {
    at: u64,
    world: Box<World>,
}

impl Cursor {
    pub fn at(&self, timeline: &Timeline) -> u64 {
        self.past.as_ref().map_or(timeline.len(), |moment| moment.at)
    }

    pub fn world<'a>(&'a self, timeline: &'a Timeline) -> &'a World {
        self.past.as_ref().map_or(timeline.now(), |moment| &moment.world)
    }

    pub fn is_past(&self) -> bool {
        self.past.is_some()
    }

    /// How many system calls ago the moment was.
    pub fn behind(&self, timeline: &Timeline) -> u64 {
        timeline.now().moments().saturating_sub(self.world(timeline).moments())
    }

    /// The moment to be drawn. `now` is how things stand now; for the past, the later records are asked.
    pub fn shown<'a>(&'a self, timeline: &'a History, now: Now) -> Moment<'a> {
        let track = (now.recorded || self.is_past()).then(|| Track {
            recorded: now.recorded,
            playing: self.autoplay.is_playing().then(|| self.autoplay.speed()),
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
                // If no later record tells what came next, it is the call that the server is held before.
                let next = next.or(now.next.filter(|_| state == ServerState::Working));
                let playhead = Playhead::Past { behind: self.behind(timeline) };
                Now { state, playhead, next, ended: None, ..now }
            }
            false if now.recorded => Now { next, state: hung.unwrap_or(now.state), ..now },
            false => now,
        };
        Moment { timeline, at: self.at(timeline), world: self.world(timeline), now, track }
    }

    /// Moves to position `k`, or to now if that is not in the past. Playing ends.
    pub fn look_at(&mut self, k: u64, timeline: &Timeline) {
        self.autoplay.stop();
        self.show(k, timeline);
    }

    pub fn to_now(&mut self) {
        self.autoplay.stop();
        (self.past, self.next_call) = (None, NextCall::default());
    }

    /// Makes a move; returns whether the position changed. Moves that need a finding, a query or a number do nothing.
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
            Move::Slower | Move::Faster => return self.autoplay.change_speed(to == Move::Faster),
            Move::BackFinding | Move::ForwardFinding | Move::BackHit | Move::ForwardHit | Move::Call | Move::Search => {
                return false;
            }
        };
        self.look_at(k, timeline);
        self.at(timeline) != at
    }

    pub fn go_to_call(&mut self, n: u64, timeline: &Timeline) {
        self.look_at(timeline.after_calls(n), timeline);
    }

    /// Moves to the moment at which the next finding was made, or the one before, and returns that finding.
    pub fn go_to_finding(&mut self, forward: bool, timeline: &History) -> Option<Finding> {
        let (at, findings) = (self.at(timeline), timeline.findings().iter());
        let shown = findings.filter_map(|finding| Some((finding.shown_at(timeline.first())?, finding)));
        let (to, found) = if forward {
            shown.filter(|(to, _)| *to > at).min_by_key(|(to, _)| *to)?
        } else {
            shown.filter(|(to, _)| *to < at).max_by_key(|(to, _)| *to)?
        };
        self.look_at(to, timeline);
        Some(*found)
    }

    pub fn search(&self, forward: bool, query: Query, timeline: &Timeline) -> Search {
        let way = if forward { Way::Forward } else { Way::Backward };
        Search::new(Wanted::Query(query), way, self.at(timeline))
    }

    /// Moves to the moment after a call that was found, and returns that call.
    pub fn go_to_hit(&mut self, hit: Hit, timeline: &Timeline) -> Option<Record> {
        self.look_at(hit.position, timeline);
        timeline.get(hit.seq - 1)
    }

    /// Plays on from here, or stops; returns whether it plays. There is nothing to play at now.
    pub fn play_or_pause(&mut self) -> bool {
        let was_playing = self.autoplay.stop();
        if self.is_past() && !was_playing {
            self.autoplay.start();
        }
        self.autoplay.is_playing()
    }

    /// This much time has passed: shows the calls that are due, up to one for which `stops` returns true, given the
    /// world after it. At the end of the timeline it is at now.
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

    /// Shows the next call; returns whether playing stops there.
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

    /// New records have come, for which the oldest may have been dropped: the cursor never stays on a dropped one.
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
