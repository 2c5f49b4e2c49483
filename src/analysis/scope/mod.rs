//! The picture that tells level from edge: unread bytes as a wave, with arrivals and reports as marks.

mod columns;
mod wave;

pub use columns::{Columns, Timebase};
pub use wave::Column;
