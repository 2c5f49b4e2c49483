//! Fds of every kind that epoll can meet besides TCP sockets; non-blocking, closed on exec.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::fcntl::{self, FcntlArg, FdFlag, OFlag, open};
use nix::pty::openpty;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket, socketpair};
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::sys::timerfd::{ClockId, TimerFd, TimerFlags};
use nix::unistd;

use super::Errno;
use crate::record::{Access, FcntlCmd, Fd, PairType};

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

/// pipe2(2) with `O_DIRECT`: each write is a packet, and a read takes one.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn packet_pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    unistd::pipe2(OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_DIRECT)
}

/// socketpair(2) of `AF_UNIX`.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn unix_pair(kind: PairType) -> Result<(OwnedFd, OwnedFd), Errno> {
    socketpair(AddressFamily::Unix, sock_type(kind), None, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC)
}

/// socket(2) of `AF_UNIX`.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn unix_socket(kind: PairType) -> Result<OwnedFd, Errno> {
    socket(AddressFamily::Unix, sock_type(kind), SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC, None)
}

fn sock_type(kind: PairType) -> SockType {
    match kind {
        PairType::Stream => SockType::Stream,
        PairType::Dgram => SockType::Datagram,
        PairType::Seqpacket => SockType::SeqPacket,
    }
}

/// eventfd2(2), with a counter that begins at `count`; each read of a semaphore takes 1 off it.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub fn eventfd(count: u32, semaphore: bool) -> Result<OwnedFd, Errno> {
    let flags = if semaphore { EfdFlags::EFD_SEMAPHORE } else { EfdFlags::empty() };
    EventFd::from_value_and_flags(count, flags | EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC).map(OwnedFd::from)
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

/// openat(2) of `/dev/null`, with which epoll can do nothing: `EPERM`.
///
/// # Errors
/// `EMFILE`.
pub fn null() -> Result<OwnedFd, Errno> {
    open("/dev/null", OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC, Mode::empty())
}

/// openat(2) of a folder with `O_PATH`: only a place in the file system.
///
/// # Errors
/// `EMFILE`.
pub fn path(folder: &Path) -> Result<OwnedFd, Errno> {
    open(folder, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())
}

/// memfd_create(2): a file in memory, of which the same is true.
///
/// # Errors
/// `EMFILE`.
pub fn memfd() -> Result<OwnedFd, Errno> {
    memfd_create("lab", MFdFlags::MFD_CLOEXEC)
}

/// mkfifo(3) in `folder`: its path.
///
/// # Errors
/// `EEXIST` where the name is taken; `EDQUOT`, `ENOSPC`.
pub fn fifo(folder: &Path, name: &str) -> Result<PathBuf, Errno> {
    let path = folder.join(name);
    unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR)?;
    Ok(path)
}

/// openat(2) of a FIFO.
///
/// # Errors
/// `ENXIO` to write where nobody reads; `EMFILE`.
pub fn open_fifo(path: &Path, access: Access) -> Result<OwnedFd, Errno> {
    let access = match access {
        Access::Read => OFlag::O_RDONLY,
        Access::Write => OFlag::O_WRONLY,
        Access::Both => OFlag::O_RDWR,
    };
    open(path, access | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC, Mode::empty())
}

/// openat(2) of a regular file by its path, which creates it where it is missing.
///
/// # Errors
/// `EMFILE`, `ENOSPC`.
pub fn open_file(path: &Path) -> Result<OwnedFd, Errno> {
    open(path, OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_CREAT | OFlag::O_CLOEXEC, Mode::S_IRUSR | Mode::S_IWUSR)
}

/// unlinkat(2).
///
/// # Errors
/// `ENOENT`.
pub fn unlink(path: &Path) -> Result<(), Errno> {
    unistd::unlink(path)
}

/// inotify_init1(2), and inotify_add_watch(2): tells of files that are created, written or removed in `folder`.
///
/// # Errors
/// `EMFILE` also where the user may have no more of them; `ENOSPC` where no more watches.
pub fn inotify(folder: &Path) -> Result<OwnedFd, Errno> {
    let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
    let events = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_DELETE;
    inotify.add_watch(folder, events)?;
    Ok(inotify.into())
}

/// openpty(3): the terminal's side and the program's, in raw mode.
///
/// # Errors
/// `ENOSPC` where there are no more of them; `EMFILE`.
pub fn pty() -> Result<(OwnedFd, OwnedFd), Errno> {
    let pty = openpty(None, None)?;
    let mut modes = tcgetattr(&pty.slave)?;
    cfmakeraw(&mut modes);
    tcsetattr(&pty.slave, SetArg::TCSANOW, &modes)?;
    for side in [&pty.master, &pty.slave] {
        fcntl::fcntl(side, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        fcntl::fcntl(side, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok((pty.master, pty.slave))
}

/// fcntl(2): the flags, or the size of a pipe in bytes, which it gives.
///
/// # Errors
/// `EBADF`; for the size `EBUSY` with more in it, `EPERM` beyond `/proc/sys/fs/pipe-max-size`.
pub fn fcntl(file: BorrowedFd<'_>, cmd: FcntlCmd, value: i32) -> Result<usize, Errno> {
    let arg = match cmd {
        // By dup(2), which gives an owned fd.
        FcntlCmd::DupFd | FcntlCmd::DupFdCloexec => return Err(Errno::EINVAL),
        FcntlCmd::GetFl => FcntlArg::F_GETFL,
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
