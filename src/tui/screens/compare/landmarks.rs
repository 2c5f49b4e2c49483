//! What `{` and `}` lead to: the findings of each variant, and where it first differs from the first, in the order of
//! ticks.

use super::axis::{Landmark, Tick};
use super::screen::CompareScreen;

impl CompareScreen {
    /// The landmarks of what has been played, in the order of ticks.
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    /// Collects them from the records.
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

    /// Moves to the next tick with a landmark, for which steps may have to be played, or to the one before. Returns the
    /// landmarks there.
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
