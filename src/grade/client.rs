//! A client: what it sends is known byte by byte, so that each byte of the echo can be judged.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, AsRawFd as _};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrStorage, connect, send, setsockopt, socket, sockopt,
};

use crate::sys;

/// The most that a client sends or receives before others have their turn.
const TURN: u64 = 1 << 18;

/// So many bytes in a row are known again.
const ODD: usize = 8;

#[derive(Debug)]
pub(super) struct Client {
    stream: TcpStream,
    pub(super) local: SocketAddr,
    peer: SocketAddr,
    seed: u8,
    /// Every value of a byte is sent, and not only printable characters.
    pub(super) raw: bool,
    link: Link,
    /// How much it shall have sent, and has.
    pub(super) goal: u64,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) reads: bool,
    /// Where the echo first differs from what was sent.
    pub(super) wrong: Option<u64>,
    /// The bytes from there on.
    odd: Vec<u8>,
    /// An urgent byte was sent at this place, and may stand in the echo or not.
    urgent: Option<u64>,
    fin: Fin,
}

/// How its connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Connecting,
    Refused,
    Open,
    /// Nothing can be sent any more; what came before that may still be read.
    Broken,
    /// The server has ended its side in order.
    Ended,
    Reset,
}

/// Whether it ends its side once all is sent, and has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fin {
    No,
    Asked,
    Sent,
}

impl Client {
    /// Begins to connect; with `small` buffers, so that little fits in between.
    pub(super) fn connect(addr: SocketAddr, seed: u8, small: bool) -> io::Result<Self> {
        let family = if addr.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        let fd = socket(family, SockType::Stream, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC, None)?;
        if small {
            setsockopt(&fd, sockopt::RcvBuf, &4096)?;
        }
        match connect(fd.as_raw_fd(), &SockaddrStorage::from(addr)) {
            Ok(()) | Err(sys::Errno::EINPROGRESS) => {}
            Err(errno) => return Err(errno.into()),
        }
        let stream = TcpStream::from(fd);
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        Ok(Self {
            stream,
            local,
            peer: addr,
            seed,
            raw: false,
            link: Link::Connecting,
            goal: 0,
            sent: 0,
            received: 0,
            reads: true,
            wrong: None,
            odd: Vec::new(),
            urgent: None,
            fin: Fin::No,
        })
    }

    /// Eight bytes of the stream. No two clients send the same. Those that are not printable would have a server that makes
    /// text of them fail every case, whatever that is about.
    fn word(&self, number: u64) -> [u8; 8] {
        let mixed = number.wrapping_add(u64::from(self.seed) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = if self.raw { mixed } else { (mixed & 0x3F3F_3F3F_3F3F_3F3F) + 0x3030_3030_3030_3030 };
        word.to_be_bytes()
    }

    fn byte(&self, at: u64) -> u8 {
        self.word(at / 8)[usize::try_from(at % 8).unwrap_or(0)]
    }

    /// The bytes from a place on.
    fn bytes(&self, at: u64, len: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (at / 8..).flat_map(|number| self.word(number)).take(len + 7).collect();
        bytes.drain(..usize::try_from(at % 8).unwrap_or(0));
        bytes.truncate(len);
        bytes
    }

    pub(super) fn send(&mut self, bytes: u64) {
        self.goal += bytes;
    }

    /// Ends its side once all is sent.
    pub(super) fn finish(&mut self) {
        self.fin = Fin::Asked;
    }

    /// One urgent byte behind what was sent so far.
    pub(super) fn send_urgent(&mut self) -> io::Result<()> {
        self.urgent = Some(self.sent);
        Ok(send(self.stream.as_raw_fd(), b"!", MsgFlags::MSG_OOB).map(drop)?)
    }

    /// Closes with a reset instead of an end.
    pub(super) fn reset(self) {
        let _ = setsockopt(&self.stream, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 });
    }

    /// All that was sent has come back, no byte more, and no other.
    pub(super) fn is_echoed(&self) -> bool {
        self.wrong.is_none() && self.received == self.goal
    }

    pub(super) fn is_connected(&self) -> bool {
        !matches!(self.link, Link::Connecting | Link::Refused)
    }

