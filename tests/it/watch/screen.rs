//! `epollscope watch` on a terminal: programs of `tests/programs` on the screen, held, stepped and driven by keys.

use std::path::Path;

use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::watched::{compiled, python};

const WIDE: (u16, u16) = (120, 40);

/// Starts a program of `tests/programs` on the screen; `None` where this machine can't, which is said loudly.
fn watch(options: &[&str], program: &str, size: (u16, u16)) -> Option<Pty> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(program);
    let is_c = file.extension().is_some_and(|extension| extension == "c");
    let command = if is_c { vec![compiled(program)?] } else { vec![python()?, file] };
    start(options, &command.iter().map(|word| word.to_str().expect("UTF-8")).collect::<Vec<_>>(), size)
}

fn start(options: &[&str], command: &[&str], size: (u16, u16)) -> Option<Pty> {
    let arguments = [&["watch"], options, &["--"], command].concat();
    let mut pty = Pty::spawn(EPOLLSCOPE, &arguments, size, &[]);
    pty.until(|text| text.contains("─ Next") || text.contains("ptrace is not allowed"), "the screen");
    if pty.text().contains("ptrace is not allowed") {
        eprintln!("SKIPPED: ptrace is not allowed here");
        return None;
    }
    Some(pty)
}

#[test]
fn the_tutorial_server_is_stepped_by_its_own_lines_to_its_ebadf() {
    let Some(mut pty) = watch(&[], "wrong/tutorial.py", WIDE) else { return };
    pty.types_until(&[
        ("", "epoll_create1(EPOLL_CLOEXEC)  an interest list"),
        (" ", "epoll_ctl(4, EPOLL_CTL_ADD, 3, EPOLLIN)  put fd 3"),
        ("", "@ tutorial.py:11  poller.register("),
        (" ", "@ tutorial.py:14  for fd, event in poller.poll():"),
        (" ", "the program waits in epoll_wait"),
        ("c", "a client connects to 127.0.0.1:"),
        ("", "accept4(3)  for wait #1 reported fd 3"),
        (" ", "epoll_ctl(4, EPOLL_CTL_ADD, 5, EPOLLIN)"),
        (" ", "@ tutorial.py:14"),
        ("thello\r", "client a sends 6 bytes"),
        ("w", "recvfrom(5, 1024)  for wait #2 reported fd 5"),
        ("vv", "▶20             text = clients[fd].recv(1024"),
        ("w", "the program waits in epoll_wait"),
        ("x", "recvfrom(5, 1024)  for wait #3"),
        ("r", "the program ended with status 1"),
        ("", "OSError: [Errno 9] Bad file descriptor"),
        ("{", "finding 1 of 1, DEL after close"),
    ]);
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(1), "the status is the program's");
    assert!(pty.text().contains("DEL after close: fd 5"), "{}", pty.text());
}

#[test]
fn its_spin_is_seen_while_it_runs_and_ctrl_c_goes_to_the_program() {
    let Some(mut pty) = watch(&["--hold", "no"], "wrong/tutorial.py", WIDE) else { return };
    pty.types_until(&[
        ("", "▶ blocked in epoll_wait"),
        ("c", "a client connects"),
        ("", "5     a        IN"),
        ("thi\r", "in 3 out 3"),
        ("R", "▶ SPINS at"),
        (" ", "‖ paused"),
        ("\x03", "KeyboardInterrupt"),
        ("", "SIGINT ended the program (status 130)"),
    ]);
    pty.type_keys("\x03");
    assert_eq!(pty.wait_exit().code(), Some(130));
}

#[test]
fn a_second_ctrl_c_ends_a_program_that_does_not_heed_the_first() {
    let Some(python) = python() else { return };
    let program = "import select, signal\n\
        signal.signal(signal.SIGINT, lambda *_: print('not yet', flush=True))\n\
        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n\
        p = select.epoll()\n\
        while True: p.poll()\n";
    let command = [python.to_str().expect("UTF-8"), "-c", program];
    let Some(mut pty) = start(&["--hold", "first"], &command, (80, 24)) else { return };
    pty.types_until(&[("r", "▶ blocked in epoll_wait"), ("u\x03", "not yet"), ("", "Ctrl-C was sent")]);
    pty.type_keys("\x03");
    assert_eq!(pty.wait_exit().code(), Some(0));
}

#[test]
fn what_is_typed_goes_to_the_program_and_its_status_is_ours() {
    let program = "read line; echo \"it said $line\"; exit 7";
    let Some(mut pty) = start(&[], &["sh", "-c", program], (80, 24)) else { return };
    pty.types_until(&[
        ("\x1bOQ", "every key goes to the program"),
        ("quite so\r", "it said quite so"),
        ("", "the program ended with status 7"),
    ]);
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(7));
}

#[test]
fn a_breakpoint_holds_the_program_where_it_runs() {
    let Some(mut pty) = watch(&["--hold", "no"], "wrong/edge_read_once.py", WIDE) else { return };
    pty.types_until(&[
        ("", "▶ blocked in epoll_wait"),
        ("B", "Breakpoints"),
        ("jj\x1b[A \x1b", "Interest list"),
        ("c", "5     a "),
        ("s", "‖ breakpoint stranded"),
        ("", "1,976 bytes are unread"),
        ("r", "STRANDED"),
    ]);
    pty.quits();
}

#[test]
fn processes_threads_and_several_epolls_are_told_apart() {
    let Some(mut pty) = watch(&["--hold", "no"], "right/prefork.py", WIDE) else { return };
    let waits = |text: &str| text.matches("waits in epoll 4").count() == 2;
    pty.until(waits, "two workers that wait");
    pty.types_until(&[
        ("e", "1 of 2"),
        ("e", "2 of 2"),
        ("e", "the epoll that is in use"),
        ("\t\t", "Space and w are for thread"),
        ("c", "a client connects"),
        ("s", "out 3,000"),
    ]);
    pty.quits();
}
