//! The keys: what each asks for, on which screen. The footers, the help and the documents are made from these tables.

pub mod binding;
mod keys;

pub use keys::{Action, Binding, Group, KEYS, Move, action, past};
pub(crate) use keys::{movement, needs_server};
