//! What is shown when: the moments of a scene, one after the other, forth and back.

use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use super::{Beat, SceneStepper};
use crate::i18n::Lang;
use crate::lesson::Trouble;
use crate::record::{Call, Record};
use crate::session::ClientId;

/// A moment of a demo that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoMoment {
    pub at: u64,
    /// The caption then, by its number.
    pub caption: Option<usize>,
    pub client: Option<ClientId>,
    pub next: Option<Call>,
    beat: Beat,
}

/// A demo being shown. Every time that it takes or gives is a clock's of its caller, which does not go back.
pub struct Player {
    /// The scene as far as it has been done. If its server was given away, [`Player::come_back`] goes on afterwards.
    pub stepper: SceneStepper,
    lang: Lang,
    moments: Vec<DemoMoment>,
    at: usize,
    /// How many times as fast as it is meant.
    speed: f64,
    paused: bool,
    /// When what is shown has been shown long enough.
    due: Duration,
    over: bool,
}

impl Player {
    /// The slowest and the fastest.
    pub const SPEEDS: (f64, f64) = (0.25, 16.0);

    /// A demo of what `stepper` has just opened, from `now` on.
    pub fn new(stepper: SceneStepper, speed: f64, lang: Lang, now: Duration) -> Self {
        let mut player =
            Self { stepper, lang, moments: Vec::new(), at: 0, speed, paused: false, due: now, over: false };
        player.note(Beat::Act);
        player
    }

    pub fn moment(&self) -> DemoMoment {
        self.moments[self.at]
    }

    pub fn caption(&self) -> &str {
        let caption = self.moment().caption.and_then(|number| self.stepper.captions().nth(number));
        caption.map_or("", |caption| caption.of(self.lang))
    }

    /// Whether that moment is the latest there is.
    pub fn is_now(&self) -> bool {
        self.at + 1 == self.moments.len()
    }

    pub fn is_paused(&self) -> bool {
        self.paused
    }

    pub fn is_over(&self) -> bool {
        self.over && self.is_now()
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// When [`Player::advance`] has something to do; `None` where nothing is due.
    pub fn wakes_at(&self) -> Option<Duration> {
        (!self.paused && !self.is_over()).then_some(self.due)
    }

    /// Goes on to the next moment if it is time; whether there is anything new to show.
    pub fn advance(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<bool, Trouble> {
        if self.wakes_at().is_none_or(|due| now < due) {
            return Ok(false);
        }
        self.step(now, each)
    }

    /// Time stands still, or goes on from what is shown.
    pub fn pause_or_go(&mut self, now: Duration) {
        self.paused = !self.paused;
        self.wait_from(now);
    }

    /// Shows the moment before, and waits there.
    pub fn back(&mut self) {
        self.paused = true;
        self.at = self.at.saturating_sub(1);
    }

    /// Shows the next moment, does what leads to it if that was not done, and waits there.
    pub fn forward(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        self.paused = true;
        // An end of a line shows nothing new.
        while !self.is_over() && !self.step(now, each)? {}
        Ok(())
    }

    /// Shows where the caption before this one began, or this one if more of it has been seen.
    pub fn caption_back(&mut self) {
        self.back();
        while self.at > 0 && self.moment().beat != Beat::Caption {
            self.at -= 1;
        }
    }

    /// Shows where the next caption begins, and does what leads there; or the end.
    pub fn caption_forward(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        self.forward(now, each)?;
        while self.moment().beat != Beat::Caption && !self.is_over() {
            self.forward(now, each)?;
        }
        Ok(())
    }

    /// Shows the first moment, and waits there.
    pub fn to_start(&mut self) {
        (self.paused, self.at) = (true, 0);
    }

    /// Shows the last moment up to a position in the timeline, and waits there.
    pub fn look_at(&mut self, position: u64) {
        let after = self.moments.partition_point(|moment| moment.at <= position);
        (self.paused, self.at) = (true, after.saturating_sub(1));
    }

    /// Shows the latest moment, and waits there.
    pub fn to_now(&mut self) {
        (self.paused, self.at) = (true, self.moments.len() - 1);
    }

    /// Sets the speed, within [`Player::SPEEDS`], also for what is being shown.
    pub fn set_speed(&mut self, speed: f64, now: Duration) {
        let speed = speed.clamp(Self::SPEEDS.0, Self::SPEEDS.1);
        self.due = now + self.due.saturating_sub(now).mul_f64(self.speed / speed);
        self.speed = speed;
    }

    /// Plays the scene again, on another server.
    pub fn again(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        self.stepper.again(each)?;
        self.moments.clear();
        (self.at, self.paused, self.over) = (0, false, false);
        self.note(Beat::Act);
        self.due = now;
        Ok(())
    }

    /// Goes on at the line at which the server was given away: with another server, on which all lines before it are
    /// played first, since the first server may be in any state.
    pub fn come_back(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<(), Trouble> {
        let (lines, paused) = (self.stepper.line, self.paused);
        let past = (!self.is_now()).then_some(self.at);
        self.again(now, each)?;
        while self.stepper.line < lines {
            let Some(beat) = self.stepper.next(each)? else { break };
            self.note(beat);
        }
        // Where the past was looked at, it is again.
        self.at = past.map_or(self.at, |past| past.min(self.at));
        self.paused = paused;
        self.wait_from(now);
        Ok(())
    }

    /// Shows the next moment, whether it is time or not; whether there is one.
    fn step(&mut self, now: Duration, each: &mut dyn FnMut(&Record)) -> Result<bool, Trouble> {
        if !self.is_now() {
            self.at += 1;
            self.wait_from(now);
            return Ok(true);
        }
        let Some(beat) = self.stepper.next(each)? else {
            self.over = true;
            return Ok(true);
        };
        self.note(beat);
        self.due = now + self.shown(beat);
        Ok(beat != Beat::Rest)
    }

    fn note(&mut self, beat: Beat) {
        // A rest goes on showing what is shown.
        if beat != Beat::Rest {
            self.moments.push(DemoMoment {
                at: self.stepper.timeline().len(),
                caption: self.stepper.caption,
                client: self.stepper.client,
                next: self.stepper.next_call(),
                beat,
            });
        }
        self.at = self.moments.len() - 1;
    }

    fn wait_from(&mut self, now: Duration) {
        self.due = now + self.shown(self.moment().beat);
    }

    fn shown(&self, beat: Beat) -> Duration {
        dwell(beat, self.caption()).div_f64(self.speed)
    }
}

/// How long `beat` is shown at speed 1; a caption as long as it takes to find and to read `text`.
pub fn dwell(beat: Beat, text: &str) -> Duration {
    /// A Chinese character takes two cells, and about twice as long to read as a letter.
    const CELLS_PER_SECOND: f64 = 20.0;
    let reading = f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX)) / CELLS_PER_SECOND;
    match beat {
        Beat::Caption => Duration::from_millis(1_200) + Duration::from_secs_f64(reading),
        Beat::Act => Duration::from_millis(1_200),
        Beat::Call => Duration::from_millis(750),
        // One of the later calls of a long row, which are all of a kind.
        Beat::Further => Duration::from_millis(220),
        Beat::Rest => Duration::from_millis(900),
    }
}
