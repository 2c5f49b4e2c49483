//! `scale`: what one wait costs as idle connections grow. The measuring is in [`scale`](crate::scaling::measure); here it
//! is put into words, and into what `expect growth` and `expect ratio` ask.

use std::time::{Duration, Instant};

use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::scaling::{Method, undisturbed};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::lab::Scaled;
use crate::script::{Growth, Waiting};
use crate::sys::{Errno, describe};

/// How often few and many are measured in turn.
const ROUNDS: usize = 50;
/// How many times as many rounds there may be while nothing is clear.
const TRIES: usize = 10;
/// Under so many times the cost, it is flat.
const FLAT_BELOW: u64 = 5;
/// Over so many times the cost, it grows. In proportion it would be 100 times or more.
const GROWS_ABOVE: u64 = 8;

impl Scaled {
    fn new(costs: [Duration; 2]) -> Self {
        let [few, many] = costs.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1));
        Self { few, many }
    }

    pub(super) fn growth(self) -> Growth {
        if self.many < self.few.saturating_mul(FLAT_BELOW) {
            Growth::Flat
        } else if self.many > self.few.saturating_mul(GROWS_ABOVE) {
            Growth::Grows
        } else {
            Growth::Unclear
        }
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
        let clear = |costs| Scaled::new(costs).growth() != Growth::Unclear;
        let measured = undisturbed(method, [few as usize, many as usize], ROUNDS, TRIES, clear).map(Scaled::new);
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
        let select = Scaled { few: 1_230, many: 21_300 };
        assert_eq!(
            select.said(Waiting::Select, 10, 1_000, Lang::En),
            "select: 11 fds 1.2 µs, 1,001 fds 21 µs: 17 times"
        );
        let epoll = Scaled { few: 300, many: 325 };
        assert_eq!(
            epoll.said(Waiting::Epoll, 10, 1_000, Lang::En),
            "epoll: 11 fds 0.3 µs, 1,001 fds 0.3 µs: 1.1 times"
        );
        let growths = [499, 500, 800, 801].map(|many| Scaled { few: 100, many }.growth());
        assert_eq!(growths, [Growth::Flat, Growth::Unclear, Growth::Unclear, Growth::Grows]);
    }

    #[test]
    fn what_there_is_no_room_for_is_refused() {
        assert!(refusal(Errno::EMFILE, Waiting::Poll, 1_000, Lang::En).starts_with("1,001 fds are not available"));
        assert!(refusal(Errno::EINVAL, Waiting::Select, 1_000, Lang::En).contains("only fds below 1,024"));
    }
}
