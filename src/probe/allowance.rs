//! How much of the server's time the instrument may take for itself while the server runs freely.

use crate::record::Nanos;

/// So many occasions at once, and from then on one each time a while has passed. Who comes by once in a while is never
/// turned away; of a flood a part is let through.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u32,
    most: u32,
    every: u64,
    refilled: Nanos,
}

impl Allowance {
    /// `most` at once, then one every so many nanoseconds.
    pub(super) fn new(most: u32, every: u64) -> Self {
        Self { left: most, most, every, refilled: Nanos(0) }
    }

    /// Takes one, if there is one at the time `now`.
    #[inline]
    pub(super) fn take(&mut self, now: Nanos) -> bool {
        if self.left == 0 {
            self.refill(now);
        }
        let is_left = self.left > 0;
        self.left -= u32::from(is_left);
        is_left
    }

    fn refill(&mut self, now: Nanos) {
        let earned = now.0.saturating_sub(self.refilled.0) / self.every;
        if earned > 0 {
            self.left = u32::try_from(earned).unwrap_or(u32::MAX).min(self.most);
            self.refilled = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_gets_what_there_is_and_then_a_part() {
        let mut allowance = Allowance::new(3, 100);
        let granted = (0..1000).filter(|&t| allowance.take(Nanos(t))).count();
        assert_eq!(granted, 3 + 9);
    }

    #[test]
    fn who_comes_by_slowly_is_never_turned_away() {
        let mut allowance = Allowance::new(3, 100);
        assert!((0..1000).all(|i| allowance.take(Nanos(i * 100))));
    }

    #[test]
    fn a_long_rest_gives_back_what_there_was_and_no_more() {
        let mut allowance = Allowance::new(3, 100);
        assert_eq!((0..9).filter(|&t| allowance.take(Nanos(t))).count(), 3);
        assert_eq!((0..9).filter(|&t| allowance.take(Nanos(1_000_000 + t))).count(), 3);
    }
}
