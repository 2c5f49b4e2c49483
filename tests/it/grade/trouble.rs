//! Servers that cannot be graded: each gets a clear word, and nothing of it is left.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::grade;
use crate::support::watched::{is_forbidden, python};

/// Grades a program in Python, and checks what is said of it; then nothing of it runs any more.
fn is_told(name: &str, program: &str, said: &str) {
    let Some(python) = python() else { return };
    // Whoever has this word among its arguments is of this test.
    let mark = format!("grade-trouble-{name}-{}", std::process::id());
    let command: Vec<PathBuf> = vec![python, "-c".into(), program.into(), mark.clone().into()];
    let output = grade(&["--case", "idle"], &command);
    if is_forbidden(&output) {
        return;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains(said), "{said:?} in {errors}");
    assert!(errors.contains("case idle could not be played"), "{errors}");
    assert_eq!(output.status.code(), Some(1));
    // What was killed takes a moment to end.
    let end = Instant::now() + Duration::from_secs(20);
    while let Some(left) = runs(&mark) {
        assert!(Instant::now() < end, "{left} is left");
        std::thread::yield_now();
    }
}

/// A process with this among its arguments.
fn runs(mark: &str) -> Option<String> {
    let processes = std::fs::read_dir("/proc").expect("proc").flatten();
    let lines = processes.map(|process| std::fs::read(process.path().join("cmdline")).unwrap_or_default());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).find(|line| line.contains(mark))
}

#[test]
fn a_server_that_ends_at_once_is_told_so_with_its_last_line() {
    is_told(
        "ends",
        "raise SystemExit('no such setting')",
        "the server ended with status 1; its last line: no such setting, before any client came",
    );
}

#[test]
fn a_server_that_listens_elsewhere_is_told_where() {
    let program = "import socket, select\ns = socket.create_server(('127.0.0.1', 0))\nselect.epoll().poll()";
    is_told("elsewhere", program, "write {port} in its command, read the environment variable PORT");
}

#[test]
fn a_server_without_an_epoll_is_told_so() {
    let program = "import os, socket\ns = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\ns.accept()";
    is_told("none", program, "the server makes no epoll");
}

#[test]
fn a_server_that_goes_into_the_background_is_told_so_and_ended() {
    let program = "import os, socket, select\ns = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n\
                   if os.fork(): os._exit(0)\nos.setsid()\nselect.epoll().poll()";
    is_told("daemon", program, "it became a daemon");
}

#[test]
fn a_server_that_forks_and_ends_is_no_daemon() {
    is_told("forks", "import os\nif os.fork(): os.wait()", "the server ended with status 0, before any client came");
}

#[test]
fn a_server_that_hangs_at_its_start_is_told_so() {
    is_told("hangs", "import signal\nsignal.pause()", "nothing more comes from it: write {port} in its command");
}

#[test]
fn a_signal_ends_the_grading_with_what_was_found_so_far() {
    let program = "import os, signal\nos.kill(int(os.environ['GRADE']), signal.SIGTERM)\nsignal.pause()";
    let program = format!("import os\nos.environ['GRADE'] = str(os.getppid())\n{program}");
    is_told("signalled", &program, "it was interrupted");
}
