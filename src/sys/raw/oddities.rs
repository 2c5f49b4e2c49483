//! Calls that a program rarely makes: with arguments that make no sense, or of old.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use nix::errno::Errno;
use nix::sys::signal::SigSet;

use crate::record::{Fd, Tid};

/// epoll_pwait(2) with an event list at address 0.
pub(in crate::sys) fn epoll_pwait_nowhere(
    epfd: BorrowedFd<'_>,
    max: i32,
    timeout_ms: i32,
    mask: &SigSet,
) -> Result<usize, Errno> {
    let mask: *const libc::sigset_t = mask.as_ref();
    // SAFETY: no memory of the program is at address 0, so that the kernel stores nothing; `mask` outlives the call.
    let n = unsafe { libc::epoll_pwait(epfd.as_raw_fd(), ptr::null_mut(), max, timeout_ms, mask) };
    Errno::result(n).map(|n| usize::try_from(n).unwrap_or(0))
}

/// epoll_pwait2(2): the same as epoll_pwait(2), with a timeout in nanoseconds.
pub(in crate::sys) fn epoll_pwait2(
    epfd: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout_ns: u64,
    mask: &SigSet,
) -> Result<usize, Errno> {
    let room = i32::try_from(events.len()).unwrap_or(i32::MAX);
    let part = |ns: u64| i64::try_from(ns).unwrap_or(i64::MAX);
    let time = libc::timespec { tv_sec: part(timeout_ns / 1_000_000_000), tv_nsec: part(timeout_ns % 1_000_000_000) };
    let mask: *const libc::sigset_t = mask.as_ref();
    // SAFETY: `events` is writable for `room` entries; the time and the mask, of which the kernel reads 8 bytes, outlive the
    // call.
    let n = unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            epfd.as_raw_fd(),
            events.as_mut_ptr(),
            room,
            &raw const time,
            mask,
            size_of::<u64>(),
        )
    };
    Errno::result(n).map(|n| usize::try_from(n).unwrap_or(0))
}

/// epoll_create(2).
pub(in crate::sys) fn epoll_create(size: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: takes only a number.
    let fd = Errno::result(unsafe { libc::epoll_create(size) })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// epoll_create1(2).
pub(in crate::sys) fn epoll_create1(flags: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: takes only a number.
    let fd = Errno::result(unsafe { libc::epoll_create1(flags) })?;
    // SAFETY: the kernel just gave us this fd, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// timerfd_settime(2) with `TFD_TIMER_ABSTIME`: expires at `at_ns` of `CLOCK_MONOTONIC`, then every `every_ms`.
pub fn set_timer_at(timer: BorrowedFd<'_>, at_ns: u64, every_ms: u32) -> Result<(), Errno> {
    let time = |ns: u64| libc::timespec {
        tv_sec: i64::try_from(ns / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(ns % 1_000_000_000).unwrap_or(0),
    };
    let value = libc::itimerspec { it_interval: time(u64::from(every_ms) * 1_000_000), it_value: time(at_ns) };
    let flags = libc::TFD_TIMER_ABSTIME;
    // SAFETY: `value` is readable, and no old value is asked for.
    Errno::result(unsafe { libc::timerfd_settime(timer.as_raw_fd(), flags, &raw const value, ptr::null_mut()) })
        .map(drop)
}

/// kcmp(2) with `KCMP_FILE`, in this thread's file table: 0 where both are the same open file description.
///
/// # Errors
/// `EPERM`, `ENOSYS` where the system does not let anybody ask.
pub fn kcmp(a: BorrowedFd<'_>, b: BorrowedFd<'_>) -> Result<i32, Errno> {
    const FILE: libc::c_int = 0;
    let (a, b) = (a.as_raw_fd(), b.as_raw_fd());
    // SAFETY: takes only numbers.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, libc::gettid(), libc::gettid(), FILE, a, b) };
    Errno::result(order).map(|order| i32::try_from(order).unwrap_or(-1))
}

/// kcmp(2) with `KCMP_EPOLL_TFD`: whether `fd` of the process `pid` is the file that its epoll `epfd` has registered under
/// that number, as the `nth` of those.
///
/// # Errors
/// `EPERM` where this process may not ask, `ENOENT` where there is no such registration, `EBADF`.
pub fn is_registered(pid: Tid, fd: Fd, epfd: Fd, nth: u32) -> Result<bool, Errno> {
    const EPOLL_TFD: libc::c_int = 7;
    // `struct kcmp_epoll_slot`, linux/kcmp.h.
    let slot = [epfd.0.cast_unsigned(), fd.0.cast_unsigned(), nth];
    // SAFETY: the kernel reads the three numbers of the slot, which outlives the call.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, pid.0, pid.0, EPOLL_TFD, fd.0, slot.as_ptr()) };
    Errno::result(order).map(|order| order == 0)
}

/// kcmp(2) with `KCMP_FILE`, of fds of any two processes: whether both are the same open file description. Not, where this
/// process may not ask.
pub fn is_same_file((pid, fd): (Tid, Fd), (other, with): (Tid, Fd)) -> bool {
    const FILE: libc::c_int = 0;
    // SAFETY: takes only numbers.
    unsafe { libc::syscall(libc::SYS_kcmp, pid.0, other.0, FILE, fd.0, with.0) == 0 }
}
