//! The state of a comparison: the tick that is shown, and the moves between ticks. Nothing here draws.

use super::axis::{Axis, Landmark, Tick};
use crate::compare::{AlignedRow, Comparison, ComparisonReport, Variant, aligned};
use crate::i18n::Lang;
use crate::record::{Call, Record};
use crate::trace::{
    World,
    world::{File, FileId, Who},
};
use crate::tui::{CodeLanguage, Cursor, Navigator, Theme, navigator::Autoplay};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below {
    Steps,
    CostTable {
        scroll: u16,
    },
    /// The program of the chosen variant, beside the steps where there is room.
    Code,
}

/// A comparison, and the tick of it that is shown.
pub struct CompareScreen {
    pub(crate) comparison: Comparison,
    /// What the variants did in the steps played so far.
    pub(super) report: ComparisonReport,
    /// For each step played the rows of its calls.
    pub(super) rows: Vec<Vec<AlignedRow>>,
    pub(crate) theme: Theme,
    pub(crate) lang: Lang,
    pub(super) tick: Tick,
    pub(super) axis: Axis,
    /// What `{` and `}` lead to.
    pub(super) landmarks: Vec<Landmark>,
    pub(crate) navigator: Navigator,
    pub(super) chosen: usize,
    /// The moment of each variant at the tick.
    pub(super) cursors: Vec<Cursor>,
    pub(super) selected: Option<Who>,
    pub language: CodeLanguage,
    pub(crate) below: Below,
    pub(super) autoplay: Autoplay,
}

impl CompareScreen {
    /// The beginning: the servers are open, and no call has been made.
    pub fn new(comparison: Comparison, theme: Theme, lang: Lang) -> Self {
        let cursors = comparison.variants().iter().map(|_| Cursor::default()).collect();
        let mut screen = Self {
            comparison,
            report: ComparisonReport::default(),
            rows: Vec::new(),
            theme,
            lang,
            tick: Tick::default(),
            axis: Axis::default(),
            landmarks: Vec::new(),
            navigator: Navigator::new(lang),
            chosen: 0,
            cursors,
            selected: None,
            language: CodeLanguage::default(),
            below: Below::Steps,
            autoplay: Autoplay::default(),
        };
        screen.play_step();
        screen.go_to(Tick::default());
        screen
    }

    /// Moves to where the servers have accepted the first client, so that there is something to see from the start.
    pub fn begin(&mut self) {
        let accepts = |record: &Record| matches!(record.call, Call::Accept4 { ret, .. } if ret.ok().is_some());
        for step in 0.. {
            let variants = self.comparison.variants().iter().enumerate();
            let first = variants.filter_map(|(i, variant)| {
                let (timeline, (from, to)) = (variant.timeline(), variant.step(step));
                let accepted = timeline.range(from, to).find(accepts)?;
                Some(self.axis.tick(i, accepted.seq.0, timeline))
            });
            if let Some(tick) = first.max() {
                self.go_to(tick);
                return self.navigator.say(self.lang.of(
                    "the servers have started and accepted a client; Space makes the next call, Home shows the start",
                    "各服务器已启动并接受了一个客户端；Space 执行下一个调用，Home 回到开头",
                ));
            }
            if !self.play_step() {
                return self.go_to(self.axis.end(0));
            }
        }
    }

    /// What was said last, which is not said any more.
    pub fn take_notice(&mut self) -> Option<String> {
        self.navigator.notice.take().map(|notice| notice.text)
    }

    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    pub fn tick(&self) -> Tick {
        self.tick
    }

    pub fn position(&self, i: usize, tick: Tick) -> u64 {
        self.axis.position(i, tick)
    }

    pub fn world<'a>(&'a self, i: usize, variant: &'a Variant) -> &'a World {
        self.cursors[i].world(variant.timeline())
    }

    pub fn calls(&self, step: usize) -> usize {
        self.axis.calls(step)
    }

