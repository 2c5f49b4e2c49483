//! Comparisons: one scene against two or more real servers, each with a policy of its own, side by side.

mod canonical;
mod comparison;
mod cost_table;
pub mod jsonl;
pub mod report;
mod step_log;
pub mod table;
pub mod text;
mod variant;
mod variant_spec;

pub use comparison::*;
pub use cost_table::Bill;
pub use report::{Parting, Story};
pub use step_log::{Act, Bytes, Did, Entry, Ledger, Seen};
pub use variant::{Stood, Twin};
pub use variant_spec::{Against, MOST, PRESETS, words_of};
