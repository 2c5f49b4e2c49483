//! A demo: a scene that plays by itself, with captions, and can be taken over.

mod act;
pub mod keys;
mod screen;
mod view;

pub use screen::DemoScreen;
