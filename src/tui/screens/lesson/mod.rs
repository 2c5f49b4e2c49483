//! Lessons: the list, and an open lesson with its prose beside the workbench.

mod act;
mod copy;
mod forward;
pub mod keys;
mod list;
mod list_view;
mod page;
mod panels;
mod played;
mod screen;
mod stacked;
mod view;

pub use list::LessonList;
pub use screen::{LessonScreen, bench};
