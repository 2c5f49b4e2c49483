//! A comparison: one scene against several servers, all shown at the same moment of it.

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

pub use axis::{Place, Tick};
pub use screen::CompareScreen;
