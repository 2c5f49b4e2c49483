//! Programs that the tests start under `epollscope watch`: each mistake is named by its finding, and nothing else is.

mod agreement;
mod attach;
mod background;
mod ends;
mod peek;
mod screen;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Command;

use nix::libc;
use nix::sys::socket::{setsockopt, sockopt::Linger};

use crate::support::pty::EPOLLSCOPE;
use crate::support::watched::{Watched, at_line, compiled, is_forbidden};

/// What is said of a right server.
const NONE: &[&str] = &["no findings"];

/// Sends `bytes`, and reads so many of their echo.
pub(crate) fn echo(client: &mut TcpStream, bytes: usize, back: usize) {
    client.write_all(&vec![b'x'; bytes]).expect("sent");
    let mut echo = vec![0; back];
    client.read_exact(&mut echo).expect("an echo");
    assert!(echo.iter().all(|byte| *byte == b'x'));
}

fn reset(client: TcpStream) {
    setsockopt(&client, Linger, &libc::linger { l_onoff: 1, l_linger: 0 }).expect("set");
    drop(client);
}

/// The end of the stream, which a server answers with its own.
fn finish(client: &mut TcpStream) {
    client.shutdown(Shutdown::Write).expect("shut down");
    assert_eq!(client.read(&mut [0]).expect("the end"), 0);
}

