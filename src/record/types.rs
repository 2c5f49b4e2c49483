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

macro_rules! shows_its_number {
    ($($number:ty),*) => {$(
        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )*};
}
pub(super) use shows_its_number;
shows_its_number!(Fd, Tid, Timeout);
