//! The terminal, the keys, and the screens.
//!
//! A screen is a pure function of a view of the world. Each of the [`screens`] holds its state and what each key does
//! to it, and draws it with the [`widgets`], which decide nothing. [`run`] is the loop: it carries events from the
//! terminal and the server to the screen on top of a [`Stack`], and draws that screen. A [`Navigator`] looks at a
//! timeline, in the same way on every screen.

mod ascii;
pub mod capture;
mod choices;
mod code;
mod copy;
pub mod escape;
pub mod keymap;
pub mod linear;
pub mod moment;
mod mouse;
pub mod navigator;
pub mod palette;
mod run;
mod save;
pub mod screens;
mod stack;
pub mod terminal;
pub mod theme;
pub mod widgets;

pub use code::CodeLanguage;
pub use keymap::Action;
pub use linear::read_aloud;
pub use navigator::{Cursor, Navigator};
pub use run::{Ended, Observer, run};
pub use screens::{
    CompareScreen, DemoScreen, LessonList, LessonScreen, PACES, PeekScreen, WatchScreen, WorkbenchScreen,
};
pub use stack::{Next, Screen, Stack};
pub use theme::Theme;
pub use widgets::MINIMUM;
