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

    /// The same of a time that [`sys::monotonic`] gave.
    pub fn at(&self, monotonic: u64) -> Nanos {
        Nanos(monotonic.saturating_sub(self.start))
    }

    /// So many nanoseconds after the start, as [`sys::monotonic`] has it.
    pub fn monotonic(&self, after: u64) -> u64 {
        self.start + after
    }

    #[inline]
    pub fn now(&self) -> Nanos {
        Nanos(sys::monotonic() - self.start)
    }
}
