//! The system calls that nix does not wrap, or not as needed here. All unsafe code of the program is in this file, and in
//! those beside it: socket options, oddities, ptrace.
#![allow(unsafe_code, reason = "the one place where libc is called; each block says why it is sound")]

mod oddities;
mod options;
pub mod ptrace;
mod worker;

use std::cell::Cell;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use super::how_given_back::{GiveBack, HOW};
use crate::record::{Fd, Ret, Tid};

pub(super) use oddities::{epoll_create, epoll_create1, epoll_pwait_nowhere, epoll_pwait2};
pub use oddities::{is_registered, is_same_file, kcmp, set_timer_at};
use options::socklen;
pub(super) use options::{drops, number, set_number, tcp_info};
pub(super) use worker::{MEMORY, Mailbox, fork_worker, handle};

/// epoll_pwait(2): fills `events` and gives how many. While it waits the thread's signal mask is `mask`.
pub(super) fn epoll_pwait(
    epfd: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout_ms: i32,
    mask: &SigSet,
) -> Result<usize, Errno> {
    let room = i32::try_from(events.len()).unwrap_or(i32::MAX);
    let mask: *const libc::sigset_t = mask.as_ref();
    // SAFETY: `events` is writable for `room` entries and `mask` points to a set that outlives the call.
    let n = unsafe { libc::epoll_pwait(epfd.as_raw_fd(), events.as_mut_ptr(), room, timeout_ms, mask) };
    Errno::result(n).map(|n| usize::try_from(n).unwrap_or(0))
}

/// epoll_ctl(2).
pub(super) fn epoll_ctl(
    epfd: BorrowedFd<'_>,
    op: libc::c_int,
    fd: BorrowedFd<'_>,
    mut event: libc::epoll_event,
) -> Result<(), Errno> {
    // SAFETY: `event` is readable for the call.
    Errno::result(unsafe { libc::epoll_ctl(epfd.as_raw_fd(), op, fd.as_raw_fd(), &raw mut event) }).map(drop)
}

/// recvfrom(2) without an address.
#[inline]
pub(super) fn recvfrom(fd: BorrowedFd<'_>, buffer: &mut [u8], flags: libc::c_int) -> Ret {
    // SAFETY: `buffer` is writable for its length.
    unsafe { transfer(libc::SYS_recvfrom, fd, buffer.as_mut_ptr(), buffer.len(), flags) }
}

/// sendto(2) without an address.
#[inline]
pub(super) fn sendto(fd: BorrowedFd<'_>, bytes: &[u8], flags: libc::c_int) -> Ret {
    // SAFETY: `bytes` is readable for its length, and nothing is written there.
    unsafe { transfer(libc::SYS_sendto, fd, bytes.as_ptr().cast_mut(), bytes.len(), flags) }
}

/// One of the two above, whose last two arguments, the address, are null.
///
/// Not by the C library: its recv and send are places where a thread can be cancelled, which costs a process of several
/// threads two atomic operations a call. Measured beside the same program with the C library's calls (the feature
/// `libc-transfer`, a row of `cargo bench --bench server`), this is worth 4 % of the processor time of a request at 64
/// connections: 0.916 of raw C's against 0.955. A server in C with a single thread gains nothing from it: 0.948 against
/// 0.947.
///
/// # Safety
/// `at` must be good for `len` bytes, for what the call does with them.
#[cfg(all(target_arch = "x86_64", not(feature = "libc-transfer")))]
#[inline]
unsafe fn transfer(number: libc::c_long, fd: BorrowedFd<'_>, at: *mut u8, len: usize, flags: libc::c_int) -> Ret {
    let ret: libc::c_long;
    // SAFETY: a system call by the kernel's convention, which changes rax, rcx and r11, and what `at` points to.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => ret,
            in("rdi") fd.as_raw_fd(),
            in("rsi") at,
            in("rdx") len,
            in("r10") flags,
            in("r8") 0,
            in("r9") 0,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    Ret::returned(ret)
}

