//! What the peers have in common: one connection that echoes, and how a server begins.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsRawFd as _, RawFd};

/// The most events of one wait, as everywhere in this comparison.
pub const MAX_EVENTS: usize = 1024;

/// A listener on any free port of the loopback, which is said on standard error; and the buffer that the command line
/// asks for.
pub fn begin() -> io::Result<(TcpListener, Vec<u8>)> {
    let size = std::env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(32 * 1024);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    eprintln!("listening on {}", listener.local_addr()?);
    Ok((listener, vec![0; size]))
}

/// Where a connection stands after a report.
#[derive(PartialEq, Eq)]
pub enum After {
    /// It goes on reading.
    Reads,
    /// Bytes wait to be sent, and nothing is read before they are gone.
    Writes,
    /// It is over.
    Over,
}

/// A connection, and what did not fit.
pub struct Echo<S> {
    pub stream: S,
    unsent: Vec<u8>,
    sent: usize,
}

impl<S: Read + Write> Echo<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, unsent: Vec::new(), sent: 0 }
    }

    /// Sends what waits, then reads and echoes: once, or until nothing is left, which a short read says too.
    pub fn serve(&mut self, buffer: &mut [u8], once: bool) -> After {
        while self.sent < self.unsent.len() {
            match self.stream.write(&self.unsent[self.sent..]) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return After::Writes,
                Err(_) => return After::Over,
            }
        }
        if !self.unsent.is_empty() {
            (self.unsent, self.sent) = (Vec::new(), 0);
        }
        loop {
            let got = match self.stream.read(buffer) {
                Ok(0) => return After::Over,
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return After::Reads,
                Err(_) => return After::Over,
            };
            let sent = match self.stream.write(&buffer[..got]) {
                Ok(sent) => sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(_) => return After::Over,
            };
            if sent < got {
                self.unsent = buffer[sent..got].to_vec();
                return After::Writes;
            }
            if once || got < buffer.len() {
                return After::Reads;
            }
        }
    }
}

/// Connections by fd number.
pub struct Slots<S>(Vec<Option<Echo<S>>>);

impl<S> Slots<S> {
    pub fn new() -> Self {
        Self(Vec::new())
    }

    pub fn put(&mut self, fd: RawFd, echo: Echo<S>) {
        let at = fd as usize;
        if at >= self.0.len() {
            self.0.resize_with(at + 1, || None);
        }
        self.0[at] = Some(echo);
    }

    pub fn get(&mut self, at: usize) -> Option<&mut Echo<S>> {
        self.0.get_mut(at)?.as_mut()
    }

    pub fn take(&mut self, at: usize) -> Option<Echo<S>> {
        self.0.get_mut(at)?.take()
    }
}

impl<S> Default for Slots<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// The fd's number, which is its key here.
pub fn key(listener: &TcpListener) -> usize {
    listener.as_raw_fd() as usize
}
