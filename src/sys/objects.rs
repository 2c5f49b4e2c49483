//! Fds of every kind that epoll can meet besides TCP sockets; non-blocking, closed on exec.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::fcntl::{self, FcntlArg, OFlag, open};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket, socketpair};
use nix::sys::stat::Mode;
use nix::sys::timerfd::{ClockId, TimerFd, TimerFlags};
use nix::unistd;

use super::Errno;
use crate::record::{FcntlCmd, Fd, PairType};

/// The number of an owned or borrowed fd, for a record.
pub fn number(fd: &impl AsFd) -> Fd {
    Fd(fd.as_fd().as_raw_fd())
}

/// pipe2(2): the reading and the writing end.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    unistd::pipe2(OFlag::O_NONBLOCK | OFlag::O_CLOEXEC)
}

/// socketpair(2) of `AF_UNIX`.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn unix_pair(kind: PairType) -> Result<(OwnedFd, OwnedFd), Errno> {
    let kind = match kind {
        PairType::Stream => SockType::Stream,
        PairType::Dgram => SockType::Datagram,
        PairType::Seqpacket => SockType::SeqPacket,
    };
    socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC)
}

/// eventfd2(2), with a counter that begins at `count`.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn eventfd(count: u32) -> Result<OwnedFd, Errno> {
    EventFd::from_value_and_flags(count, EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC).map(OwnedFd::from)
}

/// timerfd_create(2) on `CLOCK_MONOTONIC`, not yet set.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn timerfd() -> Result<OwnedFd, Errno> {
    TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC).map(OwnedFd::from)
}

/// openat(2): a regular file without a name, in the folder for temporary files.
///
/// # Errors
/// `EOPNOTSUPP` where the file system has no nameless files; `EMFILE`.
pub fn regular_file() -> Result<OwnedFd, Errno> {
    open(&std::env::temp_dir(), OFlag::O_TMPFILE | OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::S_IRUSR | Mode::S_IWUSR)
}

/// socket(2) of `AF_INET`, `SOCK_DGRAM`.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn udp_socket() -> Result<OwnedFd, Errno> {
    socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC, None)
}

/// signalfd4(2) for `SIGUSR2`, which it blocks in the calling thread. A signal sent to a thread is to be read by that
/// thread only.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn signalfd() -> Result<OwnedFd, Errno> {
    let set = SigSet::from(Signal::SIGUSR2);
    set.thread_block()?;
    SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC).map(OwnedFd::from)
}

/// fcntl(2): the flags, or the size of a pipe in bytes, which it gives.
///
/// # Errors
/// `EBADF`; for the size `EBUSY` with more in it, `EPERM` beyond `/proc/sys/fs/pipe-max-size`.
pub fn fcntl(file: BorrowedFd<'_>, cmd: FcntlCmd, value: i32) -> Result<usize, Errno> {
    let arg = match cmd {
        FcntlCmd::SetFl => FcntlArg::F_SETFL(OFlag::from_bits_truncate(value)),
        FcntlCmd::SetPipeSize => FcntlArg::F_SETPIPE_SZ(value),
    };
    fcntl::fcntl(file, arg).map(|n| usize::try_from(n).unwrap_or(0))
}

/// Whether calls on it wait. fcntl(2), `F_GETFL` without `O_NONBLOCK`.
///
/// # Errors
/// `EBADF`.
pub fn blocks(file: BorrowedFd<'_>) -> Result<bool, Errno> {
    let flags = fcntl::fcntl(file, FcntlArg::F_GETFL)?;
    Ok(!OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK))
}

/// read(2).
///
/// # Errors
/// `EAGAIN` when nothing is there.
pub fn read(file: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<usize, Errno> {
    unistd::read(file.as_fd(), buffer)
}

/// write(2). `SIGPIPE` is ignored by every Rust program, so a writer without a reader gets `EPIPE`.
///
/// # Errors
/// `EAGAIN` when nothing fits; `EPIPE`.
pub fn write(file: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
    unistd::write(file.as_fd(), bytes)
}
