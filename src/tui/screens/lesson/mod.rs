//! Lessons: the list, and an open lesson with its prose beside the workbench.

mod act;
pub mod bench;
mod desk;
pub mod keys;
mod layer;
mod list;
mod list_view;
mod page;
mod screen;
mod view;

pub use list::LessonList;
pub use screen::LessonScreen;
