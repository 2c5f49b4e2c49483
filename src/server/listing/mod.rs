//! The server as a reader would write it: a program in Python or C that makes the same calls under the same policy.

mod c;
mod place;
mod program;
mod python;
mod shared;
mod writer;

pub use place::Place;
pub use program::{Language, Listing};
pub use writer::Line;
