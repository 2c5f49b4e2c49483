//! What was seen: the records, and everything that can be said from them alone.
//!
//! [`World`] is the fold over the records, [`Timeline`] the world at any moment, [`why`] a sentence on each report,
//! [`findings`] what is worth a look, [`search`] finds a call by a [`query`]. [`scope`] is the picture of unread bytes,
//! [`Step`] the place of a call among the seven steps, [`Tally`] what was done between two moments. [`Reader`] and
//! [`Writer`] are the trace file, [`Playback`] one that is looked at, [`text`] the same calls for people. [`Lang`] is what
//! the sentences are written in.

pub mod diff;
pub mod export;
mod file;
pub mod findings;
pub mod lang;
mod playback;
pub mod query;
pub mod scope;
pub mod search;
mod step;
mod tally;
pub mod text;
mod timeline;
pub mod why;
pub mod world;

pub use file::{Header, Reader, TraceError, Unknown, Writer};
pub use findings::{Finding, Findings, Lint};
pub use lang::Lang;
pub use playback::{Playback, Problems};
pub use step::Step;
pub use tally::Tally;
pub use timeline::{Piece, Timeline};
pub use world::World;
