//! A running process, looked at from outside some times a second, without stopping it.

pub mod keys;
mod looking;
mod screen;
mod view;

pub use screen::PeekScreen;
