//! All records so far, and the world after any number of them.

mod records;
mod segment;
mod store;
mod walks;

pub use records::Piece;
pub use store::Timeline;
