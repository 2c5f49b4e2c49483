//! Playing at a number of calls a second.

use std::time::Duration;

const SPEEDS: [u64; 7] = [1, 2, 4, 10, 50, 500, 5_000];

/// The most time that counts as passed at once: after Ctrl-Z and `fg`, nothing rushes by.
const AT_ONCE: Duration = Duration::from_millis(250);

/// The shortest wait until the next call of `pass`.
const TICK: Duration = Duration::from_millis(20);

/// Plays at a speed, by the time that passes.
#[derive(Debug)]
pub struct Autoplay {
    playing: Option<Playing>,
    speed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Playing {
    /// Since the last call of `pass`; the time before that does not count.
    Begun,
    /// This much time has passed since the last call was shown.
    Since(Duration),
}

/// What the passing of time led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// There is something new to show.
    pub moved: bool,
    /// When it wants to be called again; `None` while nothing plays.
    pub again: Option<Duration>,
}

impl Default for Autoplay {
    fn default() -> Self {
        Self { playing: None, speed: 2 }
    }
}

impl Autoplay {
    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    pub fn start(&mut self) {
        self.playing = Some(Playing::Begun);
    }

    pub fn stop(&mut self) -> bool {
        self.playing.take().is_some()
    }

    pub fn speed(&self) -> u64 {
        SPEEDS[self.speed]
    }

    /// Speeds up or slows down; returns whether it could.
    pub fn change_speed(&mut self, faster: bool) -> bool {
        let speed = if faster { self.speed + 1 } else { self.speed.saturating_sub(1) };
        let before = std::mem::replace(&mut self.speed, speed.min(SPEEDS.len() - 1));
        self.speed != before
    }

    /// This much time has passed. `next` shows the next call, for each call that is due, and returns whether to go on.
    pub fn pass(&mut self, passed: Duration, mut next: impl FnMut() -> bool) -> Passed {
        let each = Duration::from_secs(1) / u32::try_from(self.speed()).unwrap_or(u32::MAX);
        let Some(playing) = self.playing else { return Passed::default() };
        let mut since = match playing {
            Playing::Begun => Duration::ZERO,
            Playing::Since(since) => since + passed.min(AT_ONCE),
        };
        let mut moved = false;
        while since >= each {
            since -= each;
            moved = true;
            if !next() {
                self.playing = None;
                return Passed { moved, again: None };
            }
        }
        self.playing = Some(Playing::Since(since));
        Passed { moved, again: Some(each.saturating_sub(since).max(TICK)) }
    }
}
