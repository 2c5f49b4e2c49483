//! How a command fails: what is said, and with which exit code.

use std::fmt;

/// What a failure was about; it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 1: a claim or a check failed.
    Check,
    /// 2: the command was not used as it should be.
    Usage,
    /// 3: the system refused: an address in use, no permission, no terminal.
    Refused,
}

/// Why a command ended without doing what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// What it was about.
    pub kind: Kind,
    /// What went wrong, where, and what to do.
    pub error: anyhow::Error,
}

impl Failure {
    /// The system refused.
    pub fn refused(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Refused, error: error.into() }
    }

    /// A claim or a check failed.
    pub fn check(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Check, error: error.into() }
    }

    /// The command was not used as it should be.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Usage, error: error.into() }
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Check => 1,
            Kind::Usage => 2,
            Kind::Refused => 3,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Failure {}
