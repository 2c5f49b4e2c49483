//! The common axis of all variants: ticks, and the position in each variant's records at a tick.

use crate::analysis::Finding;
use crate::compare::Comparison;
use crate::trace::Timeline;

/// A tick of the axis: after this many calls of a step. A variant that makes fewer calls stands at the end of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Tick {
    /// The step, from 0.
    pub step: usize,
    pub call: usize,
}

/// A tick that `{` and `}` stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landmark {
    pub tick: Tick,
    pub variant: usize,
    /// What was found there; `None` where the variant first differs from the first one.
    pub finding: Option<Finding>,
}

/// For each step played, and each variant, the positions after each call.
#[derive(Debug, Default)]
pub(super) struct Axis(Vec<Vec<Vec<u64>>>);

impl Axis {
    pub(super) fn go_on(&mut self, comparison: &Comparison) {
        let step = self.0.len();
        self.0.push(
            comparison.variants().iter().map(|variant| positions(variant.timeline(), variant.step(step))).collect(),
        );
    }

    pub(super) fn steps(&self) -> usize {
        self.0.len()
    }

    /// The calls of a step, in the variant that makes the most.
    pub(super) fn calls(&self, step: usize) -> usize {
        let longest = self.0.get(step).and_then(|step| step.iter().map(Vec::len).max());
        longest.unwrap_or(1).saturating_sub(1)
    }

    pub(super) fn end(&self, step: usize) -> Tick {
        Tick { step, call: self.calls(step) }
    }

    pub(super) fn position(&self, i: usize, tick: Tick) -> u64 {
        let calls = self.0.get(tick.step).and_then(|step| step.get(i));
        calls.and_then(|calls| calls.get(tick.call.min(calls.len() - 1)).copied()).unwrap_or(0)
    }

    /// The earliest tick at which variant `i` has made all the calls before position `at`.
    pub(super) fn tick(&self, i: usize, at: u64, timeline: &Timeline) -> Tick {
        let of_variant = |step: &Vec<Vec<u64>>| step.get(i).and_then(|calls| calls.last()).copied().unwrap_or(0);
        let step = self.0.partition_point(|step| of_variant(step) < at);
        let Some(calls) = self.0.get(step).and_then(|step| step.get(i)) else {
            return self.end(self.0.len().saturating_sub(1));
        };
        let call = calls.partition_point(|position| *position < at);
        let before = call.checked_sub(1).map(|before| (before, calls[before]));
        match before {
            Some((before, from)) if !timeline.range(from, at).any(|record| record.call.is_syscall()) => {
                match (before, step) {
                    (0, 1..) => self.end(step - 1),
                    (call, step) => Tick { step, call },
                }
            }
            _ => Tick { step, call },
        }
    }
}

/// The positions before the first call of a step, and after each.
fn positions(timeline: &Timeline, (from, to): (u64, u64)) -> Vec<u64> {
    let mut positions = vec![from];
    let mut at = from;
    while at < to {
        at = timeline.call_after(at).min(to);
        positions.push(at);
    }
    positions
}
