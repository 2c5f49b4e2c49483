//! The workbench itself: the real binary on a real terminal, driven by its keys and read from its screen.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use epollscope::record::{Call, Policy, Trigger};
use epollscope::trace::{Reader, World};
use epollscope::ui::keys::KEYS;
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, Termios};

use crate::pty::{EPOLLSCOPE, Pty};

const HOME: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);

/// Long enough for any machine; only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(20);

/// The workbench on a terminal.
struct Bench(Pty);

impl Bench {
    fn open(size: (u16, u16)) -> Self {
        Self::open_with(size, &[], &[])
    }

    /// Opens it, and waits until it is held before its first call.
    fn open_with(size: (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Self {
        let args = [&["--listen", "127.0.0.1:0"], args].concat();
        let mut bench = Self(Pty::spawn(EPOLLSCOPE, &args, size, env));
        bench.sees(&["paused", "step 1, create: epoll_create1("]);
        bench
    }

    /// Presses keys, all at once.
    fn press(&mut self, keys: &str) -> &mut Self {
        self.0.type_keys(keys);
        self
    }

    /// Waits until the screen says all of this.
    fn sees(&mut self, wanted: &[&str]) -> &mut Self {
        self.0.until(
            |text| {
                let said = said(text);
                wanted.iter().all(|wanted| said.contains(wanted))
            },
            &format!("{wanted:?}"),
        );
        self
    }

    fn says(&self) -> String {
        said(&self.0.text())
    }

    /// Says this, and not that.
    #[track_caller]
    fn lacks(&self, unwanted: &str) {
        assert!(!self.says().contains(unwanted), "{unwanted:?} on the screen:\n{}", self.0.text());
    }

    /// Runs until epoll_wait is about to block for the first time.
    fn run_to_block(&mut self) -> &mut Self {
        self.press("w").sees(&["‖ in epoll_wait", "#1 timeout -1 → blocked"])
    }

    /// The address in the header.
    fn addr(&self) -> SocketAddr {
        let said = self.says();
        let addr = said.split(' ').find_map(|word| word.parse().ok());
        addr.unwrap_or_else(|| panic!("no address on the screen:\n{}", self.0.text()))
    }

    /// A client from outside; a read that gets nothing fails at the deadline.
    fn outsider(&self) -> TcpStream {
        let client = TcpStream::connect(self.addr()).expect("a connection");
        client.set_read_timeout(Some(DEADLINE)).expect("a deadline");
        client
    }

    /// Waits for the end, which must be orderly and leave the terminal as it was found.
    #[track_caller]
    fn ends(&mut self, how: &str) {
        let status = self.0.wait_exit();
        assert_eq!(status.code(), Some(0), "{how}: {status}; the screen:\n{}", self.0.text());
        given_back(&self.0, how);
        assert_eq!(self.0.text().trim(), "", "{how}");
    }
}

/// What a screen says: its left column, then its right one, and what is wrapped in one line.
fn said(text: &str) -> String {
    let halves = |line| str::split_once(line, '│').unwrap_or((line, ""));
    let (left, right): (Vec<_>, Vec<_>) = text.lines().map(halves).unzip();
    let words = left.iter().chain(&right).flat_map(|line| line.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// The line settings of a terminal that nobody has touched.
fn fresh() -> Termios {
    let mut pty = Pty::spawn("/bin/true", &[], SMALL, &[]);
    assert!(pty.wait_exit().success());
    pty.termios()
}

#[track_caller]
fn given_back(pty: &Pty, how: &str) {
    let raw = pty.raw();
    let last = |bytes: &[u8]| raw.windows(bytes.len()).rposition(|window| window == bytes);
    for (taken, given) in [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h"), ("\x1b[?2004h", "\x1b[?2004l")] {
        let (taken, given) = (last(taken.as_bytes()), last(given.as_bytes()));
        assert!(taken.is_some() && given > taken, "{how}: {}", raw.escape_ascii());
    }
    assert!(!pty.screen().alternate_screen() && !pty.screen().hide_cursor(), "{how}: {}", raw.escape_ascii());
    let (before, after) = (fresh(), pty.termios());
    assert_eq!(after.local_flags, before.local_flags, "{how}");
    assert_eq!(after.input_flags, before.input_flags, "{how}");
    assert_eq!(after.output_flags, before.output_flags, "{how}");
    assert_eq!(after.control_flags, before.control_flags, "{how}");
}

#[test]
fn it_opens_held_before_the_first_call() {
    for size in [HOME, SMALL] {
        let mut bench = Bench::open(size);
        bench.sees(&[
            "LEVEL",
            "wait #0",
            "0 conns",
            "in 0 out 0",
            "Space step",
            "c connect",
            "s send 3,000",
            "m level/edge",
        ]);
        assert_eq!(bench.addr().ip().to_string(), "127.0.0.1");
        assert!(bench.0.screen().alternate_screen() && bench.0.screen().hide_cursor());
        bench.press("q").ends("q");
    }
}

#[test]
fn the_first_minute_of_a_new_user() {
    for size in [HOME, SMALL] {
        let mut bench = Bench::open(size);
        // Steps 1 to 3, a call each.
        bench.press(" ").sees(&["step 2, register: epoll_ctl(4, EPOLL_CTL_ADD, 3, EPOLLIN)"]);
        bench.press(" ").sees(&["step 3, wait: epoll_wait(4, max 64, timeout -1) nothing is ready: it will block"]);
        bench.press(" ").sees(&["‖ in epoll_wait", "#1 timeout -1 → blocked"]);
        bench.press(" ").sees(&["connect a client (c)"]);
        bench.press("c").sees(&["#1 timeout -1 → 1 event", "a client connected; 1 connection waits to be accepted"]);
        bench.sees(&["step 4, act: accept4(3) for wait #1 reported fd 3"]);
        bench
            .press(" ")
            .sees(&["step 5, modify: epoll_ctl(4, EPOLL_CTL_ADD, 5, EPOLLIN|EPOLLPRI|EPOLLRDHUP)", "1 conn "]);
        bench.press(" ").sees(&["step 6, repeat: epoll_wait("]);

        // Level: three reports for one message.
        bench.press("s").sees(&["▶5 a IN 3,000", "head → 5 IN", "it will return at once"]);
        bench.press("w").sees(&[
            "#2 timeout -1 → 1 event",
            "3,000 new bytes arrived",
            "step 4, act: recvfrom(5, 1024)",
        ]);
        bench.press("w").sees(&["#3 timeout", "level: 1,976 bytes are still unread; put back after wait #2"]);
        bench.press("w").sees(&["#4 timeout", "level: 952 bytes are still unread; put back after wait #3"]);
        bench.press("w").sees(&["#5 timeout -1 → blocked", "in 3,000 out 3,000", "nothing lies unread"]);
        if size == HOME {
            assert_eq!(bench.says().matches("fd 5 a IN ").count(), 3, "reports on\n{}", bench.0.text());
        }

        // Switching takes the server out of its wait and holds it before the first MOD.
        bench.press("m").sees(&["EDGE", "#5 timeout -1 → EINTR", "EPOLL_CTL_MOD on all 2 fds"]);
        bench.sees(&["step 5, modify: epoll_ctl(4, EPOLL_CTL_MOD, 3, EPOLLIN|EPOLLET)"]);
        bench.press(" ").sees(&["EPOLL_CTL_MOD, 5, EPOLLIN|EPOLLPRI|EPOLLRDHUP|EPOLLET)", "3 listener IN ET 0"]);
        bench.press(" ").sees(&["step 6, repeat: epoll_wait(", "▶5 a IN ET 0"]);
        bench.press(" ").sees(&["#6 timeout -1 → blocked"]);

        // Edge: one report, and the rest is stranded.
        bench.press("s").sees(&["#6 timeout -1 → 1 event", "edge: 3,000 new bytes arrived since wait #4"]);
        bench.lacks("STRANDED");
        bench.press("w").sees(&["#7 timeout -1 → blocked", "in 4,024 out 4,024", "STRANDED"]);
        bench.sees(&["edge: nothing new since wait #6, although 1,976 bytes lie unread: stranded"]);

        // More data is a new edge, for all of it; what one read leaves is stranded again.
        bench.press("s").sees(&["edge: 3,000 new bytes arrived since wait #6, on top of 1,976 bytes still unread"]);
        bench.press("w").sees(&["#8 timeout -1 → blocked", "3,952 bytes lie unread: stranded"]);

        // Back to level: MOD finds what lies there.
        bench.press("m").sees(&["LEVEL", "#8 timeout -1 → EINTR", "EPOLL_CTL_MOD, 3, EPOLLIN)"]);
        bench.press("w").sees(&["EPOLL_CTL_MOD found it ready, which re-arms it: 3,952 bytes unread"]);
        bench.press("r").sees(&["in 9,000 out 9,000", "▶ in epoll_wait"]);
        bench.lacks("STRANDED");
        bench.press("q").ends("q");
    }
}

#[test]
fn a_client_from_outside_is_served_call_by_call() {
    let mut bench = Bench::open(HOME);
    let mut outsider = bench.outsider();
    outsider.write_all(b"hello from outside\n").expect("sent");
    let name = format!(":{}", outsider.local_addr().expect("an address").port());
    bench.press("w").sees(&["#1 timeout -1 → 1 event", "a client connected; 1 connection waits to be accepted"]);
    bench.press("w").sees(&["#2 timeout", &format!("fd 5 {name} IN EPOLL_CTL_ADD found it ready: 19 bytes unread")]);
    bench.press(" ").sees(&["step 4, act: sendto(5, 19)"]);
    bench.press(" ").sees(&["step 6, repeat: epoll_wait(", "in hello from outside\\n", "out hello from outside\\n"]);
    let mut echo = [0; 19];
    outsider.read_exact(&mut echo).expect("the echo");
    assert_eq!(&echo, b"hello from outside\n");

    // Beside a built-in one, and it does not act at keys.
    bench
        .press("c")
        .sees(&["1 ready (inferred)"])
        .press("w")
        .sees(&["#3 timeout"])
        .press("w")
        .sees(&["2 conns", "6 a IN"]);
    bench
        .press("k")
        .sees(&[&format!("▶5 {name}")])
        .press("s")
        .sees(&["this client is from outside: it acts by itself"]);
    drop(outsider);
    bench.sees(&["#4 timeout -1 → 1 event", "the peer ended its side of the stream"]);
    bench.press("w").sees(&["#5 timeout -1 → blocked", "1 conn ", "6 a IN"]);
    bench.lacks(&name);
    bench.press("q").ends("q");
}
