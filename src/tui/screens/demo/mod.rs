//! A demo: a scene that plays by itself, with captions, and can be taken over.

pub mod keys;
mod layer;
mod screen;
mod view;

pub use screen::DemoScreen;
