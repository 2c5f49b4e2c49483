//! The tap's calls on fds of other kinds than epoll objects and TCP sockets.

use std::cell::Cell;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use super::tap::{Stamp, fd_of, length, nothing};
use super::{Sink, Tap};
use crate::record::{
    Access, Addr, Call, Chunk, Dir, FcntlCmd, Fd, FdKind, MaskHow, NewFd, PairType, Ret, Signal, SockOpt, Tid, Timeout,
    TimerFlags,
};
use crate::sys::{self, Errno, Worker, number};

impl<S: Sink> Tap<S> {
    /// pipe2(2).
    pub fn pipe(&mut self) -> Result<(OwnedFd, OwnedFd), Errno> {
        self.make_two(FdKind::Pipe2, sys::pipe)
    }

    /// pipe2(2) with `O_DIRECT`.
    pub fn packet_pipe(&mut self) -> Result<(OwnedFd, OwnedFd), Errno> {
        self.make_two(FdKind::PacketPipe, sys::packet_pipe)
    }

    /// openpty(3).
    pub fn pty(&mut self) -> Result<(OwnedFd, OwnedFd), Errno> {
        self.make_two(FdKind::Openpty, sys::pty)
    }

    /// socketpair(2).
    pub fn unix_pair(&mut self, kind: PairType) -> Result<(OwnedFd, OwnedFd), Errno> {
        self.make_two(FdKind::Socketpair(kind), || sys::unix_pair(kind))
    }

    /// eventfd2(2).
    pub fn eventfd(&mut self, count: u32, semaphore: bool) -> Result<OwnedFd, Errno> {
        let kind = if semaphore { FdKind::Semaphore } else { FdKind::Eventfd2 };
        self.make_one(kind, || sys::eventfd(count, semaphore))
    }

