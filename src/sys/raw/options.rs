//! Options of sockets that nix lacks.

use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use nix::errno::Errno;

/// `TCP_INFO`, tcp(7).
pub(in crate::sys) fn tcp_info(fd: BorrowedFd<'_>) -> Result<libc::tcp_info, Errno> {
    // SAFETY: zeros are a valid tcp_info, and so is what the kernel writes.
    unsafe { get(fd, (libc::IPPROTO_TCP, libc::TCP_INFO)) }
}

/// `SO_MEMINFO`: `SK_MEMINFO_DROPS`.
pub(in crate::sys) fn drops(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    // SAFETY: any bits are valid numbers.
    unsafe { get::<[u32; 9]>(fd, (libc::SOL_SOCKET, libc::SO_MEMINFO)) }.map(|info| info[8])
}

/// getsockopt(2), of an option that is a number; it has a level and a name.
pub(in crate::sys) fn number(fd: BorrowedFd<'_>, option: (i32, i32)) -> Result<i32, Errno> {
    // SAFETY: any bits are a valid number.
    unsafe { get(fd, option) }
}

/// getsockopt(2). A shorter answer leaves zeros.
///
/// # Safety
/// Zeros, and what the kernel writes, must be a valid `T`.
unsafe fn get<T>(fd: BorrowedFd<'_>, (level, name): (i32, i32)) -> Result<T, Errno> {
    let (mut value, mut len) = (MaybeUninit::<T>::zeroed(), socklen::<T>());
    // SAFETY: `value` is writable for `len` bytes; the caller answers for what is in it.
    unsafe {
        Errno::result(libc::getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &raw mut len))?;
        Ok(value.assume_init())
    }
}

/// setsockopt(2), the same.
pub(in crate::sys) fn set_number(fd: BorrowedFd<'_>, (level, name): (i32, i32), value: i32) -> Result<(), Errno> {
    // SAFETY: `value` is readable for its length.
    Errno::result(unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, name, ptr::from_ref(&value).cast(), socklen::<i32>())
    })
    .map(drop)
}

pub(super) fn socklen<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(mem::size_of::<T>()).unwrap_or(0)
}
