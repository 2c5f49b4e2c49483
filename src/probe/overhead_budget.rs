//! How much of the server's time the instrument may take for itself while the server runs freely.

use crate::record::Nanos;

/// What may be spent at once, in nanoseconds: some hundreds of questions to the kernel.
const AT_ONCE: i64 = 500_000;
/// One nanosecond is earned in this many.
const SHARE: u64 = 1_000;
/// Once all is spent, nothing is spent until this much is earned again.
const PIECE: i64 = 20_000;
/// The most that is charged at once: a question that took longer was interrupted by the scheduler.
const DEAREST: u64 = 20_000;

/// A thousandth of the time, in nanoseconds. What a question drives out of the caches is not counted. Occasional questions
/// are always allowed; of a flood, a part is.
#[derive(Debug)]
pub(super) struct OverheadBudget {
    /// What may be spent now; negative where more was spent than earned.
    left: i64,
    /// The time up to here has been earned.
    since: Nanos,
    /// When something may be spent again.
    again: Nanos,
}

impl OverheadBudget {
    pub(super) fn new() -> Self {
        Self { left: AT_ONCE, since: Nanos(0), again: Nanos(0) }
    }

    pub(super) fn again(&self) -> Nanos {
        self.again
    }

    /// When half of the budget is there, which means that there is no flood.
    pub(super) fn plenty(&self) -> Nanos {
        self.from(AT_ONCE / 2)
    }

    /// When `least` will be there if nothing is spent; 0 where it is.
    fn from(&self, least: i64) -> Nanos {
        let wanting = u64::try_from(least - self.left).unwrap_or(0);
        if wanting == 0 { Nanos(0) } else { Nanos(self.since.0 + SHARE * wanting) }
    }

    /// Charges the time that asking or copying took.
    #[cold]
    pub(super) fn spend(&mut self, from: Nanos, to: Nanos) {
        let earned = to.0.saturating_sub(self.since.0) / SHARE;
        let spent = to.0.saturating_sub(from.0).min(DEAREST).cast_signed();
        self.left = self.left.saturating_add_unsigned(earned).min(AT_ONCE) - spent;
        self.since = to;
        self.again = if self.left > 0 { Nanos(0) } else { self.from(PIECE) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks every so often from one time to another, 1 µs a question, and counts how often that was allowed.
    fn asked(budget: &mut OverheadBudget, from: u64, to: u64, every: usize) -> u64 {
        let allowed = (from..to).step_by(every).filter(|&t| {
            let is_left = Nanos(t) >= budget.again();
            if is_left {
                budget.spend(Nanos(t), Nanos(t + 1_000));
            }
            is_left
        });
        allowed.count() as u64
    }

    #[test]
    fn a_flood_gets_what_there_is_and_then_its_share() {
        let mut budget = OverheadBudget::new();
        let second = 1_000_000_000;
        let at_first = asked(&mut budget, 0, second / 50, 2_000);
        assert!((500..600).contains(&at_first), "{at_first} µs at once");
        assert!(budget.plenty() > Nanos(second / 50));
        let then = asked(&mut budget, second / 50, second, 2_000);
        assert!((930..1_000).contains(&then), "{then} µs of a second");
    }

    #[test]
    fn who_asks_slowly_is_never_turned_away() {
        assert_eq!(asked(&mut OverheadBudget::new(), 0, 10_000_000_000, 1_000_000), 10_000);
    }

    #[test]
    fn what_was_put_aside_for_long_is_not_charged() {
        let mut budget = OverheadBudget::new();
        budget.spend(Nanos(0), Nanos(5_000_000_000));
        assert_eq!(budget.left, AT_ONCE - DEAREST.cast_signed());
    }

    #[test]
    fn what_is_used_up_is_earned_again_and_a_long_rest_gives_back_what_there_was_and_no_more() {
        let mut budget = OverheadBudget::new();
        budget.left = 500;
        budget.spend(Nanos(0), Nanos(4_000));
        assert_eq!(budget.left, 500 + 4 - 4_000, "a thousandth of the time");
        assert_eq!(budget.again(), Nanos(4_000 + SHARE * (PIECE.cast_unsigned() + 3_496)));
        budget.spend(Nanos(u64::MAX - 1), Nanos(u64::MAX));
        assert_eq!(budget.left, AT_ONCE - 1);
        assert_eq!(budget.again(), Nanos(0));
        assert_eq!(budget.plenty(), Nanos(0));
    }
}
