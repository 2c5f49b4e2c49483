//! A running program that is taken over, `epollscope watch --trace -p PID`, and let go of: it notices nothing.

use std::fs;
use std::io::{Read as _, Write as _};

use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::watched::{Running, Watched};
use crate::watch::{NONE, echo};

/// The states of all threads, and who traces the process.
fn stands(server: &Running) -> (String, String) {
    let pid = server.pid();
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    let stat = |task: fs::DirEntry| fs::read_to_string(task.path().join("stat")).expect("a thread");
    let state = |stat: String| stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()).expect("a state");
    let states = tasks.map(|task| state(stat(task.expect("a thread")))).collect();
    let fields = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let tracer = fields.lines().find_map(|line| line.strip_prefix("TracerPid:\t")).expect("a field");
    (states, tracer.to_owned())
}

/// Takes it over and lets go of it, several times, and at last by SIGKILL; its clients are served all along.
fn is_unharmed(program: &str) -> Option<Running> {
    let server = Running::start(program)?;
    let (mut first, mut second) = (server.connect(), server.connect());
    echo(&mut first, 10, 10);
    echo(&mut second, 10, 10);
    for last in [false, false, true] {
        let mut watched = Watched::attach(&server, &[]);
        // It is taken over somewhen.
        while !watched.has_said("xx\", 10)") {
            echo(&mut first, 10, 10);
        }
        let mut client = server.connect();
        echo(&mut client, 3_000, 3_000);
        drop(client);
        if last {
            watched.kill();
        } else {
            let ended = watched.end();
            assert_eq!((ended.status, ended.findings()), (0, NONE.to_vec()), "{program}: {ended}");
        }
        echo(&mut second, 10, 10);
        let (states, tracer) = stands(&server);
        assert!(!states.contains(['t', 'T']) && tracer == "0", "{program}: {states}, traced by {tracer}");
    }
    Some(server)
}

#[test]
fn a_server_with_threads_gets_no_eintr_of_ours() {
    let Some(server) = is_unharmed("right/threads_count.c") else { return };
    let mut client = server.connect();
    client.write_all(b"?").expect("sent");
    let mut count = [0; 2];
    client.read_exact(&mut count).expect("a line");
    assert_eq!(&count, b"0\n");
}

#[test]
fn servers_in_python_and_their_children_are_served_on() {
    for program in ["right/asyncio_echo.py", "right/edge_drained.py", "right/prefork.py"] {
        if is_unharmed(program).is_none() {
            return;
        }
    }
}

#[test]
fn what_was_stranded_before_is_named_and_the_rest_is_unknown() {
    let Some(server) = Running::start("wrong/edge_read_once.py") else { return };
    let mut client = server.connect();
    echo(&mut client, 3_000, 1_024);
    let mut watched = Watched::attach(&server, &[]);
    watched.until("! stranded");
    let found = watched.end();
    assert_eq!(found.findings(), ["stranded: fd 5"]);
    assert!(found.says("1,976 bytes are unread"), "{found}");
    echo(&mut client, 24, 1_024);
}

#[test]
fn who_traces_it_already_is_named() {
    let Some(server) = Running::start("right/asyncio_echo.py") else { return };
    let mut first = Watched::attach(&server, &[]);
    first.until("epoll_wait(");
    let tracer = stands(&server).1;
    let ended = Watched::attach(&server, &[]).ended();
    let wanted = format!("process {tracer} (strace, gdb or the like) already traces process {}", server.pid());
    assert!(ended.status == 3 && ended.says(&wanted), "{ended}");
    assert_eq!(first.end().status, 0);
}

#[test]
fn a_key_of_the_look_traces_and_q_lets_go() {
    let Some(server) = Running::start("wrong/edge_read_once.py") else { return };
    let mut client = server.connect();
    let mut pty = Pty::spawn(EPOLLSCOPE, &["watch", "-p", &server.pid()], (120, 40), &[]);
    pty.types_until(&[
        ("", "never stopped"),
        ("t", "q lets it run on as before"),
        ("", "▶ blocked in epoll_wait"),
        ("", "IN RDHUP ET"),
        ("", "1 conn "),
    ]);
    echo(&mut client, 3_000, 1_024);
    pty.types_until(&[
        ("", "STRANDED"),
        (" ", "paused: each thread stops"),
        ("c", "a client connects"),
        (" ", "accept4(3)"),
        ("r", "in 1,024"),
    ]);
    pty.quits();
    echo(&mut client, 24, 1_024);
    assert_eq!(stands(&server).1, "0");
}
