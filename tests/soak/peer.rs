//! One peer: what it sends, how it reads, how it ends, and whether each byte comes back as it was.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::socket::{setsockopt, sockopt};

/// What a peer does. Each kind meets other code of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A short message, its echo, the next.
    Asks,
    /// Large blocks, many before the first comes back.
    Streams,
    /// The same, read a few bytes at a time, so that the server has to keep what it can't send.
    ReadsSlowly,
    /// One byte at a time.
    Drips,
    /// Some messages, then the end of its side; it reads the rest and connects again.
    HalfCloses,
    /// Some messages, then a reset while echoes are on their way; it connects again.
    Resets,
    /// One message; it closes and connects again.
    ComesAndGoes,
    /// One message, and then nothing.
    IsIdle,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Asks,
        Self::Streams,
        Self::ReadsSlowly,
        Self::Drips,
        Self::HalfCloses,
        Self::Resets,
        Self::ComesAndGoes,
        Self::IsIdle,
    ];

    /// The bytes of a message, how many may be under way, how many it sends at all, and how many it reads at once.
    fn sizes(self) -> (usize, u64, u64, usize) {
        match self {
            Self::Asks => (64, 64, u64::MAX, 4096),
            Self::Streams => (16_384, 262_144, u64::MAX, 65_536),
            Self::ReadsSlowly => (4_096, 65_536, u64::MAX, 100),
            Self::Drips => (1, 1, u64::MAX, 1),
            Self::HalfCloses => (3_000, 30_000, 30_000, 4_096),
            Self::Resets => (3_000, 30_000, 60_000, 4_096),
            Self::ComesAndGoes | Self::IsIdle => (500, 500, 500, 4_096),
        }
    }
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on; whether it waits for room to send.
    On { full: bool },
    /// It has ended as it should; another takes its place.
    Done,
    /// The server did not do what it should.
    Wrong(String),
}

/// A connected peer.
pub(super) struct Peer {
    stream: TcpStream,
    kind: Kind,
    /// What its bytes follow from.
    seed: u64,
    sent: u64,
    pub(super) received: u64,
    ended: bool,
}

impl Peer {
    pub(super) fn connect(addr: SocketAddr, kind: Kind, seed: u64) -> std::io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, kind, seed, sent: 0, received: 0, ended: false })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// The byte at this place of its stream.
    fn byte(&self, at: u64) -> u8 {
        self.seed.wrapping_mul(31).wrapping_add(at * 7).wrapping_add(at / 251).to_le_bytes()[0]
    }

    /// Reads once, compares, and sends what may be under way.
    pub(super) fn step(&mut self, buffer: &mut [u8]) -> Step {
        let (_, _, most, gulp) = self.kind.sizes();
        match self.stream.read(&mut buffer[..gulp]) {
            Ok(0) if self.ended && self.received == self.sent => return Step::Done,
            Ok(0) => return Step::Wrong(self.said("the server ended the stream")),
            Ok(n) => {
                for (at, byte) in (self.received..).zip(&buffer[..n]) {
                    if at >= self.sent || *byte != self.byte(at) {
                        return Step::Wrong(self.said(&format!("byte {at} came as {byte:#04x}")));
                    }
                }
                self.received += n as u64;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Step::Wrong(self.said(&error.to_string())),
        }
        match self.kind {
            Kind::Resets if self.received >= most / 2 => {
                let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
                setsockopt(&self.stream, sockopt::Linger, &linger).expect("a socket");
                Step::Done
            }
            Kind::ComesAndGoes if self.received == most => Step::Done,
            _ => self.send(buffer),
        }
    }

    fn send(&mut self, buffer: &mut [u8]) -> Step {
        let (message, under_way, most, _) = self.kind.sizes();
        while self.sent < most && self.sent - self.received + message as u64 <= under_way {
            for (i, byte) in buffer[..message].iter_mut().enumerate() {
                *byte = self.byte(self.sent + i as u64);
            }
            match self.stream.write(&buffer[..message]) {
                Ok(n) => self.sent += n as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Step::On { full: true },
                Err(error) => return Step::Wrong(self.said(&error.to_string())),
            }
        }
        if self.kind == Kind::HalfCloses && self.sent == most && !self.ended {
            self.ended = true;
            if let Err(error) = self.stream.shutdown(Shutdown::Write) {
                return Step::Wrong(self.said(&error.to_string()));
            }
        }
        Step::On { full: false }
    }

    fn said(&self, what: &str) -> String {
        let Self { kind, seed, sent, received, .. } = self;
        format!("peer {seed}, {kind:?}: after {sent} bytes sent and {received} received, {what}")
    }
}
