//! The program without a screen: what `serve` writes, every error's words, every exit code.

mod args;
mod program;
mod record;
mod replay;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use epollscope::analysis::Step;
use epollscope::trace::{Reader, World};
use nix::sys::signal::Signal;
use program::{DEADLINE, Program};
use snapbox::str;

use crate::support::loopback::loopback;
use crate::support::program::Scene;
use crate::support::pty::{EPOLLSCOPE, Pty};

/// It refuses on a terminal too, before it takes the screen.
#[track_caller]
fn refuses_on_a_terminal(args: &[&str], env: &[(&str, &str)], says: &[&str]) {
    let mut pty = Pty::spawn(EPOLLSCOPE, args, (200, 24), env);
    let status = pty.wait_exit();
    assert_eq!(status.code(), Some(3), "{args:?}: {}", pty.text());
    for wanted in says {
        assert!(pty.text().contains(wanted), "{args:?} does not say {wanted:?}: {}", pty.text());
    }
    assert!(!pty.raw().contains(&0x1b), "{}", pty.raw().escape_ascii());
}

/// A name for a file that is nobody else's.
fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("epollscope-cli-{}-{name}", std::process::id()))
}

/// Connects, sends, has it echoed and closes; each step once the server has gone to wait again.
fn converse(serve: &mut Program, waits: &str) {
    serve.writes(waits, 1);
    let mut client = serve.connect();
    serve.writes(waits, 2);
    client.write_all(b"hi\x1b[2J\n").expect("sent");
    client.read_exact(&mut [0; 7]).expect("the echo");
    serve.writes(waits, 3);
    drop(client);
    serve.writes(waits, 4);
}

const WAITS: &str = "epoll_wait(4, max 64, timeout -1)";

#[test]
fn serve_writes_a_line_for_each_call() {
    let mut serve = Program::serve(&[]);
    converse(&mut serve, WAITS);
    let ended = serve.signal(Signal::SIGTERM);
    ended.with(0, &["epollscope: 1 connection, 7 bytes in, 7 bytes out, 22 system calls\n"]);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.story);
    // The times and the two ports are whatever they are.
    let expected = str![[r#"
[..]  close_range(3, ~0U, CLOSE_RANGE_UNSHARE)           = 0
[..]  socket(SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC)     = 3
[..]  setsockopt(3, SO_REUSEADDR, 1)                     = 0
[..]  setsockopt(3, TCP_NODELAY, 1)                      = 0
[..]  bind(3, 127.0.0.1:0)                               = 0
[..]  listen(3, 4096)                                    = 0
[..]  getsockname(3)                                     = 0  [127.0.0.1:[..]]
[..]  --- policy: level, read 1024 B once, accept once, EPOLLOUT on demand, greedy, max 64, timeout -1
[..]  epoll_create1(EPOLL_CLOEXEC)                       = 4
[..]  epoll_ctl(4, EPOLL_CTL_ADD, 3, EPOLLIN)            = 0
[..]  epoll_wait(4, max 64, timeout -1) …
[..]  epoll_wait(4)                                      = 1  [3 EPOLLIN]
[..]  accept4(3)                                         = 5  [127.0.0.1:[..]]
[..]  epoll_ctl(4, EPOLL_CTL_ADD, 5, EPOLLIN|EPOLLPRI|EPOLLRDHUP) = 0
[..]  epoll_wait(4, max 64, timeout -1) …
[..]  epoll_wait(4)                                      = 1  [5 EPOLLIN]
[..]  recvfrom(5, "hi\x1b[2J\n", 1024)                   = 7
[..]  sendto(5, "hi\x1b[2J\n", 7)                        = 7
[..]  epoll_wait(4, max 64, timeout -1) …
[..]  epoll_wait(4)                                      = 1  [5 EPOLLIN|EPOLLRDHUP]
[..]  recvfrom(5, 1024)                                  = 0
[..]  epoll_ctl(4, EPOLL_CTL_DEL, 5, 0)                  = 0
[..]  close(5)                                           = 0
[..]  epoll_wait(4, max 64, timeout -1) …
[..]  epoll_wait(4)                                      = -1 EINTR (Interrupted system call)
[..]  close(3)                                           = 0
[..]  close(4)                                           = 0

"#]];
    snapbox::Assert::new().normalize_paths(false).eq(&ended.stdout, expected);
}

#[test]
fn jsonl_is_the_trace_format_and_what_is_recorded() {
    let file = temporary("jsonl");
    let path = file.to_str().expect("a path in Unicode");
    let mut serve = Program::serve(&["--format", "jsonl", "--record", path, "--trigger", "edge", "--read", "drain"]);
    let source = format!("serve {}", serve.addr());
    converse(&mut serve, r#""phase":"enter""#);
    let ended = serve.signal(Signal::SIGINT);
    ended.with(0, &["1 connection, 7 bytes in, 7 bytes out"]);
    let recorded = std::fs::read_to_string(&file).expect("a recording");
    std::fs::remove_file(&file).expect("removed");

    let after_header = |text: &str| text.split_once('\n').expect("a header").1.to_owned();
    assert_eq!(after_header(&ended.stdout), after_header(&recorded), "{}", ended.story);
    for text in [&ended.stdout, &recorded] {
        assert_eq!(Reader::new("it", text.as_bytes()).expect("a header").header().source, source);
    }
    let mut world = World::default();
    for record in Reader::new("it", recorded.as_bytes()).expect("a header") {
        world.apply(&record.expect("a record"));
    }
    let counters = world.counters();
    assert_eq!((counters.accepted, counters.closed, counters.bytes_in, counters.bytes_out), (1, 1, 7, 7));
    assert!(world.epoll().is_none(), "step 7 is in it: {}", ended.story);
    assert!(Step::ALL.iter().all(|step| step.is_done(&world)), "{}", ended.story);
    let waits = recorded.lines().filter(|line| line.contains("\"phase\":\"enter\"")).count();
    let closed = world.last_epoll().expect("what the closed one told");
    assert_eq!((closed.wait_count as usize, closed.len(), closed.ready_len()), (waits, 0, 0), "{}", ended.story);
}

#[test]
fn a_signal_closes_what_is_open() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGQUIT, Signal::SIGHUP] {
        let mut serve = Program::serve(&["--oneshot", "--timeout", "60000"]);
        let mut client = serve.connect();
        serve.writes("epoll_wait(4, max 64, timeout 60000)", 2);
        let ended = serve.signal(signal);
        ended.with(0, &["1 connection, 0 bytes in"]);
        let lines: Vec<&str> = ended.stdout.lines().rev().take(3).collect();
        for (line, call) in lines.iter().rev().zip(["  close(5) ", "  close(3) ", "  close(4) "]) {
            assert!(line.contains(call) && line.ends_with("= 0"), "{call}: {}", ended.story);
        }
        assert_eq!(client.read(&mut [0]).expect("the end of the stream"), 0);
    }
}

