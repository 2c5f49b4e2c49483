//! The time of records.

use crate::kernel;
use crate::record::Nanos;

/// Counts nanoseconds from the start of a stream; copies of one clock agree. See [`kernel::monotonic`].
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: u64,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { start: kernel::monotonic() }
    }

    /// The time since the start.
    #[inline]
    pub fn now(&self) -> Nanos {
        Nanos(kernel::monotonic() - self.start)
    }
}
