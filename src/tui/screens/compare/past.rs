//! How twins are looked at in the past: by the moves that every screen has, made along the one axis of all of them.

use super::axis::{Place, Tick};
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
                let before = self.moment;
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
                let before = self.moment;
                self.look(to);
                self.say_where_it_ends(before, false);
            }
            Move::ForwardWait => {
                // The next one may not have been played yet.
                while self.is_last_wait() && self.play_step() {}
                let before = self.moment;
                self.look(to);
                self.say_where_it_ends(before, true);
            }
            Move::Start => self.go_to(Tick::default()),
            Move::Now => {
                self.play_all();
                self.go_to(self.axis.end(self.axis.steps().saturating_sub(1)));
            }
            Move::Play if self.autoplay.stop() => {}
            Move::Play if self.is_over() => self.say_where_it_ends(self.moment, true),
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
                let places = self.go_to_place(to == Move::ForwardFinding);
                self.tell(&places, to == Move::ForwardFinding);
            }
            Move::Call => {
                // How many there are is not known before they have been played.
                self.play_all();
                self.look(to);
            }
        }
    }

    /// Makes a move along the records of the chosen twin, and all go with it.
    fn look(&mut self, to: Move) {
        let timeline = self.twins.twins()[self.chosen].timeline();
        let before = self.navigator.cursor.at(timeline);
        self.navigator.go(to, timeline);
        self.search_on(before);
    }

    /// Plays step by step what is still to be searched, and goes to what was found where another moment was `before`.
    pub(super) fn search_on(&mut self, before: u64) {
        while self.navigator.may_come() && self.play_step() {
            self.navigator.search_what_came(self.twins.twins()[self.chosen].timeline());
        }
        self.follow(before);
    }

    /// Says why a move from the moment `before` led nowhere, if it did.
    pub(super) fn say_where_it_ends(&mut self, before: Tick, forward: bool) {
        if self.moment != before {
            return;
        }
        let said = if forward {
            ("this is the end, and there is nothing later", "这就是末尾，没有更晚的了")
        } else {
            ("this is the beginning, and there is nothing earlier", "这就是开头，没有更早的了")
        };
        self.navigator.say(self.lang.pick(said));
    }

    /// Whether no epoll_wait of the chosen twin returns later, as far as it was played.
    fn is_last_wait(&self) -> bool {
        let timeline = self.twins.twins()[self.chosen].timeline();
        timeline.wait_after(self.navigator.cursor.at(timeline)) == timeline.len()
    }

    /// Says what was found at a place that was gone to. Where twins part, the screen says why by itself.
    fn tell(&mut self, places: &[Place], forward: bool) {
        let lang = self.lang;
        if places.is_empty() {
            return self.navigator.say_no_finding(forward);
        }
        if places.iter().all(|place| place.finding.is_none()) {
            return;
        }
        let twins = self.twins.twins();
        let said = places.iter().map(|place| {
            let (first, name) = (twins[0].name(), twins[place.twin].name());
            match &place.finding {
                None => words!(lang, "{first} and {name} part here", "{first} 与 {name} 从这里起出现差异"),
                Some(finding) => {
                    let said = self.navigator.finding_in_words(finding, twins[place.twin].timeline());
                    words!(lang, "{name}: {said}", "{name}：{said}")
                }
            }
        });
        let said = said.collect::<Vec<_>>().join(lang.of("; ", "；"));
        self.navigator.say(said);
    }

    /// All twins go to the moment of the chosen one that is looked at now, where another was `before`.
    pub(super) fn follow(&mut self, before: u64) {
        let timeline = self.twins.twins()[self.chosen].timeline();
        let at = self.navigator.cursor.at(timeline);
        if at != before {
            self.autoplay.stop();
            self.show(self.axis.moment(self.chosen, at, timeline));
        }
    }

    /// Goes on playing for so long, or searching.
    pub(super) fn play_on(&mut self, passed: std::time::Duration) -> Passed {
        let timeline = self.twins.twins()[self.chosen].timeline();
        let before = self.navigator.cursor.at(timeline);
        let searched = self.navigator.pass(passed, timeline);
        if searched.moved {
            self.search_on(before);
            return Passed { again: self.navigator.searches_again(), ..searched };
        }
        let mut autoplay = std::mem::take(&mut self.autoplay);
        let passed = autoplay.pass(passed, || {
            let before = self.moment;
            self.forward() && !self.tell_stop(before) && !self.is_over()
        });
        self.autoplay = autoplay;
        passed
    }

    /// Whether one of the twins hit a breakpoint since the moment `before`; says so.
    fn tell_stop(&mut self, before: Tick) -> bool {
        let (lang, twins) = (self.lang, self.twins.twins());
        let hit = (0..twins.len()).find_map(|i| {
            let [from, to] = [before, self.moment].map(|moment| self.axis.position(i, moment));
            let (breakpoint, record) = hit(twins[i].timeline(), from, to, self.navigator.breakpoints())?;
            Some((twins[i].name(), breakpoint, text::brief(&record, lang)))
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
