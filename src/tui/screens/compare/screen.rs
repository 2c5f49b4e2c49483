//! Comparison on the screen: one moment of the scene in all of them, and the moves between moments. Nothing here draws.

use super::axis::{Axis, Place, Tick};
use crate::compare::{Comparison, ComparisonReport, Variant};
use crate::i18n::Lang;
use crate::trace::{
    World,
    world::{File, FileId, Who},
};
use crate::tui::navigator::Autoplay;
use crate::tui::{Cursor, Navigator, Theme};

/// What the lower half shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below {
    /// What each twin does in this step.
    Steps,
    /// What each cost and kept.
    CostTable {
        /// Scrolled down by so many lines, where not all fit.
        scroll: u16,
    },
}

/// Comparison, and the moment of them that is looked at.
pub struct CompareScreen {
    pub(super) twins: Comparison,
    pub(super) story: ComparisonReport,
    pub(crate) theme: Theme,
    pub(crate) lang: Lang,
    pub(super) moment: Tick,
    pub(super) axis: Axis,
    /// What `{` and `}` lead to, in what was played.
    pub(super) places: Vec<Place>,
    /// Who looks, and where in the records of the chosen twin.
    pub(crate) navigator: Navigator,
    pub(super) chosen: usize,
    /// Where each twin is looked at.
    pub(super) travels: Vec<Cursor>,
    /// Whose bytes are to be drawn.
    pub(super) selected: Option<Who>,
    pub(crate) below: Below,
    pub(super) autoplay: Autoplay,
}

impl CompareScreen {
    /// The beginning: the servers are there, and the first step is to come.
    pub fn new(twins: Comparison, theme: Theme, lang: Lang) -> Self {
        let travels = twins.twins().iter().map(|_| Cursor::default()).collect();
        let mut beside = Self {
            twins,
            story: ComparisonReport::default(),
            theme,
            lang,
            moment: Tick::default(),
            axis: Axis::default(),
            places: Vec::new(),
            navigator: Navigator::new(lang),
            chosen: 0,
            travels,
            selected: None,
            below: Below::Steps,
            autoplay: Autoplay::default(),
        };
        beside.play_step();
        beside.go_to(Tick::default());
        beside
    }

    /// The twins.
    pub fn twins(&self) -> &Comparison {
        &self.twins
    }

    /// The twins alone.
    pub fn into_twins(self) -> Comparison {
        self.twins
    }

    /// What they did, as far as it was played.
    pub fn story(&self) -> &ComparisonReport {
        &self.story
    }

    /// The moment that is looked at.
    pub fn moment(&self) -> Tick {
        self.moment
    }

    /// The position of twin `i` at a moment.
    pub fn position(&self, i: usize, moment: Tick) -> u64 {
        self.axis.position(i, moment)
    }

    /// The world of twin `i` at the moment that is looked at.
    pub fn world<'a>(&'a self, i: usize, twin: &'a Variant) -> &'a World {
        self.travels[i].world(twin.timeline())
    }

    /// How many calls a step has, of the twin that makes the most.
    pub fn calls(&self, step: usize) -> usize {
        self.axis.calls(step)
    }

    /// The moments up to the one that is looked at, the last `most` of them, oldest first.
    pub fn moments(&self, most: usize) -> Vec<Tick> {
        let mut moments = Vec::new();
        let Tick { step: last, call: up_to } = self.moment;
        for step in (0..=last).rev() {
            let calls = if step == last { up_to } else { self.calls(step) };
            for call in (1..=calls).rev() {
                if moments.len() == most {
                    break;
                }
                moments.push(Tick { step, call });
            }
        }
        moments.reverse();
        moments
    }

    /// Whether the step is over at this moment.
    pub fn is_step_over(&self) -> bool {
        self.moment.call >= self.calls(self.moment.step)
    }

    /// How many steps are over at this moment.
    pub fn steps_over(&self) -> usize {
        self.moment.step + usize::from(self.is_step_over())
    }

    /// Whether there is nothing after it.
    pub fn is_over(&self) -> bool {
        self.is_step_over() && self.moment.step + 1 >= self.twins.steps().len()
    }

    /// Whether it plays, and how many calls a second.
    pub fn plays(&self) -> Option<u64> {
        self.autoplay.is_playing().then(|| self.autoplay.speed())
    }

    /// The twin whose calls are searched and counted.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Whose unread bytes are drawn: the one that was selected, or else the first client that is open anywhere, of those
    /// that have been reported.
    pub fn selected(&self) -> Option<Who> {
        let reported = self.reported();
        let selected = self.selected.filter(|who| reported.contains(who));
        let open = || reported.iter().find(|who| !matches!(who, Who::Listener) && self.is_open(**who));
        selected.or_else(|| open().or(reported.first()).copied())
    }

