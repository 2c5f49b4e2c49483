//! The server's way to the kernel: one method for each system call. It tells the sink of the call, makes it, and notes
//! the result; the methods for calls that only the lab makes are in `objects`.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{Hint, Sink, Turn};
use crate::record::{
    Addr, Annotation, Call, CtlOp, Dir, Fd, Foreign, How, Interest, MsgFlags, Nanos, Ret, SockOpt, Timeout,
};
use crate::sys::{self, Epoll, Errno, Events, number};

/// Makes calls and notes them. The errors are the kernel's, passed on as they came; the man pages list them.
///
/// ```
/// # use epollscope::probe::{Clock, Tap, VecSink};
/// let mut tap = Tap::new(VecSink::new(Clock::start()));
/// let epoll = tap.epoll_create()?;
/// tap.close(epoll.into_fd())?;
/// let records = tap.sink().take();
/// let names: Vec<&str> = records.iter().map(|record| record.call.name()).collect();
/// assert_eq!(names, ["epoll_create1", "close"]);
/// # Ok::<(), epollscope::sys::Errno>(())
/// ```
pub struct Tap<S> {
    pub(super) sink: S,
    may_block: bool,
}

/// Which moment of a call its record carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// For a call that acts on somebody else: no effect of it can have an earlier time.
    Entry,
    /// For a call that learns something.
    Return,
}

/// What came of asking epoll_wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// It returned this many events, or an error.
    Returned(Result<usize, Errno>),
    /// It was not made: there are orders to look at first.
    Orders,
}

impl<S: Sink> Tap<S> {
    pub fn new(sink: S) -> Self {
        Self { sink, may_block: false }
    }

    pub fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    /// The sink alone, to be built upon.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Says whether a recv or send may block from here on. A blocked call can then be interrupted by a wake-up, see
    /// [`sys::let_through`]; that costs two more system calls.
    #[inline]
    pub fn may_block(&mut self, yes: bool) {
        if self.may_block != yes {
            self.may_block = yes;
            self.sink.hint(Hint::MayBlock(yes));
        }
    }

    /// Asks the sink, makes the call and notes it, with the time that `stamp` says.
    #[inline]
    pub(super) fn call<T>(
        &mut self,
        stamp: Stamp,
        record: impl Fn(Ret) -> Call,
        make: impl FnOnce() -> Result<T, Errno>,
        ret: impl FnOnce(&T) -> Ret,
    ) -> Result<T, Errno> {
        self.stamped(stamp, record, make, ret).0
    }

    /// The same, and the time that was noted, which its bytes have too.
    #[inline]
    pub(super) fn stamped<T>(
        &mut self,
        stamp: Stamp,
        record: impl Fn(Ret) -> Call,
        make: impl FnOnce() -> Result<T, Errno>,
        ret: impl FnOnce(&T) -> Ret,
    ) -> (Result<T, Errno>, Nanos) {
        if !S::ON {
            return (make(), Nanos(0));
        }
        self.sink.before(&record(Ret::OK));
        let entered = (stamp == Stamp::Entry).then(|| self.sink.entry());
        let result = make();
        self.mark_woken(result.as_ref().is_err_and(|errno| *errno == Errno::EINTR));
        let ret = result.as_ref().map_or_else(|&errno| Ret::error(errno), ret);
        let t = entered.unwrap_or_else(|| self.sink.now());
        self.sink.note(t, record(ret));
        (result, t)
    }

