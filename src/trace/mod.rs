//! The records that were seen, and the state that they add up to.
//!
//! [`World`] is the fold over the records, [`Timeline`] the world at any moment. [`Reader`] and [`Writer`] are the trace
//! file, [`Playback`] a recording that is opened to be looked at, [`text`] the same calls as lines for people, [`export`]
//! other formats.

pub mod export;
pub(crate) mod file;
mod playback;
pub mod text;
mod timeline;
pub mod world;

pub(crate) use file::rfc3339;
pub use file::{Header, Reader, TraceError, Turns, Unknown, Writer};
pub use playback::{Playback, Problems};
pub use timeline::{Piece, Timeline};
pub use world::World;
