//! The small numbers that calls are made of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A file descriptor's number, valid in the file table of the thread that used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub struct Fd(pub i32);

/// A thread, by the kernel's number for it, gettid(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub struct Tid(pub u32);

/// The timeout of epoll_wait(2), in milliseconds; -1 waits without end, 0 asks and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timeout(pub i32);

impl Timeout {
    /// Wait until something is reported, however long it takes.
    pub const NONE: Self = Self(-1);
    pub const ZERO: Self = Self(0);
}

/// The timeout of epoll_pwait2(2), in nanoseconds; nothing where it waits without end, or where a recording does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeoutNs([u32; 2]);

impl TimeoutNs {
    /// The kernel takes less.
    const NOT_KNOWN: u64 = u64::MAX;

    pub fn new(ns: Option<u64>) -> Self {
        let [low, high] = [0, 32].map(|shift| ns.unwrap_or(Self::NOT_KNOWN) >> shift & u64::from(u32::MAX));
        // In halves, since a u64 would make every record larger: it is aligned to 8 bytes.
        Self([low, high].map(|half| u32::try_from(half).unwrap_or(u32::MAX)))
    }

    pub fn get(self) -> Option<u64> {
        let [low, high] = self.0.map(u64::from);
        Some(high << 32 | low).filter(|ns| *ns != Self::NOT_KNOWN)
    }

    /// For the eye: `500 ns`; where it is not known, the same in `milliseconds`.
    pub(crate) fn or(self, milliseconds: Timeout) -> String {
        if self.get().is_some() { self.to_string() } else { milliseconds.to_string() }
    }
}

impl fmt::Display for TimeoutNs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().map_or(Ok(()), |ns| write!(f, "{ns} ns"))
    }
}

macro_rules! shows_its_number {
    ($($number:ty),*) => {$(
        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )*};
}
pub(super) use shows_its_number;
shows_its_number!(Fd, Tid, Timeout);
