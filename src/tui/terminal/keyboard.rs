//! Keys, read by level.
//!
//! crossterm names the keys; its reader is not used. Version 0.29 registers the terminal with `EPOLLET` and reads once
//! a report, so of 3,000 typed bytes all past 1,024 lie unread until the next key: stranded, which is what this program
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
    /// All events are [`Event::Key`], pressed, and [`Event::Paste`]. A change of size comes as
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

fn read_keys(fd: BorrowedFd<'_>, decoder: &mut Decoder) -> io::Result<Vec<Event>> {
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

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use nix::pty::openpty;
    use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
    use nix::unistd::{pipe, write};

    use super::*;

    #[test]
    fn a_long_paste_without_brackets_comes_whole() {
        let pty = openpty(None, None).expect("a pseudo-terminal");
        let mut raw = tcgetattr(&pty.slave).expect("its settings");
        cfmakeraw(&mut raw);
        tcsetattr(&pty.slave, SetArg::TCSANOW, &raw).expect("raw mode");
        assert_eq!(write(&pty.master, &[b'a'; 3_000]), Ok(3_000));

        assert_eq!(write(&pty.master, b"\x1b"), Ok(1));

        let mut decoder = Decoder::default();
        let mut keys = 0;
        while keys < 3_001 {
            assert!(readable(pty.slave.as_fd(), PollTimeout::from(10_000_u16)).expect("poll"), "stranded at {keys}");
            keys += read_keys(pty.slave.as_fd(), &mut decoder).expect("keys").len();
        }
        assert_eq!(keys, 3_001);
    }

    #[test]
    fn an_escape_alone_is_a_key_and_half_a_character_waits() {
        let (read, write_end) = pipe().expect("a pipe");
        let mut decoder = Decoder::default();
        write(&write_end, b"\x1b").expect("written");
        let esc = Event::Key(KeyCode::Esc.into());
        assert_eq!(read_keys(read.as_fd(), &mut decoder).expect("keys"), [esc]);

        write(&write_end, &"水".as_bytes()[..1]).expect("written");
        assert_eq!(read_keys(read.as_fd(), &mut decoder).expect("keys"), []);
        write(&write_end, &"水".as_bytes()[1..]).expect("written");
        let water = Event::Key(KeyCode::Char('水').into());
        assert_eq!(read_keys(read.as_fd(), &mut decoder).expect("keys"), [water]);
    }

    #[test]
    fn the_end_comes_after_the_last_key() {
        let (read, write_end) = pipe().expect("a pipe");
        let mut decoder = Decoder::default();
        write(&write_end, b"\x03").expect("written");
        drop(write_end);
        let interrupt = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert_eq!(read_keys(read.as_fd(), &mut decoder).expect("keys"), [interrupt]);
        let end = read_keys(read.as_fd(), &mut decoder).expect_err("the end");
        assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
    }
}
