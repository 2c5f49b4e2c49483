//! `scale`: what one wait costs as idle connections grow. The measuring is in [`scale`](crate::scaling::measure); here it
//! is put into words, and into what `expect growth` and `expect ratio` ask.

use std::time::{Duration, Instant};

use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::scaling::{Method, in_turn};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::lab::Scaled;
use crate::script::{Growth, Waiting};
use crate::sys::{Errno, describe};

/// How many rounds there are before anything is said, each of one wait among few and one among many.
const ROUNDS: usize = 100;
/// How many times as many there may be while nothing is clear.
const TRIES: usize = 20;
/// Under so many times the cost, it is flat.
const FLAT_BELOW: u64 = 4;
/// Over so many times the cost, it grows. In proportion it would be 100 times or more.
const GROWS_ABOVE: u64 = 8;

impl Scaled {
    /// What the rounds say: the one with the middle ratio stands for all, and it is clear how the cost grows if the middle
    /// of as many other rounds would be as clear, but for one time in several hundred.
    fn of(rounds: &[[Duration; 2]]) -> Self {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let mut rounds: Vec<[u64; 2]> = rounds.iter().map(|round| round.map(nanos)).collect();
        rounds.sort_by_key(|&[few, many]| u128::from(many) * 1_000 / u128::from(few));
        let middle = rounds.len() / 2;
        // The middle's place in the order has a standard deviation of half the root of their number: three of them.
        let off = (rounds.len() * 9 / 4).isqrt() + 1;
        let at = |place: usize| rounds.get(place).copied().unwrap_or([1, 1]);
        let [low, [few, many], high] = [middle.saturating_sub(off), middle, middle + off].map(at);
        let growth = if middle < off || middle + off >= rounds.len() {
            Growth::Unclear
        } else if high[1] < high[0].saturating_mul(FLAT_BELOW) {
            Growth::Flat
        } else if low[1] > low[0].saturating_mul(GROWS_ABOVE) {
            Growth::Grows
        } else {
            Growth::Unclear
        };
        Self { few, many, growth }
    }

    /// How many times as much a wait costs with many, rounded.
    pub(super) fn ratio(self) -> u64 {
        rounded(self.many, self.few)
    }

    fn said(self, call: Waiting, few: u32, many: u32, lang: Lang) -> String {
        let name = Waiting::ALL.iter().find(|(_, one)| *one == call).map_or("", |(name, _)| name);
        let [(few, few_cost), (many, many_cost)] =
            [(few, self.few), (many, self.many)].map(|(idle, cost)| (grouped(u64::from(idle) + 1), micros(cost)));
        let times = if self.ratio() < 10 {
            let tenths = rounded(self.many.saturating_mul(10), self.few);
            format!("{}.{}", tenths / 10, tenths % 10)
        } else {
            grouped(self.ratio())
        };
        words!(
            lang,
            "{name}: {few} fds {few_cost}, {many} fds {many_cost}: {times} times",
            "{name}：{few} 个 fd {few_cost}，{many} 个 fd {many_cost}，即 {times} 倍"
        )
    }
}

fn rounded(n: u64, by: u64) -> u64 {
    n.saturating_add(by / 2) / by.max(1)
}

/// Nanoseconds, as `1.2 µs` or `21 µs`.
fn micros(nanos: u64) -> String {
    match rounded(nanos, 100) {
        tenths @ ..100 => format!("{}.{} µs", tenths / 10, tenths % 10),
        _ => format!("{} µs", grouped(rounded(nanos, 1_000))),
    }
}

