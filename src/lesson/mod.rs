//! Lessons: loaded, run, answered by the kernel, verified.
//!
//! A lesson is a folder with `lesson.toml` (a scene, steps, questions) and its prose in English or Chinese, or both.
//! [`LessonSource`] finds it, [`Lesson`] is what was read and found sound, [`LessonRun`] plays it and has the kernel
//! answer its questions, [`verify`] does so without a user, [`plain`] on a terminal without a screen. No answer is
//! written down anywhere: it is what was measured.

pub mod check;
mod content;
mod group;
mod layout;
mod loading;
mod manifest;
mod overview;
pub mod plain;
mod program;
mod progress;
mod prose;
mod prose_checks;
mod run;
mod scene;
mod source;
mod taken;
mod task;
mod verify;

pub use content::{Lesson, Question, Step, lessons};
pub use layout::{Layout, lay_out};
pub use overview::recommended;
pub use program::{Found, ProgramLine};
pub use progress::{Progress, Standing};
pub use prose::{Answer, Block, Inline, Prose, StepProse, Style};
pub use run::{Answered, LessonRun, Said, Scripted, Trouble};
pub use scene::{Scene, SceneError, TooFewFds, enough_fds, enough_fds_for, scenes};
pub use source::{LessonSource, builtin, find, ids, scaffold};
pub use taken::{TakenStep, take};
pub use task::{Standpoint, Task, TaskRun};
pub use verify::{Report, verify};
