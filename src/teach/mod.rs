//! What is told: lessons, and scenes to be played for others.
//!
//! A lesson is a folder with `lesson.toml` (a scene, steps, questions) and its prose in English and Chinese. [`Source`]
//! finds it, [`Lesson`] is what was read and found sound, [`Session`] plays it and has the kernel answer its questions,
//! [`verify`] does so without anybody looking, [`plain`] on a terminal without a screen. No answer is written down
//! anywhere: it is what was measured.

pub mod demo;
mod fds;
mod lay;
mod lesson;
mod manifest;
pub mod plain;
mod progress;
mod prose;
mod scaffold;
mod scene;
mod session;
mod source;
pub mod twins;
mod verify;

pub use fds::{TooFewFds, enough_fds};
pub use lay::{Laid, lay};
pub use lesson::{Lesson, Question, Step};
pub use progress::{Progress, Standing};
pub use prose::{Answer, Block, Inline, Prose, StepProse, Style};
pub use scaffold::scaffold;
pub use scene::{Scene, SceneError, scenes};
pub use session::{Answered, Said, Session, Trouble};
pub use source::{Source, builtin, find, ids};
pub use verify::{Report, verify};
