//! The screens: the workbench, which also replays recordings, lessons, comparisons, the demo, and a program that is watched.

pub mod compare;
pub mod demo;
pub mod lesson;
pub mod watch;
pub mod workbench;

pub use compare::CompareScreen;
pub use demo::DemoScreen;
pub use lesson::{LessonList, LessonScreen};
pub use watch::WatchScreen;
pub use workbench::{PACES, WorkbenchScreen};
