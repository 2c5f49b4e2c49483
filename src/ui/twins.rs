//! Twins on the screen: one moment of the scene in all of them, and the moves between moments. Nothing here draws.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::travel::{Move, Passed};
use super::view::twins as view;
use super::{Show, Theme, Travel, keys};
use crate::record::Record;
use crate::teach::twins::{Story, Twin, Twins};
use crate::trace::lang::Both;
use crate::trace::world::{FileId, Who, World};
use crate::trace::{Lang, Timeline};

/// How fast it may play, in calls a second.
const SPEEDS: [u32; 6] = [1, 2, 4, 10, 50, 500];
/// The most time that counts as passed at once.
const AT_ONCE: Duration = Duration::from_millis(250);

/// The keys for the footer, how they are written and a word; where there is no room for all, the last one goes.
pub const KEYS: [(&str, Both); 7] = [
    ("Space ← →", ("call", "调用")),
    ("[ ]", ("step", "步")),
    ("{ }", ("difference", "差异")),
    ("↑ ↓", ("client", "客户端")),
    ("t", ("table", "表格")),
    ("q", ("quit", "退出")),
    ("y", ("play", "播放")),
];

/// What the lower half shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// What each twin does in this step.
    Steps,
    /// What each cost and kept.
    Bill,
}

/// A moment: so many calls into a step. A twin that makes fewer stands at the step's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// The step, from 0.
    pub step: usize,
    /// Calls, from 0.
    pub call: usize,
}

/// Twins, and the moment of them that is looked at.
pub struct Beside {
    twins: Twins,
    story: Story,
    pub(super) theme: Theme,
    pub(super) lang: Lang,
    moment: Moment,
    /// For each step that was played, for each twin, its positions after each call.
    axis: Vec<Vec<Vec<u64>>>,
    /// Where each twin is looked at.
    travels: Vec<Travel>,
    selected: usize,
    pub(super) below: Below,
    /// Time since the last call was shown, while it plays.
    playing: Option<Duration>,
    speed: usize,
    quit: bool,
}

impl Beside {
    /// The beginning: the servers are there, and the first step is to come.
    pub fn new(twins: Twins, theme: Theme, lang: Lang) -> Self {
        let travels = twins.twins().iter().map(|_| Travel::default()).collect();
        let mut beside = Self {
            twins,
            story: Story::default(),
            theme,
            lang,
            moment: Moment::default(),
            axis: Vec::new(),
            travels,
            selected: 0,
            below: Below::Steps,
            playing: None,
            speed: 2,
            quit: false,
        };
        beside.play_step();
        beside.go_to(Moment::default());
        beside
    }

    /// The twins.
    pub fn twins(&self) -> &Twins {
        &self.twins
    }

    /// The twins alone.
    pub fn into_twins(self) -> Twins {
        self.twins
    }