#[test]
fn without_a_format_it_only_serves() {
    let serve = Program::serve(&["--format", "none", "--read", "drain"]);
    let mut client = serve.connect();
    let message: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut writer = client.try_clone().expect("a second handle");
    let sent = message.clone();
    let sender = std::thread::spawn(move || writer.write_all(&sent).and_then(|()| writer.shutdown(Shutdown::Write)));
    let mut echo = Vec::new();
    client.read_to_end(&mut echo).expect("the echo");
    sender.join().expect("no panic").expect("sent");
    assert!(echo == message, "{} of {} bytes came back, or others", echo.len(), message.len());
    let ended = serve.signal(Signal::SIGINT);
    ended.with(0, &[]);
    assert_eq!((&*ended.stdout, ended.stderr.lines().count()), ("", 1), "{}", ended.story);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let _loopback = loopback();
    for format in ["text", "jsonl"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let args = ["serve", "--listen", "127.0.0.1:0", "--format", format];
        let mut serve = Program::spawn_to(Command::new(EPOLLSCOPE).args(args), writer.into());
        serve.says("listening on ");
        // As `head -1` does.
        let mut line = String::new();
        BufReader::new(reader).read_line(&mut line).expect("a line");
        assert!(line.contains("close_range(3") || line.contains("epollscope-trace"), "{line}");
        // It notices when it next writes, which may be now or after the connection: then it refuses or resets this client.
        if let Ok(mut client) = TcpStream::connect(serve.addr()) {
            client.set_read_timeout(Some(DEADLINE)).expect("a deadline");
            while client.write_all(b"x").is_ok() && client.read(&mut [0]).is_ok_and(|n| n > 0) {}
        }
        let ended = serve.end();
        ended.with(0, &[]);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.story);
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let _loopback = loopback();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("/dev/full"));
    let args = ["serve", "--listen", "127.0.0.1:0"];
    let serve = Program::spawn_to(Command::new(EPOLLSCOPE).args(args), full());
    serve.end().with(3, &["cannot write to standard output: No space left on device"]);

    let mut serve = Program::serve(&["--record", "/dev/full"]);
    serve.writes(WAITS, 1);
    let ended = serve.signal(Signal::SIGTERM);
    ended.with(3, &["epollscope: the recording /dev/full is incomplete from here on: No space left on device"]);
    assert!(ended.stdout.contains("  close(4) "), "{}", ended.story);

    for path in ["/", "/nonexistent/trace.jsonl"] {
        let says = [&*format!("cannot record to {path}"), "choose another file with --record"];
        let args = ["--listen", "127.0.0.1:0", "--record", path];
        Program::start(&[&["serve"], &args[..]].concat()).end().with(3, &says);
        refuses_on_a_terminal(&args, &[], &says);
    }
}

