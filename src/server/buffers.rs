//! A socket's buffers, bound: what fits into them then depends on what is sent and read alone.

use std::os::fd::AsFd;

use crate::probe::{Sink, Tap};
use crate::record::SockOpt;
use crate::sys::Errno;

/// `SO_SNDBUF` and `SO_RCVBUF`, in bytes; the kernel doubles them for its own needs, and does not let them grow. socket(7)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// `SO_SNDBUF`
    pub send: i32,
    /// `SO_RCVBUF`
    pub receive: i32,
}

impl Buffers {
    /// Sets both on a socket.
    pub fn set<S: Sink>(self, tap: &mut Tap<S>, socket: &impl AsFd) -> Result<(), Errno> {
        tap.setsockopt(socket, SockOpt::SndBuf, self.send)?;
        tap.setsockopt(socket, SockOpt::RcvBuf, self.receive)
    }
}
