//! What `{` and `}` lead to: where twins part, and the findings in each, in the order of moments.

use super::axis::{Place, Tick};
use super::screen::CompareScreen;

impl CompareScreen {
    /// All places in what was played, in the order of moments.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The same, read from the records.
    pub(super) fn read_places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for (i, twin) in self.twins.twins().iter().enumerate() {
            places.extend(self.parting(i).map(|moment| Place { moment, twin: i, finding: None }));
            let timeline = twin.timeline();
            places.extend(timeline.findings().iter().map(|finding| {
                let moment = self.axis.moment(i, finding.position(), timeline);
                Place { moment, twin: i, finding: Some(*finding) }
            }));
        }
        places.sort_by_key(|place| place.moment);
        places
    }

    /// The first moment at which twin `i` has parted from the first.
    fn parting(&self, i: usize) -> Option<Tick> {
        let step = self.story.parts(i)?.step;
        let mut moments = (0..=self.axis.calls(step)).map(|call| Tick { step, call });
        moments.find(|moment| self.has_parted_at(i, *moment))
    }

    /// To the next moment with a place, for which steps may have to be played, or to the one before; what is there.
    pub(super) fn go_to_place(&mut self, forward: bool) -> Vec<Place> {
        let now = self.moment;
        let found = loop {
            let found = if forward {
                self.places.iter().find(|place| place.moment > now)
            } else {
                self.places.iter().rev().find(|place| place.moment < now)
            };
            match found.map(|place| place.moment) {
                None if forward && self.play_step() => {}
                found => break found,
            }
        };
        let Some(moment) = found else { return Vec::new() };
        self.go_to(moment);
        self.places.iter().filter(|place| place.moment == moment).copied().collect()
    }
}
