//! Why an fd was reported, or was not: one plain sentence, from the trace alone.

mod apart;
mod en;
mod fact;
mod idle;
mod not_reported;
mod refused;
mod reported;
mod sentence;
mod zh;

pub use apart::{Next, Side, apart};
pub use fact::MANY;
pub use not_reported::{NotReported, why_not_reported};
pub use refused::refused;
pub use sentence::{alike, at_work, not_reported, reported};
