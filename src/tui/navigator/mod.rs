//! Looking at a timeline, in the same way on every screen: the cursor, what is open over the screen, the last message,
//! the search, and the breakpoints.
//!
//! A [`Navigator`] does not know where the records come from, and drives no server.

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

pub use autoplay::{Autoplay, Passed};
pub use breakpoints::{is_hit, meaning, rows};
pub use cursor::Cursor;
pub use overlay::{Notice, Overlay, Prompt, Question};
pub use state::Navigator;

pub(crate) use keys::{Taken, scrolled};
pub(crate) use search::client_behind;
