//! Keys, read by level.
//!
//! crossterm names the keys; its reader is not used. Version 0.29 registers the terminal with `EPOLLET` and reads once
//! a report, so of 3,000 typed bytes all past 1,024 stay unread until the next key: stranded, which is what this program
//! exists to show, and a poll(2) that waits for the same fd by level spins. It also blocks in the middle of an
//! unfinished key, and reads for ever from a terminal that has hung up.

use std::io::{self, Stdin};
use std::os::fd::{AsFd, BorrowedFd};

use crossterm::event::Event;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::decode::Decoder;

/// How long the rest of a key may take that began with an escape, in milliseconds. A key comes in one piece but for
/// slow lines; the key Esc is only known by nothing following it.
const REST_OF_KEY_MS: u8 = 30;

/// After so many events the caller gets a turn; what is left keeps the fd readable.
const ENOUGH: usize = 1_024;

/// The keyboard behind standard input.
#[derive(Debug)]
pub struct Keyboard {
    stdin: Stdin,
    decoder: Decoder,
}

impl Default for Keyboard {
    fn default() -> Self {
        Self { stdin: io::stdin(), decoder: Decoder::default() }
    }
}

impl Keyboard {
    /// The keys and pastes that were typed by now. It does not wait, but up to 30 ms for the rest of a key of which
    /// only an escape has come.
    ///
    /// All events are [`Event::Key`], pressed, [`Event::Paste`], and of the mouse the left button and the wheel. A change of size comes as
    /// [`Caught::Resize`](super::Caught::Resize).
    ///
    /// # Errors
    /// `UnexpectedEof` or `EIO`: the terminal is gone, and there will be no more keys.
    pub fn keys(&mut self) -> io::Result<Vec<Event>> {
        read_keys(self.stdin.as_fd(), &mut self.decoder)
    }
}

impl AsFd for Keyboard {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stdin.as_fd()
    }
}

/// Reads the keys that were typed at `fd` by now. See [`Keyboard::keys`].
pub fn read_keys(fd: BorrowedFd<'_>, decoder: &mut Decoder) -> io::Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut bytes = [0; 4_096];
    // An escape is never left waiting here: the fd might not become readable again, and its caller not ask again.
    while events.len() < ENOUGH || decoder.is_inside_a_key() {
        let patience = if decoder.is_inside_a_key() { PollTimeout::from(REST_OF_KEY_MS) } else { PollTimeout::ZERO };
        if !readable(fd, patience)? {
            decoder.no_more_comes(&mut events);
            break;
        }
        let end = match nix::unistd::read(fd, &mut bytes) {
            Ok(0) => io::ErrorKind::UnexpectedEof.into(),
            Ok(n) => {
                decoder.feed(&bytes[..n], &mut events);
                continue;
            }
            Err(Errno::EINTR | Errno::EAGAIN) => continue,
            Err(errno) => io::Error::from(errno),
        };
        // What was typed before the end is told first; the end is there to be read again.
        return if events.is_empty() { Err(end) } else { Ok(events) };
    }
    Ok(events)
}

fn readable(fd: BorrowedFd<'_>, patience: PollTimeout) -> io::Result<bool> {
    loop {
        match poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], patience) {
            Err(Errno::EINTR) => {}
            result => return Ok(result? > 0),
        }
    }
}
