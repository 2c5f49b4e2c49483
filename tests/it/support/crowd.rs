//! Many clients that send and compare what comes back.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::support::serving::LONG;

/// One of a crowd: sends so many bytes of its own, and wants them back.
pub(crate) struct Talker {
    number: usize,
    socket: TcpStream,
    bytes: usize,
    sent: usize,
    received: usize,
    /// It ends its side when all is sent, and then wants to be told of the end too.
    ends: bool,
}

impl Talker {
    pub(crate) fn connect(addr: SocketAddr, number: usize, bytes: usize) -> Self {
        let socket = TcpStream::connect(addr).expect("connected");
        socket.set_nonblocking(true).expect("not blocking");
        Self { number, socket, bytes, sent: 0, received: 0, ends: number % 2 == 1 }
    }

    /// Byte `at` of its stream, which is nobody else's.
    pub(crate) fn byte(&self, at: usize) -> u8 {
        let mixed = (self.number * 0x9e37_79b1 + at).wrapping_mul(0x85eb_ca6b);
        mixed.to_le_bytes()[2] ^ mixed.to_le_bytes()[3]
    }

    pub(crate) fn wants(&self) -> PollFlags {
        if self.sent < self.bytes { PollFlags::POLLIN | PollFlags::POLLOUT } else { PollFlags::POLLIN }
    }

    /// Sends the next piece, receives what is there, and says whether all is over.
    pub(crate) fn go_on(&mut self, ready: PollFlags) -> io::Result<bool> {
        const PIECES: [usize; 6] = [1, 3, 1021, 7, 512, 13];
        if ready.contains(PollFlags::POLLOUT) && self.sent < self.bytes {
            let end = self.bytes.min(self.sent + PIECES[(self.sent + self.number) % PIECES.len()]);
            let piece: Vec<u8> = (self.sent..end).map(|at| self.byte(at)).collect();
            self.sent += self.socket.write(&piece)?;
            if self.sent == self.bytes && self.ends {
                self.socket.shutdown(Shutdown::Write)?;
            }
        }
        let mut buffer = [0; 4096];
        match self.socket.read(&mut buffer) {
            Ok(0) if self.ends && self.received == self.bytes => return Ok(true),
            Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server has closed")),
            Ok(n) => {
                for &byte in &buffer[..n] {
                    if self.received == self.sent || byte != self.byte(self.received) {
                        return Err(io::Error::other(format!("byte {byte} came back as number {}", self.received)));
                    }
                    self.received += 1;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(!self.ends && self.received == self.bytes)
    }
}

/// So many clients at once, connected before the first one sends, each with so many bytes, in odd pieces.
pub(crate) fn crowd(addr: SocketAddr, clients: usize, bytes: usize) -> Result<(), String> {
    let end = Instant::now() + LONG;
    let mut talkers: Vec<Talker> = (0..clients).map(|number| Talker::connect(addr, number, bytes)).collect();
    while !talkers.is_empty() {
        let mut fds: Vec<PollFd<'_>> =
            talkers.iter().map(|talker| PollFd::new(talker.socket.as_fd(), talker.wants())).collect();
        let left = PollTimeout::try_from(end.saturating_duration_since(Instant::now())).expect("a short time");
        // EINTR, from another test's signal: look again.
        let _ = poll(&mut fds, left);
        let ready: Vec<PollFlags> = fds.iter().map(|fd| fd.revents().unwrap_or(PollFlags::empty())).collect();
        if Instant::now() >= end {
            let Talker { number, sent, received, .. } = talkers[0];
            let waiting = talkers.len();
            return Err(format!(
                "{waiting} of {clients} wait, such as {number}: {sent} of {bytes} sent, {received} back"
            ));
        }
        let mut ready = ready.into_iter();
        let mut failed = None;
        talkers.retain_mut(|talker| {
            match ready.next().filter(|ready| !ready.is_empty()).map(|ready| talker.go_on(ready)) {
                None | Some(Ok(false)) => true,
                Some(Ok(true)) => false,
                Some(Err(error)) => {
                    failed = Some(format!(
                        "client {}, {} sent and {} back: {error}",
                        talker.number, talker.sent, talker.received
                    ));
                    false
                }
            }
        });
        failed.map_or(Ok(()), Err)?;
    }
    Ok(())
}