    /// timerfd_create(2).
    pub fn timerfd(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::TimerfdCreate, sys::timerfd)
    }

    /// timerfd_settime(2), in milliseconds.
    pub fn set_timer(&mut self, timer: &impl AsFd, first_ms: u32, every_ms: u32) -> Result<(), Errno> {
        let record = |fd, ret| Call::TimerfdSettime { fd, first_ms, every_ms, ret };
        self.on(Stamp::Entry, timer, record, |fd| sys::set_timer(fd, first_ms, every_ms))
    }

    /// timerfd_settime(2) with `TFD_TIMER_ABSTIME`: at `at_ns` of [`sys::monotonic`], which is `first_ms` on the clock of the
    /// records.
    pub fn set_timer_at(&mut self, timer: &impl AsFd, at_ns: u64, first_ms: u32, every_ms: u32) -> Result<(), Errno> {
        let flags = TimerFlags::ABSTIME;
        let record = |fd, ret| Call::TimerfdSettimeAt { fd, flags, first_ms, every_ms, ret };
        self.on(Stamp::Entry, timer, record, |fd| sys::set_timer_at(fd, at_ns, every_ms))
    }

    /// openat(2) of a folder with `O_PATH`.
    pub fn path(&mut self, folder: &Path) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::Path, || sys::path(folder))
    }

    /// openat(2) of a nameless file.
    pub fn regular_file(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::Openat, sys::regular_file)
    }

    /// openat(2) of `/dev/null`.
    pub fn null(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::Null, sys::null)
    }

    /// memfd_create(2).
    pub fn memfd(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::MemfdCreate, sys::memfd)
    }

    /// openat(2) of a FIFO that `again`, if there is such an fd, has open too.
    pub fn open_fifo(&mut self, path: &Path, access: Access, again: Option<Fd>) -> Result<OwnedFd, Errno> {
        let before = NewFd { other: again.unwrap_or(Fd(-1)), ..NewFd::before(FdKind::Fifo(access)) };
        self.make(before, || sys::open_fifo(path, access))
    }

    /// openat(2) of a regular file by its path.
    pub fn open_file(&mut self, path: &Path) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::Openat, || sys::open_file(path))
    }

    /// unlinkat(2) of the file `name` in `folder`.
    pub fn unlink(&mut self, folder: &Path, name: &str) -> Result<(), Errno> {
        let path = Chunk::of_text(name);
        self.call(Stamp::Entry, |ret| Call::Unlinkat { path, ret }, || sys::unlink(&folder.join(name)), nothing)
    }

    /// inotify_init1(2) and inotify_add_watch(2).
    pub fn inotify(&mut self, folder: &Path) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::InotifyInit1, || sys::inotify(folder))
    }

    /// pidfd_open(2).
    pub fn pidfd(&mut self, pid: Tid) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::PidfdOpen(pid), || sys::pidfd_open(pid))
    }

    /// read(2).
    pub fn read(&mut self, file: &impl AsFd, buffer: &mut [u8]) -> Result<usize, Errno> {
        let (fd, len) = (number(file), length(buffer));
        let read = |ret| Call::Read { fd, len, ret };
        let (result, t) = self.stamped(Stamp::Return, read, || sys::read(file.as_fd(), buffer), |n| Ret::value(*n));
        self.sink.payload(t, fd, Dir::In, &buffer[..result.unwrap_or(0)]);
        result
    }

    /// write(2).
    pub fn write(&mut self, file: &impl AsFd, bytes: &[u8]) -> Result<usize, Errno> {
        let (fd, len) = (number(file), length(bytes));
        let write = |ret| Call::Write { fd, len, ret };
        let (result, t) = self.stamped(Stamp::Entry, write, || sys::write(file.as_fd(), bytes), |n| Ret::value(*n));
        self.sink.payload(t, fd, Dir::Out, &bytes[..result.unwrap_or(0)]);
        result
    }

    /// socket(2) of `SOCK_DGRAM`.
    pub fn udp_socket(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::UdpSocket, sys::udp_socket)
    }

    /// bind(2) of an `AF_UNIX` socket, to a name that the kernel chooses.
    pub fn autobind(&mut self, file: &impl AsFd) -> Result<(), Errno> {
        self.on(Stamp::Return, file, |fd, ret| Call::Bind { fd, addr: Addr::NONE, ret }, sys::autobind)
    }

    /// getsockopt(2).
    pub fn getsockopt(&mut self, file: &impl AsFd, option: SockOpt) -> Result<i32, Errno> {
        let (fd, value) = (number(file), Cell::new(0));
        let record = |ret| Call::Getsockopt { fd, option, value: value.get(), ret };
        let ask = || sys::option(file.as_fd(), option).inspect(|said| value.set(*said));
        self.call(Stamp::Return, record, ask, nothing)
    }

    /// socket(2) of `AF_UNIX`.
    pub fn unix_socket(&mut self, kind: PairType) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::UnixSocket(kind), || sys::unix_socket(kind))
    }

    /// signalfd4(2) for `SIGUSR2`.
    pub fn signalfd(&mut self) -> Result<OwnedFd, Errno> {
        self.make_one(FdKind::Signalfd4, sys::signalfd)
    }

    /// tgkill(2) of `SIGUSR2` to the calling thread.
    pub fn raise(&mut self) -> Result<(), Errno> {
        let to = sys::gettid();
        self.call(Stamp::Entry, |ret| Call::Tgkill { to, signal: Signal::Usr2, ret }, sys::raise, nothing)
    }

    /// tgkill(2) to a thread, or to a `child`.
    pub fn signal(&mut self, to: Tid, signal: Signal, child: bool) -> Result<(), Errno> {
        let make = || sys::send_signal(to, signal, child);
        self.call(Stamp::Entry, |ret| Call::Tgkill { to, signal, ret }, make, nothing)
    }

    /// rt_sigprocmask(2), for one signal.
    pub fn mask(&mut self, how: MaskHow, signal: Signal) -> Result<(), Errno> {
        let record = |ret| Call::RtSigprocmask { how, signal, ret };
        self.call(Stamp::Return, record, || sys::mask(how, signal), nothing)
    }

    /// kcmp(2); gives what it returned.
    pub fn kcmp(&mut self, file: &impl AsFd, other: &impl AsFd) -> Result<u32, Errno> {
        let record = |ret| Call::Kcmp { fd: number(file), other: number(other), ret };
        let ask = || sys::kcmp(file.as_fd(), other.as_fd()).map(i32::unsigned_abs);
        self.call(Stamp::Return, record, ask, |n| Ret::value(*n as usize))
    }

    /// epoll_create(2).
    pub fn epoll_create_for(&mut self, size: i32) -> Result<OwnedFd, Errno> {
        self.call(Stamp::Return, |ret| Call::EpollCreate { size, ret }, || sys::create_for(size), fd_of)
    }

    /// epoll_create1(2) with these flags.
    pub fn epoll_create_with(&mut self, flags: i32) -> Result<OwnedFd, Errno> {
        self.call(Stamp::Return, |ret| Call::EpollCreate1With { flags, ret }, || sys::create_with(flags), fd_of)
    }

    /// epoll_wait(2) with an event list at address 0.
    pub fn epoll_wait_nowhere(&mut self, epoll: &impl AsFd, max: u32, timeout: Timeout) -> Result<usize, Errno> {
        let epfd = number(epoll);
        let enter = Call::EpollWaitEnter { epfd, max_events: max, timeout };
        self.sink.before(&enter);
        self.sink.note(self.sink.entry(), enter);
        let result = sys::wait_nowhere(epoll.as_fd(), max.cast_signed(), timeout);
        self.sink.note(self.sink.now(), Call::EpollWait { epfd, ret: result.into() });
        result
    }

    /// fcntl(2) with `F_SETFL`: whether calls on the file block.
    pub fn set_blocking(&mut self, file: &impl AsFd, blocking: bool) -> Result<(), Errno> {
        self.fcntl(file, FcntlCmd::SetFl, if blocking { 0 } else { libc::O_NONBLOCK }).map(drop)
    }

    /// fcntl(2); gives what it returned.
    pub fn fcntl(&mut self, file: &impl AsFd, cmd: FcntlCmd, value: i32) -> Result<usize, Errno> {
        let fd = number(file);
        self.call(
            Stamp::Return,
            |ret| Call::Fcntl { fd, cmd, value, ret },
            || sys::fcntl(file.as_fd(), cmd, value),
            |n| Ret::value(*n),
        )
    }

    /// fork(2): a child with copies of the fds.
    pub fn fork(&mut self) -> Result<Worker, Errno> {
        let ret = |child: &Worker| Ret::value(child.tid().0 as usize);
        self.call(Stamp::Return, |ret| Call::Fork { ret }, Worker::fork, ret)
    }

    /// Kills a child, and wait4(2).
    pub fn end(&mut self, child: Worker) -> Result<(), Errno> {
        let pid = child.tid();
        self.call(Stamp::Return, |ret| Call::Wait4 { pid, ret }, || child.end(), |()| Ret::value(pid.0 as usize))
    }

    fn make_one(&mut self, kind: FdKind, make: impl FnOnce() -> Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
        self.make(NewFd::before(kind), make)
    }

    fn make(&mut self, before: NewFd, make: impl FnOnce() -> Result<OwnedFd, Errno>) -> Result<OwnedFd, Errno> {
        let record = |ret: Ret| Call::NewFd(NewFd { fd: ret.fd().unwrap_or(before.fd), ret, ..before });
        self.call(Stamp::Return, record, make, fd_of)
    }

    /// What it made is known only afterwards, and is more than a result can hold.
    fn make_two(
        &mut self,
        kind: FdKind,
        make: impl FnOnce() -> Result<(OwnedFd, OwnedFd), Errno>,
    ) -> Result<(OwnedFd, OwnedFd), Errno> {
        let before = NewFd::before(kind);
        self.sink.before(&Call::NewFd(before));
        let result = make();
        let new = match &result {
            Ok((a, b)) => NewFd { fd: number(a), other: number(b), ..before },
            Err(errno) => NewFd { ret: Ret::error(*errno), ..before },
        };
        self.sink.note(self.sink.now(), Call::NewFd(new));
        result
    }
}
