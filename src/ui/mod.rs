//! What is shown: the terminal, the keys, and a screen that is a pure function of a view of the world.
//!
//! [`App`] holds what the screen is about and what each key does to it; [`view`] draws it and decides nothing; [`run`]
//! carries events from the terminal and the server to the one and the picture from the other back. Lessons, twins and the
//! demo have a screen of their own, and whoever looks at any of them is a [`Viewer`], who travels in time alike.

pub mod app;
pub mod bindings;
pub mod classroom;
pub mod demo;
pub mod escape;
pub mod keys;
pub mod picture;
mod run;
pub mod shown;
pub mod terminal;
pub mod theme;
pub mod travel;
pub mod twins;
pub mod view;
pub mod viewer;

pub use app::App;
pub use classroom::Classroom;
pub use demo::Demo;
pub use keys::Action;
pub use run::{Ended, Show, run};
pub use theme::Theme;
pub use travel::Travel;
pub use twins::Beside;
pub use viewer::Viewer;
