//! What is said: the one vocabulary of the house.
//!
//! Everything that epollscope shows is made of [`Record`]s. A record is shaped like a system call with its result, says
//! who made it and when, and is a small [`Copy`] value, so that noting one costs a store into a ring and no allocation.
//! What does not fit into one record is told by several: a return of epoll_wait(2) is followed by one [`Call::Event`]
//! for each entry of its event list, and a recv or send by the first bytes that went through it, as [`Call::Data`].
//!
//! Session server, recording and, later, a watched foreign program all speak it. It knows nothing of who listens.

mod addr;
mod annotation;
mod chunk;
mod faults;
mod fd_kind;
mod flags;
mod policy;
mod ret;

pub use addr::Addr;
pub use annotation::{Annotation, FatalCall};
pub use chunk::Chunk;
pub use faults::Faults;
pub use fd_kind::{FdKind, PairType};
pub use flags::{Interest, Ready};
pub use policy::{Accept, Fairness, Policy, Read, Trigger, WriteInterest};
pub use ret::{Ret, errno_by_name, errno_name, errno_names};

use std::fmt;

/// A file descriptor's number, valid in the file table of the thread that used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fd(pub i32);

/// A thread, by the kernel's number for it, gettid(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tid(pub u32);

/// A record's place in its stream; the first record of a stream is number 1, and each record takes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seq(pub u64);

/// Nanoseconds of `CLOCK_MONOTONIC` since the stream's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Nanos(pub u64);

/// The timeout of epoll_wait(2), in milliseconds; -1 waits without end, 0 asks and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timeout(pub i32);

impl Timeout {
    /// Wait until something is reported, however long it takes.
    pub const NONE: Self = Self(-1);
    /// Do not wait.
    pub const ZERO: Self = Self(0);
}

macro_rules! shows_its_number {
    ($($t:ty),*) => {$(
        impl fmt::Display for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )*};
}
shows_its_number!(Fd, Tid, Seq, Nanos, Timeout);

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the stream.
    pub seq: Seq,
    /// When: at the entry of a call that acts on somebody else (`connect`, `sendto`, `shutdown`, `close`, entering
    /// epoll_wait), or at the return before that entry where the thread has only computed since; at the return of every
    /// other. A cause is so never later than what it caused.
    pub t: Nanos,
    /// Who.
    pub tid: Tid,
    /// What.
    pub call: Call,
}

/// The operation of epoll_ctl(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CtlOp {
    /// `EPOLL_CTL_ADD`
    Add,
    /// `EPOLL_CTL_MOD`
    Mod,
    /// `EPOLL_CTL_DEL`
    Del,
}

/// The direction that shutdown(2) closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// `SHUT_RD`
    Read,
    /// `SHUT_WR`
    Write,
    /// `SHUT_RDWR`
    Both,
}

/// The socket options that the program sets, by their names in socket(7) and tcp(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SockOpt {
    /// `SO_REUSEADDR`, 0 or 1.
    ReuseAddr,
    /// `SO_LINGER` with `l_onoff` 1; the value is `l_linger` in seconds. 0 makes close(2) reset the connection.
    Linger,
    /// `SO_SNDBUF`, in bytes.
    SndBuf,
    /// `SO_RCVBUF`, in bytes.
    RcvBuf,
    /// `SO_RCVLOWAT`, in bytes: with fewer unread, a TCP socket is not readable.
    RcvLowat,
    /// `TCP_NODELAY`, tcp(7), 0 or 1; an accepted connection inherits its listener's.
    NoDelay,
}

/// The commands of fcntl(2) that the program gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FcntlCmd {
    /// `F_SETFL`; the value is 0 or `O_NONBLOCK`.
    SetFl,
    /// `F_SETPIPE_SZ`, in bytes; the kernel rounds up to pages, a power of two of them.
    SetPipeSize,
}

/// Which way bytes went, as the caller saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dir {
    /// Received from the peer.
    In,
    /// Sent to the peer.
    Out,
}

/// A system call with its arguments and its result; or, in the last group, what the instrument itself asked or has to
/// say. The variants carry their kernel names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the arguments of the man page that each variant names")]
pub enum Call {
    /// epoll_create1(2), with `EPOLL_CLOEXEC`.
    EpollCreate1 { ret: Ret },
    /// epoll_ctl(2).
    EpollCtl { epfd: Fd, op: CtlOp, fd: Fd, interest: Interest, ret: Ret },
    /// epoll_wait(2) was entered; the thread may now be blocked in it.
    EpollWaitEnter { epfd: Fd, max_events: u32, timeout: Timeout },
    /// epoll_wait(2) returned; as many [`Call::Event`]s follow as `ret` says.
    EpollWait { epfd: Fd, ret: Ret },
    /// One entry of the event list of the [`Call::EpollWait`] before it.
    Event { epfd: Fd, fd: Fd, ready: Ready },

