//! The panels, and the screens made of them: pure functions of a [`View`].
//!
//! No panel reads a clock, asks the kernel, or remembers anything. Time comes from records, and only the visible rows are
//! built.

mod bar;
mod bytes;
mod cells;
pub(super) mod compare;
pub(super) mod demo;
mod footer;
mod header;
mod help;
mod inspect;
mod interest;
mod layout;
pub(super) mod lesson;
mod next;
mod policy;
mod prompt;
mod ready;
mod scope;
mod stops;
pub mod view;
mod waits;

pub use layout::MINIMUM;
pub use view::*;
