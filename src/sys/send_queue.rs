//! What a TCP connection is about to deliver by itself, as the kernel's socket diagnosis tells. sock_diag(7)
//!
//! An fd is not enough to ask: the server's fds are valid in its own thread only, and that thread may be asleep. The
//! diagnosis finds a socket by its two addresses.

use std::net::{IpAddr, SocketAddr};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::unistd::{read, write};

use super::Errno;

// linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
const NLM_F_REQUEST: u16 = 1;
const NLMSG_ERROR: u16 = 2;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const INET_DIAG_INFO: u16 = 2;
/// Of a question, in bytes: `nlmsghdr` and `inet_diag_req_v2`.
const LENGTH: u32 = 72;
/// Where in an answer something stands, in bytes: the kind of message, an error's number or the body, in that the peer's
/// port and `idiag_wqueue`, and behind it the attributes.
const KIND: usize = 4;
const BODY: usize = 16;
const PEER_PORT: usize = BODY + 6;
const WRITE_QUEUE: usize = BODY + 60;
const ATTRIBUTES: usize = BODY + 72;
/// Where in `tcp_info` `tcpi_notsent_bytes` and `tcpi_snd_wnd` stand.
const NOT_SENT: usize = 144;
const SEND_WINDOW: usize = 228;

/// What a socket has sent, or was given to send, and is not acknowledged. The end of a stream counts as a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendQueue {
    /// All of it, in bytes.
    pub queued: u64,
    /// Bytes that arrive without anybody's doing: those that were sent and lack an acknowledgement, and those for which the
    /// peer's window has room. The kernel may put an acknowledgement off, and it sends what does not fill a segment into a
    /// window that is nearly shut only after a while; once this is 0, bytes that are left move only when the peer reads.
    pub in_flight: u64,
}

/// The queue of the socket on `local`, connected to `peer`, also where no fd refers to it any more.
///
/// # Errors
/// `ENOENT` where there is no such connection, or the kernel has no diagnosis of TCP sockets; `EPROTONOSUPPORT` where it
/// has none at all; `EMFILE`.
pub fn send_queue(local: SocketAddr, peer: SocketAddr) -> Result<SendQueue, Errno> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd = socket(AddressFamily::Netlink, SockType::Datagram, flags, SockProtocol::NetlinkSockDiag)?;
    write(&fd, &request(local, peer))?;
    let mut answer = [0; 1024];
    // The kernel has answered when write returns.
    let length = read(&fd, &mut answer)?;
    understood(&answer[..length], peer)
}

fn request(local: SocketAddr, peer: SocketAddr) -> Vec<u8> {
    let octets = |addr: SocketAddr| match addr.ip() {
        IpAddr::V4(ip) => [&ip.octets()[..], &[0; 12]].concat(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let family = if local.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let kind = [family, libc::IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0_i32].map(|n| n.to_le_bytes()[0]);
    [
        &LENGTH.to_ne_bytes()[..],
        &SOCK_DIAG_BY_FAMILY.to_ne_bytes(),
        &NLM_F_REQUEST.to_ne_bytes(),
        // No sequence number, and to the kernel.
        &[0; 8],
        // IPv4 or IPv6, TCP, with `tcp_info`, in any state.
        &kind,
        &[0xff; 4],
        &local.port().to_be_bytes(),
        &peer.port().to_be_bytes(),
        &octets(local),
        &octets(peer),
        // On any interface, and no cookie.
        &[0; 4],
        &[0xff; 8],
    ]
    .concat()
}

fn understood(answer: &[u8], peer: SocketAddr) -> Result<SendQueue, Errno> {
    let short = |at: usize| answer.get(at..)?.first_chunk().copied().map(u16::from_ne_bytes);
    let long = |at: usize| answer.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes);
    if short(KIND) == Some(NLMSG_ERROR) {
        return Err(long(BODY).map_or(Errno::EBADMSG, |errno| Errno::from_raw(-errno.cast_signed())));
    }
    if short(PEER_PORT).map(u16::from_be) != Some(peer.port()) {
        // Where nobody is connected the kernel answers for the listener.
        return Err(Errno::ENOENT);
    }
    let queued = u64::from(long(WRITE_QUEUE).ok_or(Errno::EBADMSG)?);
    let mut at = ATTRIBUTES;
    while let (Some(length), Some(kind)) = (short(at), short(at + 2)) {
        if kind == INET_DIAG_INFO {
            let field = |offset| long(at + 4 + offset).filter(|_| offset < usize::from(length)).map_or(0, u64::from);
            let (unsent, window) = (field(NOT_SENT), field(SEND_WINDOW));
            let in_flight = queued.saturating_sub(unsent) + unsent.min(window);
            return Ok(SendQueue { queued, in_flight });
        }
        at += usize::from(length).max(4).next_multiple_of(4);
    }
    // In TIME_WAIT it has no attributes, and nothing queued.
    Ok(SendQueue { queued, in_flight: queued })
}
