//! What epoll is held against: select(2) and poll(2), which are handed the whole set at every call.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::select::{FD_SETSIZE, FdSet, select};

use super::Errno;

/// The fds that one select(2) asks about, for reading.
#[derive(Debug)]
pub struct SelectSet<'a> {
    fds: Vec<BorrowedFd<'a>>,
    asked: FdSet<'a>,
    /// What the last call wrote over its copy of `asked`.
    answer: FdSet<'a>,
    /// The first argument: one above the highest number.
    above: i32,
}

impl<'a> SelectSet<'a> {
    /// Numbers from here on have no bit in a set: `FD_SETSIZE`. select(2), BUGS.
    pub const NUMBERS: usize = FD_SETSIZE;

    /// A set of all of `fds`.
    ///
    /// # Errors
    /// `EINVAL` for a number from [`SelectSet::NUMBERS`] on.
    pub fn new(fds: impl IntoIterator<Item = BorrowedFd<'a>>) -> Result<Self, Errno> {
        let mut set = Self { fds: Vec::new(), asked: FdSet::new(), answer: FdSet::new(), above: 0 };
        for fd in fds {
            let number = fd.as_raw_fd();
            if usize::try_from(number).map_or(true, |number| number >= Self::NUMBERS) {
                return Err(Errno::EINVAL);
            }
            set.asked.insert(fd);
            set.above = set.above.max(number + 1);
            set.fds.push(fd);
        }
        Ok(set)
    }

    /// select(2) without a timeout, on a copy: the call writes its answer over the set. How many can be read.
    ///
    /// # Errors
    /// `EINTR`; `EBADF`, `ENOMEM`.
    pub fn wait(&mut self) -> Result<usize, Errno> {
        self.answer = self.asked;
        select(self.above, &mut self.answer, None, None, None).map(|n| usize::try_from(n).unwrap_or(0))
    }

    /// Which of the fds, counted from 0, the last call found readable: a look at the bit of each.
    pub fn readable(&self) -> impl Iterator<Item = usize> + '_ {
        self.fds.iter().enumerate().filter(|(_, fd)| self.answer.contains(**fd)).map(|(i, _)| i)
    }
}

/// The fds that one poll(2) asks about, for reading.
#[derive(Debug)]
pub struct PollList<'a>(Vec<PollFd<'a>>);

impl<'a> PollList<'a> {
    pub fn new(fds: impl IntoIterator<Item = BorrowedFd<'a>>) -> Self {
        Self(fds.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect())
    }

    /// poll(2) without a timeout. How many can be read.
    ///
    /// # Errors
    /// `EINTR`; `EINVAL` for more fds than `RLIMIT_NOFILE`, `ENOMEM`.
    pub fn wait(&mut self) -> Result<usize, Errno> {
        poll(&mut self.0, PollTimeout::NONE).map(|n| usize::try_from(n).unwrap_or(0))
    }

    /// Which of the fds, counted from 0, the last call found readable: a look at the answer of each.
    pub fn readable(&self) -> impl Iterator<Item = usize> + '_ {
        let found = |fd: &PollFd<'_>| fd.revents().is_some_and(|revents| revents.contains(PollFlags::POLLIN));
        self.0.iter().enumerate().filter(move |(_, fd)| found(fd)).map(|(i, _)| i)
    }
}
