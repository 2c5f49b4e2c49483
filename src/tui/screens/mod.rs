//! The screens: the workbench, which also replays recordings, lessons, comparisons, and the demo.

pub mod compare;
pub mod demo;
pub mod lesson;
pub mod workbench;

pub use compare::CompareScreen;
pub use demo::DemoScreen;
pub use lesson::{LessonList, LessonScreen};
pub use workbench::{PACES, WorkbenchScreen};