    /// The screen as it is now, of this size.
    pub fn picture(&self, (columns, rows): (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        view::render(self, area, &mut buffer);
        buffer
    }

    /// What they did, as far as it was played.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// The moment that is looked at.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The position of twin `i` at a moment.
    pub fn position(&self, i: usize, moment: Moment) -> u64 {
        let calls = self.axis.get(moment.step).and_then(|step| step.get(i));
        calls.and_then(|calls| calls.get(moment.call.min(calls.len() - 1)).copied()).unwrap_or(0)
    }

    /// The world of twin `i` at the moment that is looked at.
    pub fn world<'a>(&'a self, i: usize, twin: &'a Twin) -> &'a World {
        self.travels[i].world(twin.timeline())
    }

    /// How many calls a step has, of the twin that makes the most.
    pub fn calls(&self, step: usize) -> usize {
        let longest = self.axis.get(step).and_then(|step| step.iter().map(Vec::len).max());
        longest.unwrap_or(1).saturating_sub(1)
    }

    /// The moments up to the one that is looked at, the last `most` of them, oldest first.
    pub fn moments(&self, most: usize) -> Vec<Moment> {
        let mut moments = Vec::new();
        let Moment { step: last, call: up_to } = self.moment;
        for step in (0..=last).rev() {
            let calls = if step == last { up_to } else { self.calls(step) };
            for call in (1..=calls).rev() {
                if moments.len() == most {
                    break;
                }
                moments.push(Moment { step, call });
            }
        }
        moments.reverse();
        moments
    }

    /// Whether the step is over at this moment.
    pub fn is_step_over(&self) -> bool {
        self.moment.call >= self.calls(self.moment.step)
    }

    /// Whether there is nothing after it.
    pub fn is_over(&self) -> bool {
        self.is_step_over() && self.moment.step + 1 >= self.twins.steps().len()
    }

    /// Whether it plays, and how many calls a second.
    pub fn plays(&self) -> Option<u32> {
        self.playing.map(|_| SPEEDS[self.speed])
    }

    /// Whose unread bytes are drawn: the one that was selected of those that have been reported.
    pub fn selected(&self) -> Option<Who> {
        let reported = self.reported();
        reported.get(self.selected.min(reported.len().saturating_sub(1))).copied()
    }

    /// The file of the one that is selected, in the world of a twin: the server's end.
    pub fn file(&self, world: &World) -> Option<FileId> {
        let who = self.selected()?;
        let is_its =
            |file: &crate::trace::world::File| file.who() == who && file.stream().is_none_or(|stream| stream.accepted);
        world.files().find(|(_, file)| is_its(file)).map(|(id, _)| id)
    }

    /// Who was reported so far: the clients in the order of their first report, then the listener.
    fn reported(&self) -> Vec<Who> {
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

    fn has_parted_at(&self, i: usize, moment: Moment) -> bool {
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

    /// Plays the next step of the scene in every twin; false where there is none.
    fn play_step(&mut self) -> bool {
        if !self.twins.advance() {
            return false;
        }
        self.story.read(&self.twins);
        let step = self.twins.played() - 1;
        self.axis.push(self.twins.twins().iter().map(|twin| positions(twin.timeline(), twin.step(step))).collect());
        true
    }

    /// Looks at a moment of a step that has been played.
    fn go_to(&mut self, moment: Moment) {
        self.moment = Moment { call: moment.call.min(self.calls(moment.step)), ..moment };
        for i in 0..self.travels.len() {
            let at = self.position(i, self.moment);
            self.travels[i].look_at(at, self.twins.twins()[i].timeline());
        }
    }

    /// The next moment, for which the next step may have to be played; whether there was one.
    fn forward(&mut self) -> bool {
        let Moment { step, call } = self.moment;
        if !self.is_step_over() {
            self.go_to(Moment { step, call: call + 1 });
            return true;
        }
        let is_played = step + 1 < self.axis.len() || self.play_step();
        if is_played {
            self.go_to(Moment { step: step + 1, call: 1 });
        }
        is_played
    }

    fn back(&mut self) {
        let Moment { step, call } = self.moment;
        match (step, call) {
            (0, 0) => {}
            (0, _) | (_, 2..) => self.go_to(Moment { step, call: call - 1 }),
            _ => self.go_to(Moment { step: step - 1, call: usize::MAX }),
        }
    }

    /// To the end of this step, or of the next.
    fn step_forward(&mut self) {
        if self.is_step_over() && !self.forward() {
            return;
        }
        self.go_to(Moment { call: usize::MAX, ..self.moment });
    }

    fn step_back(&mut self) {
        match self.moment {
            Moment { step: 0, .. } => self.go_to(Moment::default()),
            Moment { step, .. } => self.go_to(Moment { step: step - 1, call: usize::MAX }),
        }
    }

    /// To the first difference, which may have to be played for first.
    fn go_to_difference(&mut self) {
        while self.story.first_difference().is_none() && self.play_step() {}
        let Some(parting) = self.story.first_difference().cloned() else { return };
        let parts = |call: &usize| {
            (1..self.travels.len()).any(|i| self.has_parted_at(i, Moment { step: parting.step, call: *call }))
        };
        let call = (0..=self.calls(parting.step)).find(parts).unwrap_or(usize::MAX);
        self.go_to(Moment { step: parting.step, call });
    }

    fn travel(&mut self, to: Move) {
        if !matches!(to, Move::Play | Move::Slower | Move::Faster) {
            self.playing = None;
        }
        match to {
            Move::BackCall => self.back(),
            Move::ForwardCall => drop(self.forward()),
            Move::BackWait => self.step_back(),
            Move::ForwardWait => self.step_forward(),
            Move::BackFinding | Move::ForwardFinding => self.go_to_difference(),
            Move::Start => self.go_to(Moment::default()),
            Move::Now => {
                while self.play_step() {}
                self.go_to(Moment { step: self.axis.len().saturating_sub(1), call: usize::MAX });
            }
            Move::Play => self.playing = if self.playing.is_some() { None } else { Some(Duration::ZERO) },
            Move::Slower => self.speed = self.speed.saturating_sub(1),
            Move::Faster => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            Move::BackHit | Move::ForwardHit | Move::Call | Move::Search => {}
        }
    }

    fn key(&mut self, key: &KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => self.quit = true,
            KeyCode::Char('q') => self.quit = true,
            KeyCode::Char(' ') => {
                self.playing = None;
                if !self.forward() {
                    self.below = Below::Bill;
                }
            }
            KeyCode::Char('t') | KeyCode::Enter => {
                self.below = if self.below == Below::Bill { Below::Steps } else { Below::Bill };
            }
            KeyCode::Esc => self.below = Below::Steps,
            KeyCode::Up => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down => self.selected = (self.selected + 1).min(self.reported().len().saturating_sub(1)),
            KeyCode::PageUp => self.travel(Move::BackWait),
            KeyCode::PageDown => self.travel(Move::ForwardWait),
            KeyCode::Char('P') => self.theme = self.theme.projected(!self.theme.projector),
            _ => {
                if let Some(to) = keys::travel(key) {
                    self.travel(to);
                }
            }
        }
    }
}

/// The position before the first call of a step, and that after each.
fn positions(timeline: &Timeline, (from, to): (u64, u64)) -> Vec<u64> {
    let mut positions = vec![from];
    let mut at = from;
    while at < to {
        at = timeline.call_after(at).min(to);
        positions.push(at);
    }
    positions
}

impl Show for Beside {
    fn take_in(&mut self, _: &mut dyn FnMut(&Record)) -> bool {
        false
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        view::render(self, area, frame.buffer_mut());
    }

    fn input(&mut self, event: &Event) {
        if let Event::Key(key) = event {
            self.key(key);
        }
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let Some(since) = self.playing else { return Passed::default() };
        let each = Duration::from_secs(1) / SPEEDS[self.speed];
        let mut since = since + passed.min(AT_ONCE);
        let mut moved = false;
        while since >= each {
            since = since.saturating_sub(each);
            if !self.forward() {
                self.playing = None;
                return Passed { moved: true, again: None };
            }
            moved = true;
        }
        self.playing = Some(since);
        Passed { moved, again: Some(each.saturating_sub(since)) }
    }

    fn is_left(&self) -> bool {
        self.quit
    }
}
