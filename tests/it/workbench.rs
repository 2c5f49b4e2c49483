//! The workbench itself: the real binary on a real terminal, driven by its keys and read from its screen.

mod chinese;
pub(crate) mod manners;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use epollscope::record::{Call, Policy, Trigger};
use epollscope::trace::{Reader, World};
use epollscope::tui::keymap::KEYS;

use crate::support::pty::{EPOLLSCOPE, Pty};

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
        bench.sees(&["paused", "epoll_create1("]);
        bench
    }

    /// Presses keys, all at once.
    fn press(&mut self, keys: &str) -> &mut Self {
        self.0.type_keys(keys);
        self
    }

    /// Waits for a whole picture that says all of this.
    fn sees(&mut self, wanted: &[&str]) -> &mut Self {
        loop {
            let says = |text: &str| wanted.iter().all(|wanted| said(text).contains(wanted));
            self.0.until(says, &format!("{wanted:?}"));
            if self.is_whole() {
                return self;
            }
            let _ = self.0.is_silent(DEADLINE);
        }
    }

    /// What was read ends with a picture, and not within one.
    fn is_whole(&self) -> bool {
        let last = |bytes: &[u8]| self.0.raw().windows(bytes.len()).rposition(|window| window == bytes);
        last(b"\x1b[?2026h") <= last(b"\x1b[?2026l")
    }

    fn says(&self) -> String {
        said(&self.0.text())
    }

    /// Says this, and not that.
    #[track_caller]
    fn lacks(&self, unwanted: &str) {
        assert!(!self.says().contains(unwanted), "{unwanted:?} on the screen:\n{}", self.0.text());
    }

    /// Runs until the server is blocked in its first epoll_wait.
    fn run_to_block(&mut self) -> &mut Self {
        self.press("w").sees(&["#1 timeout -1 → blocked"])
    }

    /// Connects a built-in client, which gets fd 5, and runs until the server is blocked again.
    fn with_client(&mut self) -> &mut Self {
        self.run_to_block().press("c").sees(&["#1 timeout -1 → 1 event"]).press("w").sees(&["#2 timeout -1 → blocked"])
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
        manners::given_back(&self.0, how);
        // Nothing of the screen is left; who quits by a key is told of step 7.
        let text = self.0.text();
        let left: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        match &left[..] {
            [] => assert!(!how.starts_with('q'), "{how}: nothing is said of step 7"),
            [said] => {
                assert!(said.starts_with("epollscope: step 7, destroy: ") && !how.contains("SIG"), "{how}: {said}");
            }
            more => panic!("{how}: {more:?}"),
        }
    }
}

