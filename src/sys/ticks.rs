//! `CLOCK_MONOTONIC` read off the processor's own counter, which costs a record a fraction of what asking the kernel does.
//!
//! Time is told in stretches of a few milliseconds. Within one, the counter's ticks are scaled to nanoseconds; at its end
//! the kernel is asked again, and the next stretch begins where its clock is and runs as fast as it ran in the last one.
//! All threads read off the same stretches, so that what one of them did before another has the earlier time also when
//! only a few nanoseconds lie between.
//!
//! The kernel is asked each time instead where it does not itself trust the counter, which it compares between the
//! processors; and by whoever asks so seldom that the counter's speed is not known well enough.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use super::raw as sys;

/// How long a stretch is, in nanoseconds. The kernel's clock is steered; within a stretch ours goes straight on.
const STRETCH: u64 = 5_000_000;
/// After a longer silence the speed is measured anew: the machine may have slept.
const SILENCE: u64 = 20 * STRETCH;
/// Counter and clock can't be read at once: they are read so often, and the closest readings count.
const READINGS: usize = 3;
/// Where the kernel says which clock it goes by.
const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/// `CLOCK_MONOTONIC`, in nanoseconds, to within a microsecond, and never earlier than any thread was told before.
/// clock_gettime(2)
#[inline]
pub fn monotonic() -> u64 {
    let now = sys::ticks();
    let stretch = HERE.get();
    let ticks = now.wrapping_sub(stretch.from);
    if ticks < stretch.ticks { stretch.at(ticks) } else { later() }
}

/// Ticks and nanoseconds side by side.
#[derive(Clone, Copy)]
struct Stretch {
    /// It begins at this tick, and is so many long; none, where there is nothing to read off.
    from: u64,
    ticks: u64,
    /// The time at its beginning, in nanoseconds.
    begin: u64,
    /// Nanoseconds of a tick, in 2^-32.
    pace: u64,
}

impl Stretch {
    const NONE: Self = Self { from: 0, ticks: 0, begin: 0, pace: 0 };

    #[inline]
    fn at(&self, ticks: u64) -> u64 {
        self.begin + ((ticks * self.pace) >> 32)
    }
}

thread_local! {
    static HERE: Cell<Stretch> = const { Cell::new(Stretch::NONE) };
}

static SHARED: Mutex<Shared> = Mutex::new(Shared { trusted: None, stretch: Stretch::NONE, asked: None, told: 0 });

struct Shared {
    /// Whether the kernel trusts the counter, once it was asked.
    trusted: Option<bool>,
    stretch: Stretch,
    /// Ticks and time when the speed began to be measured.
    asked: Option<(u64, u64)>,
    /// No earlier time may be told.
    told: u64,
}

/// The stretch that this thread knew is over, or there is none.
#[cold]
#[inline(never)]
fn later() -> u64 {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if !shared.trusts() {
        drop(shared);
        return ask();
    }
    let ticks = sys::ticks();
    let known = shared.stretch;
    if ticks.wrapping_sub(known.from) < known.ticks {
        HERE.set(known);
        return known.at(ticks.wrapping_sub(known.from));
    }
    shared.go_on()
}

impl Shared {
    fn trusts(&mut self) -> bool {
        *self.trusted.get_or_insert_with(|| {
            sys::HAS_TICKS && std::fs::read_to_string(SOURCE).is_ok_and(|source| source.trim() == "tsc")
        })
    }

    /// Asks the kernel, and begins another stretch if the speed is known.
    fn go_on(&mut self) -> u64 {
        self.told = self.told.max(self.stretch.at(self.stretch.ticks));
        self.stretch = Stretch::NONE;
        let mut time = ask();
        if self.asked.is_none_or(|(_, then)| time.saturating_sub(then) >= STRETCH) {
            let readings = [(); READINGS].map(|()| (sys::ticks(), ask(), sys::ticks()));
            let closest = readings.into_iter().min_by_key(|(before, _, after)| after.wrapping_sub(*before));
            let last = readings[READINGS - 1];
            if let Some(stretch) = closest.and_then(|(ticks, time, _)| self.measured(ticks, time)) {
                self.stretch = stretch;
                HERE.set(stretch);
                return stretch.at(last.2.wrapping_sub(stretch.from));
            }
            time = last.1;
        }
        self.told = self.told.max(time);
        self.told
    }

