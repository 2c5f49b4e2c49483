//! The one axis of all twins: moments, and where in each twin's records they are.

use crate::analysis::Finding;
use crate::compare::Comparison;
use crate::trace::Timeline;

/// A moment: so many calls into a step. A twin that makes fewer stands at the step's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Tick {
    /// The step, from 0.
    pub step: usize,
    /// Calls, from 0.
    pub call: usize,
}

/// Somewhere worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When.
    pub moment: Tick,
    /// Which twin.
    pub twin: usize,
    /// What was found there; `None` where it parts from the first.
    pub finding: Option<Finding>,
}

/// For each step that was played, for each twin, its positions after each call.
#[derive(Debug, Default)]
pub(super) struct Axis(Vec<Vec<Vec<u64>>>);

impl Axis {
    /// Takes in the next step, which was played.
    pub(super) fn go_on(&mut self, twins: &Comparison) {
        let step = self.0.len();
        self.0.push(twins.twins().iter().map(|twin| positions(twin.timeline(), twin.step(step))).collect());
    }

    /// How many steps there are.
    pub(super) fn steps(&self) -> usize {
        self.0.len()
    }

    /// How many calls a step has, of the twin that makes the most.
    pub(super) fn calls(&self, step: usize) -> usize {
        let longest = self.0.get(step).and_then(|step| step.iter().map(Vec::len).max());
        longest.unwrap_or(1).saturating_sub(1)
    }

    /// The end of a step.
    pub(super) fn end(&self, step: usize) -> Tick {
        Tick { step, call: self.calls(step) }
    }

    /// The position of twin `i` at a moment.
    pub(super) fn position(&self, i: usize, moment: Tick) -> u64 {
        let calls = self.0.get(moment.step).and_then(|step| step.get(i));
        calls.and_then(|calls| calls.get(moment.call.min(calls.len() - 1)).copied()).unwrap_or(0)
    }

    /// The moment at which twin `i` has made the calls that it had made at position `at` of its records, and no more.
    pub(super) fn moment(&self, i: usize, at: u64, timeline: &Timeline) -> Tick {
        let of_twin = |step: &Vec<Vec<u64>>| step.get(i).and_then(|calls| calls.last()).copied().unwrap_or(0);
        let step = self.0.partition_point(|step| of_twin(step) < at);
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
