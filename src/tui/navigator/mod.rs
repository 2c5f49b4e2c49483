//! Looking at a timeline, in the same way on every screen: where one looks, what is open over the screen, what was said
//! last, what is searched for, and where the server is to stop.
//!
//! A [`Navigator`] knows nothing of where the records come from, and drives no server.

mod autoplay;
mod breakpoints;
mod cursor;
mod keys;
mod moves;
mod next_call;
mod overlay;
mod prompt;
mod search;
mod state;
mod stopped;

pub use autoplay::{Autoplay, Passed};
pub use breakpoints::{is_hit, meaning, rows};
pub use cursor::Cursor;
pub use overlay::{Mode, Notice, Prompt, Question};
pub use state::Navigator;

pub(crate) use keys::{Taken, scrolled};
