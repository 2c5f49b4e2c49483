//! The first minute of a new user, led: what to press, a step at a time, and what the kernel did of it.
//!
//! Each step is ticked off by the records, whatever keys led there. The rule that a half shows stands in one line at its
//! end.

mod kept;
mod led;
mod steps;

pub use kept::Kept;
pub use led::Guide;
