//! What a terminal does to its program, and what the harness reads of it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use nix::sys::signal::Signal;
use nix::sys::termios::LocalFlags;

use crate::support::pty::Pty;

#[test]
fn the_terminal_answers_and_takes_raw_mode() {
    let script = r"stty raw -echo; printf 'ab\033[6n'; dd bs=1 count=6 2>/dev/null | od -An -c
                   dd bs=1 count=1 2>/dev/null; stty sane; printf '\033[?25h'; exit 3";
    let mut pty = Pty::spawn("/bin/sh", &["-c", script], (80, 24), &[]);
    pty.until(|text| text.contains("033   [   1   ;   3   R"), "the answer to a question for the cursor");
    assert!(!pty.termios().local_flags.contains(LocalFlags::ICANON));
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(3));
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON));
    assert!(pty.raw().ends_with(b"\x1b[?25h"), "{}", pty.raw().escape_ascii());
    assert!(!pty.screen().hide_cursor());
}

#[test]
fn the_terminal_controls_its_program() {
    let script = "trap 'echo caught' INT; trap 'stty size' WINCH; stty size; echo $TERM; while :; do read line; done";
    let spawn = || Pty::spawn("/bin/sh", &["-c", script], (80, 24), &[("TERM", "vt220")]);
    let mut pty = spawn();
    pty.until(|text| text.contains("24 80\nvt220"), "the first size");
    pty.resize(100, 30);
    pty.until(|text| text.contains("30 100"), "the new size");
    pty.type_keys("\x03");
    pty.until(|text| text.contains("caught"), "Ctrl-C");
    pty.signal(Signal::SIGKILL);
    assert_eq!(pty.wait_exit().signal(), Some(9));

    let mut pty = spawn();
    pty.until(|text| text.contains("vt220"), "the start");
    pty.hang_up();
    assert_eq!(pty.wait_exit().signal(), Some(1), "SIGHUP");
}

#[test]
fn what_passes_in_the_foreground_passes_in_the_background() {
    let this = std::env::current_exe().expect("the path of the tests");
    let ignoring = r#"trap '' HUP INT QUIT; exec "$0" --exact pty::the_terminal_controls_its_program"#;
    let output = Command::new("sh").args(["-c", ignoring]).arg(this).output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
