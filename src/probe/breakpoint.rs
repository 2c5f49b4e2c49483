//! Where the server is to stop: what one record says, and nothing that must be remembered.

use std::fmt;

use crate::record::{Call, Fd, Ret, errno_name};

/// A condition on what was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breakpoint {
    /// This fd is reported.
    Reported(Fd),
    /// A call fails with this error, by its number.
    Fails(i32),
    /// An epoll_wait returns without an event.
    Empty,
    /// A call of this name is made; of an epoll_wait its return.
    Made(&'static str),
    /// An epoll_wait is made although bytes, or connections, would be left that no report will tell of. That is a fact of
    /// the world and not of one record, so the session decides it.
    Stranded,
}

impl Breakpoint {
    /// Whether `call` is what it is about; never so for [`Breakpoint::Stranded`].
    pub fn is_hit_by(self, call: &Call) -> bool {
        match self {
            Self::Reported(fd) => matches!(call, Call::Event { fd: reported, .. } if *reported == fd),
            Self::Fails(raw) => call.ret().is_some_and(|ret| ret.raw() == -raw),
            Self::Empty => matches!(call, Call::EpollWait { ret: Ret::OK, .. }),
            Self::Made(name) => !matches!(call, Call::EpollWaitEnter { .. }) && call.name() == name,
            Self::Stranded => false,
        }
    }
}

/// As it is typed: `fd 5`, `EAGAIN`, `empty`, `recvfrom`, `stranded`.
impl fmt::Display for Breakpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported(fd) => write!(f, "fd {fd}"),
            Self::Fails(raw) => f.write_str(&errno_name(*raw)),
            Self::Empty => f.write_str("empty"),
            Self::Made(name) => f.write_str(name),
            Self::Stranded => f.write_str("stranded"),
        }
    }
}
