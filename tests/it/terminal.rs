//! What the terminal and the outside send: keys in whatever pieces they come, and signals.

use std::io;
use std::os::fd::AsFd as _;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use epollscope::tui::terminal::{Decoder, PASTE_ENDS, PASTE_MAX, Signals, read_keys, require};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::signal::raise;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{pipe, write};
use proptest::prelude::*;

fn keys(bytes: &[u8]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    decoder.feed(bytes, &mut events);
    decoder.no_more_comes(&mut events);
    events
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

#[test]
fn keys_have_their_names() {
    let none = KeyModifiers::NONE;
    for (bytes, code, modifiers) in [
        (&b"a"[..], KeyCode::Char('a'), none),
        (b"Q", KeyCode::Char('Q'), KeyModifiers::SHIFT),
        ("ß".as_bytes(), KeyCode::Char('ß'), none),
        (b"\r", KeyCode::Enter, none),
        (b"\x7f", KeyCode::Backspace, none),
        (b"\x1a", KeyCode::Char('z'), KeyModifiers::CONTROL),
        (b"\x1b", KeyCode::Esc, none),
        (b"\x1b[", KeyCode::Char('['), KeyModifiers::ALT),
        (b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT),
        (b"\x1b[A", KeyCode::Up, none),
        (b"\x1bOB", KeyCode::Down, none),
        (b"\x1b[1;5C", KeyCode::Right, KeyModifiers::CONTROL),
        (b"\x1b[6~", KeyCode::PageDown, none),
        (b"\x1b[3;2~", KeyCode::Delete, KeyModifiers::SHIFT),
        (b"\x1b[Z", KeyCode::BackTab, KeyModifiers::SHIFT),
        (b"\x1bOP", KeyCode::F(1), none),
        (b"\x1b[[E", KeyCode::F(5), none),
        (b"\x1b[15~", KeyCode::F(5), none),
        (b"\x1b[24~", KeyCode::F(12), none),
    ] {
        assert_eq!(keys(bytes), [key(code, modifiers)], "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_is_no_key_leaves_no_rest() {
    for noise in [&b"\x1b[12;40R"[..], b"\x1b[?62;1c", b"\x1b[I", b"\x1b[999x", b"\xff\xc3(", b"\x1b[201~"] {
        let typed = [noise, b"q"].concat();
        assert_eq!(keys(&typed).last(), Some(&key(KeyCode::Char('q'), KeyModifiers::NONE)), "{noise:?}");
        assert!(keys(&typed).len() <= 2, "{noise:?}");
    }
}

#[test]
fn a_paste_is_one_event_and_can_be_given_up() {
    assert_eq!(keys(b"\x1b[200~a\rb\x1b[A\x1b[201~"), [Event::Paste("a\rb\x1b[A".to_owned())]);
    let interrupt = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(keys(b"\x1b[200~never ends\x03"), [interrupt]);
    let long = [b"\x1b[200~", &vec![b'x'; PASTE_MAX + 9][..], PASTE_ENDS, b"q"].concat();
    assert!(matches!(&keys(&long)[..], [Event::Paste(text), Event::Key(_)] if text.len() == PASTE_MAX));
}

proptest! {
    #[test]
    fn the_pieces_do_not_matter(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "水", "\x1b[A", "\x1b[1;5C", "\x1bx", "\x1bOP", "\x1b[200~one\rtwo\x1b[201~", "\r", "\x1b[9;9R",
        ]), 1..12),
        size in 1..9_usize,
    ) {
        let bytes = parts.concat().into_bytes();
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        bytes.chunks(size).for_each(|piece| decoder.feed(piece, &mut events));
        prop_assert_eq!(events, keys(&bytes));
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(&bytes, &mut events);
        decoder.no_more_comes(&mut events);
        prop_assert!(decoder.unfinished() < 4);
    }
}

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
        let mut slave = [PollFd::new(pty.slave.as_fd(), PollFlags::POLLIN)];
        assert!(poll(&mut slave, PollTimeout::from(10_000_u16)).expect("poll") > 0, "stranded at {keys}");
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

// Each test has a thread of its own, and raise(3) signals just that one, so no other test meets these signals.
#[test]
fn what_was_raised_is_read_once() {
    let signals = Signals::block().expect("a signalfd");
    assert_eq!(signals.drain().count(), 0);
    for (signal, caught) in Signals::ALL {
        // A SIGCONT takes back a stop that waits, and the reverse; so one after the other.
        raise(signal).expect("raised");
        raise(signal).expect("raised");
        assert_eq!(signals.drain().collect::<Vec<_>>(), [caught]);
    }
}

#[test]
fn a_refusal_says_what_is_missing() {
    for (input, output, term, says) in [
        (false, true, "xterm", "standard input is not"),
        (true, false, "xterm", "standard output is not"),
        (false, false, "", "standard input is not"),
        (true, true, "", "TERM is not set"),
        (true, true, "dumb", "TERM is `dumb`"),
    ] {
        let error = require(input, output, term).expect_err("refused").to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(require(true, true, "xterm-256color").is_ok());
}
