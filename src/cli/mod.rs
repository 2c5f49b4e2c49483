//! The command line: the arguments, and one short file for each command, which connects a source of records to a
//! timeline, and that to a screen or to text.

mod args;
pub mod bench;
mod compare;
mod completions;
mod demo;
mod diff;
mod export;
mod findings;
mod grade;
mod lab;
mod lesson;
mod man;
mod messages;
mod prompt;
mod reading;
mod recording;
mod replay;
mod run;
mod scene_text;
mod serve;
mod settings;
mod verify;
mod watch;
mod workbench;

pub use args::*;
pub use messages::tell_failure;
pub use run::run;