impl Lab {
    /// Measures, and keeps what came of it.
    pub(super) fn scale(&mut self, call: Waiting, few: u32, many: u32) -> Outcome {
        self.scaled = None;
        let began = Instant::now();
        let method = match call {
            Waiting::Select => Method::Select,
            Waiting::Poll => Method::Poll,
            Waiting::Epoll => Method::Level,
        };
        let clear = |rounds: &[[Duration; 2]]| Scaled::of(rounds).growth != Growth::Unclear;
        let measured = in_turn(method, [few as usize, many as usize], ROUNDS, TRIES, clear);
        let measured = measured.map(|rounds| Scaled::of(&rounds));
        self.taken.wait(began.elapsed());
        match measured {
            Ok(scaled) => {
                self.scaled = Some(scaled);
                self.last.result = Some(Ok(0));
                Outcome::done(scaled.said(call, few, many, self.lang))
            }
            Err(errno) => {
                self.last.result = Some(Err(errno));
                Outcome::refused(refusal(errno, call, many, self.lang))
            }
        }
    }
}

fn refusal(errno: Errno, call: Waiting, many: u32, lang: Lang) -> String {
    let fds = grouped(u64::from(many) + 1);
    match (errno, call) {
        (Errno::EMFILE, _) => words!(
            lang,
            "{fds} fds are not available: RLIMIT_NOFILE is too low (EMFILE)",
            "容不下 {fds} 个 fd：RLIMIT_NOFILE 太低（EMFILE）"
        ),
        (Errno::ENFILE, _) => words!(
            lang,
            "{fds} fds are not available in the whole system (ENFILE)",
            "整个系统容不下 {fds} 个 fd（ENFILE）"
        ),
        (Errno::EINVAL, Waiting::Select) => {
            words!(
                lang,
                "select(2) takes only fds below 1,024, and {fds} such numbers are not free",
                "select(2) 不接受 1,024 起的 fd，而更小的编号里没有 {fds} 个空闲的"
            )
        }
        (errno, _) => words!(
            lang,
            "{fds} fds could not be waited for: {}",
            "无法等待 {fds} 个 fd：{}",
            lang.of(format!("{} ({errno:?})", describe(errno)), format!("{errno:?}"))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_said_in_round_numbers() {
        let scaled = |few, many| Scaled { few, many, growth: Growth::Unclear };
        let select = scaled(1_230, 21_300);
        assert_eq!(
            select.said(Waiting::Select, 10, 1_000, Lang::En),
            "select: 11 fds 1.2 µs, 1,001 fds 21 µs: 17 times"
        );
        let epoll = scaled(300, 325);
        assert_eq!(
            epoll.said(Waiting::Epoll, 10, 1_000, Lang::En),
            "epoll: 11 fds 0.3 µs, 1,001 fds 0.3 µs: 1.1 times"
        );
    }

    #[test]
    fn growth_is_what_nearly_all_rounds_agree_on() {
        let growth = |ratios: &[u64]| {
            let rounds: Vec<_> =
                ratios.iter().map(|ratio| [100, ratio * 100].map(Duration::from_nanos)).cycle().take(100).collect();
            Scaled::of(&rounds).growth
        };
        assert_eq!([1, 3, 4, 8, 9].map(|ratio| growth(&[ratio])), {
            use Growth::{Flat, Grows, Unclear};
            [Flat, Flat, Unclear, Unclear, Grows]
        });
        // A few that something disturbed change nothing; many of them leave it open, and never turn it around.
        assert_eq!(growth(&[17, 17, 17, 1]), Growth::Grows);
        assert_eq!(growth(&[1, 1, 1, 90]), Growth::Flat);
        assert_eq!(growth(&[17, 1]), Growth::Unclear);
        assert_eq!(Scaled::of(&[[Duration::ZERO; 2]; 2]).growth, Growth::Unclear);
        assert_eq!(Scaled::of(&[]).growth, Growth::Unclear);
    }

    #[test]
    fn what_there_is_no_room_for_is_refused() {
        assert!(refusal(Errno::EMFILE, Waiting::Poll, 1_000, Lang::En).starts_with("1,001 fds are not available"));
        assert!(refusal(Errno::EINVAL, Waiting::Select, 1_000, Lang::En).contains("only fds below 1,024"));
    }
}
