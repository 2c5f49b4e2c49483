//! What was seen: the records, and everything that can be said from them alone.
//!
//! [`World`] is the fold over the records, [`Timeline`] the world at any moment, [`why`] a sentence on each report,
//! [`scope`] the picture of unread bytes, [`Step`] the place of a call among the seven steps, [`Tally`] what was done
//! between two moments. [`Reader`] and [`Writer`] are the trace file, [`Playback`] one that is looked at, [`text`] the same
//! calls for people. [`Lang`] is what the sentences are written in.

pub mod diff;
pub mod export;
mod file;
pub mod lang;
mod playback;
pub mod scope;
mod step;
mod tally;
pub mod text;
mod timeline;
pub mod why;
pub mod world;

pub use file::{Header, Reader, TraceError, Unknown, Writer};
pub use lang::Lang;
pub use playback::{Playback, Problems};
pub use step::Step;
pub use tally::Tally;
pub use timeline::Timeline;
pub use world::World;
