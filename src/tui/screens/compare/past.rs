//! The moves of the past, made along the common axis of all variants.

use super::axis::{Landmark, Tick};
use super::screen::{Below, CompareScreen};
use crate::i18n::words;
use crate::probe::Breakpoint;
use crate::record::Record;
use crate::trace::{Timeline, text};
use crate::tui::keymap::Move;
use crate::tui::navigator::{Passed, is_hit};

impl CompareScreen {
    pub(super) fn go(&mut self, to: Move) {
        if !matches!(to, Move::Play | Move::Slower | Move::Faster) {
            self.autoplay.stop();
        }
        match to {
            Move::BackCall => {
                let before = self.tick;
                self.back();
                self.say_where_it_ends(before, false);
            }
            Move::ForwardCall => {
                if !self.forward() {
                    self.below = Below::CostTable { scroll: 0 };
                }
            }
            Move::BackHit | Move::Search | Move::ForwardHit => self.look(to),
            Move::BackWait => {
                let before = self.tick;
                self.look(to);
                self.say_where_it_ends(before, false);
            }
            Move::ForwardWait => {
                // The next return may be in a step that has not been played yet.
                while self.is_last_wait() && self.play_step() {}
                let before = self.tick;
                self.look(to);
                self.say_where_it_ends(before, true);
            }
            Move::Start => self.go_to(Tick::default()),
            Move::Now => {
                self.play_all();
                self.go_to(self.axis.end(self.axis.steps().saturating_sub(1)));
            }
            Move::Play if self.autoplay.stop() => {}
            Move::Play if self.is_over() => self.say_where_it_ends(self.tick, true),
            Move::Play => self.autoplay.start(),
            Move::Slower | Move::Faster => {
                self.autoplay.change_speed(to == Move::Faster);
                self.navigator.tell_speed(self.autoplay.speed());
            }
            Move::BackFinding | Move::ForwardFinding => {
                let landmarks = self.go_to_landmark(to == Move::ForwardFinding);
                self.tell(&landmarks, to == Move::ForwardFinding);
            }
            Move::Call => {
                // The prompt names the last number, which is known when all has been played.
                self.play_all();
                self.look(to);
            }
        }
    }

    /// Makes a move along the records of the chosen variant; the others follow.
    fn look(&mut self, to: Move) {
        let timeline = self.comparison.variants()[self.chosen].timeline();
        let before = self.navigator.cursor.at(timeline);
        self.navigator.go(to, timeline);
        self.search_on(before);
    }

    /// Plays steps while a search needs more records, and goes to its hit. Before the search it was at `before`.
    pub(super) fn search_on(&mut self, before: u64) {
        while self.navigator.may_come() && self.play_step() {
            self.navigator.more_to_come = self.more_to_come();
            self.navigator.search_what_came(self.comparison.variants()[self.chosen].timeline());
        }
        self.follow(before);
    }

    pub(super) fn more_to_come(&self) -> bool {
        self.comparison.played() < self.comparison.steps().len()
    }

    /// Says so if a move from tick `before` led nowhere.
    pub(super) fn say_where_it_ends(&mut self, before: Tick, forward: bool) {
        if self.tick != before {
            return;
        }
        let said = if forward {
            ("this is the end; there is nothing later", "这就是末尾，没有更晚的了")
        } else {
            ("this is the beginning; there is nothing earlier", "这就是开头，没有更早的了")
        };
        self.navigator.say(self.lang.pick(said));
    }

    /// Whether the chosen variant has no later return of epoll_wait in the steps played so far.
    fn is_last_wait(&self) -> bool {
        let timeline = self.comparison.variants()[self.chosen].timeline();
        timeline.wait_after(self.navigator.cursor.at(timeline)) == timeline.len()
    }

    /// Says what was found at these landmarks. Differences are explained on the screen anyway.
    fn tell(&mut self, landmarks: &[Landmark], forward: bool) {
        let lang = self.lang;
        if landmarks.is_empty() {
            return self.navigator.say_no_finding(forward);
        }
        if landmarks.iter().all(|landmark| landmark.finding.is_none()) {
            return;
        }
        let variants = self.comparison.variants();
        let said = landmarks.iter().map(|landmark| {
            let (first, name) = (variants[0].name(), variants[landmark.variant].name());
            match &landmark.finding {
                None => words!(lang, "{first} and {name} differ from here", "{first} 与 {name} 从这里起出现差异"),
                Some(finding) => {
                    let said = self.navigator.finding_in_words(finding, variants[landmark.variant].timeline());
                    words!(lang, "{name}: {said}", "{name}：{said}")
                }
            }
        });
        let said = said.collect::<Vec<_>>().join(lang.of("; ", "；"));
        self.navigator.say(said);
    }

