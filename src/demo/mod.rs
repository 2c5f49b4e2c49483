//! A demo: a server scene that plays by itself, a call at a time, with captions.
//!
//! [`SceneStepper`] does on the real server what the scene says, in the smallest steps; it knows no time. [`Player`]
//! decides how long each of them is shown, by a clock that its caller passes in: time paces what is seen and nothing
//! else, and a film of three minutes is made in a second.

mod player;
mod scene_stepper;

pub use player::{DemoMoment, Player, dwell};
pub use scene_stepper::{Beat, SceneStepper};
