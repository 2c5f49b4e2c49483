//! What is worth a look in a trace: small named lints, each found as the records come.
//!
//! A finding begins at the record at which it is known. While the same condition comes again with each wait it stays one
//! finding, with a count: a spin of a million turns is one. What is the case is decided in `lints`, once; `en` and `zh`
//! only put it into words.

mod en;
mod fact;
mod finding;
mod found;
mod habits;
mod lints;
mod list;
mod spins;
mod zh;

pub use fact::Lint;
pub use finding::Finding;
pub use list::Findings;

#[cfg(test)]
mod tests;
