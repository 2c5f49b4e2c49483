//! Where the records come from: a server that lives, or a recording of one.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::record::{Call, Fd, Policy, Record, Tid};
use crate::script::Live;
use crate::trace::{Playback, Timeline};

/// The source of what the workbench shows.
pub(super) enum Stage {
    /// It can be driven.
    Live(Box<Live>),
    /// It can be looked at.
    Recording(Box<Playback>),
}

impl Stage {
    pub(super) fn timeline(&self) -> &Timeline {
        match self {
            Self::Live(live) => live.timeline(),
            Self::Recording(playback) => playback.timeline(),
        }
    }

    pub(super) fn live(&self) -> Option<&Live> {
        match self {
            Self::Live(live) => Some(live),
            Self::Recording(_) => None,
        }
    }

    pub(super) fn live_mut(&mut self) -> Option<&mut Live> {
        match self {
            Self::Live(live) => Some(live),
            Self::Recording(_) => None,
        }
    }

    pub(super) fn recording(&self) -> Option<&Playback> {
        match self {
            Self::Live(_) => None,
            Self::Recording(playback) => Some(playback),
        }
    }

    /// Takes in what has come, each record also to `each`; whether there was anything.
    pub(super) fn pump(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        match self {
            Self::Live(live) => live.pump(each),
            Self::Recording(playback) => playback.pump(),
        }
    }

    /// Sleeps until there is something to take in, or one of `also` is readable, or the time is up, or a signal came.
    pub(super) fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        // EINTR: whoever sleeps looks at everything when it wakes.
        let _ = match self {
            Self::Live(live) => live.sleep(also, timeout),
            Self::Recording(playback) => {
                let news = (!playback.is_over()).then(|| playback.as_fd());
                let mut fds: Vec<PollFd<'_>> =
                    news.iter().chain(also).map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
                poll(&mut fds, timeout).map(drop)
            }
        };
    }
}

/// What the first records tell of the whole: where the server listens, and what policy it began with.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    pub(super) addr: Option<SocketAddr>,
    pub(super) policy: Option<Policy>,
    /// The position before the first epoll_create1, else the first.
    pub(super) before_step_1: u64,
    listener: Option<(Tid, Fd)>,
    /// So far it was looked for.
    read: u64,
}

impl Beginning {
    /// What is not told among so many records is not told.
    const FAR: u64 = 10_000;

    pub(super) fn of(stage: &Stage) -> Self {
        let addr = match stage {
            Stage::Live(live) => Some(live.addr()),
            // `serve 127.0.0.1:9292`
            Stage::Recording(playback) => {
                playback.header().source.rsplit(' ').next().and_then(|addr| addr.parse().ok())
            }
        };
        let mut beginning = Self { addr, ..Self::default() };
        beginning.read_on(stage.timeline());
        beginning
    }

    pub(super) fn read_on(&mut self, timeline: &Timeline) {
        let to = timeline.len().min(Self::FAR);
        if self.read >= to {
            return;
        }
        for record in timeline.range(self.read, to) {
            self.take(&record);
        }
        self.read = to;
    }

    fn take(&mut self, record: &Record) {
        match record.call {
            Call::Policy(policy) => self.policy = self.policy.or(Some(policy)),
            Call::Listen { fd, ret, .. } if ret.ok().is_some() => {
                self.listener = self.listener.or(Some((record.tid, fd)));
            }
            Call::Getsockname { fd, addr, .. } if self.listener == Some((record.tid, fd)) => {
                self.addr = addr.socket_addr().or(self.addr);
            }
            Call::EpollCreate1 { .. } if self.before_step_1 == 0 => self.before_step_1 = record.seq.0 - 1,
            _ => {}
        }
    }
}
