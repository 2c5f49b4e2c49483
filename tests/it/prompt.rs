//! The lab's prompt, on a terminal of its own: editing, completion, mistakes, both kinds of scene, and how it ends.

use std::os::unix::process::ExitStatusExt as _;

use nix::sys::signal::Signal;
use nix::sys::termios::LocalFlags;

use crate::support::pty::{EPOLLSCOPE, Pty};

/// A prompt that is ready for its first line.
fn prompt() -> Pty {
    prompt_of((100, 40))
}

fn prompt_of(size: (u16, u16)) -> Pty {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["lab"], size, &[]);
    pty.until(|text| text.ends_with("> ") || text.ends_with('>'), "the prompt");
    edits(&pty);
    pty
}

/// Types a line, and waits for what it says.
fn line(pty: &mut Pty, line: &str, said: &str) {
    pty.type_keys(&format!("{line}\r"));
    let all = |text: &str| {
        text.rfind(&format!("> {line}")).is_some_and(|at| text[at..].contains(said) && text.trim_end().ends_with('>'))
    };
    pty.until(all, said);
}

/// Waits for the prompt after this.
fn next(pty: &mut Pty, after: &str) {
    let there = |text: &str| text.rfind(after).is_some_and(|at| text[at..].trim_end().ends_with("\n>"));
    pty.until(there, "the next prompt");
}

/// Waits until a line is edited.
fn edits(pty: &Pty) {
    while pty.termios().local_flags.contains(LocalFlags::ICANON) {
        std::thread::yield_now();
    }
}

#[test]
fn each_line_is_a_call_and_shows_both_lists() {
    let mut pty = prompt();
    line(&mut pty, "e = epoll", "watches  nothing");
    line(&mut pty, "a b = pair tcp", "a = fd");
    line(&mut pty, "add e a IN ET", "watches  a IN ET");
    line(&mut pty, "write b 3000", "ready    a IN  (inferred)");
    line(&mut pty, "wait e", "= 1  [a IN]");
    line(&mut pty, "expect nothing", "FAILED: a IN came");
    line(&mut pty, "wiat e", "did you mean \"wait\"?");
    assert!(pty.text().contains("| ^^^^"), "{}", pty.text());
    line(&mut pty, "expect events a IN", "ok");
    line(&mut pty, "help oneshot", "EPOLLONESHOT");
    line(&mut pty, "help pair", "two connected ends");
    line(&mut pty, "help xyzzy", "no word");
    // Completion, history, and Ctrl-C.
    pty.type_keys("unr\t");
    pty.until(|text| text.ends_with("> unregister"), "the verb");
    pty.type_keys(" e a\r");
    next(&mut pty, "> unregister e a");
    pty.type_keys("abc");
    pty.until(|text| text.ends_with("> abc"), "a line");
    pty.type_keys("\x03");
    next(&mut pty, "> abc");
    line(&mut pty, "fileno e", "= ");
    pty.type_keys("\x1b[A");
    pty.until(|text| text.trim_end().ends_with("> fileno e"), "the line before");
    pty.type_keys("\x03");
    next(&mut pty, "> fileno e");
    // What is pasted is done line by line.
    pty.type_keys("\x1b[200~x y = pipe\rwrite y 7\x1b[201~\r");
    pty.until(|text| text.contains("  = 7") && text.trim_end().ends_with("\n>"), "both lines");
    line(&mut pty, "new", "a new scene");
    line(&mut pty, "add e a IN", "no line above makes an fd named \"e\"");
    line(&mut pty, "new", "a new scene");
    line(&mut pty, "server edge read once", "a server on 127.0.0.1");
    line(&mut pty, "a = connect", "1 client connected");
    line(&mut pty, "send a 3000", "> send a 3000");
    line(&mut pty, "run", "listener IN ET");
    line(&mut pty, "expect unread a 1976", "ok");
    pty.type_keys("quit\r");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
}

#[test]
fn a_call_that_waits_is_ended_by_ctrl_c_and_the_program_by_ctrl_d() {
    let mut pty = prompt();
    line(&mut pty, "e = epoll", "watches");
    pty.type_keys("wait e timeout 20000\r");
    pty.until(|text| text.contains("> wait e timeout 20000"), "the call");
    // Until the line is done the terminal is not in raw mode, so that Ctrl-C is a signal.
    while !pty.termios().local_flags.contains(LocalFlags::ISIG) {
        std::thread::yield_now();
    }
    pty.type_keys("\x03");
    pty.until(|text| text.contains("EINTR"), "the interrupted call");
    // Where no line is edited the terminal would take Ctrl-D for itself.
    next(&mut pty, "EINTR");
    edits(&pty);
    pty.type_keys("\x04");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
}

#[test]
fn a_signal_ends_it_and_the_terminal_comes_back() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGABRT, Signal::SIGUSR2] {
        let mut pty = prompt();
        line(&mut pty, "p = fork", "process");
        edits(&pty);
        pty.signal(signal);
        assert_eq!(pty.wait_exit().signal(), Some(signal as i32));
        is_given_back(&pty, &format!("{signal}"));
    }
}

/// The lines of the terminal are the shell's again, and pastes are no longer marked.
#[track_caller]
fn is_given_back(pty: &Pty, how: &str) {
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO), "{how}");
    let last = |bytes: &[u8]| pty.raw().windows(bytes.len()).rposition(|window| window == bytes);
    assert!(last(b"\x1b[?2004l") > last(b"\x1b[?2004h"), "{how}: {}", pty.raw().escape_ascii());
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_until_it_goes_on() {
    // A shell between them, without which nobody could continue it.
    let script = format!("set -m; {EPOLLSCOPE} lab; echo stopped; read line; fg; echo back $?");
    let mut pty = Pty::spawn("/bin/sh", &["-c", &script], (100, 40), &[]);
    pty.until(|text| text.trim_end().ends_with('>'), "the prompt");
    edits(&pty);
    line(&mut pty, "e = epoll", "watches");
    edits(&pty);
    let child = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", pty.pid())).expect("its child");
    let child = child.trim().parse().expect("one process");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), Signal::SIGTSTP).expect("it runs");
    pty.until(|text| text.contains("stopped"), "the shell");
    is_given_back(&pty, "stopped");
    pty.type_keys("\r");
    while pty.termios().local_flags.contains(LocalFlags::ICANON) {
        std::thread::yield_now();
    }
    line(&mut pty, "fileno e", "= ");
    edits(&pty);
    pty.type_keys("\x04");
    pty.until(|text| text.contains("back 0"), "its end");
    assert_eq!(pty.wait_exit().code(), Some(0));
    is_given_back(&pty, "the end");
}

#[test]
fn the_lists_stand_below_each_other() {
    let mut pty = prompt();
    for (call, said) in [
        ("long = epoll", "watches"),
        ("e = epoll", "watches"),
        ("a b = pair tcp", "watches"),
        ("add e a IN ONESHOT", "watches"),
        ("write b 1", "watches"),
        ("wait e", "watches"),
    ] {
        line(&mut pty, call, said);
    }
    let expected = "  = 1  [a IN]\n      a: 1 new byte arrived\n    e     watches  a IN ONESHOT (disarmed)\n          ready    nothing  (inferred)\n    \
                    long  watches  nothing\n          ready    nothing  (inferred)";
    assert!(pty.text().contains(expected), "{}", pty.text());
}

#[test]
fn help_lists_all_tables() {
    let mut pty = prompt_of((140, 200));
    line(&mut pty, "help", "Measures");
}
