//! Calls that make fds.

use std::os::fd::AsRawFd as _;

use nix::sys::socket::{SockaddrStorage, getpeername};

use super::super::numbers::old;
use super::Returned;
use crate::record::{Addr, Call, Family, Fd, FdKind, NewFd, NewFlags, PairType};

impl Returned<'_> {
    pub(super) fn makes(&mut self) -> Option<Call> {
        let (ret, first) = (self.ret, self.entered.int(0));
        let kind = match self.entered.number {
            libc::SYS_accept | libc::SYS_accept4 => return Some(self.accepted()),
            libc::SYS_epoll_create1 if first & libc::EPOLL_CLOEXEC != 0 => return Some(Call::EpollCreate1 { ret }),
            libc::SYS_epoll_create1 => FdKind::EpollCreate1,
            old::EPOLL_CREATE => return Some(Call::EpollCreate { size: first, ret }),
            libc::SYS_socket => self.socket()?,
            libc::SYS_socketpair if first == libc::AF_UNIX => {
                return self.two(FdKind::Socketpair(type_of(self.entered.int(1))?), 3);
            }
            libc::SYS_pipe2 if self.entered.int(1) & libc::O_DIRECT != 0 => return self.two(FdKind::PacketPipe, 0),
            old::PIPE | libc::SYS_pipe2 => return self.two(FdKind::Pipe2, 0),
            libc::SYS_eventfd2 if self.entered.int(1) & libc::EFD_SEMAPHORE != 0 => FdKind::Semaphore,
            old::EVENTFD | libc::SYS_eventfd2 => FdKind::Eventfd2,
            libc::SYS_timerfd_create => FdKind::TimerfdCreate,
            // To set the mask of one that exists makes none.
            old::SIGNALFD | libc::SYS_signalfd4 if first < 0 => {
                FdKind::SignalfdOf(self.memory.u32(self.entered.arguments[1]).unwrap_or(0))
            }
            old::INOTIFY_INIT | libc::SYS_inotify_init1 => FdKind::InotifyInit1,
            _ => return None,
        };
        Some(Call::NewFd(NewFd { fd: ret.fd().unwrap_or(Fd(-1)), ret, ..NewFd::before(kind) }))
    }

    fn two(&self, kind: FdKind, argument: usize) -> Option<Call> {
        let (ret, at) = (self.ret, self.entered.arguments[argument]);
        let before = NewFd { ret, ..NewFd::before(kind) };
        if !self.ok() {
            return Some(Call::NewFd(before));
        }
        let (fd, other) = (Fd(self.memory.i32(at)?), Fd(self.memory.i32(at + 4)?));
        Some(Call::NewFd(NewFd { fd, other, ..before }))
    }

    /// The kind of a socket; `None` for one of a family or type that has no row.
    fn socket(&self) -> Option<FdKind> {
        let kind = type_of(self.entered.int(1))?;
        let family = match self.entered.int(0) {
            libc::AF_INET => Family::Inet,
            libc::AF_INET6 => Family::Inet6,
            libc::AF_UNIX => Family::Unix,
            libc::AF_NETLINK => Family::Netlink,
            _ => return None,
        };
        let is_set = |bit, flag| if self.entered.int(1) & bit != 0 { flag } else { NewFlags::empty() };
        let flags = is_set(libc::SOCK_NONBLOCK, NewFlags::NONBLOCK) | is_set(libc::SOCK_CLOEXEC, NewFlags::CLOEXEC);
        Some(FdKind::Socket(family, kind, flags))
    }

    fn accepted(&mut self) -> Call {
        let (fd, ret) = (self.entered.fd(0), self.ret);
        let peer = ret.fd().map_or(Addr::NONE, |connection| self.peer(connection));
        match self.entered.number {
            libc::SYS_accept => Call::Accept { fd, peer, ret },
            _ => Call::Accept4 { fd, peer, ret },
        }
    }

    /// Who connected: what the call gave back, or where the program did not ask for it, what the kernel says.
    fn peer(&mut self, connection: Fd) -> Addr {
        let arguments = self.entered.arguments;
        if arguments[1] != 0 {
            return self.memory.addr(arguments[1], self.memory.u32(arguments[2]).unwrap_or(0).into());
        }
        let copy = self.table.copy(connection).ok();
        let peer = copy.and_then(|copy| getpeername::<SockaddrStorage>(copy.as_raw_fd()).ok());
        let v4 =
            peer.as_ref().and_then(|peer| peer.as_sockaddr_in()).map(|v4| std::net::SocketAddrV4::from(*v4).into());
        let v6 = || {
            let v6 = std::net::SocketAddrV6::from(*peer.as_ref()?.as_sockaddr_in6()?);
            Some(std::net::SocketAddr::from((v6.ip().to_canonical(), v6.port())))
        };
        v4.or_else(v6).map_or(Addr::NONE, Addr::from)
    }
}

fn type_of(kind: i32) -> Option<PairType> {
    match kind & 0xf {
        libc::SOCK_STREAM => Some(PairType::Stream),
        libc::SOCK_DGRAM => Some(PairType::Dgram),
        libc::SOCK_SEQPACKET => Some(PairType::Seqpacket),
        _ => None,
    }
}
