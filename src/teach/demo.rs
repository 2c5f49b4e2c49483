//! A demo: a server scene that plays by itself, a call at a time, with captions.
//!
//! [`Stage`] does on the real server what the scene says, in the smallest steps; it knows no time. [`Player`] decides how
//! long each of them is shown, by a clock that its caller hands in: so time paces what is seen and nothing else, and a
//! film of three minutes is made in a second.

mod pace;
mod player;
mod stage;

pub use player::{Moment, Player};
pub use stage::{Beat, Stage};