    /// Whether a twin has a connection to `who` at this moment.
    fn is_open(&self, who: Who) -> bool {
        let mut twins = self.twins.twins().iter().enumerate();
        twins.any(|(i, twin)| file_of(self.world(i, twin), who).is_some())
    }

    /// Whether there is anything to draw of the one that is selected.
    pub fn is_anywhere_open(&self) -> bool {
        self.selected().is_some_and(|who| self.is_open(who))
    }

    /// The file of the one that is selected, in the world of a twin: the server's end.
    pub fn file(&self, world: &World) -> Option<FileId> {
        file_of(world, self.selected()?)
    }

    /// Who was reported so far: the clients in the order of their first report, then the listener.
    pub(super) fn reported(&self) -> Vec<Who> {
        let mut reported = Vec::new();
        for step in 0..=self.moment.step {
            for i in 0..self.twins.twins().len() {
                let entries = self.story.seen(i, step).map_or(&[][..], |seen| &seen.entries);
                let reports = entries.iter().filter_map(|entry| entry.wait.as_ref()).flat_map(|wait| &wait.reports);
                reports.take(64).for_each(|report| {
                    if !reported.contains(&report.who) {
                        reported.push(report.who);
                    }
                });
            }
        }
        reported.sort_by_key(|who| matches!(who, Who::Listener));
        reported
    }

    /// Whether twin `i` has parted from the first at the moment that is looked at.
    pub fn has_parted(&self, i: usize) -> bool {
        self.has_parted_at(i, self.moment)
    }

    pub(super) fn has_parted_at(&self, i: usize, moment: Tick) -> bool {
        self.story.parts(i).is_some_and(|parting| {
            // What makes fewer calls shows by standing still.
            let is_there = |i: usize, at: u64| {
                let position = self.position(i, moment);
                position > at || position >= self.twins.twins()[i].step(parting.step).1
            };
            let here = is_there(0, parting.first_at) && is_there(i, parting.at);
            moment.step > parting.step || moment.step == parting.step && here
        })
    }

    /// Plays the next step of the scene in every twin, and looks on at the same moment; false where there is none.
    pub(super) fn play_step(&mut self) -> bool {
        let at = self.navigator.cursor.at(self.twins.twins()[self.chosen].timeline());
        if !self.twins.advance() {
            return false;
        }
        self.story.read(&self.twins);
        self.axis.go_on(&self.twins);
        self.places = self.read_places();
        // What was now is the past.
        self.show(self.moment);
        self.navigator.cursor.look_at(at, self.twins.twins()[self.chosen].timeline());
        true
    }

    pub(super) fn play_all(&mut self) {
        while self.play_step() {}
    }

    /// Looks at a moment of a step that has been played.
    pub(super) fn go_to(&mut self, moment: Tick) {
        self.show(moment);
        self.choose(self.chosen);
    }

    /// The calls of twin `i` are those that are searched and counted from here.
    pub(super) fn choose(&mut self, i: usize) {
        self.chosen = i;
        self.navigator.cursor.look_at(self.axis.position(i, self.moment), self.twins.twins()[i].timeline());
    }

    pub(super) fn show(&mut self, moment: Tick) {
        self.moment = Tick { call: moment.call.min(self.calls(moment.step)), ..moment };
        for i in 0..self.travels.len() {
            let at = self.position(i, self.moment);
            self.travels[i].look_at(at, self.twins.twins()[i].timeline());
        }
    }

    /// The next moment, for which the next step may have to be played; whether there was one.
    pub(super) fn forward(&mut self) -> bool {
        let Tick { step, call } = self.moment;
        if !self.is_step_over() {
            self.go_to(Tick { step, call: call + 1 });
            return true;
        }
        let is_played = step + 1 < self.axis.steps() || self.play_step();
        if is_played {
            self.go_to(Tick { step: step + 1, call: 1 });
        }
        is_played
    }

    pub(super) fn back(&mut self) {
        let Tick { step, call } = self.moment;
        match (step, call) {
            (0, 0) => {}
            (0, _) | (_, 2..) => self.go_to(Tick { step, call: call - 1 }),
            _ => self.go_to(Tick { step: step - 1, call: usize::MAX }),
        }
    }

    /// To the end of this step, or of the next.
    pub(super) fn step_forward(&mut self) {
        if self.is_step_over() && !self.forward() {
            return;
        }
        self.go_to(Tick { call: usize::MAX, ..self.moment });
    }

    pub(super) fn step_back(&mut self) {
        match self.moment {
            Tick { step: 0, .. } => self.go_to(Tick::default()),
            Tick { step, .. } => self.go_to(Tick { step: step - 1, call: usize::MAX }),
        }
    }
}

/// The server's end of the connection to `who`, or the listener.
fn file_of(world: &World, who: Who) -> Option<FileId> {
    let is_its = |file: &File| file.who() == who && file.stream().is_none_or(|stream| stream.accepted);
    world.files().find(|(_, file)| is_its(file)).map(|(id, _)| id)
}
