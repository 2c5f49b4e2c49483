//! The time of records.

use std::time::Instant;

use crate::record::Nanos;

/// Counts nanoseconds from the start of a stream; copies of one clock agree. `CLOCK_MONOTONIC`, clock_gettime(2).
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The time since the start.
    pub fn now(&self) -> Nanos {
        Nanos(u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}
