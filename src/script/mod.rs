//! The script language, and what runs it: server scenes, which drive clients and a server, and lab scenes, which drive
//! epoll by hand, a call a line.

mod claimed;
mod diagnostic;
mod lab;
mod language;
mod limit;
mod lists;
mod measured;
mod outcome;
mod parse;
mod scene_runner;
mod server_scene;
mod verbs;
mod words;

pub use diagnostic::Diagnostic;
pub use lab::Lab;
use language::MOST_EVENTS;
pub use language::{
    Caption, Claim, Does, Growth, Line, Manner, Measure, Name, Quantity, SceneLine, Value, Verb, Waiting, Whose,
};
pub use lists::Lists;
pub use measured::Measured;
pub use outcome::{Outcome, Stop};
pub use parse::{Reader, parse};
pub use scene_runner::SceneRunner;
pub use server_scene::ServerScene;
pub use verbs::{CLAIMS, MEASURES, POLICY, SCENE_VERBS, VERBS};
pub use words::death;