    /// socket(2): a TCP socket, `SOCK_NONBLOCK | SOCK_CLOEXEC`.
    Socket { ret: Ret },
    /// setsockopt(2) at `SOL_SOCKET`, or `IPPROTO_TCP` for `TCP_NODELAY`.
    Setsockopt { fd: Fd, option: SockOpt, value: i32, ret: Ret },
    /// bind(2).
    Bind { fd: Fd, addr: Addr, ret: Ret },
    /// listen(2).
    Listen { fd: Fd, backlog: i32, ret: Ret },
    /// getsockname(2); `addr` is what came back.
    Getsockname { fd: Fd, addr: Addr, ret: Ret },
    /// connect(2).
    Connect { fd: Fd, addr: Addr, ret: Ret },
    /// accept4(2); `ret` is the connection's fd, `peer` who connected.
    Accept4 { fd: Fd, peer: Addr, ret: Ret },
    /// recvfrom(2) without an address, that is recv(2). `oob` where `MSG_OOB` was given.
    Recvfrom { fd: Fd, len: u32, oob: bool, ret: Ret },
    /// sendto(2) without an address, that is send(2), with `MSG_NOSIGNAL`. `oob` where `MSG_OOB` was given, which makes
    /// the last byte urgent.
    Sendto { fd: Fd, len: u32, oob: bool, ret: Ret },
    /// Bytes that the recv or send before it moved, from the first one on.
    Data { fd: Fd, dir: Dir, chunk: Chunk },
    /// shutdown(2).
    Shutdown { fd: Fd, how: How, ret: Ret },
    /// A call that makes an fd of another kind, or two that are connected.
    Make { by: FdKind, fd: Fd, other: Fd, ret: Ret },
    /// read(2).
    Read { fd: Fd, len: u32, ret: Ret },
    /// write(2).
    Write { fd: Fd, len: u32, ret: Ret },
    /// timerfd_settime(2): the first expiry and the interval, in milliseconds.
    TimerfdSettime { fd: Fd, first_ms: u32, every_ms: u32, ret: Ret },
    /// fcntl(2) with one of these commands.
    Fcntl { fd: Fd, cmd: FcntlCmd, value: i32, ret: Ret },
    /// tgkill(2) of `SIGUSR2`, to this thread.
    Tgkill { to: Tid, ret: Ret },
    /// fork(2), in the parent: `ret` is the child, which has a file table of its own with the same entries.
    Fork { ret: Ret },
    /// wait4(2) for this child, which was killed: its file table is gone.
    Wait4 { pid: Tid, ret: Ret },
    /// dup(2) or fcntl(2) with `F_DUPFD`; `ret` is the new number for the same open file description.
    Dup { fd: Fd, ret: Ret },
    /// close(2).
    Close { fd: Fd, ret: Ret },
    /// close_range(2) from `first` to the end with `CLOSE_RANGE_UNSHARE`: from here on the thread has a file table of
    /// its own.
    CloseRange { first: Fd, ret: Ret },

    /// A connection's queues and readiness, when the instrument asked: `FIONREAD` and `SIOCOUTQNSD` in bytes (where
    /// that is not known, as of a socket that is not TCP's, `SIOCOUTQ`), and what poll(2) says of it.
    Sample { fd: Fd, unread: u32, unsent: u32, ready: Ready },
    /// A listener's queue, when the instrument asked: connections that wait for accept, and how many may
    /// (`tcpi_unacked` and `tcpi_sacked` of `TCP_INFO`).
    Backlog { fd: Fd, pending: u32, limit: u32 },
    /// A line of `/proc/PID/fdinfo/EPFD`, when the instrument asked: the kernel's own word on a registration.
    Fdinfo { epfd: Fd, fd: Fd, interest: Interest },
    /// poll(2) on an epoll, when the instrument asked: whether a wait would report anything. No edge is used up by that,
    /// but as a wait does, it takes what is not ready any more off the head of the ready list, up to the first that is.
    Poll { epfd: Fd, ready: bool },
    /// The policy that the server follows from here on.
    Policy(Policy),
    /// The program's own word for `fd` from here on, until it is closed: what a script calls it.
    Name { fd: Fd, name: Chunk },
    /// What no call tells.
    Annotation(Annotation),
    /// Here `count` records are missing: the ring was full, or a recording was damaged.
    Lost { count: u64 },
}