#[test]
fn the_tutorial_server_spins_after_a_reset() {
    let Some(mut watched) = Watched::start("wrong/tutorial.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    reset(client);
    watched.until("! spin");
    let found = watched.end();
    assert_eq!(found.findings(), ["spin: fd 5"]);
    assert!(found.says("[5 EPOLLIN|EPOLLERR|EPOLLHUP]  @ tutorial.py:14\n"), "the line of the wait: {found}");
    assert!(found.says("EPOLLIN|EPOLLERR|EPOLLHUP was reported 64 times in a row"), "{found}");
}

#[test]
fn the_tutorial_server_dies_of_unregistering_what_is_closed() {
    let Some(mut watched) = Watched::start("wrong/tutorial.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    drop(client);
    let found = watched.ended();
    assert_eq!(found.findings(), ["DEL after close: fd 5"]);
    assert_eq!(found.status, 1, "the exit code is the program's");
    for line in ["close(5) = 0  @ tutorial.py:24\n", "EBADF (Bad file descriptor)  @ tutorial.py:25\n"] {
        assert!(found.says(line), "{line}: {found}");
    }
}

#[test]
fn one_recv_for_each_edge_strands_bytes() {
    let Some(mut watched) = Watched::start("wrong/edge_read_once.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 3_000, 1_024);
    watched.until("! stranded");
    let found = watched.end();
    assert_eq!(found.findings(), ["stranded: fd 5"]);
    assert!(found.says("1,976 bytes are unread"), "{found}");
}

#[test]
fn one_accept_for_each_edge_leaves_a_client_waiting() {
    let Some(mut watched) = Watched::start("wrong/edge_accept_once.py") else { return };
    let clients = [watched.connect(), watched.connect()];
    watched.say("go\n");
    watched.until("! waits to be accepted");
    drop(clients);
    assert_eq!(watched.end().findings(), ["waits to be accepted: fd 3"]);
}

#[test]
fn epollout_with_nothing_to_send_is_named_and_not_taken_for_another_spin() {
    let Some(mut watched) = Watched::start("wrong/out_always.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    watched.until("! EPOLLOUT armed");
    assert_eq!(watched.end().findings(), ["EPOLLOUT armed: fd 5"]);
}

#[test]
fn a_server_without_a_free_fd_is_named() {
    let Some(mut watched) = Watched::start("wrong/no_fd.py") else { return };
    let clients: Vec<TcpStream> = (0..4).map(|_| watched.connect()).collect();
    watched.until("! no fd left");
    drop(clients);
    assert_eq!(watched.end().findings(), ["no fd left: fd 3"]);
}

#[test]
fn a_closed_fd_that_is_still_reported_is_a_ghost() {
    let Some(mut watched) = Watched::start("wrong/ghost.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    watched.until("! ghost");
    assert_eq!(watched.end().findings(), ["ghost: fd 4"]);
}

#[test]
fn a_blocking_fd_that_is_drained_hangs_the_server() {
    let Some(mut watched) = Watched::start("wrong/blocking_drain.c") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    watched.until("! hang");
    let found = watched.end();
    assert_eq!(found.findings(), ["hang: fd 5"]);
    assert!(found.says(&at_line("wrong/blocking_drain.c", "read(")), "{found}");
}

#[test]
fn an_end_of_the_stream_that_is_ignored_is_a_spin() {
    let Some(mut watched) = Watched::start("wrong/end_ignored.c") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    client.shutdown(Shutdown::Write).expect("shut down");
    watched.until("! spin");
    let found = watched.end();
    assert_eq!(found.findings(), ["spin: fd 5"]);
    assert!(found.says("EPOLLIN was reported 64 times"), "{found}");
    assert!(found.says(&at_line("wrong/end_ignored.c", "epoll_wait(")), "{found}");
}

#[test]
fn bytes_that_no_thread_is_about_to_read_are_stranded() {
    let Some(mut watched) = Watched::start("wrong/threads_read_once.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 100, 16);
    watched.until("! stranded");
    assert_eq!(watched.end().findings(), ["stranded: fd 5"]);
}

#[test]
fn the_rest_of_a_short_write_is_missed() {
    let Some(mut watched) = Watched::start("wrong/short_write.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    watched.until("! short write");
    let found = watched.end();
    assert_eq!(found.findings(), ["short write: fd 5"]);
    assert!(found.says(&at_line("wrong/short_write.py", ".send(")), "{found}");
}

#[test]
fn an_event_of_what_was_closed_in_the_same_batch_is_named() {
    let Some(mut watched) = Watched::start("wrong/use_after_close.py") else { return };
    let (first, second) = (watched.connect(), watched.connect());
    drop((first, second));
    watched.say("go\n");
    let found = watched.ended();
    assert_eq!(found.findings(), ["use after close: fd 5"]);
    assert!(found.says("EBADF (Bad file descriptor)  @ use_after_close.py:"), "{found}");
}

#[test]
fn a_one_shot_that_stays_disarmed_is_named() {
    let Some(mut watched) = Watched::start("wrong/one_shot.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    watched.until("! one-shot not re-armed");
    assert_eq!(watched.end().findings(), ["one-shot not re-armed: fd 5"]);
}

#[test]
fn a_connection_that_is_registered_by_two_numbers_is_named() {
    let Some(watched) = Watched::start("wrong/registered_twice.py") else { return };
    let mut client = watched.connect();
    echo(&mut client, 10, 10);
    assert_eq!(watched.end().findings(), ["registered twice: fd 6"]);
}

#[test]
fn connections_that_are_never_closed_are_a_leak() {
    let Some(mut watched) = Watched::start("wrong/leak.py") else { return };
    for _ in 0..3 {
        let mut client = watched.connect();
        echo(&mut client, 10, 10);
    }
    watched.until("! fd leak");
    assert_eq!(watched.end().findings(), ["fd leak: fd 5"]);
}

#[test]
fn workers_that_are_woken_for_nothing_are_a_herd() {
    let Some(mut watched) = Watched::start("wrong/herd.py") else { return };
    while !watched.has_said("! thundering herd") {
        // Its end says that somebody has accepted it.
        let _ = watched.connect().read(&mut [0]);
    }
    assert_eq!(watched.end().findings(), ["thundering herd: fd 3"]);
}

/// Two clients at once, three times: whole echoes, and both ends.
fn is_right(program: &str) {
    let Some(watched) = Watched::start(program) else { return };
    for _ in 0..3 {
        let (mut a, mut b) = (watched.connect(), watched.connect());
        echo(&mut a, 3_000, 3_000);
        echo(&mut b, 10, 10);
        echo(&mut a, 1, 1);
        finish(&mut b);
        finish(&mut a);
    }
    let found = watched.end();
    assert_eq!(found.findings(), NONE, "{found}");
    assert!(found.calls("epoll_") > 10, "{found}");
}

#[test]
fn right_servers_have_no_findings() {
    let servers = [
        "level.py",
        "edge_drained.py",
        "edge_turns.py",
        "asyncio_echo.py",
        "threads.py",
        "threads_edge.py",
        "prefork.py",
        "unregisters.py",
        "level.c",
        "vectors.c",
        "level.rs",
    ];
    for server in servers {
        is_right(&format!("right/{server}"));
    }
}

/// The program's own lines, with optimisation, through the C library or the standard library.
#[test]
fn calls_of_compiled_programs_have_their_lines() {
    let c = [
        ("epoll_ctl(4, EPOLL_CTL_ADD, 3", "ADD, listener"),
        ("epoll_wait(4, max 2", "epoll_wait("),
        ("accept(3)", "accept("),
        ("read(5, \"x", "read("),
        ("write(5, \"x", "write("),
    ];
    let rust = [
        ("epoll_ctl(4, EPOLL_CTL_ADD, 3", "unsafe { epoll_ctl("),
        ("epoll_wait(4, max 2", "unsafe { epoll_wait("),
        ("accept4(3)", "listener.accept("),
        ("recvfrom(5, \"x", "client.read("),
        ("sendto(5, \"x", "client.write_all("),
    ];
    for (program, calls) in [("right/level.c", c), ("right/level.rs", rust)] {
        let Some(watched) = Watched::start(program) else { return };
        echo(&mut watched.connect(), 10, 10);
        let found = watched.end();
        for (call, text) in calls {
            let line = at_line(program, text);
            assert!(found.has_line_with(&[call, &line]), "{call} {line}: {found}");
        }
    }
}

/// The calls of a trace, each with its result: `read = 8`, `epoll_wait = -1 EINVAL`.
fn results(trace: &str, names: &[&str]) -> Vec<String> {
    let call = |line: &str| {
        let at = names.iter().filter_map(|name| line.find(&format!("{name}(")).map(|at| (at, *name))).min()?;
        let (_, result) = line[at.0..].rsplit_once(" = ")?;
        let result: Vec<&str> = result.split_whitespace().take(if result.starts_with('-') { 2 } else { 1 }).collect();
        Some(format!("{} = {}", at.1, result.join(" ")))
    };
    trace.lines().filter_map(call).collect()
}

#[test]
fn the_calls_are_those_that_strace_sees() {
    const NAMES: &[&str] = &[
        "socketpair",
        "pipe2",
        "eventfd2",
        "timerfd_create",
        "timerfd_settime",
        "epoll_create1",
        "epoll_ctl",
        "epoll_wait",
        "epoll_pwait",
        "write",
        "read",
        "writev",
        "readv",
        "sendmsg",
        "recvmsg",
        "recvfrom",
        "sendto",
        "splice",
        "dup",
        "dup2",
        "ioctl",
        "fcntl",
        "shutdown",
        "close",
    ];
    let Some(program) = compiled("calls.c") else { return };
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "signal=none", "-e"]).arg(format!("trace={}", NAMES.join(",")));
    let Ok(strace) = strace.arg(&program).output() else {
        return eprintln!("SKIPPED: strace is not installed, so that calls are compared with nothing");
    };
    let watch = Command::new(EPOLLSCOPE).args(["watch", "--"]).arg(&program).output().expect("it runs");
    if is_forbidden(&watch) {
        return;
    }
    let [theirs, ours] = [&strace.stderr, &watch.stderr].map(|trace| String::from_utf8_lossy(trace).into_owned());
    // The loader opens, reads and closes libraries: regular files, which are left out here.
    let after = theirs.find("socketpair(").expect("the program's first call");
    let (theirs, ours) = (results(&theirs[after..], NAMES), results(&ours, NAMES));
    assert!(theirs.len() > 30, "{theirs:#?}");
    assert_eq!(ours, theirs);
}

#[test]
fn a_recording_of_a_watched_program_opens_and_is_the_same_when_compared() {
    let Some(program) = compiled("calls.c") else { return };
    let path = |n: u32| std::env::temp_dir().join(format!("epollscope-{}-watched-{n}.jsonl", std::process::id()));
    for n in 0..2 {
        let mut watch = Command::new(EPOLLSCOPE);
        watch.args(["watch", "-q", "--record"]).arg(path(n)).arg("--").arg(&program);
        if is_forbidden(&watch.output().expect("it runs")) {
            return;
        }
    }
    let text = |arguments: &[&str], files: u32| {
        let files = (0..files).map(path);
        let output = Command::new(EPOLLSCOPE).args(arguments).args(files).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = text(&["diff"], 2);
    assert_eq!(code, Some(0), "{said}");
    let (code, table) = text(&["export", "--to", "csv"], 1);
    assert_eq!((code, table.lines().count()), (Some(0), 3), "a wait, and one by another name: {table}");
    (0..2).for_each(|n| std::fs::remove_file(path(n)).expect("removed"));
}