/// The same by the C library's recv and send.
///
/// # Safety
/// As above.
#[cfg(not(all(target_arch = "x86_64", not(feature = "libc-transfer"))))]
#[inline]
unsafe fn transfer(number: libc::c_long, fd: BorrowedFd<'_>, at: *mut u8, len: usize, flags: libc::c_int) -> Ret {
    let (fd, at) = (fd.as_raw_fd(), at.cast());
    let receives = number == libc::SYS_recvfrom;
    // SAFETY: the caller answers for `at`.
    let n = unsafe { if receives { libc::recv(fd, at, len, flags) } else { libc::send(fd, at, len, flags) } };
    Errno::result(n).map_or_else(Ret::error, |n| Ret::returned(n as libc::c_long))
}

/// accept4(2) with `SOCK_CLOEXEC` and, unless it is to block, `SOCK_NONBLOCK`; and the peer's address where it has an
/// internet one.
pub(super) fn accept4(listener: BorrowedFd<'_>, blocking: bool) -> Result<(OwnedFd, Option<SocketAddr>), Errno> {
    let flags = if blocking { libc::SOCK_CLOEXEC } else { libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC };
    let mut storage = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut len = socklen::<libc::sockaddr_storage>();
    // SAFETY: `storage` is writable for `len` bytes, and both outlive the call.
    let fd = Errno::result(unsafe {
        libc::accept4(listener.as_raw_fd(), storage.as_mut_ptr().cast(), &raw mut len, flags)
    })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: zeroed, then written by the kernel; a sockaddr_storage of any bits is valid.
    let storage = unsafe { storage.assume_init() };
    Ok((fd, socket_addr(&storage)))
}

fn socket_addr(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let storage: *const libc::sockaddr_storage = storage;
    // SAFETY: sockaddr_storage is large enough and aligned for every address family; the family says which it holds.
    unsafe {
        match i32::from((*storage).ss_family) {
            libc::AF_INET => {
                let v4 = &*storage.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddr::from((ip, u16::from_be(v4.sin_port))))
            }
            libc::AF_INET6 => {
                let v6 = &*storage.cast::<libc::sockaddr_in6>();
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                Some(SocketAddr::from((ip, u16::from_be(v6.sin6_port))))
            }
            _ => None,
        }
    }
}

/// One of the ioctls that give a queue's depth in bytes: `FIONREAD`, `SIOCOUTQ`, `SIOCOUTQNSD`.
pub(super) fn queue_depth(fd: BorrowedFd<'_>, request: libc::Ioctl) -> Result<u32, Errno> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: each of these requests writes one int through the pointer.
    Errno::result(unsafe { libc::ioctl(fd.as_raw_fd(), request, &raw mut bytes) })?;
    Ok(u32::try_from(bytes).unwrap_or(0))
}

/// poll(2) on one fd without waiting: the events of `mask` that hold now, ERR and HUP always. (nix has no POLLRDHUP.)
pub(super) fn poll_now(fd: BorrowedFd<'_>, mask: i16) -> Result<i16, Errno> {
    let mut entry = libc::pollfd { fd: fd.as_raw_fd(), events: mask, revents: 0 };
    // SAFETY: one valid entry, and the count says one.
    Errno::result(unsafe { libc::poll(&raw mut entry, 1, 0) })?;
    Ok(entry.revents)
}

/// See [`own_file_table`](super::own_file_table).
pub(super) fn own_file_table(keep: BorrowedFd<'_>) -> Result<(), Errno> {
    const FIRST: RawFd = 3;
    let kept = keep.as_raw_fd();
    if kept > FIRST {
        // SAFETY: CLOSE_RANGE_UNSHARE copies the table before it closes anything, so that the fds of other threads stay
        // open in theirs. The documentation of the caller says what this thread must not own.
        unsafe { close_range(FIRST, kept - 1)? };
    }
    // SAFETY: as above.
    unsafe { close_range(kept.max(FIRST - 1) + 1, RawFd::MAX) }
}

/// close_range(2) in a copy of the file table, which is the calling thread's own from here on.
///
/// # Safety
/// Nothing in this thread may own or borrow an fd in the range any longer.
unsafe fn close_range(first: RawFd, last: RawFd) -> Result<(), Errno> {
    // SAFETY: the call touches no memory.
    Errno::result(unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_UNSHARE) }).map(drop)
}

