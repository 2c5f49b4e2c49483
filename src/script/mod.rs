//! Who acts: the clients, the stage on which they meet the server, and the script language with its lab.

mod arguments;
mod crew;
mod lab;
mod language;
mod live;
mod mistake;
mod parse;
mod suggest;
mod token;

pub use crew::{Client, ClientId, Crew, CrewError, Payload};
pub use lab::{Lab, Outcome, Stop};
pub use language::{Expect, Line, Name, Quantity, Verb};
pub use live::{Live, LiveError, Rest};
pub use mistake::Mistake;
pub use parse::{VERBS, parse};
