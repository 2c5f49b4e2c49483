//! The end of a stream on its way: a FIN that was sent, and that the peer's kernel has not acknowledged.

use std::os::fd::BorrowedFd;

use super::{Epoll, Errno, Events, raw as sys, unsent_to_wire};
use crate::record::{CtlOp, Interest, Timeout};

/// The states of a TCP socket in which its FIN lacks an acknowledgement, as the kernel numbers them: `TCP_FIN_WAIT1`,
/// `TCP_LAST_ACK`, `TCP_CLOSING`. netinet/tcp.h
const FIN_IN_FLIGHT: [u8; 3] = [4, 9, 11];

/// A receiver's kernel puts off an acknowledgement for no longer than this: `TCP_DELACK_MAX` of Linux, 200 ms.
const PUT_OFF: Timeout = Timeout(200);

/// Whether this side of a TCP stream has ended, and the peer has not acknowledged that yet. tcp(7) `TCP_INFO`
///
/// # Errors
/// `EBADF`; `EOPNOTSUPP`, `ENOPROTOOPT` for what is not a TCP socket.
pub fn fin_in_flight(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    Ok(FIN_IN_FLIGHT.contains(&sys::tcp_info(fd)?.tcpi_state))
}

/// Waits until the peer has acknowledged the FIN; not for one that itself waits behind bytes for which the peer has no
/// room. Whether it has. The kernel tells epoll of the state that changes with it.
///
/// # Errors
/// As [`fin_in_flight`] and epoll_create1(2); `EINTR` when a signal came first.
pub fn wait_for_fin_ack(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    let epoll = Epoll::create()?;
    epoll.ctl(CtlOp::Add, fd, Interest::OUT | Interest::ET, 0)?;
    let mut events = Events::with_room(1);
    while fin_in_flight(fd)? {
        if unsent_to_wire(fd)? > 0 || epoll.wait(&mut events, PUT_OFF)? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
