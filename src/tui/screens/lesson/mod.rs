//! Lessons: the list, and one of them being taken, its prose beside the workbench.

mod act;
pub mod bench;
pub mod keys;
mod layer;
mod page;
mod screen;
mod view;

pub use screen::LessonScreen;
