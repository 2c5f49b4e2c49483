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
                if to == Move::Faster {
                    self.autoplay.faster()
                } else {
                    self.autoplay.slower()
                };
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

    /// Plays steps while a search needs more records, and goes to what it found. `before` is the position before the
    /// search.
    pub(super) fn search_on(&mut self, before: u64) {
        while self.navigator.may_come() && self.play_step() {
            self.navigator.search_what_came(self.comparison.variants()[self.chosen].timeline());
        }
        self.follow(before);
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

    /// This much time has passed: a search goes on, or the comparison plays.
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

/// The first record between two positions that hits one of the breakpoints.
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
