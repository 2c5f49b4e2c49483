//! A recording as a source of records: the second one beside a live server, and handled in the same way.

mod reading;
mod recording;

pub use recording::{Playback, Problems};
