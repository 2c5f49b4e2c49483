//! The screens: workbench and replay, lessons, comparisons, the demo.

pub mod compare;
pub mod demo;
pub mod lesson;
pub mod workbench;

pub use compare::Beside;
pub use demo::Demo;
pub use lesson::Classroom;
pub use workbench::App;