    /// The last `most` ticks up to the one that is shown.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let Tick { step: last, call: up_to } = self.tick;
        for step in (0..=last).rev() {
            let calls = if step == last { up_to } else { self.calls(step) };
            for call in (1..=calls).rev() {
                if ticks.len() == most {
                    break;
                }
                ticks.push(Tick { step, call });
            }
        }
        ticks.reverse();
        ticks
    }

    pub fn is_step_over(&self) -> bool {
        self.tick.call >= self.calls(self.tick.step)
    }

    pub fn steps_over(&self) -> usize {
        self.tick.step + usize::from(self.is_step_over())
    }

    pub fn is_over(&self) -> bool {
        self.is_step_over() && self.tick.step + 1 >= self.comparison.steps().len()
    }

    pub fn plays(&self) -> Option<u64> {
        self.autoplay.is_playing().then(|| self.autoplay.speed())
    }

    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Whose unread bytes are drawn: the selected client, or else the first that is open anywhere.
    pub fn selected(&self) -> Option<Who> {
        let reported = self.reported();
        let selected = self.selected.filter(|who| reported.contains(who));
        let open = || reported.iter().find(|who| !matches!(who, Who::Listener) && self.is_open(**who));
        selected.or_else(|| open().or(reported.first()).copied())
    }

    pub(super) fn is_open(&self, who: Who) -> bool {
        let mut variants = self.comparison.variants().iter().enumerate();
        variants.any(|(i, variant)| file_of(self.world(i, variant), who).is_some())
    }

    /// The server's end of the selected connection, in the world of a variant.
    pub fn file(&self, world: &World) -> Option<FileId> {
        file_of(world, self.selected()?)
    }

    /// All that have been reported so far: the clients in the order of their first report, then the listener.
    pub(super) fn reported(&self) -> Vec<Who> {
        let mut reported = Vec::new();
        for step in 0..=self.tick.step {
            for i in 0..self.comparison.variants().len() {
                let entries = self.report.seen(i, step).map_or(&[][..], |seen| &seen.entries);
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

    /// Whether variant `i` already differs from the first one at the tick shown.
    pub fn has_parted(&self, i: usize) -> bool {
        self.has_parted_at(i, self.tick)
    }

    pub(super) fn has_parted_at(&self, i: usize, tick: Tick) -> bool {
        self.report.parts(i).is_some_and(|parting| {
            // A variant that makes fewer calls differs by standing still.
            let is_there = |i: usize, at: u64| {
                let position = self.position(i, tick);
                position > at || position >= self.comparison.variants()[i].step(parting.step).1
            };
            let here = is_there(0, parting.first_at) && is_there(i, parting.at);
            tick.step > parting.step || tick.step == parting.step && here
        })
    }

    /// Plays the next step of the scene in every variant; the tick shown stays. Returns false if there is none.
    pub(super) fn play_step(&mut self) -> bool {
        let at = self.navigator.cursor.at(self.comparison.variants()[self.chosen].timeline());
        if !self.comparison.advance() {
            return false;
        }
        self.report.read(&self.comparison);
        let step = self.rows.len();
        let seen: Vec<_> = (0..self.cursors.len()).filter_map(|i| self.report.seen(i, step)).collect();
        self.rows.push(aligned(&seen));
        self.axis.go_on(&self.comparison);
        self.landmarks = self.read_landmarks();
        // The cursors at now are in the past now.
        self.show(self.tick);
        self.navigator.cursor.look_at(at, self.comparison.variants()[self.chosen].timeline());
        true
    }

    pub(crate) fn play_all(&mut self) {
        while self.play_step() {}
    }

    pub(crate) fn go_to(&mut self, tick: Tick) {
        self.show(tick);
        self.choose(self.chosen);
    }

    /// Makes variant `i` the one that is searched and counted.
    pub(super) fn choose(&mut self, i: usize) {
        self.chosen = i;
        self.navigator.cursor.look_at(self.axis.position(i, self.tick), self.comparison.variants()[i].timeline());
    }

    pub(super) fn show(&mut self, tick: Tick) {
        self.tick = Tick { call: tick.call.min(self.calls(tick.step)), ..tick };
        for i in 0..self.cursors.len() {
            let at = self.position(i, self.tick);
            self.cursors[i].look_at(at, self.comparison.variants()[i].timeline());
        }
    }

    /// Moves to the next tick, for which the next step may have to be played; returns whether there was one.
    pub(super) fn forward(&mut self) -> bool {
        let Tick { step, call } = self.tick;
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
        let Tick { step, call } = self.tick;
        match (step, call) {
            (0, 0) => {}
            (0, _) | (_, 2..) => self.go_to(Tick { step, call: call - 1 }),
            _ => self.go_to(Tick { step: step - 1, call: usize::MAX }),
        }
    }

    /// Moves to the end of this step, or of the next.
    pub(super) fn step_forward(&mut self) {
        if self.is_step_over() && !self.forward() {
            return;
        }
        self.go_to(Tick { call: usize::MAX, ..self.tick });
    }

    pub(super) fn step_back(&mut self) {
        match self.tick {
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
