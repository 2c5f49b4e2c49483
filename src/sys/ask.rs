//! What the kernel says of itself when it is asked: queue depths, readiness, and an epoll's interest list.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::BorrowedFd;

use super::own_table::with_an_fd;
use super::{Errno, by_number, raw as sys};
use crate::record::{Call, Fd, Interest, Ready};

/// Everything that poll(2) can say of a socket.
const ALL: i16 = libc::POLLIN | libc::POLLPRI | libc::POLLOUT | libc::POLLRDHUP;

/// `SIOCOUTQNSD`, linux/sockios.h: bytes that have not been sent yet at all.
const SIOCOUTQNSD: libc::Ioctl = 0x894B;

/// A file as it is now: [`Call::Sample`], with its depths in bytes, 0 where it has no such queue. Of a TCP socket's bytes
/// those are unsent that have not been sent at all: when an acknowledgement of the others comes is up to the peer's clock,
/// and to nothing that it does. tcp(7) `FIONREAD`, `SIOCOUTQ`; poll(2).
///
/// # Errors
/// `EBADF` for an fd that is not open, `EINVAL` for a listener.
pub fn sample(fd: Fd) -> Result<Call, Errno> {
    by_number(fd, |file| {
        let depth = |request| match sys::queue_depth(file, request) {
            // EIO: a terminal that was hung up.
            Err(Errno::ENOTTY | Errno::EOPNOTSUPP | Errno::EIO) => Ok(0),
            depth => depth,
        };
        let unsent = unsent_to_wire(file).or_else(|_| depth(libc::TIOCOUTQ))?;
        Ok(Call::Sample { fd, unread: depth(libc::FIONREAD)?, unsent, ready: poll(fd)? })
    })
}

/// What poll(2) says of a file now.
///
/// # Errors
/// `ENOMEM`; none is expected.
pub fn poll(fd: Fd) -> Result<Ready, Errno> {
    let revents = by_number(fd, |file| sys::poll_now(file, ALL))?;
    Ok(Ready::from_bits_truncate(u32::from(revents.cast_unsigned())))
}

/// How many connections wait to be accepted, and how many may: [`Call::Backlog`]. tcp(7) `TCP_INFO`.
///
/// # Errors
/// `EBADF`, `ENOPROTOOPT` for what is not a TCP socket.
pub fn listener_backlog(fd: Fd) -> Result<Call, Errno> {
    let info = by_number(fd, sys::tcp_info)?;
    Ok(Call::Backlog { fd, pending: info.tcpi_unacked, limit: info.tcpi_sacked })
}

/// Bytes that a socket took and has not sent yet (`SIOCOUTQNSD`): not those that only lack an acknowledgement.
///
/// # Errors
/// `EBADF`, `EINVAL`.
pub fn unsent_to_wire(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    sys::queue_depth(fd, SIOCOUTQNSD)
}

/// Datagrams that a socket has thrown away for want of room, or arrivals that a listener has. socket(7) has no word of `SO_MEMINFO`; linux/sock_diag.h
///
/// # Errors
/// `EBADF`, `ENOTSOCK`.
pub fn drops(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    sys::drops(fd)
}

/// Bytes that a TCP socket has sent and that lack an acknowledgement. tcp(7) `SIOCOUTQ`.
///
/// # Errors
/// `EBADF`, `EINVAL`.
pub fn unacked(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    Ok(sys::queue_depth(fd, libc::TIOCOUTQ)?.saturating_sub(unsent_to_wire(fd)?))
}

/// Unread bytes: tcp(7) `FIONREAD`.
///
/// # Errors
/// `EBADF`, `EINVAL`.
pub fn unread(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    sys::queue_depth(fd, libc::FIONREAD)
}

/// Whether epoll_wait(2) on `epfd` would report something now. No edge is used up by asking, but what is not ready any
/// more is taken off the head of the ready list, up to the first that is: the kernel goes through it as a wait does.
/// poll(2).
///
/// # Errors
/// `EBADF`.
pub fn would_report(epfd: Fd) -> Result<bool, Errno> {
    poll(epfd).map(|ready| ready.contains(Ready::IN))
}

/// The interest list of an epoll of the calling thread, as [`Call::Fdinfo`] records in the kernel's order, at most
/// `limit`. The kernel adds ERR and HUP to each mask. proc_pid_fdinfo(5).
///
/// # Errors
/// `ENOENT` for an fd that is not open or without `/proc`; `EMFILE`.
pub fn fdinfo(epfd: Fd, limit: usize) -> Result<Vec<Call>, Errno> {
    with_an_fd(|| read_fdinfo(epfd, limit))
}

fn read_fdinfo(epfd: Fd, limit: usize) -> Result<Vec<Call>, Errno> {
    let io = |e: std::io::Error| Errno::from_raw(e.raw_os_error().unwrap_or(libc::EIO));
    let file = File::open(format!("/proc/thread-self/fdinfo/{epfd}")).map_err(io)?;
    let mut entries = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(io)?;
        if let Some((fd, interest)) = registration(&line) {
            entries.push(Call::Fdinfo { epfd, fd, interest });
            if entries.len() == limit {
                break;
            }
        }
    }
    Ok(entries)
}

/// `tfd:        5 events:       19 data:                5  pos:0 ino:61 sdev:9`
fn registration(line: &str) -> Option<(Fd, Interest)> {
    let mut words = line.split_whitespace();
    (words.next()? == "tfd:").then_some(())?;
    let fd = words.next()?.parse().ok()?;
    (words.next()? == "events:").then_some(())?;
    let bits = u32::from_str_radix(words.next()?, 16).ok()?;
    Some((Fd(fd), Interest::from_bits_retain(bits)))
}

#[cfg(test)]
mod tests {
    use super::registration;

    #[test]
    fn a_line_that_is_not_a_registration_is_passed_over() {
        assert_eq!(registration("pos:\t0"), None);
        assert_eq!(registration("tfd: x events: 19"), None);
    }
}
