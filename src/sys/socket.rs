//! TCP sockets: one function a system call.

use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};

use nix::sys::socket::{
    self, AddressFamily, Backlog, Shutdown, SockFlag, SockType, SockaddrStorage, UnixAddr, setsockopt, sockopt,
};

use super::{Errno, raw as sys};
use crate::record::{Addr, Fd, How, MsgFlags, Ret, SockOpt};

/// socket(2): a TCP socket for the family of `addr`, non-blocking, closed on exec.
///
/// # Errors
/// `EMFILE`, `ENFILE`; `EAFNOSUPPORT` without IPv6.
pub fn stream_socket(addr: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if addr.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    socket::socket(family, SockType::Stream, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC, None)
}

/// setsockopt(2); units as socket(7) and tcp(7) give them.
///
/// # Errors
/// `EBADF`, `ENOTSOCK`, `EDOM`.
pub fn set_option(fd: BorrowedFd<'_>, option: SockOpt, value: i32) -> Result<(), Errno> {
    match option {
        SockOpt::Linger => setsockopt(&fd, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: value }),
        option => sys::set_number(fd, name_of(option), value),
    }
}

/// getsockopt(2), of an option that is a number.
///
/// # Errors
/// `EBADF`, `ENOTSOCK`, `ENOPROTOOPT`.
pub fn option(fd: BorrowedFd<'_>, option: SockOpt) -> Result<i32, Errno> {
    sys::number(fd, name_of(option))
}

/// The option of this level and name.
pub fn option_named(level: i32, name: i32) -> SockOpt {
    SockOpt::each().find(|option| name_of(*option) == (level, name)).unwrap_or(SockOpt::Other)
}

/// The level and the name of an option.
fn name_of(option: SockOpt) -> (i32, i32) {
    match option {
        SockOpt::ReuseAddr => (libc::SOL_SOCKET, libc::SO_REUSEADDR),
        SockOpt::Linger => (libc::SOL_SOCKET, libc::SO_LINGER),
        SockOpt::SndBuf => (libc::SOL_SOCKET, libc::SO_SNDBUF),
        SockOpt::RcvBuf => (libc::SOL_SOCKET, libc::SO_RCVBUF),
        SockOpt::RcvLowat => (libc::SOL_SOCKET, libc::SO_RCVLOWAT),
        SockOpt::NoDelay => (libc::IPPROTO_TCP, libc::TCP_NODELAY),
        SockOpt::OobInline => (libc::SOL_SOCKET, libc::SO_OOBINLINE),
        SockOpt::NotsentLowat => (libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT),
        SockOpt::RecvErr => (libc::IPPROTO_IP, libc::IP_RECVERR),
        SockOpt::Error => (libc::SOL_SOCKET, libc::SO_ERROR),
        SockOpt::AcceptConn => (libc::SOL_SOCKET, libc::SO_ACCEPTCONN),
        SockOpt::ReusePort => (libc::SOL_SOCKET, libc::SO_REUSEPORT),
        SockOpt::KeepAlive => (libc::SOL_SOCKET, libc::SO_KEEPALIVE),
        SockOpt::DeferAccept => (libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT),
        SockOpt::V6Only => (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
        // The kernel has none of this number: ENOPROTOOPT.
        SockOpt::Other => (-1, -1),
    }
}

/// bind(2).
///
/// # Errors
/// `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
pub fn bind(fd: BorrowedFd<'_>, addr: SocketAddr) -> Result<(), Errno> {
    socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(addr))
}

/// listen(2); the kernel cuts `backlog` at `net.core.somaxconn`.
///
/// # Errors
/// `EADDRINUSE`.
pub fn listen(fd: BorrowedFd<'_>, backlog: i32) -> Result<(), Errno> {
    socket::listen(&fd, Backlog::new(backlog)?)
}

