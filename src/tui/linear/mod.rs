//! The linear form of a screen, for screen readers and braille displays: no box drawing, no redraw, each change a line.
//! Typed lines are its keys.

mod key;
mod lines;
mod panel;
mod run;

pub use lines::Linear;
pub(crate) use panel::{SELECTED, plain, question, rows_of};
pub use run::read_aloud;
