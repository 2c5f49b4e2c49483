//! What the instrument knows without having asked the kernel: what it told the server and its clients, and where they are.

use super::{Dir, Fd, Policy, Ret};

/// What no call tells, and who looks at the program wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
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
    /// The server was told to stop, and closes everything.
    Stop,
    /// The server ended, since it can't do without this call, which failed.
    Died {
        /// The call's name.
        call: &'static str,
        /// What it was made on.
        fd: Fd,
        /// How it failed.
        ret: Ret,
    },
}

impl Told {
    /// The name in the trace file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Follow(_) => "follow",
            Self::Reading { .. } => "reading",
            Self::Inside { .. } => "inside",
            Self::Stop => "stop",
            Self::Died { .. } => "died",
        }
    }

    /// The fd that it is about.
    pub fn fd(&self) -> Option<Fd> {
        match *self {
            Self::Reading { fd, .. } | Self::Inside { fd, .. } | Self::Died { fd, .. } => Some(fd),
            Self::Follow(_) | Self::Stop => None,
        }
    }
}
