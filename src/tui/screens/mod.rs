//! The screens: the workbench, which also replays recordings, lessons, comparisons, the demo, a program that is watched, and a look at one.

pub mod compare;
pub mod demo;
pub mod lesson;
pub mod peek;
pub mod watch;
pub mod workbench;

pub use compare::CompareScreen;
pub use demo::DemoScreen;
pub use lesson::{LessonList, LessonScreen};
pub use peek::PeekScreen;
pub use watch::WatchScreen;
pub use workbench::{PACES, WorkbenchScreen};
