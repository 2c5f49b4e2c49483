//! The workbench as a guest of the terminal: what it takes it gives back, however it ends; it asks for no colour where none
//! is wanted, passes no peer's command on, and while nothing happens it does nothing.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, Termios};
use nix::unistd::Pid;

use super::{Bench, HOME, SMALL};
use crate::support::pty::{EPOLLSCOPE, Pty};

/// The line settings of a terminal that nobody has touched.
fn fresh() -> Termios {
    let mut pty = Pty::spawn("/bin/true", &[], SMALL, &[]);
    assert!(pty.wait_exit().success());
    pty.termios()
}

#[track_caller]
pub(crate) fn given_back(pty: &Pty, how: &str) {
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
fn without_colour_there_is_none() {
    let coloured = |env: &[(&str, &str)]| {
        let mut bench = Bench::open_with(HOME, &["--trigger", "edge"], env);
        bench.with_client().press("s").sees(&["3,000 new bytes arrived"]).press("w").sees(&["STRANDED"]);
        bench.press("q").ends("q");
        colours(bench.0.raw())
    };
    assert_eq!(coloured(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Vec::<u16>::new());
    let sixteen = coloured(&[]);
    assert!(!sixteen.is_empty() && !sixteen.contains(&2), "{sixteen:?}");
    assert!(coloured(&[("COLORTERM", "truecolor")]).contains(&38));
}

/// What SGR sequences say that is about colour.
fn colours(raw: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(raw);
    let commands = text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m'));
    let sgr = commands.filter(|(numbers, _)| numbers.bytes().all(|b| b.is_ascii_digit() || b == b';' || b == b':'));
    let numbers = sgr.flat_map(|(numbers, _)| numbers.split([';', ':']).filter_map(|n| n.parse().ok()));
    // 39, 49 and 59 give back the terminal's own.
    numbers.filter(|n| matches!(n, 2 | 30..=38 | 40..=48 | 58 | 90..=107)).collect()
}

#[test]
fn a_peer_cannot_command_the_terminal() {
    const ATTACK: &[u8] =
        b"\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x1b\\\x1b[31mred\x9b5n\xc2\x9b2J\x0e\x7f\x08\r\x1bc";
    let mut bench = Bench::open(HOME);
    let mut outsider = bench.outsider();
    outsider.write_all(ATTACK).expect("sent");
    let before = bench.0.raw().len();
    bench.press("w").sees(&["#1 timeout -1 → 1 event"]).press("w").sees(&["#2 timeout -1 → 1 event"]);
    bench.press(" ").sees(&["sendto(5, "]).press(" ").sees(&["in \\x1b[2J\\x1b]0;owned", "out \\x1b[2J"]);
    bench.press("j").press("j").sees(&["▶5 :"]).press("\r").sees(&["Bytes received", "|.[2J.]0;owned."]);
    outsider.read_exact(&mut [0; ATTACK.len()]).expect("the echo");
    let said = String::from_utf8(bench.0.raw()[before..].to_vec()).expect("whole characters");
    // The program's own sequences are CSI ones, and none of them clears the screen here.
    let mut escapes = said.split('\x1b').skip(1);
    assert!(escapes.all(|rest| rest.starts_with('[') && !rest.starts_with("[2J")), "{}", said.escape_debug());
    let control = said.chars().find(|c| c.is_control() && !matches!(c, '\x1b'));
    assert_eq!(control, None, "{}", said.escape_debug());
    bench.press("q").ends("q");
}

#[test]
fn every_end_is_orderly() {
    /// What it is called; what is pressed, and seen then; the last keys, or the signal.
    type End<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<&'a str, Signal>);
    let ends: [End<'_>; 10] = [
        ("q before the first call", &[], Ok("q")),
        ("q in epoll_wait", &[("w", "→ blocked")], Ok("q")),
        ("Ctrl-C in the help", &[("?", "Drive the server")], Ok("\x03")),
        ("Ctrl-C at a question", &[("c", ""), ("t", "text to send")], Ok("quit\x03")),
        ("q while it runs", &[("r", "→ blocked"), ("c", "1 conn ")], Ok("sssq")),
        ("SIGTERM while it runs", &[("r", "→ blocked")], Err(Signal::SIGTERM)),
        ("SIGINT with a call to come", &[("w", "→ blocked"), ("c", "accept4(3)")], Err(Signal::SIGINT)),
        ("SIGTERM at the policy", &[("p", "read size")], Err(Signal::SIGTERM)),
        ("SIGQUIT in epoll_wait", &[("w", "→ blocked")], Err(Signal::SIGQUIT)),
        ("SIGHUP", &[("r", "→ blocked"), ("c", "1 conn ")], Err(Signal::SIGHUP)),
    ];
    for (how, keys, last) in ends {
        let mut bench = Bench::open(SMALL);
        for (keys, seen) in keys {
            bench.press(keys).sees(&[seen]);
        }
        match last {
            Ok(keys) => bench.0.type_keys(keys),
            Err(signal) => bench.0.signal(signal),
        }
        bench.ends(how);
    }
    // A window that is closed. Nothing can be shown any more, and the server is closed all the same.
    let mut bench = Bench::open(HOME);
    bench.with_client();
    let mut outsider = bench.outsider();
    bench.0.hang_up();
    assert_eq!(bench.0.wait_exit().code(), Some(0));
    let gone = outsider.read(&mut [0]);
    assert!(gone.is_err() || gone.as_ref().is_ok_and(|n| *n == 0), "{gone:?}");
}

#[test]
fn an_unexpected_death_gives_the_terminal_back() {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edge.jsonl");
    let replay = ["replay", recording.to_str().expect("text")];
    let deadly = [Signal::SIGABRT, Signal::SIGBUS, Signal::SIGILL, Signal::SIGXCPU, Signal::SIGUSR2, Signal::SIGALRM];
    for (args, signal) in deadly.map(|signal| (&["--listen", "127.0.0.1:0"][..], signal)).into_iter().chain([
        (&replay[..], Signal::SIGUSR1),
        (&replay[..], Signal::SIGSEGV),
        (&["demo"][..], Signal::SIGABRT),
    ]) {
        let how = format!("{args:?}, {signal}");
        let mut pty = Pty::spawn(EPOLLSCOPE, args, HOME, &[]);
        pty.until(|text| text.contains("epoll"), "the screen");
        pty.signal(signal);
        assert_eq!(pty.wait_exit().signal(), Some(signal as i32), "{how}");
        given_back(&pty, &how);
    }
}

#[test]
fn a_death_that_begins_in_the_servers_thread_gives_the_terminal_back() {
    for signal in [Signal::SIGABRT, Signal::SIGUSR2, Signal::SIGALRM] {
        let mut bench = Bench::open(HOME);
        bench.with_client();
        let pid = bench.0.pid();
        let server =
            std::fs::read_dir(format!("/proc/{pid}/task")).expect("a running program").flatten().find(|task| {
                std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim_end() == "server")
            });
        let server: i32 = server.and_then(|task| task.file_name().to_str()?.parse().ok()).expect("the server's thread");
        // By a thread's number kill(2) reaches its process, and the kernel gives it to that thread if it takes it.
        kill(Pid::from_raw(server), signal).expect("a living thread");
        assert_eq!(bench.0.wait_exit().signal(), Some(signal as i32), "{signal}");
        given_back(&bench.0, signal.as_str());
    }
}

#[test]
fn a_failed_allocation_gives_the_terminal_back() {
    let mut bench = Bench::open(HOME);
    bench.with_client();
    let size = std::fs::read_to_string(format!("/proc/{}/statm", bench.0.pid())).expect("a running program");
    let pages: u64 = size.split(' ').next().and_then(|pages| pages.parse().ok()).expect("a number");
    // What there is may be kept, but no more can be had.
    let limit = format!("--as={}", pages * 4096);
    let limited = Command::new("prlimit").args(["--pid", &bench.0.pid().to_string(), &limit]).status();
    if !limited.is_ok_and(|status| status.success()) {
        eprintln!("left out: there is no prlimit(1)");
        return;
    }
    // The client's 64 MB are copied.
    bench.press("S").press(&"\x7f".repeat(8)).press("64000000\r");
    let status = bench.0.wait_exit();
    assert_eq!(status.signal(), Some(Signal::SIGABRT as i32), "{status}");
    given_back(&bench.0, "no memory");
}

#[test]
fn a_signal_is_heard_while_the_terminal_takes_nothing() {
    let mut bench = Bench::open(HOME);
    // Pictures until no more of them finds room: nobody reads.
    let mut waiting = 0;
    loop {
        bench.press("?").press("\x1b[C");
        let more = bench.0.waits_for_reader(Duration::from_millis(300), waiting);
        if more == waiting {
            break;
        }
        waiting = more;
    }
    bench.0.signal(Signal::SIGTERM);
    assert!(bench.0.ends_unread(Duration::from_secs(5)), "it waits for somebody to read");
    bench.ends("SIGTERM");
}

#[test]
fn it_stops_and_goes_on_like_any_program() {
    // The shell starts it itself, or something stands between them, as cargo does.
    for start in ["$0", "sh -c '$0; true'"] {
        let start = start.replace("$0", &format!("{EPOLLSCOPE} --listen 127.0.0.1:0"));
        let script = format!("set -m; {start}; echo stopped; read line; echo $line; fg; echo back $?");
        let mut bench = Bench(Pty::spawn("/bin/sh", &["-c", &script], HOME, &[]));
        bench.sees(&["epoll_create1("]);
        bench.with_client();
        let mut outsider = bench.outsider();
        bench.press("\x1a").sees(&["stopped"]);
        given_back(&bench.0, "stopped");
        // While it is stopped the kernel takes what comes.
        outsider.write_all(b"x").expect("sent");
        bench.press("hello\r").sees(&["epoll_wait calls", "#2 timeout -1 → 1 event", "in 0 out 0"]);
        assert!(!bench.0.termios().local_flags.contains(LocalFlags::ICANON));
        bench.press("q");
        assert_eq!(bench.0.wait_exit().code(), Some(0));
        given_back(&bench.0, "the end");
        let text = bench.0.text();
        assert!(text.contains("hello") && text.contains("back 0") && !text.contains("LEVEL"), "{text}");
    }
    // Nobody could continue a session's leader: it goes on.
    let mut bench = Bench::open(HOME);
    bench.press("\x1a ").sees(&["epoll_ctl(4, EPOLL_CTL_ADD, 3"]).0.signal(Signal::SIGTSTP);
    bench.press(" ").sees(&["epoll_wait(4, max 64"]).press("q").ends("q");
}

#[test]
fn idle_nothing_runs() {
    let mut bench = Bench::open(HOME);
    idle(&mut bench, "held");
    bench.with_client();
    idle(&mut bench, "blocked");
    bench.press("f").press("r").press("s").sees(&["in 3,000 out 3,000"]);
    idle(&mut bench, "running, with a client that does not read");
    bench.press("\x1b[D").sees(&["the past"]);
    idle(&mut bench, "in the past");
    bench.press("q").ends("q");
}

/// Nothing is drawn for a while, and then no time was spent either.
fn idle(bench: &mut Bench, when: &str) {
    let ticks = |bench: &Bench| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", bench.0.pid())).expect("a running program");
        // proc_pid_stat(5): after the name, which may hold anything, utime and stime are the 12th and 13th.
        let fields = stat.rsplit_once(')').expect("a name").1.split_whitespace().skip(11).take(2);
        fields.map(|n| n.parse::<u64>().expect("a number")).sum::<u64>()
    };
    // A last picture may be on its way when the screen already says what was waited for.
    for _ in 0..5 {
        let before = ticks(bench);
        if bench.0.is_silent(Duration::from_secs(1)) {
            let spent = ticks(bench) - before;
            assert!(spent <= 1, "{when}: {spent} ticks in a second in which nothing happened");
            return;
        }
    }
    panic!("{when}: it draws and draws; the screen:\n{}", bench.0.text());
}
