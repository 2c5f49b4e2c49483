//! Keys at random, several in one read, on every screen: what a key asks for is done before the next one is looked at, and
//! nothing ends the program but what is to end it.

use std::path::Path;

use nix::sys::signal::Signal;

use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::screen::random;
use crate::workbench::manners::given_back;

/// Every key that does something on some screen, and some that do nothing; `q` is rare, since it ends a screen.
const KEYS: &[&str] = &[
    "c",
    "s",
    "S",
    "t",
    "f",
    "m",
    "o",
    "p",
    "w",
    "r",
    " ",
    "x",
    "k",
    "e",
    "R",
    "i",
    "\r",
    "\x1b",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[H",
    "\x1b[F",
    "l",
    "g",
    "h",
    "1",
    "2",
    "3",
    "+",
    "-",
    "P",
    "?",
    "b",
    "/",
    "n",
    "N",
    ":",
    ">",
    "<",
    "\t",
    "u",
    "v",
    "z",
    "y",
    "0",
    "9",
    "\x7f",
    "\x1b[200~add\r e a\x1b[201~",
    "d",
    "C",
    "\x10",
    "\x1bOP",
    "a",
    "q",
];

/// Types bursts, each as soon as the one before was answered with a picture, and then ends it. What is typed depends on
/// the seed alone.
fn type_bursts(args: &[&str], seed: u64) {
    let state = std::env::temp_dir().join(format!("epollscope-bursts-{}", std::process::id()));
    let env = [("XDG_STATE_HOME", state.to_str().expect("text"))];
    let mut random = random(seed);
    let mut pty = Pty::spawn(EPOLLSCOPE, args, [(120, 40), (80, 24)][random(2)], &env);
    pty.until(|text| !text.trim().is_empty(), "the first picture");
    let (mut typed, mut ended) = (String::new(), None);
    for _ in 0..30 {
        let burst: String = (0..=random(10)).map(|_| KEYS[random(KEYS.len())]).collect();
        typed.push_str(&burst);
        pty.type_keys(&burst);
        ended = pty.next_picture();
        if ended.is_some() {
            break;
        }
    }
    let status = ended.unwrap_or_else(|| {
        pty.signal(Signal::SIGTERM);
        pty.wait_exit()
    });
    let how = format!("{args:?}, seed {seed}, typed {:?}", typed.escape_debug().to_string());
    assert_eq!(status.code(), Some(0), "{how}: {status}; the screen:\n{}", pty.text());
    given_back(&pty, &how);
    let _ = std::fs::remove_dir_all(state);
}

#[test]
fn a_demo_takes_two_keys_in_one_read() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["demo"], (120, 40), &[]);
    pty.until(|text| text.contains("caption 1/"), "the first caption");
    pty.type_keys("cs");
    pty.until(|text| text.contains("sends 3,000 bytes") && text.contains("q back"), "both, in the workbench");
    pty.type_keys("qq");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.text());
}

#[test]
fn bursts_of_random_keys_end_no_screen() {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edge.jsonl");
    for (seed, args) in (1..).zip([
        &["demo"][..],
        &["demo", "message", "--loop", "--speed", "16"],
        &["lesson"],
        &["lesson", "5"],
        &["lesson", "2"],
        &["compare"],
        &["--listen", "127.0.0.1:0"],
        &["--listen", "127.0.0.1:0", "--trigger", "edge"],
        &["replay", recording.to_str().expect("text")],
    ]) {
        type_bursts(args, seed);
        type_bursts(args, seed + 100);
    }
}
