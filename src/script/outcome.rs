//! What a line of a script came to.

use crate::probe::Breakpoint;

/// The result of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The call with its result, or what was done or checked.
    pub said: String,
    /// Why the script ends here, if it does.
    pub stop: Option<Stop>,
    /// The breakpoint that holds the server before the line is done; run again, the line continues from there.
    pub held: Option<Breakpoint>,
}

/// Why a script ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An `expect` did not come true; what came instead.
    Failed(String),
    /// The system refused what the lines below need.
    Refused(String),
}

impl Outcome {
    pub(super) fn done(said: impl Into<String>) -> Self {
        Self { said: said.into(), stop: None, held: None }
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { said: why.clone(), stop: Some(Stop::Refused(why)), held: None }
    }
}
