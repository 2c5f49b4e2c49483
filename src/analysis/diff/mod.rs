//! Where two recordings part: the first call that differs, with both sides around it.
//!
//! Two runs of one scene are never the same to the byte. So times are not compared, and threads, fds and ports
//! not by number, but by the order in which they come up in each thread (`normalizer`). What the instrument asked the
//! kernel, the policy and names are not compared unless [`Also`] says so. Each thread is compared with the one of the same
//! order in the other recording, so it does not matter how the calls of different threads are interleaved.
//!
//! Both recordings are read once, side by side. One may be ahead of the other by a bounded number of calls, so they may be
//! longer than memory.

mod counts;
mod normalizer;
mod sentence;
mod sides;
mod unit;

pub use counts::{Also, Counts, Without};
pub use sides::{Compared, Parting, compare};
pub use unit::Unit;