    /// A stretch from here on, as fast as it went since the kernel was asked last.
    fn measured(&mut self, ticks: u64, time: u64) -> Option<Stretch> {
        let (asked, then) = *self.asked.get_or_insert((ticks, time));
        let (passed, took) = (ticks.wrapping_sub(asked), time.saturating_sub(then));
        if took < STRETCH {
            return None;
        }
        self.asked = Some((ticks, time));
        // No counter is slower than 250 MHz, or faster than 16 GHz: it has jumped.
        if took > SILENCE || passed < took >> 2 || passed > took << 4 {
            return None;
        }
        let ticks_of_it = u64::try_from(u128::from(passed) * u128::from(STRETCH) / u128::from(took)).ok()?;
        // Where more was told than has passed, the kernel's clock catches up within the stretch.
        let begin = time.max(self.told);
        let length = STRETCH.saturating_sub(begin - time);
        Some(Stretch { from: ticks, ticks: ticks_of_it, begin, pace: (length << 32) / ticks_of_it })
    }
}

/// The kernel's own word. clock_gettime(2)
fn ask() -> u64 {
    let now = sys::monotonic();
    now.tv_sec.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Long enough for many stretches.
    const WHILE: u64 = 60_000_000;

    #[test]
    fn it_agrees_with_the_kernel() {
        let begun = ask();
        let mut now = begun;
        while now - begun < WHILE {
            let before = ask();
            let said = monotonic();
            now = ask();
            assert!(said + 20_000 > before && said < now + 20_000, "{before} {said} {now}");
        }
    }

    #[test]
    fn what_one_thread_was_told_no_other_is_told_an_earlier_time_than() {
        let latest = AtomicU64::new(0);
        let ask_on = || {
            let begun = ask();
            while ask() - begun < WHILE {
                let told = latest.load(Ordering::SeqCst);
                let said = monotonic();
                assert!(said >= told, "{told} was told before, and then {said}");
                latest.fetch_max(said, Ordering::SeqCst);
            }
        };
        std::thread::scope(|scope| [(); 4].map(|()| scope.spawn(ask_on)).map(drop));
    }

    #[test]
    fn a_counter_that_jumps_is_measured_anew() {
        let stretch = |first: (u64, u64), second: (u64, u64)| {
            let mut shared = Shared { trusted: Some(true), stretch: Stretch::NONE, asked: None, told: 0 };
            assert!(shared.measured(first.0, first.1).is_none(), "nothing is known at first");
            shared.measured(second.0, second.1)
        };
        let two_ghz = stretch((1_000, 7), (1_000 + 4 * STRETCH, 7 + 2 * STRETCH)).expect("a stretch");
        assert_eq!((two_ghz.ticks, two_ghz.begin), (2 * STRETCH, 7 + 2 * STRETCH));
        assert_eq!(two_ghz.at(1_000), two_ghz.begin + 500);
        assert!(
            stretch((u64::MAX, 7), (u64::MAX.wrapping_add(4 * STRETCH), 7 + 2 * STRETCH)).is_some(),
            "it went round"
        );
        assert!(stretch((1_000, 7), (2_000, 7 + STRETCH)).is_none(), "it stood still");
        assert!(stretch((1_000, 7), (0, 7 + STRETCH)).is_none(), "it went back");
        assert!(stretch((1_000, 7), (1_000 + 2 * STRETCH, 8)).is_none(), "the clock stood still");
        assert!(stretch((1_000, 7), (SILENCE * 3, 8 + SILENCE)).is_none(), "too long ago");
    }

    #[test]
    fn what_was_told_too_early_is_made_up_for_within_a_stretch() {
        let mut shared =
            Shared { trusted: Some(true), stretch: Stretch::NONE, asked: Some((0, 0)), told: STRETCH + 1_000 };
        let stretch = shared.measured(2 * STRETCH, STRETCH).expect("a stretch");
        assert_eq!(stretch.begin, STRETCH + 1_000);
        let end = stretch.at(stretch.ticks);
        assert!((2 * STRETCH - 1..=2 * STRETCH).contains(&end), "{end}");
    }
}
