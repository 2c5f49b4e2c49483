//! Keys as tables: what a row is, and those of the workbench and of the past. Footers, help and documents are made from
//! them.

pub mod binding;
mod keys;

pub(crate) use binding::interrupts;
pub use keys::{Action, Binding, Group, KEYS, Move, action, past};
pub(crate) use keys::{movement, needs_server};
