//! The real program on a terminal of its own: the tour is held, taken over, handed back, left, killed.

use nix::sys::signal::Signal;
use nix::sys::termios::LocalFlags;

use crate::support::pty::{EPOLLSCOPE, Pty};

fn demo(args: &[&str], size: (u16, u16)) -> Pty {
    Pty::spawn(EPOLLSCOPE, &[&["demo"], args].concat(), size, &[])
}

fn is_given_back(pty: &Pty) {
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    assert!(!pty.screen().alternate_screen() && !pty.screen().hide_cursor());
}

#[test]
fn the_tour_is_taken_over_handed_back_and_plays_to_its_end() {
    let mut pty = demo(&["--speed", "16"], (80, 24));
    pty.until(|text| text.contains("EDGE") && text.contains("PgDn 8/"), "the edge");
    pty.type_keys(" ");
    pty.until(|text| text.contains("Space go on"), "it is held");
    // A key of the workbench: it takes over, and does what it does.
    pty.type_keys("s");
    pty.until(|text| text.contains("client a sends 3,000 bytes") && text.contains("q back"), "the workbench");
    pty.type_keys("q");
    pty.until(|text| text.contains("PgDn 8/") && text.contains("Space go on"), "the demo, still held");
    pty.type_keys(" ");
    pty.until(|text| text.contains("the end"), "the end");
    pty.type_keys("q");
    assert_eq!(pty.wait_exit().code(), Some(0));
    is_given_back(&pty);
}

#[test]
fn an_endless_demo_begins_anew_and_ctrl_c_ends_it() {
    let mut pty = demo(&["message", "--loop", "--speed", "16"], (120, 40));
    for _ in 0..2 {
        pty.until(|text| text.contains("caption 3/3"), "the last caption");
        pty.until(|text| text.contains("caption 1/3"), "the first one");
    }
    pty.type_keys("\x03");
    assert_eq!(pty.wait_exit().code(), Some(0));
    is_given_back(&pty);
}

#[test]
fn the_terminal_comes_back_after_signals_in_demo_and_workbench() {
    for (signal, taken_over) in [(Signal::SIGTERM, false), (Signal::SIGINT, true)] {
        let mut pty = demo(&[], (80, 24));
        pty.until(|text| text.contains("caption 1/"), "the first caption");
        if taken_over {
            pty.type_keys("c");
            pty.until(|text| text.contains("q back"), "the workbench");
        }
        pty.signal(signal);
        assert_eq!(pty.wait_exit().code(), Some(0));
        is_given_back(&pty);
    }
    let mut pty = demo(&[], (80, 24));
    pty.until(|text| text.contains("caption 1/"), "the first caption");
    pty.hang_up();
    pty.wait_exit();
}

#[test]
fn what_is_watched_is_filmed_with_what_was_done_by_hand() {
    let path = std::env::temp_dir().join(format!("epollscope-watched-{}.cast", std::process::id()));
    let mut pty = demo(&["message", "--cast", path.to_str().expect("text"), "--projector"], (80, 24));
    pty.types_until(&[("", "caption 1/3"), ("c", "q back"), ("q", "caption 1/3")]);
    pty.quits();
    let film = std::fs::read_to_string(&path).expect("a film");
    std::fs::remove_file(&path).expect("removed");
    let mut terminal = vt100::Parser::new(24, 80, 0);
    let shown = film.lines().skip(1).any(|line| {
        let (_, kind, text): (f64, String, String) = serde_json::from_str(line).expect("an event");
        terminal.process(if kind == "o" { text.as_bytes() } else { b"" });
        terminal.screen().contents().contains("a client connects; the kernel queues it")
    });
    assert!(shown, "{film}");
}