impl Call {
    /// The name in the trace file: the system call's, or the instrument's own in the last group.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EpollCreate1 { .. } => "epoll_create1",
            Self::EpollCtl { .. } => "epoll_ctl",
            Self::EpollWaitEnter { .. } | Self::EpollWait { .. } => "epoll_wait",
            Self::Event { .. } => "event",
            Self::Socket { .. } => "socket",
            Self::Setsockopt { .. } => "setsockopt",
            Self::Bind { .. } => "bind",
            Self::Listen { .. } => "listen",
            Self::Getsockname { .. } => "getsockname",
            Self::Connect { .. } => "connect",
            Self::Accept4 { .. } => "accept4",
            Self::Recvfrom { .. } => "recvfrom",
            Self::Sendto { .. } => "sendto",
            Self::Data { .. } => "data",
            Self::Shutdown { .. } => "shutdown",
            Self::Make { by, .. } => by.name(),
            Self::Read { .. } => "read",
            Self::Write { .. } => "write",
            Self::TimerfdSettime { .. } => "timerfd_settime",
            Self::Tgkill { .. } => "tgkill",
            Self::Fork { .. } => "fork",
            Self::Wait4 { .. } => "wait4",
            Self::Dup { .. } => "dup",
            Self::Fcntl { .. } => "fcntl",
            Self::Close { .. } => "close",
            Self::CloseRange { .. } => "close_range",
            Self::Sample { .. } => "sample",
            Self::Backlog { .. } => "backlog",
            Self::Fdinfo { .. } => "fdinfo",
            Self::Poll { .. } => "poll",
            Self::Policy(_) => "policy",
            Self::Annotation(told) => told.name(),
            Self::Name { .. } => "name",
            Self::Lost { .. } => "lost",
        }
    }

    /// Whether it is a system call of the program under the scope, a line of its own in a list of calls; not a part of
    /// one, nor something that the instrument asked or said.
    pub fn is_syscall(&self) -> bool {
        !matches!(
            self,
            Self::Event { .. }
                | Self::Data { .. }
                | Self::Sample { .. }
                | Self::Backlog { .. }
                | Self::Fdinfo { .. }
                | Self::Poll { .. }
                | Self::Policy(_)
                | Self::Annotation(_)
                | Self::Name { .. }
                | Self::Lost { .. }
        )
    }

    /// What it returned; `None` where it has not returned, or is no system call.
    pub fn ret(&self) -> Option<Ret> {
        match *self {
            Self::EpollCreate1 { ret }
            | Self::EpollCtl { ret, .. }
            | Self::EpollWait { ret, .. }
            | Self::Socket { ret }
            | Self::Setsockopt { ret, .. }
            | Self::Bind { ret, .. }
            | Self::Listen { ret, .. }
            | Self::Getsockname { ret, .. }
            | Self::Connect { ret, .. }
            | Self::Accept4 { ret, .. }
            | Self::Recvfrom { ret, .. }
            | Self::Sendto { ret, .. }
            | Self::Shutdown { ret, .. }
            | Self::Make { ret, .. }
            | Self::Read { ret, .. }
            | Self::Write { ret, .. }
            | Self::TimerfdSettime { ret, .. }
            | Self::Fcntl { ret, .. }
            | Self::Tgkill { ret, .. }
            | Self::Fork { ret }
            | Self::Wait4 { ret, .. }
            | Self::Dup { ret, .. }
            | Self::Close { ret, .. }
            | Self::CloseRange { ret, .. } => Some(ret),
            Self::EpollWaitEnter { .. }
            | Self::Event { .. }
            | Self::Data { .. }
            | Self::Sample { .. }
            | Self::Backlog { .. }
            | Self::Fdinfo { .. }
            | Self::Poll { .. }
            | Self::Policy(_)
            | Self::Annotation(_)
            | Self::Name { .. }
            | Self::Lost { .. } => None,
        }
    }

    /// The fd that it is about: what was acted on, registered, reported or sampled, or what it brought into being.
    pub fn fd(&self) -> Option<Fd> {
        match *self {
            Self::EpollCtl { fd, .. }
            | Self::Event { fd, .. }
            | Self::Setsockopt { fd, .. }
            | Self::Bind { fd, .. }
            | Self::Listen { fd, .. }
            | Self::Getsockname { fd, .. }
            | Self::Connect { fd, .. }
            | Self::Accept4 { fd, .. }
            | Self::Recvfrom { fd, .. }
            | Self::Sendto { fd, .. }
            | Self::Data { fd, .. }
            | Self::Shutdown { fd, .. }
            | Self::Make { fd, .. }
            | Self::Read { fd, .. }
            | Self::Write { fd, .. }
            | Self::TimerfdSettime { fd, .. }
            | Self::Dup { fd, .. }
            | Self::Fcntl { fd, .. }
            | Self::Close { fd, .. }
            | Self::Sample { fd, .. }
            | Self::Backlog { fd, .. }
            | Self::Fdinfo { fd, .. }
            | Self::Name { fd, .. } => Some(fd),
            Self::EpollWaitEnter { epfd, .. } | Self::EpollWait { epfd, .. } | Self::Poll { epfd, .. } => Some(epfd),
            Self::EpollCreate1 { ret } | Self::Socket { ret } => ret.fd(),
            Self::Annotation(told) => told.fd(),
            Self::Tgkill { .. }
            | Self::Fork { .. }
            | Self::Wait4 { .. }
            | Self::CloseRange { .. }
            | Self::Policy(_)
            | Self::Lost { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stays_small() {
        assert!(size_of::<Record>() <= 56, "{} bytes", size_of::<Record>());
    }
}
