//! Recordings for other programs: a Chrome trace for the Perfetto viewer, a table of waits for a spreadsheet.
//!
//! Both take one record after the other and write as they go, so that a recording may be longer than memory.

mod csv;
mod perfetto;

/// The most threads that are told apart: a process has no more, and a recording may claim any number.
const MAX_THREADS: usize = 1 << 16;

pub use csv::Waits;
pub use perfetto::Perfetto;
