//! Comparisons: one scene against two or more real servers, each with a policy of its own, side by side.

mod aligned;
mod canonical;
mod comparison;
mod cost_table;
pub mod jsonl;
mod page;
pub mod report;
mod step_log;
pub mod table;
pub mod text;
mod variant;
mod variant_spec;

pub use aligned::{AlignedRow, aligned};
pub use comparison::*;
pub use cost_table::CostTable;
pub use report::{ComparisonReport, Parting};
pub use step_log::{Act, Bytes, Entry, Made, MadeWhat, ServerCall, StepLog, StepSummary};
pub use variant::Variant;
pub use variant_spec::{MOST, PRESETS, VariantSpec, words_of};
