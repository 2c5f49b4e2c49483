//! What was seen: the records, and everything that can be said from them alone.
//!
//! [`World`] is the fold over the records, [`Timeline`] the world at any moment, [`why`] a sentence on each report,
//! [`scope`] the picture of unread bytes, [`Step`] the place of a call among the seven steps.

pub mod scope;
mod step;
mod timeline;
pub mod why;
pub mod world;

pub use step::Step;
pub use timeline::Timeline;
pub use world::World;
