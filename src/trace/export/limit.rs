//! What an export holds in memory.

/// The most threads that are told apart; a process has no more, and a recording may claim any number.
pub(super) const MAX_THREADS: usize = 1 << 16;