/// Makes calls on an fd by its number, for fds that somebody else owns, and for closed ones, which give `EBADF`.
pub fn by_number<T>(fd: Fd, calls: impl FnOnce(BorrowedFd<'_>) -> Result<T, Errno>) -> Result<T, Errno> {
    if fd.0 < 0 {
        return Err(Errno::EBADF);
    }
    // SAFETY: -1, which a BorrowedFd must not be, was turned away. The borrow ends with `calls`, and can do nothing but
    // system calls, which answer EBADF where the number is not open; no memory is reached through it.
    calls(unsafe { BorrowedFd::borrow_raw(fd.0) })
}

/// fcntl(2) `F_DUPFD_CLOEXEC`: a second fd for the same file, with the first free number from `least` on.
pub(super) fn dup_from(fd: BorrowedFd<'_>, least: RawFd) -> Result<OwnedFd, Errno> {
    // SAFETY: takes only numbers.
    let fd = Errno::result(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, least) })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

thread_local! {
    /// A signal of [`interrupt_on`] has come to this thread.
    static WOKEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether a signal of [`interrupt_on`] has come to the calling thread since it was asked last.
pub fn was_woken() -> bool {
    WOKEN.take()
}

/// Makes `signal` interrupt a blocking call of the thread that gets it, and be noted for [`was_woken`].
pub(super) fn interrupt_on(signal: Signal) -> Result<(), Errno> {
    extern "C" fn note(_: libc::c_int) {
        WOKEN.set(true);
    }
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler sets one byte of the thread's own storage, which is there from its start and is never torn down.
    unsafe { sigaction(signal, &action) }.map(drop)
}

/// tgkill(2), to a thread of another process or of this one.
pub(super) fn tgkill(process: Option<u32>, tid: u32, signal: Signal) -> Result<(), Errno> {
    let process = process.unwrap_or_else(std::process::id);
    // SAFETY: takes only numbers; a thread that has ended gives ESRCH.
    Errno::result(unsafe { libc::syscall(libc::SYS_tgkill, process, tid, signal as libc::c_int) }).map(drop)
}

/// timerfd_settime(2): expires after `first_ms`, then every `every_ms` where that is not 0; milliseconds.
///
/// # Errors
/// `EINVAL` for what is not a timer.
pub fn set_timer(timer: BorrowedFd<'_>, first_ms: u32, every_ms: u32) -> Result<(), Errno> {
    let time = |ms: u32| libc::timespec { tv_sec: i64::from(ms / 1000), tv_nsec: i64::from(ms % 1000) * 1_000_000 };
    let value = libc::itimerspec { it_interval: time(every_ms), it_value: time(first_ms) };
    // SAFETY: `value` is readable, and no old value is asked for.
    Errno::result(unsafe { libc::timerfd_settime(timer.as_raw_fd(), 0, &raw const value, ptr::null_mut()) }).map(drop)
}

/// pidfd_open(2).
///
/// # Errors
/// `ESRCH` where there is no such process; `EMFILE`.
pub fn pidfd_open(pid: Tid) -> Result<OwnedFd, Errno> {
    // SAFETY: takes only numbers.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, 0) })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(RawFd::try_from(fd).unwrap_or(-1)) })
}

/// Takes `signal`, which is blocked, from the calling thread if it is pending. sigtimedwait(2) without waiting.
pub(super) fn take_pending(signal: Signal) {
    let set = SigSet::from(signal);
    let set: *const libc::sigset_t = set.as_ref();
    let no_time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the set and the time outlive the call, and no information about the signal is asked for. EAGAIN, the only
    // likely error, says that there was none.
    unsafe { libc::sigtimedwait(set, ptr::null_mut(), &raw const no_time) };
}

/// What the standard library does on a fault: it says which thread has overflowed its stack.
static ON_FAULT: [OnceLock<libc::sigaction>; 2] = [const { OnceLock::new() }; 2];

/// From here on `signal`, unless it is ignored or caught otherwise, gives the terminal back before it ends the program.
pub(super) fn give_back_on(signal: libc::c_int) {
    // SAFETY: all fields of a sigaction may be zero, and the pointers are good for the calls. `die` makes only calls that
    // are safe in a handler; on an overflowed stack it runs on the alternate one that the standard library gives each
    // thread.
    unsafe {
        let mut before = mem::zeroed::<libc::sigaction>();
        if libc::sigaction(signal, ptr::null(), &raw mut before) != 0 {
            return;
        }
        if let Some(kept) = on_fault(signal) {
            let _ = kept.set(before);
        } else if before.sa_sigaction != libc::SIG_DFL {
            return;
        }
        let mut action = mem::zeroed::<libc::sigaction>();
        action.sa_sigaction = die as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(signal, &raw const action, ptr::null_mut());
    }
}

fn on_fault(signal: libc::c_int) -> Option<&'static OnceLock<libc::sigaction>> {
    [libc::SIGSEGV, libc::SIGBUS].iter().position(|fault| *fault == signal).map(|at| &ON_FAULT[at])
}

