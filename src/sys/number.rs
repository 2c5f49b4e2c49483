//! Fd numbers, for records.

use std::os::fd::{AsFd, AsRawFd};

use crate::record::Fd;

/// The number of an owned or borrowed fd, for a record.
pub fn number(fd: &impl AsFd) -> Fd {
    Fd(fd.as_fd().as_raw_fd())
}
