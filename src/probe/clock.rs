//! The time of records.

use crate::record::Nanos;
use crate::sys;

/// Counts nanoseconds from the start of a stream; copies of one clock agree. See [`sys::monotonic`].
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: u64,
}

impl Clock {
    pub fn start() -> Self {
        Self { start: sys::monotonic() }
    }

    #[inline]
    pub fn now(&self) -> Nanos {
        Nanos(sys::monotonic() - self.start)
    }
}
