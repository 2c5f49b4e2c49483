//! A comparison: one scene against several servers, all shown at the same tick of a common axis.

mod act;
mod axis;
mod cost_table;
mod heads;
pub mod keys;
mod landmarks;
mod layer;
mod past;
mod screen;
mod steps;
mod view;

pub use axis::{Landmark, Tick};
pub use screen::CompareScreen;
