//! Recordings for other programs: a Chrome trace for the Perfetto viewer, a table of waits for a spreadsheet.
//!
//! Both take one record after the other and write as they go, so that a recording may be longer than memory.

mod csv;
mod limit;
mod perfetto;

pub use csv::Waits;
pub use perfetto::Perfetto;
