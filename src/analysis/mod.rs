//! What the records mean: everything that can be said from a trace alone.
//!
//! [`why`] is a sentence on each report, [`findings`] names what went wrong or was wasted, [`scope`] is the picture of
//! unread bytes, [`History`] a timeline with its findings, [`diff`] compares two traces, [`search`] finds a call by a [`query`]. [`Step`] is the place of a call
//! among the seven steps, [`place`](fn@place) the line of the server's program that makes it, [`Tally`] counts what was done between two moments.

pub mod diff;
pub mod findings;
mod history;
mod place;
pub mod query;
mod rates;
pub mod scope;
pub mod search;
mod step;
mod tally;
pub mod why;

pub use findings::{Finding, Findings, Lint};
pub use history::History;
pub use place::place;
pub use rates::{Rate, rates};
pub use step::Step;
pub use tally::Tally;
