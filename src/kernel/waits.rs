//! What epoll is held against: select(2) and poll(2), which are handed the whole set at every call.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::select::{FD_SETSIZE, FdSet, select};

use super::Errno;

/// The fds that one select(2) asks about, for reading.
#[derive(Debug)]
pub struct SelectSet<'a> {
    set: FdSet<'a>,
    /// The first argument: one above the highest number.
    above: i32,
}

impl<'a> SelectSet<'a> {
    /// A set of all of `fds`.
    ///
    /// # Errors
    /// `EINVAL` for a number from `FD_SETSIZE` on, for which a set has no bit. select(2), BUGS.
    pub fn new(fds: &'a [OwnedFd]) -> Result<Self, Errno> {
        let (mut set, mut above) = (FdSet::new(), 0);
        for fd in fds {
            let number = fd.as_raw_fd();
            if usize::try_from(number).map_or(true, |number| number >= FD_SETSIZE) {
                return Err(Errno::EINVAL);
            }
            set.insert(fd.as_fd());
            above = above.max(number + 1);
        }
        Ok(Self { set, above })
    }

    /// select(2) without a timeout, on a copy: the call writes its answer over the set. How many can be read.
    ///
    /// # Errors
    /// `EINTR`; `EBADF`, `ENOMEM`.
    pub fn wait(&self) -> Result<usize, Errno> {
        let mut asked = self.set;
        select(self.above, &mut asked, None, None, None).map(|n| usize::try_from(n).unwrap_or(0))
    }
}

/// The fds that one poll(2) asks about, for reading.
#[derive(Debug)]
pub struct PollList<'a>(Vec<PollFd<'a>>);

impl<'a> PollList<'a> {
    /// A list of all of `fds`.
    pub fn new(fds: &'a [OwnedFd]) -> Self {
        Self(fds.iter().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)).collect())
    }

    /// poll(2) without a timeout. How many can be read.
    ///
    /// # Errors
    /// `EINTR`; `EINVAL` for more fds than `RLIMIT_NOFILE`, `ENOMEM`.
    pub fn wait(&mut self) -> Result<usize, Errno> {
        poll(&mut self.0, PollTimeout::NONE).map(|n| usize::try_from(n).unwrap_or(0))
    }
}
