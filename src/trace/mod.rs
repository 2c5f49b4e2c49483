//! What was seen.

pub mod world;
pub use world::World;