/// What a screen says: its left column, then its right one, and what is wrapped in one line.
fn said(text: &str) -> String {
    let halves = |line| str::split_once(line, '│').unwrap_or((line, ""));
    let (left, right): (Vec<_>, Vec<_>) = text.lines().map(halves).unzip();
    let words = left.iter().chain(&right).flat_map(|line| line.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn it_opens_held_before_the_first_call() {
    for size in [HOME, SMALL] {
        let mut bench = Bench::open(size);
        bench.sees(&["LEVEL", "wait #0", "0 conns", "in 0 out 0", "Space step", "c connect", "s send 3,000"]);
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
        bench.press(" ").sees(&["epoll_ctl(4, EPOLL_CTL_ADD, 3, EPOLLIN)"]);
        bench.press(" ").sees(&["epoll_wait(4, max 64, timeout -1)", "it blocks"]);
        bench.press(" ").sees(&["#1 timeout -1 → blocked"]);
        bench.press(" ").sees(&["connect a client (c)"]);
        bench.press("c").sees(&["#1 timeout -1 → 1 event", "a client connected; 1 connection waits to be accepted"]);
        bench.sees(&["accept4(3)"]);
        bench.press(" ").sees(&["epoll_ctl(4, EPOLL_CTL_ADD, 5, EPOLLIN|EPOLLPRI|EPOLLRDHUP)", "1 conn "]);
        bench.press(" ").sees(&["epoll_wait(4, max 64"]);

        // Level: three reports for one message.
        bench.press("s").sees(&["▶5 a IN PRI RDHUP 3,000", "→ 5 IN", "epoll_wait(4, max 64"]);
        bench.press("w").sees(&["#2 timeout -1 → 1 event", "3,000 new bytes arrived", "recvfrom(5, 1024)"]);
        bench
            .press("w")
            .sees(&["#3 timeout -1 → 1", "level: 1,976 bytes are still unread; back on the ready list after wait #2"]);
        bench
            .press("w")
            .sees(&["#4 timeout -1 → 1", "level: 952 bytes are still unread; back on the ready list after wait #3"]);
        bench.press("w").sees(&["#5 timeout -1 → blocked", "3,000 3,000"]);
        if size == HOME {
            assert_eq!(bench.says().matches("fd 5 a IN ").count(), 3, "reports on\n{}", bench.0.text());
        }

        // Switching takes the server out of its wait and holds it before the first MOD.
        bench.press("m").sees(&["EDGE", "#5 timeout -1 → EINTR", "EPOLL_CTL_MOD on all 2 fds"]);
        bench.sees(&["epoll_ctl(4, EPOLL_CTL_MOD, 3, EPOLLIN|EPOLLET)"]);
        bench.press(" ").sees(&["epoll_ctl(4, EPOLL_CTL_MOD, 5, EPOLLIN|EPOLLPRI|EPOLLRDHUP|EP", "3 listener IN ET 0"]);
        bench.press(" ").sees(&["epoll_wait(4, max 64", "▶5 a IN PRI RDHUP ET 0"]);
        bench.press(" ").sees(&["#6 timeout -1 → blocked"]);

        // Edge: one report, and the rest is stranded.
        bench.press("s").sees(&["#6 timeout -1 → 1 event", "edge: 3,000 new bytes arrived since wait #4"]);
        bench.lacks("STRANDED");
        bench.press("w").sees(&["#7 timeout -1 → blocked", "4,024 4,024", "STRANDED"]);
        bench.sees(&["stranded: 1,976 bytes are unread, but nothing new since wait #6"]);

        // More data is a new edge, for all of it; what one read leaves is stranded again.
        bench.press("s").sees(&["edge: 3,000 new bytes arrived since wait #6, on top of 1,976 bytes still unread"]);
        bench.press("w").sees(&["#8 timeout -1 → blocked", "stranded: 3,952 bytes are unread"]);

        // Back to level: MOD finds what lies there.
        bench.press("m").sees(&["LEVEL", "#8 timeout -1 → EINTR", "EPOLL_CTL_MOD, 3, EPOLLIN)"]);
        bench.press("w").sees(&["EPOLL_CTL_MOD found it ready: 3,952 bytes unread"]);
        bench.press("r").sees(&["9,000 9,000", "#13 timeout -1 → blocked"]);
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
    bench.press("w").sees(&["#1 timeout -1 → 1 event", "1 connection waits to be accepted"]);
    bench
        .press("w")
        .sees(&["#2 timeout -1 → 1 event", &format!("fd 5 {name} IN EPOLL_CTL_ADD found it ready: 19 bytes")]);
    bench.press(" ").sees(&["sendto(5, 19)"]);
    bench.press(" ").sees(&["epoll_wait(4, max 64", "in hello from outside\\n", "out hello from outside\\n"]);
    let mut echo = [0; 19];
    outsider.read_exact(&mut echo).expect("the echo");
    assert_eq!(&echo, b"hello from outside\n");

    // A built-in one beside it; keys act for built-in ones only.
    bench.press("c").sees(&["1 connection waits to be accepted"]).press("w").sees(&["#3 timeout -1 → 1 event"]);
    bench.press("w").sees(&["2 conns", "6 a IN", "#4 timeout -1 → blocked"]);
    bench.press("k").sees(&[&format!("▶5 {name}")]).press("s").sees(&["this is an external client"]);
    drop(outsider);
    bench.sees(&["#4 timeout -1 → 1 event", "the peer closed its sending side"]);
    bench.press("w").sees(&["#5 timeout -1 → blocked", "1 conn ", "6 a IN"]);
    bench.press("q").ends("q");
}

#[test]
fn a_server_that_hangs_says_where_and_is_called_out() {
    for size in [HOME, SMALL] {
        let mut bench = Bench::open_with(size, &["--fault", "blocking", "--read", "drain"], &[]);
        bench.sees(&["FAULT blocking"]).press("r").sees(&["blocked in epoll_wait"]);
        bench.press("c").sees(&["#2 timeout -1 → blocked"]);
        bench.press("s").sees(&[
            "hangs in recv(5)",
            "the fd is blocking, and there is nothing to read",
            "a IN PRI RDHUP 0 0 3,000 3,000",
        ]);
        bench.press(" ").sees(&["paused"]).press(" ").sees(&["the call does not return until the peer acts"]);
        // In the policy panel the fault is the fifteenth choice.
        bench
            .press("r")
            .press("p")
            .press(&"j".repeat(14))
            .sees(&["▶ blocking on"])
            .press("\r")
            .sees(&["▶ blocking off"]);
        bench.press("p").sees(&["▶ blocked in epoll_wait"]);
        bench.lacks("FAULT");
        bench.press("q").ends("q");
    }
    let mut bench = Bench::open_with(HOME, &["--fault", "blocking", "--read", "drain"], &[]);
    bench.press("r").press("c").sees(&["#2 timeout -1 → blocked"]).press("s").sees(&["hangs in recv(5)"]);
    bench.press("q").ends("q");
}

#[test]
fn a_server_that_dies_says_why() {
    let mut bench = Bench::open_with(HOME, &["--fault", "tutorial"], &[]);
    bench.sees(&["ALL FAULTS"]).press("r").press("c").sees(&["#2 timeout -1 → blocked"]);
    bench.press("x").sees(&["■ died", "the server died: epoll_ctl on fd 5 failed", "EBADF"]);
    bench.press("q");
    assert_eq!(bench.0.wait_exit().code(), Some(3));
    assert!(bench.0.text().contains("epoll_ctl on fd 5 failed"), "{}", bench.0.text());
}

#[test]
fn it_follows_the_terminals_size() {
    let mut bench = Bench::open(HOME);
    bench.with_client().sees(&["▶5 a IN PRI RDHUP 0"]);
    for (cols, rows) in [SMALL, (60, 16), (200, 60)] {
        bench.0.resize(cols, rows);
        bench.sees(&["▶5 a IN PRI RDHUP 0", "#2 timeout -1 → blocked", "Space step"]);
        assert_eq!(
            bench.0.text().lines().filter(|line| line.contains("Interest list")).count(),
            1,
            "{}",
            bench.0.text()
        );
        for (cols, rows) in [(59, 16), (60, 15), (20, 5), (1, 1)] {
            bench.0.resize(cols, rows);
            let whole = format!("epollscope needs 60x16; this is {cols}x{rows}");
            let said =
                move |text: &str| !text.trim().is_empty() && whole.starts_with(text.trim().trim_end_matches('…'));
            bench.0.until(said, "what is needed, and nothing else");
        }
        // It is driven also while nothing is seen.
        bench.press("?");
        bench.0.resize(cols, rows);
        bench.sees(&["Drive the server"]).press("\x1b").sees(&["▶5 a IN PRI RDHUP 0"]);
    }
    bench.press("s").sees(&["#2 timeout -1 → 1 event", "3,000 new bytes arrived"]).press("q").ends("q");
}

#[test]
fn help_policy_and_inspection_open_and_close() {
    let mut bench = Bench::open(HOME);
    bench.with_client();
    bench.press("?").sees(&["Drive the server", "Act as a client", "Switch the policy", "Look"]);
    for key in KEYS {
        let begins: String = key.long.0.chars().take(20).collect();
        bench.sees(&[&format!("{} {begins}", key.shown)]);
    }
    bench.press("\x1b").sees(&["#2 timeout -1 → blocked"]).lacks("Drive the server");

    // A choice that turns, and one that is a number; neither touches what is registered.
    bench.press("p").sees(&["▶ trigger level", "read size 1,024 bytes"]);
    bench.press("\x1b[B\x1b[B").sees(&["▶ read once"]).press("\x1b[C").sees(&["▶ read drain to EAGAIN"]);
    bench.press("j").sees(&["▶ read size 1,024 bytes"]).press("\r").sees(&["read size, in bytes: 1024"]);
    bench.press("0\r").sees(&["\"0\": expected 1 to 1,048,576 bytes", "in bytes: 0"]);
    bench.press("\x7f2000\r").sees(&["▶ read size 2,000 bytes"]);
    bench.press("p").sees(&["read to EAGAIN, 2,000 B", "#2 timeout -1 → EINTR", "epoll_wait(4, max 64"]);
    bench
        .press("s")
        .sees(&["▶5 a IN PRI RDHUP 3,000"])
        .press("w")
        .sees(&["3,000 new bytes arrived", "recvfrom(5, 2000)"]);
    bench.press("w").sees(&["#4 timeout -1 → blocked", "3,000 3,000"]);

    bench.press("\r").sees(&["its client sent 3,000, got back 3,000", "00000000 ", "|"]);
    bench.press("t").sees(&["text to send"]).press("sesame\r").sees(&["7 new bytes arrived"]);
    bench.press("\r").sees(&["unread 7,"]).press("w").sees(&["73 65 73 61 6d 65 0a", "sesame.|"]);
    bench.press("\x1b").sees(&["Interest list", "in 3,007 out 3,007"]).press("q").ends("q");
}

#[test]
fn the_past_can_be_looked_at() {
    let mut bench = Bench::open(HOME);
    bench.with_client().press("s").sees(&["#2 timeout -1 → 1 event", "in 0 out 0"]);
    bench.press("w").sees(&["#3 timeout -1 → 1 event", "in 1,024 out 1,024"]);
    // Before the return of wait 3, before that of wait 2, and after it.
    bench.press("[").sees(&["◀ the past", "epoll_wait(4) ", "in 1,024 out 1,024"]).lacks("#3 timeout -1 → 1");
    bench.press("[").sees(&["◀ the past", "epoll_wait(4) ", "in 0 out 0"]).lacks("#2 timeout -1 → 1");
    bench.press("]").sees(&["◀ the past", "recvfrom(5, 1024)", "#2 timeout -1 → 1 event", "▶5 a IN PRI RDHUP 3,000"]);
    // A call back, and forward.
    bench.press("\x1b[D").sees(&["◀ the past", "epoll_wait(4) "]).lacks("#2 timeout -1 → 1");
    bench.press("\x1b[C").sees(&["◀ the past", "recvfrom(5, 1024)", "#2 timeout -1 → 1 event"]);
    bench.press("\x1b[H").sees(&["◀ the past", "wait #0", "close_range(3"]);
    bench.press("\x1b[F").sees(&["paused", "#3 timeout -1 → 1 event", "in 1,024 out 1,024"]).lacks("the past");
    // Whoever acts is back in the present.
    bench
        .press("\x1b[H")
        .sees(&["◀ the past"])
        .press("s")
        .sees(&["paused", "back to now: client a sends", "4,976"])
        .press("q")
        .ends("q");
}

#[test]
fn a_recording_has_what_the_screen_said() {
    let file = std::env::temp_dir().join(format!("epollscope-workbench-{}.jsonl", std::process::id()));
    let path = file.to_str().expect("a path in Unicode");
    let mut bench = Bench::open_with(HOME, &["--record", path], &[]);
    bench.with_client();
    let mut outsider = bench.outsider();
    bench.sees(&["#2 timeout -1 → 1 event"]).press("w").sees(&["#3 timeout -1 → blocked", "2 conns"]);
    outsider.write_all(b"from outside").expect("sent");
    bench.sees(&["12 new bytes arrived"]).press("w").sees(&["#4 timeout -1 → blocked"]);
    outsider.read_exact(&mut [0; 12]).expect("the echo");
    bench.press("m").sees(&["EPOLL_CTL_MOD, 3,"]).press("s").sees(&["▶5 a IN PRI RDHUP 3,000"]);
    bench.press("w").sees(&["#5 timeout -1 → 1 event"]).press("w").sees(&["→ blocked", "1,976", "STRANDED"]);
    bench.sees(&["2 conns · in 1,036 out 1,036"]).press("q").ends("q");

    let records: Vec<_> = Reader::open(&file).expect("a recording").collect::<Result<_, _>>().expect("whole");
    std::fs::remove_file(&file).expect("removed");
    let mut world = World::default();
    let mut stranded = Vec::new();
    for record in &records {
        world.apply(record);
        if matches!(record.call, Call::EpollWaitEnter { .. }) {
            stranded = world.stranded().map(|(item, depth)| (item.fd.0, depth)).collect();
        }
    }
    let counters = world.counters();
    assert_eq!((counters.accepted, counters.bytes_in, counters.bytes_out, counters.lost), (2, 1036, 1036, 0));
    assert_eq!(stranded, [(5, 1976)]);
    let edge = Policy { trigger: Trigger::Edge, ..Policy::default() };
    assert_eq!(world.policy(), Some(&edge));
    // Step 7 is in it: the connections, the listener and the epoll object.
    let server = records.iter().find(|record| matches!(record.call, Call::Listen { .. })).expect("a listener").tid;
    let closed = records.iter().filter(|record| record.tid == server).filter_map(|record| match record.call {
        Call::Close { fd, .. } => Some(fd.0),
        _ => None,
    });
    assert_eq!(closed.collect::<Vec<_>>(), [5, 6, 3, 4]);
    assert_eq!(counters.closed, 2);
}
