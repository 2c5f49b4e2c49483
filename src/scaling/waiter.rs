//! The ways to wait for one of many fds, each with what it has to be handed.

use std::os::fd::{AsFd as _, BorrowedFd};

use crate::i18n::Lang;
use crate::record::{CtlOp, Interest, Timeout};
use crate::sys::{Epoll, Errno, Events, PollList, SelectSet};

/// A system call that waits for one of many fds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// select(2).
    Select,
    /// poll(2).
    Poll,
    /// epoll_wait(2), level-triggered.
    Level,
    /// epoll_wait(2), edge-triggered; each report is read to EAGAIN. epoll(7)
    Edge,
    /// epoll_wait(2), one-shot; each report is followed by an EPOLL_CTL_MOD.
    OneShot,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Select, Self::Poll, Self::Level, Self::Edge, Self::OneShot];

    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Poll => "poll",
            Self::Level => lang.of("epoll level", "epoll 水平触发"),
            Self::Edge => lang.of("epoll edge", "epoll 边缘触发"),
            Self::OneShot => lang.of("epoll one-shot", "epoll 一次性"),
        }
    }

    /// Its name for a program.
    pub fn key(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Poll => "poll",
            Self::Level => "epoll-level",
            Self::Edge => "epoll-edge",
            Self::OneShot => "epoll-oneshot",
        }
    }

    /// The power of the number of fds that the cost of a wait grows with, as the man pages have it.
    pub fn theory(self) -> u32 {
        u32::from(matches!(self, Self::Select | Self::Poll))
    }

    fn interest(self) -> Interest {
        match self {
            Self::Edge => Interest::IN | Interest::ET,
            Self::OneShot => Interest::IN | Interest::ONESHOT,
            Self::Select | Self::Poll | Self::Level => Interest::IN,
        }
    }
}

/// A way to wait, and the fds that it waits for.
pub(super) enum Waiter<'a> {
    Select(SelectSet<'a>),
    Poll(PollList<'a>),
    Epoll(Epoll, Events, Interest),
}

impl<'a> Waiter<'a> {
    /// One that waits for `fds`, and takes at most `most` reports of an epoll_wait.
    pub(super) fn new(method: Method, fds: impl IntoIterator<Item = BorrowedFd<'a>>, most: u32) -> Result<Self, Errno> {
        Ok(match method {
            Method::Select => Self::Select(SelectSet::new(fds)?),
            Method::Poll => Self::Poll(PollList::new(fds)),
            Method::Level | Method::Edge | Method::OneShot => {
                let epoll = Epoll::create()?;
                for (i, fd) in fds.into_iter().enumerate() {
                    epoll.ctl(CtlOp::Add, fd, method.interest(), i as u64)?;
                }
                Self::Epoll(epoll, Events::with_room(most), method.interest())
            }
        })
    }

    /// Waits, without end; how many can be read.
    pub(super) fn wait(&mut self) -> Result<usize, Errno> {
        match self {
            Self::Select(set) => set.wait(),
            Self::Poll(list) => list.wait(),
            Self::Epoll(epoll, events, _) => epoll.wait(events, Timeout(-1)),
        }
    }

    /// Gives `serve` the place, among the fds, of each that the last wait found readable.
    pub(super) fn each(&self, mut serve: impl FnMut(usize) -> Result<(), Errno>) -> Result<(), Errno> {
        match self {
            Self::Select(set) => set.readable().try_for_each(serve),
            Self::Poll(list) => list.readable().try_for_each(serve),
            Self::Epoll(_, events, _) => {
                events.iter().try_for_each(|(token, _)| serve(usize::try_from(token).unwrap_or(usize::MAX)))
            }
        }
    }

    /// Whether what is reported has to be read to EAGAIN.
    pub(super) fn drains(&self) -> bool {
        matches!(self, Self::Epoll(_, _, interest) if interest.contains(Interest::ET))
    }

    /// Makes ready for the next wait what a report has disarmed.
    pub(super) fn rearm(&self, fd: BorrowedFd<'_>, place: usize) -> Result<(), Errno> {
        match self {
            Self::Epoll(epoll, _, interest) if interest.contains(Interest::ONESHOT) => {
                epoll.ctl(CtlOp::Mod, fd.as_fd(), *interest, place as u64)
            }
            _ => Ok(()),
        }
    }
}
