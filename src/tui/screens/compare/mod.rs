//! A comparison: one scene against several servers, all shown at the same tick of a common axis.

mod act;
mod axis;
mod below;
mod heads;
pub mod keys;
mod linear;
mod past;
mod screen;
mod steps;
mod view;

pub use axis::{Landmark, Tick};
pub use screen::CompareScreen;
