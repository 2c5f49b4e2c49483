//! What the instrument knows without having asked the kernel: what it told the server and its clients, and where they are.

use std::fmt;

use super::{Call, Dir, Fd, Policy, Ret, Tid, Timeout};

/// What no call tells, and who looks at the program wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// The server was told to follow this policy, and does so before its next epoll_wait.
    Follow(Policy),
    /// This client receives what comes from here on, or leaves it where it is.
    Reading {
        /// Its fd.
        fd: Fd,
        /// Whether it receives.
        on: bool,
    },
    /// The thread is about to enter a recv or send on a blocking fd, and may sleep in it.
    Inside {
        /// The fd.
        fd: Fd,
        /// Which of the two.
        dir: Dir,
        /// Bytes asked for, or to be sent.
        len: u32,
    },
    /// The server is held before an epoll_wait, everything has come to rest, and it would leave something unread that no
    /// report will tell of. Whether it makes that wait, and when, is up to who drives it.
    Rest {
        /// The server's thread.
        server: Tid,
        /// The epoll.
        epfd: Fd,
        /// As it would ask.
        max_events: u32,
        /// As it would ask.
        timeout: Timeout,
    },
    /// The peer's kernel has acknowledged that this fd's side of the stream ended: its FIN, which shutdown(2) sent. The
    /// connection's state changes with it, and epoll hears of that as of any arrival. tcp(7)
    FinAcked {
        /// The fd.
        fd: Fd,
    },
    /// The server was told to stop, and closes everything.
    Stop,
    /// The server ended, since it can't do without this call, which failed.
    Died {
        /// The call.
        call: FatalCall,
        /// What it was made on.
        fd: Fd,
        /// How it failed.
        ret: Ret,
    },
}

/// The calls that a server can't do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FatalCall {
    /// epoll_create1(2)
    EpollCreate1,
    /// epoll_ctl(2)
    EpollCtl,
    /// epoll_wait(2)
    EpollWait,
}

impl FatalCall {
    /// The system call's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::EpollCreate1 => "epoll_create1",
            Self::EpollCtl => "epoll_ctl",
            Self::EpollWait => "epoll_wait",
        }
    }
}

impl fmt::Display for FatalCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Annotation {
    /// The name in the trace file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Follow(_) => "follow",
            Self::Reading { .. } => "reading",
            Self::Inside { .. } => "inside",
            Self::Rest { .. } => "rest",
            Self::FinAcked { .. } => "fin_acked",
            Self::Stop => "stop",
            Self::Died { .. } => "died",
        }
    }

    /// The fd that it is about.
    pub fn fd(&self) -> Option<Fd> {
        match *self {
            Self::Reading { fd, .. } | Self::Inside { fd, .. } | Self::FinAcked { fd } | Self::Died { fd, .. } => {
                Some(fd)
            }
            Self::Follow(_) | Self::Stop | Self::Rest { .. } => None,
        }
    }

    /// The call that the server is held before, and its thread.
    pub fn rests_before(&self) -> Option<(Tid, Call)> {
        match *self {
            Self::Rest { server, epfd, max_events, timeout } => {
                Some((server, Call::EpollWaitEnter { epfd, max_events, timeout }))
            }
            _ => None,
        }
    }
}
