//! The palette: every action of the screen, and every lesson, scene and demo, found by a part of its name.
//!
//! Its rows are made from the tables of keys. It opens over any screen, and the stack of screens owns it.

mod entry;
mod find;
mod place;
mod view;

pub use find::{Found, Palette};
pub use place::Place;
