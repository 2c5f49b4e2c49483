//! A look at the epolls of a running process from outside, which stops nothing.

mod error;
mod item;
mod look;
mod words;

pub use error::{PeekError, process_named};
pub use item::{PeekedItem, Registered};
pub use look::{Peeked, PeekedEpoll, Peeker, Waiting};
pub use words::refusal;

pub(super) use item::{registered, registrations};
pub(super) use look::{descendants, threads};