    /// Moves all variants to the tick of the chosen one, unless that is still at position `before`.
    pub(super) fn follow(&mut self, before: u64) {
        let timeline = self.comparison.variants()[self.chosen].timeline();
        let at = self.navigator.cursor.at(timeline);
        if at != before {
            self.autoplay.stop();
            self.show(self.axis.tick(self.chosen, at, timeline));
        }
    }

    pub(super) fn play_on(&mut self, passed: std::time::Duration) -> Passed {
        let timeline = self.comparison.variants()[self.chosen].timeline();
        let before = self.navigator.cursor.at(timeline);
        let searched = self.navigator.pass(passed, timeline);
        if searched.moved {
            self.search_on(before);
            return Passed { again: self.navigator.searches_again(), ..searched };
        }
        let mut autoplay = std::mem::take(&mut self.autoplay);
        let passed = autoplay.pass(passed, || {
            let before = self.tick;
            self.forward() && !self.tell_stop(before) && !self.is_over()
        });
        self.autoplay = autoplay;
        passed
    }

    /// Whether a variant has hit a breakpoint since tick `before`; says so.
    fn tell_stop(&mut self, before: Tick) -> bool {
        let (lang, variants) = (self.lang, self.comparison.variants());
        let hit = (0..variants.len()).find_map(|i| {
            let [from, to] = [before, self.tick].map(|tick| self.axis.position(i, tick));
            let (breakpoint, record) = hit(variants[i].timeline(), from, to, self.navigator.breakpoints())?;
            Some((variants[i].name(), breakpoint, text::brief(&record, lang)))
        });
        let Some((name, breakpoint, line)) = hit else { return false };
        let line = line.trim();
        let said = words!(lang, "breakpoint {breakpoint} in {name}: {line}", "断点 {breakpoint}（{name}）：{line}");
        self.navigator.say(said);
        true
    }
}

fn hit(timeline: &Timeline, from: u64, to: u64, breakpoints: &[Breakpoint]) -> Option<(Breakpoint, Record)> {
    if breakpoints.is_empty() {
        return None;
    }
    let mut world = timeline.at(from);
    timeline.range(from, to).find_map(|record| {
        world.apply(&record);
        let hit = breakpoints.iter().find(|breakpoint| is_hit(**breakpoint, &record, &world))?;
        Some((*hit, record))
    })
}

impl CompareScreen {
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    pub(super) fn read_landmarks(&self) -> Vec<Landmark> {
        let mut landmarks = Vec::new();
        for (i, variant) in self.comparison.variants().iter().enumerate() {
            landmarks.extend(self.parting(i).map(|tick| Landmark { tick, variant: i, finding: None }));
            let timeline = variant.timeline();
            landmarks.extend(timeline.findings().iter().map(|finding| {
                let tick = self.axis.tick(i, finding.position(), timeline);
                Landmark { tick, variant: i, finding: Some(*finding) }
            }));
        }
        landmarks.sort_by_key(|landmark| landmark.tick);
        landmarks
    }

    /// The tick at which variant `i` first differs from the first one.
    fn parting(&self, i: usize) -> Option<Tick> {
        let step = self.report.parts(i)?.step;
        let mut ticks = (0..=self.axis.calls(step)).map(|call| Tick { step, call });
        ticks.find(|tick| self.has_parted_at(i, *tick))
    }

    /// Moves to the next tick with landmarks, playing steps if necessary, or to the one before. Returns the landmarks.
    pub(super) fn go_to_landmark(&mut self, forward: bool) -> Vec<Landmark> {
        let now = self.tick;
        let found = loop {
            let found = if forward {
                self.landmarks.iter().find(|landmark| landmark.tick > now)
            } else {
                self.landmarks.iter().rev().find(|landmark| landmark.tick < now)
            };
            match found.map(|landmark| landmark.tick) {
                None if forward && self.play_step() => {}
                found => break found,
            }
        };
        let Some(tick) = found else { return Vec::new() };
        self.go_to(tick);
        self.landmarks.iter().filter(|landmark| landmark.tick == tick).copied().collect()
    }
}
