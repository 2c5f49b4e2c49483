//! How much of the server's time the instrument may take for itself while the server runs freely.

use crate::record::Nanos;

/// So much at once: thousands of questions to the kernel.
const AT_ONCE: u64 = 10_000_000;
/// One part in so many of the time that passes is earned.
const SHARE: u64 = 100;
/// What is used up is earned again in pieces of this size.
const PIECE: u64 = 20_000;
/// Nothing is charged more than this: whoever needs longer was put aside by the scheduler.
const DEAREST: u64 = 20_000;

/// A hundredth of the time, in nanoseconds. Who asks once in a while is never turned away; of a flood a part is let
/// through.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
    /// What passed since then has not been earned yet.
    since: Nanos,
    /// With nothing left, there is a piece again from then on.
    again: Nanos,
}

impl Allowance {
    pub(super) fn new() -> Self {
        Self { left: AT_ONCE, since: Nanos(0), again: Nanos(0) }
    }

    /// Whether there is some at the time `now`.
    #[inline]
    pub(super) fn is_left(&mut self, now: Nanos) -> bool {
        self.left > 0 || now >= self.again && self.earn(now)
    }

    /// What was asked or copied took from one time to the other.
    pub(super) fn spend(&mut self, from: Nanos, to: Nanos) {
        self.left = self.left.saturating_sub(to.0.saturating_sub(from.0).min(DEAREST));
        if self.left == 0 {
            self.earn(to);
        }
    }

    #[cold]
    fn earn(&mut self, now: Nanos) -> bool {
        let earned = now.0.saturating_sub(self.since.0) / SHARE;
        if earned < PIECE {
            self.again = Nanos(self.since.0 + SHARE * PIECE);
            return false;
        }
        (self.left, self.since) = (earned.min(AT_ONCE), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks every so often from one time to another, 1 µs a question, and counts how often that was allowed.
    fn asked(allowance: &mut Allowance, from: u64, to: u64, every: usize) -> u64 {
        let allowed = (from..to).step_by(every).filter(|&t| {
            let is_left = allowance.is_left(Nanos(t));
            if is_left {
                allowance.spend(Nanos(t), Nanos(t + 1_000));
            }
            is_left
        });
        allowed.count() as u64
    }

    #[test]
    fn a_flood_gets_what_there_is_and_then_a_hundredth() {
        let mut allowance = Allowance::new();
        let second = 1_000_000_000;
        assert_eq!(asked(&mut allowance, 0, second / 50, 2_000), AT_ONCE / 1_000);
        let then = asked(&mut allowance, second / 50, second, 2_000);
        assert!((9_000..10_000).contains(&then), "{then} µs of a second");
    }

    #[test]
    fn who_asks_slowly_is_never_turned_away() {
        assert_eq!(asked(&mut Allowance::new(), 0, 10_000_000_000, 100_000), 100_000);
    }

    #[test]
    fn what_was_put_aside_for_long_is_not_charged() {
        let mut allowance = Allowance::new();
        allowance.spend(Nanos(0), Nanos(5_000_000_000));
        assert_eq!(allowance.left, AT_ONCE - DEAREST);
    }

    #[test]
    fn a_long_rest_gives_back_what_there_was_and_no_more() {
        let mut allowance = Allowance::new();
        allowance.left = 1;
        allowance.spend(Nanos(0), Nanos(1));
        assert!(!allowance.is_left(Nanos(SHARE * PIECE - 1)));
        assert!(allowance.is_left(Nanos(u64::MAX)));
        assert_eq!(allowance.left, AT_ONCE);
    }
}
