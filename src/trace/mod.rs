//! What was seen: the records, and everything that can be said from them alone.
//!
//! [`World`] is the fold over the records, [`Timeline`] the world at any moment, [`why`] a sentence on each report,
//! [`scope`] the picture of unread bytes, [`Step`] the place of a call among the seven steps. [`Reader`] and [`Writer`]
//! are the trace file, [`text`] the same calls for people. [`Lang`] is what the sentences are written in.

mod file;
pub mod lang;
pub mod scope;
mod step;
pub mod text;
mod timeline;
pub mod why;
pub mod world;

pub use file::{Header, Reader, TraceError, Writer};
pub use lang::Lang;
pub use step::Step;
pub use timeline::Timeline;
pub use world::World;