/// bind(2) of an `AF_UNIX` socket to a name that the kernel chooses, unix(7) "Autobind feature".
///
/// # Errors
/// `EINVAL` where it has a name.
pub fn autobind(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    socket::bind(fd.as_raw_fd(), &UnixAddr::new_unnamed())
}

/// getsockname(2); [`Addr::NONE`] for a family other than the internet's and `AF_UNIX`, and for a long name.
///
/// # Errors
/// `EBADF`, `ENOTSOCK`.
pub fn local_addr(fd: BorrowedFd<'_>) -> Result<Addr, Errno> {
    let name: SockaddrStorage = socket::getsockname(fd.as_raw_fd())?;
    let v4 = name.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
    let v6 = || name.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()));
    let unix = || name.as_unix_addr().and_then(|unix| Addr::of_name(unix.as_abstract()?));
    Ok(v4.or_else(v6).map(Addr::from).or_else(unix).unwrap_or(Addr::NONE))
}

/// connect(2).
///
/// # Errors
/// `EINPROGRESS` while the handshake goes on; `ECONNREFUSED`, `EADDRNOTAVAIL` when no port is left, and others.
pub fn connect(fd: BorrowedFd<'_>, addr: Addr) -> Result<(), Errno> {
    match addr.socket_addr() {
        Some(addr) => socket::connect(fd.as_raw_fd(), &SockaddrStorage::from(addr)),
        None => socket::connect(fd.as_raw_fd(), &UnixAddr::new_abstract(addr.name())?),
    }
}

/// accept4(2), closed on exec, non-blocking unless told otherwise: the connection and who connected.
///
/// # Errors
/// `EAGAIN` when nobody waits; `EMFILE`, `ENFILE` when no fd is free; `ECONNABORTED` when the client has left again.
pub fn accept(listener: BorrowedFd<'_>, blocking: bool) -> Result<(OwnedFd, Addr), Errno> {
    sys::accept4(listener, blocking).map(|(fd, peer)| (fd, peer.map_or(Addr::NONE, Addr::from)))
}

/// recv(2): the bytes read; 0 at the end of the stream. With `MSG_OOB` the urgent byte.
///
/// # Errors
/// `EAGAIN` when nothing is there, or the urgent byte has not come yet; `EINVAL` when there is none; `ECONNRESET`,
/// `ETIMEDOUT`.
#[inline]
pub fn recv(fd: BorrowedFd<'_>, buffer: &mut [u8], flags: MsgFlags) -> Ret {
    sys::recvfrom(fd, buffer, flags.bits().cast_signed())
}

/// send(2) with `MSG_NOSIGNAL`: the bytes that fitted. With `MSG_OOB` the last byte is urgent.
///
/// # Errors
/// `EAGAIN` when none fits; `EPIPE`, `ECONNRESET` when the peer is gone.
#[inline]
pub fn send(fd: BorrowedFd<'_>, bytes: &[u8], flags: MsgFlags) -> Ret {
    sys::sendto(fd, bytes, libc::MSG_NOSIGNAL | flags.bits().cast_signed())
}

/// shutdown(2).
///
/// # Errors
/// `ENOTCONN`.
pub fn shutdown(fd: BorrowedFd<'_>, how: How) -> Result<(), Errno> {
    let how = match how {
        How::Read => Shutdown::Read,
        How::Write => Shutdown::Write,
        How::Both => Shutdown::Both,
    };
    socket::shutdown(fd.as_raw_fd(), how)
}

/// dup(2): a second number for the same open file description.
///
/// # Errors
/// `EMFILE`.
pub fn dup(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    nix::unistd::dup(fd.as_fd())
}

/// close(2). The fd is gone whatever is returned.
///
/// # Errors
/// `EBADF`, `EIO`.
pub fn close(fd: OwnedFd) -> Result<(), Errno> {
    nix::unistd::close(fd.into_raw_fd())
}

/// close(2) of a number that nobody has open.
///
/// # Errors
/// `EBADF`.
pub fn close_number(fd: Fd) -> Result<(), Errno> {
    nix::unistd::close(fd.0)
}
