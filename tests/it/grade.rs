//! Servers under `epollscope grade`: the right ones pass, and each mistake is failed by its case and named.

mod corpus;
mod reports;
mod running;
mod trouble;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;
use crate::support::watched::{compiled, is_forbidden, python};

fn grade(arguments: &[&str], server: &[PathBuf]) -> Output {
    let _share = loopback();
    let mut command = Command::new(EPOLLSCOPE);
    command.arg("grade").args(arguments).arg("--").args(server).env("LC_ALL", "C");
    command.output().expect("it runs")
}

/// A server of the tests, ready to be started; `None` where this machine can't, which is said loudly.
fn server(file: &str) -> Option<Vec<PathBuf>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    match Path::new(file).extension().and_then(|extension| extension.to_str()) {
        Some("py") => Some(vec![python()?, tests.join(file)]),
        _ => Some(vec![compiled(&format!("../{file}"))?]),
    }
}

/// Each case that was played: its id, its verdict, and the mistake; `None` where ptrace is not allowed.
fn verdicts(arguments: &[&str], server: &[PathBuf]) -> Option<Vec<String>> {
    let output = grade(&[&["--format", "json"], arguments].concat(), server);
    if is_forbidden(&output) {
        return None;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    let cases = report["cases"].as_array().expect("cases");
    let word = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let said = |case| format!("{} {} {}", word(case, "id"), word(case, "verdict"), word(case, "mistake"));
    Some(cases.iter().map(|case| said(case).trim_end().to_owned()).collect())
}

#[test]
fn the_list_has_thirty_cases() {
    let output = grade(&["--list"], &[]);
    let list = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success());
    assert_eq!(list.lines().filter(|line| !line.starts_with(' ')).count(), 30, "{list}");
}

#[test]
fn a_case_that_there_is_not_is_refused_with_the_nearest() {
    let output = grade(&["--case", "big-massage"], &["true".into()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("did you mean big-message?"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn all_mistakes_of_the_tutorial_server_are_named() {
    let Some(server) = server("programs/wrong/tutorial.py") else { return };
    let cases = "big-message,reset-idle,end-idle,never-reads";
    let Some(verdicts) = verdicts(&["--port", "0", "--case", cases], &server) else { return };
    assert_eq!(
        verdicts,
        [
            "big-message fail text instead of bytes",
            "reset-idle unclean spin",
            "end-idle fail DEL after close",
            "never-reads fail hang",
        ]
    );
}

#[test]
fn a_failed_case_says_what_was_seen_and_proves_it() {
    let Some(server) = server("programs/wrong/tutorial.py") else { return };
    let output = grade(&["--port", "0", "--case", "end-idle"], &server);
    if is_forbidden(&output) {
        return;
    }
    let said = String::from_utf8(output.stdout).expect("text");
    for part in [
        "FAIL      end-idle             the end while idle\n",
        "            expected: the server ends its side too, and goes on\n",
        "OSError: [Errno 9] Bad file descriptor",
        "            mistake: DEL after close\n",
        "  close(5) = 0  @ tutorial.py:24\n",
        "  epoll_ctl(4, EPOLL_CTL_DEL, 5, 0) = -1 EBADF (Bad file descriptor)  @ tutorial.py:25\n",
        "listener level-triggered (tutorial.py:11), connections level-triggered (tutorial.py:17)\n",
        "0 passed, 0 unclean, 1 failed, 0 not applicable\n",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_comes_between_two_waits_is_in_one_edge() {
    let Some(mut server) = server("grade/seeded.c") else { return };
    server.extend(["edge", "accept-once"].map(PathBuf::from));
    let Some(verdicts) = verdicts(&["--case", "two-in-one-edge"], &server) else { return };
    assert_eq!(verdicts, ["two-in-one-edge fail waits to be accepted"]);
}

#[test]
fn a_right_server_passes_what_it_is_asked_for() {
    let Some(server) = server("grade/right/edge.c") else { return };
    let cases = "big-message,half-close,end-pending,peer-resumes,flooder,fds-recovery,terminate";
    let Some(verdicts) = verdicts(&["--case", cases], &server) else { return };
    assert!(verdicts.iter().all(|verdict| verdict.ends_with(" pass")) && verdicts.len() == 7, "{verdicts:?}");
}

/// What is said of a case of the seeded server in Python.
fn said(arguments: [&str; 2], case: &str) -> Option<String> {
    let mut server = server("grade/seeded.py")?;
    server.extend(arguments.map(PathBuf::from));
    let output = grade(&["--case", case], &server);
    (!is_forbidden(&output)).then(|| String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn eagain_of_send_taken_for_an_error_is_named_whether_it_ends_the_server_or_the_connection() {
    for mistake in ["again-fatal", "again-closes"] {
        let Some(said) = said(["level", mistake], "peer-resumes") else { return };
        assert!(said.contains("mend it: EAGAIN of send is no error: keep the rest"), "{said}");
        assert_eq!(said.contains("the server ended"), mistake == "again-fatal", "{said}");
        assert!(said.contains("-1 EAGAIN") && !said.contains("close(3)"), "{said}");
    }
}

#[test]
fn a_server_that_has_no_fd_for_a_client_is_told_of_the_spare_one() {
    let Some(said) = said(["level", "emfile-fatal"], "out-of-fds") else { return };
    assert!(said.contains("mistake: an error ends the server") && said.contains("mend it: keep a spare fd"), "{said}");
}

#[test]
fn output_that_is_thrown_away_is_lost_and_not_unbounded() {
    let Some(said) = said(["level", "lost"], "memory-bounded") else { return };
    assert!(said.contains("mistake: output lost"), "{said}");
}

/// Edge-triggered, with one recv for each report and one for the end: what is unread hides a reset.
const ONE_READ: &str = "import os, select, socket
l = socket.create_server(('127.0.0.1', int(os.environ['PORT'])), backlog=128)
l.setblocking(False)
ep = select.epoll()
ep.register(l, select.EPOLLIN)
conns = {}
while True:
    for fd, _ in ep.poll():
        if fd == l.fileno():
            s = l.accept()[0]
            s.setblocking(False)
            conns[s.fileno()] = s
            ep.register(s, select.EPOLLIN | select.EPOLLET)
            continue
        try: data = conns[fd].recv(4096)
        except OSError: data = b''
        if data:
            try: conns[fd].send(data)
            except OSError: pass
        else:
            conns.pop(fd).close()";

#[test]
fn a_socket_that_stays_open_over_unread_bytes_is_stranded_and_every_case_of_it_ends() {
    let Some(python) = python() else { return };
    let output = grade(&["--case", "reset-write,flooder"], &[python, "-c".into(), ONE_READ.into()]);
    if is_forbidden(&output) {
        return;
    }
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("mistake: stranded") && !said.contains("  close("), "{said}");
    assert!(said.contains(" flooder ") && !said.contains("did not come to rest"), "{said}");
}

#[test]
fn a_command_that_there_is_not_is_told_as_watch_tells_it() {
    let output = grade(&["--case", "idle"], &["no-such-server".into()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no command no-such-server in the directories of PATH"), "{said}");
}
