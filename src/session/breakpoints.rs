//! Breakpoints of a server that runs: the gate sees those that a record tells; whether a wait would leave something
//! stranded is decided here, before it is made.

use super::Session;
use crate::probe::{Breakpoint, Gate};
use crate::record::Call;
use crate::server::Running;

impl Session {
    /// Has the server held before its next call once one of `breakpoints` is hit; these are instead of those that there
    /// were. While it [settles](Session::settle) nothing stops it, unless [that is wished](Session::settle_or_stop).
    pub fn break_at(&mut self, breakpoints: &[Breakpoint]) {
        self.breakpoints = breakpoints.to_vec();
        self.arm(breakpoints);
    }

    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }

    /// The breakpoint that the server was stopped by, until it is let go again.
    pub fn stopped_by(&self) -> Option<Breakpoint> {
        self.gate().and_then(Gate::hit)
    }

    pub(super) fn without_breakpoints<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        self.arm(&[]);
        let done = act(self);
        self.arm(&self.breakpoints);
        done
    }

    fn arm(&self, breakpoints: &[Breakpoint]) {
        if let Some(gate) = self.gate() {
            gate.break_at(breakpoints);
        }
    }

    /// Stops the server before `wait`, or lets it go on; whether that could be decided. All that it did before is in the
    /// timeline.
    pub(super) fn judge(&self, wait: &Call) -> bool {
        let (Some(gate), Some(tid)) = (self.gate(), self.running.as_ref().map(Running::tid)) else { return true };
        // Held before a wait it asks how things stand, and whether the epoll would report anything last of all.
        let timeline = &self.timeline;
        let mut back = timeline.range(timeline.first(), timeline.len()).rev();
        if !back.find(|record| record.tid == tid).is_some_and(|record| matches!(record.call, Call::Poll { .. })) {
            return false;
        }
        if timeline.now().about_to_strand(tid, wait).next().is_some() {
            gate.stop_before_wait();
        } else {
            gate.let_through();
        }
        true
    }
}
