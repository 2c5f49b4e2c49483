//! The calls that the built-in server never makes: the same things by other names.

use super::call::Call;
use super::constant::FcntlCmd;
use super::flags::{MsgFlags, WaitMask};
use super::ret::Ret;
use super::table::calls;
use super::types::{Fd, Timeout, TimeoutNs};

// The rows are written as in the table of system calls. Those with an address or a path are there, and not here: inside of
// another enum they would make every record larger.
calls! {
    /// A system call that the built-in server never makes. [`Call::plain`] says which of those that it makes means the same.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Foreign;

    Syscall {
        /// epoll_pwait(2) was entered.
        EpollPwaitEnter "epoll_pwait" enter { epfd: Fd, max_events: u32 as "maxevents", timeout: Timeout, sigmask: WaitMask },
            "{epfd}, max {}, timeout {timeout}{sigmask}", max_events.cast_signed();
        /// epoll_pwait(2) returned.
        EpollPwait "epoll_pwait" { epfd: Fd } -> Events;
        /// epoll_pwait2(2) was entered; its timeout in milliseconds, rounded up, and as it was given.
        EpollPwait2Enter "epoll_pwait2" enter
            { epfd: Fd, max_events: u32 as "maxevents", timeout: Timeout, timeout_ns: TimeoutNs, sigmask: WaitMask },
            "{epfd}, max {}, timeout {}{sigmask}", max_events.cast_signed(), timeout_ns.or(timeout);
        /// epoll_pwait2(2) returned.
        EpollPwait2 "epoll_pwait2" { epfd: Fd } -> Events;
        /// readv(2).
        Readv "readv" { fd: Fd, len: u32 } -> Received;
        /// recvmsg(2).
        Recvmsg "recvmsg" { fd: Fd, len: u32, flags: MsgFlags } -> Received;
        /// recvmmsg(2) of at most so many messages; it returned how many came, with so many bytes.
        Recvmmsg "recvmmsg" { fd: Fd, messages: u32 as "vlen" } -> Ret [bytes: u32];
        /// writev(2).
        Writev "writev" { fd: Fd, len: u32 } -> Sent;
        /// sendmsg(2).
        Sendmsg "sendmsg" { fd: Fd, len: u32, flags: MsgFlags } -> Sent;
        /// sendmmsg(2) of so many messages; it returned how many were sent, with so many bytes.
        Sendmmsg "sendmmsg" { fd: Fd, messages: u32 as "vlen" } -> Ret [bytes: u32];
        /// sendfile(2).
        Sendfile "sendfile" { fd: Fd, from: Fd as "in_fd", len: u32 } -> Ret;
        /// splice(2).
        Splice "splice" { from: Fd as "fd_in", to: Fd as "fd_out", len: u32 } -> Ret;
        /// tee(2).
        Tee "tee" { from: Fd as "fd_in", to: Fd as "fd_out", len: u32 } -> Ret;
        /// vmsplice(2).
        Vmsplice "vmsplice" { fd: Fd, len: u32 } -> Ret;
        /// ioctl(2) with `FIONBIO`.
        Fionbio "ioctl" { fd: Fd, on: bool } -> Ret, "{fd}, FIONBIO, [{}]", i32::from(on);
        /// dup2(2).
        Dup2 "dup2" { fd: Fd, to: Fd as "newfd" } -> Fd;
        /// dup3(2).
        Dup3 "dup3" { fd: Fd, to: Fd as "newfd" } -> Fd;
        /// vfork(2).
        Vfork "vfork" {} -> Tid;
        /// clone(2); whether the child shares the table of fds, as a thread does.
        Clone "clone" { files: bool as "shares_fds" } -> Tid, "{}", shared(files);
        /// clone3(2).
        Clone3 "clone3" { files: bool as "shares_fds" } -> Tid, "{}", shared(files);
        /// io_uring_setup(2), which is refused under watch.
        IoUringSetup "io_uring_setup" { entries: u32 } -> Fd;
    }
}

fn shared(files: bool) -> &'static str {
    if files { "CLONE_FILES" } else { "" }
}

impl Call {
    /// The call that the built-in server would make for the same: recvfrom for readv, accept4 for accept. What has no such
    /// call stays what it is.
    #[inline]
    #[must_use]
    pub fn plain(self) -> Self {
        match self {
            Self::Foreign(foreign) => foreign.plain(),
            Self::Accept { fd, peer, ret } => Self::Accept4 { fd, peer, ret },
            Self::NewFd(new) => new.plain(),
            Self::Fcntl { fd, cmd: FcntlCmd::DupFd | FcntlCmd::DupFdCloexec, ret, .. } => Self::Dup { fd, ret },
            call => call,
        }
    }
}

impl Foreign {
    fn plain(self) -> Call {
        let none = MsgFlags::empty();
        match self {
            Self::EpollPwaitEnter { epfd, max_events, timeout, .. }
            | Self::EpollPwait2Enter { epfd, max_events, timeout, .. } => {
                Call::EpollWaitEnter { epfd, max_events, timeout }
            }
            Self::EpollPwait { epfd, ret } | Self::EpollPwait2 { epfd, ret } => Call::EpollWait { epfd, ret },
            Self::Readv { fd, len, ret } => Call::Recvfrom { fd, len, flags: none, ret },
            Self::Recvmsg { fd, len, flags, ret } => Call::Recvfrom { fd, len, flags, ret },
            Self::Recvmmsg { fd, bytes, ret, .. } => {
                let ret = ret.ok().map_or(ret, |_| Ret::value(bytes as usize));
                Call::Recvfrom { fd, len: bytes.max(1), flags: none, ret }
            }
            Self::Writev { fd, len, ret } | Self::Sendfile { fd, len, ret, .. } => {
                Call::Sendto { fd, len, flags: none, ret }
            }
            Self::Sendmsg { fd, len, flags, ret } => Call::Sendto { fd, len, flags, ret },
            Self::Sendmmsg { fd, bytes, ret, .. } => {
                let ret = ret.ok().map_or(ret, |_| Ret::value(bytes as usize));
                Call::Sendto { fd, len: bytes, flags: none, ret }
            }
            Self::Vmsplice { fd, len, ret } => Call::Write { fd, len, ret },
            Self::Dup2 { fd, ret, .. } | Self::Dup3 { fd, ret, .. } => Call::Dup { fd, ret },
            Self::Vfork { ret } | Self::Clone { files: false, ret } | Self::Clone3 { files: false, ret } => {
                Call::Fork { ret }
            }
            foreign => Call::Foreign(foreign),
        }
    }
}