extern "C" fn die(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: `how` is null or was leaked, and the kernel gives a siginfo. Everything called is safe in a handler.
    unsafe {
        let (process, faulted) = (libc::getpid(), (*info).si_code > 0);
        if !faulted && libc::gettid() != process {
            // The main thread draws: it is to die between two pictures, not after the terminal was given back.
            libc::syscall(libc::SYS_tgkill, process, process, signal);
            loop {
                libc::pause();
            }
        }
        let how = HOW.swap(ptr::null_mut(), Ordering::SeqCst);
        if let Some(how) = how.as_ref() {
            give_back(how);
        }
        if let Some(before) = on_fault(signal).and_then(OnceLock::get).filter(|_| faulted) {
            // What faulted does so again after the return, and the standard library says which thread's stack is full.
            libc::sigaction(signal, before, ptr::null_mut());
        } else {
            libc::signal(signal, libc::SIG_DFL);
            // It comes when this returns.
            libc::raise(signal);
        }
    }
}

/// Writes to standard output, which is the same fd in every thread: a server has a file table of its own.
fn give_back(how: &GiveBack) {
    // SAFETY: the bytes are readable for their length, and the settings came from tcgetattr(3).
    unsafe {
        let mut out = libc::pollfd { fd: libc::STDOUT_FILENO, events: libc::POLLOUT, revents: 0 };
        let mut has_room = || libc::poll(&raw mut out, 1, 0) == 1;
        // Where nobody reads, what waits in the terminal makes room.
        if has_room() || libc::tcflush(libc::STDOUT_FILENO, libc::TCOFLUSH) == 0 && has_room() {
            libc::write(libc::STDOUT_FILENO, how.bytes.as_ptr().cast(), how.bytes.len());
        }
        libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &raw const how.settings);
    }
}

/// From here on `SIGTSTP` gives the terminal back before it stops the program, which takes it again when it is continued.
pub(crate) fn give_back_on_stop() -> Result<(), Errno> {
    let action = SigAction::new(SigHandler::Handler(stop), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: `stop` makes only calls that are safe in a handler.
    unsafe { sigaction(Signal::SIGTSTP, &action) }.map(drop)
}

extern "C" fn stop(signal: libc::c_int) {
    // SAFETY: `how` is null or was leaked; the pointers are good for the calls, which are safe in a handler.
    unsafe {
        let how = HOW.load(Ordering::SeqCst).as_ref();
        let errno = Errno::last_raw();
        let mut now = mem::zeroed::<libc::termios>();
        libc::tcgetattr(libc::STDIN_FILENO, &raw mut now);
        if let Some(how) = how {
            give_back(how);
        }
        let (mut this, mut before) = (mem::zeroed(), mem::zeroed());
        libc::sigemptyset(&raw mut this);
        libc::sigaddset(&raw mut this, signal);
        let handler = libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
        // It stops here, unless nobody could continue it.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const this, &raw mut before);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut());
        libc::signal(signal, handler);
        if let Some(how) = how.filter(|_| now.c_lflag & libc::ICANON == 0) {
            libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &raw const now);
            libc::write(libc::STDOUT_FILENO, how.again.as_ptr().cast(), how.again.len());
        }
        Errno::set_raw(errno);
    }
}