#[test]
fn an_address_in_use_is_named_with_what_helps() {
    let _loopback = loopback();
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = other.local_addr().expect("an address");
    let (listen, find) = (format!("--listen={addr}"), format!("'sport = :{}'`", addr.port()));
    let says =
        [&*format!("cannot listen on {addr}: Address already in use"), "--listen 127.0.0.1:", "`ss -ltnp", &*find];
    let ended = Program::start(&["serve", &listen]).end();
    ended.with(3, &says);
    assert_eq!(ended.stdout, "", "{}", ended.story);
    refuses_on_a_terminal(&[&listen], &[], &says);
}

#[test]
fn an_address_of_nobody_here_is_refused() {
    // For documentation, RFC 5737: it is bound, and nothing is sent.
    let ended = Program::start(&["serve", "--listen", "192.0.2.1:0"]).end();
    ended.with(3, &["cannot listen on 192.0.2.1:0: Cannot assign requested address", "`ip address`", "127.0.0.1:9292"]);
}

#[test]
fn a_port_of_the_systems_needs_a_permission() {
    let first_free = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    if first_free.trim().parse() == Ok(0) {
        eprintln!("skipped: here every port is for everybody (ip_unprivileged_port_start)");
        return;
    }
    let args = ["serve", "--listen", "127.0.0.1:1"];
    let is_root = std::fs::metadata("/proc/self").expect("/proc").uid() == 0;
    let ended = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-net_bind_service", EPOLLSCOPE]).args(args);
        if Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("skipped: root may have every port, and there is no setpriv(1) to give that up");
            return;
        }
        Program::spawn(&mut command).end()
    } else {
        Program::start(&args).end()
    };
    ended.with(3, &["cannot listen on 127.0.0.1:1: Permission denied", "--listen"]);
}

#[test]
fn others_than_the_loopback_are_warned_of() {
    let mut serve = Program::start(&["serve", "--listen", "0.0.0.0:0"]);
    serve.says("is not the loopback: anyone who can reach this machine can connect\n");
    let addr = serve.addr();
    let ended = serve.signal(Signal::SIGTERM);
    ended.with(0, &[&format!("epollscope: listening on {addr}\nepollscope: warning: {addr} is not the loopback")]);

    let mut pty = Pty::spawn(EPOLLSCOPE, &["--listen", "0.0.0.0:0"], (120, 40), &[]);
    pty.until(|text| text.contains("epoll_create1") && text.contains("is not the loopback"), "a warning");
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(pty.text().contains("epollscope: warning: 0.0.0.0:"), "it stays behind: {}", pty.text());
}

#[test]
fn wrong_usage_is_told_by_name() {
    let wrong: [(&[&str], &str); 10] = [
        (&["--read-size", "0"], "invalid value '0' for '--read-size <N>'"),
        (&["serve", "--read-size", "1048577"], "1048577 is not in 1..=1048576"),
        (&["--timeout", "-2"], "invalid value '-2' for '--timeout <MS>'"),
        (&["--max-events", "0"], "--max-events"),
        (&["--fault", "blocking,nope"], "invalid value 'nope' for '--fault <NAME>'"),
        (&["serve", "--fault", "nope"], "exact-match, close-first, decode-text, blocking, unchecked-send, tutorial"),
        (&["serve", "--format", "xml"], "[possible values: text, jsonl, none]"),
        (&["--listen", "nowhere"], "invalid value 'nowhere' for '--listen <ADDR:PORT>'"),
        (&["--frobnicate"], "unexpected argument '--frobnicate'"),
        (&["sevre"], "'serve'"),
    ];
    for (args, says) in wrong {
        let ended = Program::start(args).end();
        ended.with(2, &["error: ", says, "--help"]);
        assert_eq!(ended.stdout, "", "{}", ended.story);
    }
    for (args, writes) in [("--help", "Run the same server without a screen"), ("--version", env!("CARGO_PKG_VERSION"))]
    {
        let ended = Program::start(&[args]).end();
        assert!(ended.with(0, &[]).stdout.contains(writes), "{}", ended.story);
    }
}

#[test]
fn a_screen_needs_a_terminal() {
    let ended = Program::start(&["--listen", "127.0.0.1:0"]).end();
    ended.with(3, &["epollscope: standard input is not a terminal", "`epollscope serve`"]);
    assert_eq!(ended.stdout, "", "{}", ended.story);
    for (term, says) in [("dumb", "TERM is `dumb`"), ("", "TERM is not set")] {
        refuses_on_a_terminal(&["--listen", "127.0.0.1:0"], &[("TERM", term)], &[says, "`epollscope serve`"]);
    }
    let scene = Scene::recorded("screenless", "e = epoll\n");
    Program::start(&["replay", scene.path()]).end().with(3, &["is not a terminal", "`epollscope export`"]);
}

#[test]
fn what_cannot_be_read_is_refused_by_each_who_reads_alike() {
    for file in ["/nowhere.jsonl", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        for args in [&["replay", file][..], &["export", file, "--to", "csv"], &["diff", file, file]] {
            Program::start(args).end().with(3, &["epollscope: ", file]);
        }
    }
}
