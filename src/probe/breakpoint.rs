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
    /// the world and not of one record, so that who looks at the world must decide it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{MsgFlags, Ready, Timeout};
    use crate::sys::Errno;

    #[test]
    fn each_is_hit_by_what_it_is_about_and_by_nothing_else() {
        let epfd = Fd(4);
        let recv = |ret| Call::Recvfrom { fd: Fd(5), len: 9, flags: MsgFlags::empty(), ret };
        let calls = [
            Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE },
            Call::EpollWait { epfd, ret: Ret::OK },
            Call::EpollWait { epfd, ret: Ret::value(1) },
            Call::Event { epfd, fd: Fd(5), ready: Ready::IN },
            recv(Ret::OK),
            recv(Ret::error(Errno::EAGAIN)),
        ];
        let hits = |breakpoint: Breakpoint| calls.map(|call| breakpoint.is_hit_by(&call));
        assert_eq!(hits(Breakpoint::Reported(Fd(5))), [false, false, false, true, false, false]);
        assert_eq!(hits(Breakpoint::Reported(Fd(4))), [false; 6]);
        assert_eq!(hits(Breakpoint::Fails(libc::EAGAIN)), [false, false, false, false, false, true]);
        assert_eq!(hits(Breakpoint::Empty), [false, true, false, false, false, false]);
        assert_eq!(hits(Breakpoint::Made("recvfrom")), [false, false, false, false, true, true]);
        assert_eq!(hits(Breakpoint::Made("epoll_wait")), [false, true, true, false, false, false]);
        assert_eq!(hits(Breakpoint::Stranded), [false; 6]);
    }
}
