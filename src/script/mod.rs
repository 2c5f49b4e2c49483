//! Who acts: the clients, the stage on which they meet the server, and the script language with its two kinds of scene.

mod crew;
mod lab;
mod language;
mod limit;
mod lists;
mod live;
mod mistake;
mod parse;
mod play;
pub mod scale;
mod troupe;
mod verbs;
mod words;

pub use crew::{Client, ClientId, Crew, CrewError, Payload};
pub use lab::Lab;
pub use language::{
    Caption, Claim, Cue, Does, Growth, Line, Measure, Name, Quantity, Stands, Value, Verb, Waiting, Whose,
};
pub use lists::Lists;
pub use live::{Go, Live, LiveError, Rest, Turns};
pub use mistake::Mistake;
pub use parse::{Reader, parse};
pub use play::{Outcome, Play, Stop};
pub use troupe::Troupe;
pub use verbs::{CLAIMS, CUES, MEASURES, POLICY, VERBS};
pub use words::death;