    /// As [`Tap::call`], of a call on `file` that returns nothing.
    #[inline]
    pub(super) fn on<F: AsFd>(
        &mut self,
        stamp: Stamp,
        file: &F,
        record: impl Fn(Fd, Ret) -> Call,
        make: impl FnOnce(BorrowedFd<'_>) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let fd = number(file);
        self.call(stamp, |ret| record(fd, ret), || make(file.as_fd()), nothing)
    }

    /// epoll_create1(2).
    pub fn epoll_create(&mut self) -> Result<Epoll, Errno> {
        self.call(Stamp::Return, |ret| Call::EpollCreate1 { ret }, Epoll::create, fd_of)
    }

    /// epoll_ctl(2).
    #[inline]
    pub fn epoll_ctl(
        &mut self,
        epoll: &impl AsFd,
        op: CtlOp,
        file: &impl AsFd,
        interest: Interest,
        token: u64,
    ) -> Result<(), Errno> {
        let epfd = number(epoll);
        let record = |fd, ret| Call::EpollCtl { epfd, op, fd, interest, ret };
        self.on(Stamp::Return, file, record, |fd| sys::ctl(epoll.as_fd(), op, fd, interest, token))
    }

    /// epoll_wait(2). `fd_of_token` names the fd of each event, for the record.
    #[inline]
    pub fn epoll_wait(
        &mut self,
        epoll: &Epoll,
        events: &mut Events,
        timeout: Timeout,
        fd_of_token: impl Fn(u64) -> Fd + Copy,
    ) -> Waited {
        self.wait_by(number(epoll), events, timeout, fd_of_token, |events| epoll.wait(events, timeout))
    }

    /// The same by number, for an fd that may be closed, or no epoll, and by the call that `entered` is.
    pub fn wait_as(&mut self, entered: &Call, events: &mut Events, fd_of_token: impl Fn(u64) -> Fd + Copy) -> Waited {
        let (epfd, returned): (Fd, fn(Fd, Ret) -> Call) = match *entered {
            Call::EpollWaitEnter { epfd, timeout, .. } => {
                return self.wait_by(epfd, events, timeout, fd_of_token, |events| sys::wait_on(epfd, events, timeout));
            }
            Call::Foreign(Foreign::EpollPwaitEnter { epfd, .. }) => {
                (epfd, |epfd, ret| Call::Foreign(Foreign::EpollPwait { epfd, ret }))
            }
            Call::Foreign(Foreign::EpollPwait2Enter { epfd, .. }) => {
                (epfd, |epfd, ret| Call::Foreign(Foreign::EpollPwait2 { epfd, ret }))
            }
            _ => return Waited::Orders,
        };
        if self.sink.before(entered) == Turn::Orders {
            return Waited::Orders;
        }
        self.sink.note(self.sink.entry(), *entered);
        let result = match *entered {
            Call::Foreign(Foreign::EpollPwaitEnter { timeout, sigmask, .. }) => {
                sys::wait_masked(epfd, events, timeout, sigmask.get().unwrap_or_default())
            }
            Call::Foreign(Foreign::EpollPwait2Enter { timeout_ns, sigmask, .. }) => {
                sys::wait_nanos(epfd, events, timeout_ns.get().unwrap_or_default(), sigmask.get().unwrap_or_default())
            }
            _ => return Waited::Orders,
        };
        self.mark_woken(result.is_err_and(|errno| errno == Errno::EINTR));
        let t = self.sink.now();
        self.sink.note(t, returned(epfd, result.into()));
        self.sink.reported(t, epfd, events.iter().map(|(token, ready)| (fd_of_token(token), ready)));
        Waited::Returned(result)
    }

    #[inline]
    fn wait_by(
        &mut self,
        epfd: Fd,
        events: &mut Events,
        timeout: Timeout,
        fd_of_token: impl Fn(u64) -> Fd + Copy,
        wait: impl FnOnce(&mut Events) -> Result<usize, Errno>,
    ) -> Waited {
        if !S::ON {
            return Waited::Returned(wait(events));
        }
        let entered = Call::EpollWaitEnter { epfd, max_events: events.room(), timeout };
        if self.sink.before(&entered) == Turn::Orders {
            return Waited::Orders;
        }
        self.sink.note(self.sink.entry(), entered);
        let result = wait(events);
        self.mark_woken(result.is_err_and(|errno| errno == Errno::EINTR));
        let t = self.sink.now();
        self.sink.note(t, Call::EpollWait { epfd, ret: result.into() });
        self.sink.reported(t, epfd, events.iter().map(|(token, ready)| (fd_of_token(token), ready)));
        Waited::Returned(result)
    }

    /// socket(2).
    pub fn socket(&mut self, addr: SocketAddr) -> Result<OwnedFd, Errno> {
        self.call(Stamp::Return, |ret| Call::Socket { ret }, || sys::stream_socket(addr), fd_of)
    }

    /// setsockopt(2).
    pub fn setsockopt(&mut self, file: &impl AsFd, option: SockOpt, value: i32) -> Result<(), Errno> {
        let record = |fd, ret| Call::Setsockopt { fd, option, value, ret };
        self.on(Stamp::Return, file, record, |fd| sys::set_option(fd, option, value))
    }

    /// bind(2).
    pub fn bind(&mut self, file: &impl AsFd, addr: SocketAddr) -> Result<(), Errno> {
        let record = |fd, ret| Call::Bind { fd, addr: addr.into(), ret };
        self.on(Stamp::Return, file, record, |fd| sys::bind(fd, addr))
    }

    /// listen(2).
    pub fn listen(&mut self, file: &impl AsFd, backlog: i32) -> Result<(), Errno> {
        let record = |fd, ret| Call::Listen { fd, backlog, ret };
        self.on(Stamp::Return, file, record, |fd| sys::listen(fd, backlog))
    }

    /// getsockname(2).
    pub fn getsockname(&mut self, file: &impl AsFd) -> Result<Addr, Errno> {
        let fd = number(file);
        let mut name = Addr::NONE;
        if S::ON {
            self.sink.before(&Call::Getsockname { fd, addr: name, ret: Ret::OK });
        }
        let result = sys::local_addr(file.as_fd()).map(|addr| name = addr);
        if S::ON {
            self.sink.note(self.sink.now(), Call::Getsockname { fd, addr: name, ret: result.into() });
        }
        result.map(|()| name)
    }

    /// connect(2).
    pub fn connect(&mut self, file: &impl AsFd, addr: impl Into<Addr>) -> Result<(), Errno> {
        let addr = addr.into();
        let record = |fd, ret| Call::Connect { fd, addr, ret };
        self.on(Stamp::Entry, file, record, |fd| sys::connect(fd, addr))
    }

    /// accept4(2), with `SOCK_NONBLOCK` unless the connection is to block.
    #[inline]
    pub fn accept(&mut self, listener: &impl AsFd, blocking: bool) -> Result<(OwnedFd, Addr), Errno> {
        let fd = number(listener);
        if S::ON {
            self.sink.before(&Call::Accept4 { fd, peer: Addr::NONE, ret: Ret::OK });
        }
        let result = sys::accept(listener.as_fd(), blocking);
        if S::ON {
            self.mark_woken(matches!(result, Err(Errno::EINTR)));
            let (peer, ret) = match &result {
                Ok((connection, peer)) => (*peer, fd_of(connection)),
                Err(errno) => (Addr::NONE, Ret::error(*errno)),
            };
            self.sink.note(self.sink.now(), Call::Accept4 { fd, peer, ret });
        }
        result
    }

    /// recv(2).
    #[inline(always)]
    pub fn recv(&mut self, file: &impl AsFd, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.recv_by(file, buffer, MsgFlags::empty())
    }

    /// recv(2) with `MSG_OOB`.
    pub fn recv_oob(&mut self, file: &impl AsFd, buffer: &mut [u8]) -> Result<usize, Errno> {
        self.recv_by(file, buffer, MsgFlags::OOB)
    }

    /// recv(2) with these flags.
    pub fn recv_with(&mut self, file: &impl AsFd, buffer: &mut [u8], flags: MsgFlags) -> Result<usize, Errno> {
        self.recv_by(file, buffer, flags)
    }

    #[inline(always)]
    fn recv_by(&mut self, file: &impl AsFd, buffer: &mut [u8], flags: MsgFlags) -> Result<usize, Errno> {
        if !S::ON {
            return sys::let_through(self.may_block, || sys::recv(file.as_fd(), buffer, flags)).result();
        }
        let (fd, len) = (number(file), length(buffer));
        self.sink.before(&Call::Recvfrom { fd, len, flags, ret: Ret::OK });
        let ret = sys::let_through(self.may_block, || sys::recv(file.as_fd(), buffer, flags));
        self.mark_woken(ret.is(Errno::EINTR));
        let t = self.sink.now();
        self.sink.note(t, Call::Recvfrom { fd, len, flags, ret });
        let result = ret.result();
        if self.sink.wants_payload(t) {
            self.sink.payload(t, fd, Dir::In, &buffer[..result.unwrap_or(0)]);
        }
        result
    }

    /// send(2).
    #[inline(always)]
    pub fn send(&mut self, file: &impl AsFd, bytes: &[u8]) -> Result<usize, Errno> {
        self.send_by(file, bytes, MsgFlags::empty())
    }

    /// send(2) with `MSG_OOB`: the last byte is urgent.
    pub fn send_oob(&mut self, file: &impl AsFd, bytes: &[u8]) -> Result<usize, Errno> {
        self.send_by(file, bytes, MsgFlags::OOB)
    }

    #[inline(always)]
    fn send_by(&mut self, file: &impl AsFd, bytes: &[u8], flags: MsgFlags) -> Result<usize, Errno> {
        if !S::ON {
            return sys::let_through(self.may_block, || sys::send(file.as_fd(), bytes, flags)).result();
        }
        let (fd, len) = (number(file), length(bytes));
        self.sink.before(&Call::Sendto { fd, len, flags, ret: Ret::OK });
        let t = self.sink.entry();
        let ret = sys::let_through(self.may_block, || sys::send(file.as_fd(), bytes, flags));
        self.mark_woken(ret.is(Errno::EINTR));
        self.sink.note(t, Call::Sendto { fd, len, flags, ret });
        let result = ret.result();
        if self.sink.wants_payload(t) {
            self.sink.payload(t, fd, Dir::Out, &bytes[..result.unwrap_or(0)]);
        }
        result
    }

    /// shutdown(2).
    pub fn shutdown(&mut self, file: &impl AsFd, how: How) -> Result<(), Errno> {
        self.on(Stamp::Entry, file, |fd, ret| Call::Shutdown { fd, how, ret }, |fd| sys::shutdown(fd, how))
    }

    /// dup(2).
    pub fn dup(&mut self, file: &impl AsFd) -> Result<OwnedFd, Errno> {
        let fd = number(file);
        self.call(Stamp::Return, |ret| Call::Dup { fd, ret }, || sys::dup(file.as_fd()), fd_of)
    }

    /// close(2).
    #[inline]
    pub fn close(&mut self, file: OwnedFd) -> Result<(), Errno> {
        let fd = number(&file);
        self.call(Stamp::Entry, |ret| Call::Close { fd, ret }, || sys::close(file), nothing)
    }

    /// close(2) of a number that nobody has open.
    pub fn close_number(&mut self, fd: Fd) -> Result<(), Errno> {
        self.call(Stamp::Entry, |ret| Call::Close { fd, ret }, || sys::close_number(fd), nothing)
    }

    /// Gives the calling thread a file table of its own; see [`sys::own_file_table`].
    pub fn own_file_table(&mut self, keep: &impl AsFd) -> Result<(), Errno> {
        let result = sys::own_file_table(keep.as_fd());
        if S::ON {
            self.sink.note(self.sink.now(), Call::CloseRange { first: 3, ret: result.into() });
        }
        result
    }

    /// Notes that a call was `interrupted` by this program itself, if it was.
    #[inline]
    pub(super) fn mark_woken(&mut self, interrupted: bool) {
        if interrupted && sys::was_woken() {
            self.say(Call::Annotation(Annotation::Woken {}));
        }
    }

    /// Notes what is not a call, such as the policy from here on.
    pub fn say(&mut self, call: Call) {
        if S::ON {
            self.sink.note(self.sink.now(), call);
        }
    }
}

pub(super) fn nothing<T>(_: &T) -> Ret {
    Ret::OK
}

pub(super) fn fd_of(file: &impl AsFd) -> Ret {
    Ret::from_raw(number(file).0)
}

#[allow(clippy::cast_possible_truncation, reason = "the kernel moves less than 2 GiB at once")]
pub(super) fn length(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}