    /// The server has ended its side, in order or by a reset.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.link, Link::Refused | Link::Ended | Link::Reset)
    }

    pub(super) fn was_reset(&self) -> bool {
        matches!(self.link, Link::Refused | Link::Broken | Link::Reset)
    }

    /// The first wrong bytes are its own, but from later on: what is between was left out.
    pub(super) fn has_gap(&self) -> bool {
        let stands = |at: u64| (at..).zip(&self.odd).all(|(at, byte)| self.byte(at) == *byte);
        self.odd.len() == ODD && self.wrong.is_some_and(|at| (at..self.sent).any(stands))
    }

    /// Sends and receives what is possible now. Whether anything moved.
    pub(super) fn step(&mut self) -> bool {
        if self.link == Link::Refused {
            return false;
        }
        if self.link == Link::Connecting {
            if self.stream.peer_addr().is_err() {
                let refused = matches!(self.stream.take_error(), Ok(Some(_)) | Err(_));
                if refused {
                    self.link = Link::Refused;
                }
                return refused;
            }
            self.link = Link::Open;
        }
        let mut moved = self.write();
        moved |= self.would_read() && self.read();
        moved
    }

    fn write(&mut self) -> bool {
        let (mut moved, until) = (false, self.goal.min(self.sent + TURN));
        while self.sent < until && !self.was_reset() {
            let chunk = self.bytes(self.sent, usize::try_from(until - self.sent).unwrap_or(0).min(1 << 16));
            match self.stream.write(&chunk) {
                Ok(n) => self.sent += n as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => self.link = if self.has_ended() { Link::Reset } else { Link::Broken },
            }
            moved = true;
        }
        if self.fin == Fin::Asked && self.sent == self.goal {
            // ENOTCONN: it was reset, which the next read tells.
            let _ = self.stream.shutdown(Shutdown::Write);
            (self.fin, moved) = (Fin::Sent, true);
        }
        moved
    }

    fn read(&mut self) -> bool {
        let (mut moved, mut buffer, until) = (false, [0; 1 << 14], self.received + TURN);
        while !self.has_ended() && self.received < until {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.link = if self.link == Link::Broken { Link::Reset } else { Link::Ended },
                Ok(n) => self.take(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => self.link = Link::Reset,
            }
            moved = true;
        }
        moved
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.urgent.is_none() && self.wrong.is_none() && self.bytes(self.received, bytes.len()) == bytes {
            self.received += bytes.len() as u64;
        } else {
            for byte in bytes {
                self.take_one(*byte);
            }
        }
    }

    fn take_one(&mut self, byte: u8) {
        if self.urgent == Some(self.received) && byte == b'!' && self.byte(self.received) != b'!' {
            self.urgent = None;
            return;
        }
        if self.wrong.is_none() && byte != self.byte(self.received) {
            self.wrong = Some(self.received);
        }
        if self.wrong.is_some() && self.odd.len() < ODD {
            self.odd.push(byte);
        }
        self.received += 1;
    }

    /// Far more than was sent is no echo, and proves no more.
    pub(super) fn would_read(&self) -> bool {
        self.reads && !self.has_ended() && self.received <= self.goal + TURN
    }

    /// Nothing of its is on the way by itself, in either direction.
    pub(super) fn is_still(&self) -> bool {
        if self.was_reset() {
            return true;
        }
        let fd = self.stream.as_fd();
        let queued = sys::unacked(fd).unwrap_or(0) > 0 || sys::unsent_to_wire(fd).unwrap_or(0) > 0;
        let fin = self.fin == Fin::Sent && sys::fin_in_flight(fd).unwrap_or(false);
        if (queued || fin) && in_flight(self.local, self.peer) {
            return false;
        }
        !self.reads || self.has_ended() || self.received >= self.goal || !in_flight(self.peer, self.local)
    }

    pub(super) fn fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Whether bytes are on their way from one end to the other. Of a connection that is gone none are.
fn in_flight(from: SocketAddr, to: SocketAddr) -> bool {
    sys::send_queue(from, to).is_ok_and(|queue| queue.in_flight > 0)
}
