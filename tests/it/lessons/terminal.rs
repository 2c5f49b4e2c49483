//! The real program on a terminal of its own: a lesson is taken, played on, left, killed; the terminal and the progress
//! are as they should be.

use std::fs;

use epollscope::lesson::{Lesson, builtin};
use nix::sys::signal::Signal;
use nix::sys::termios::LocalFlags;

use super::Folder;
use crate::support::pty::{EPOLLSCOPE, Pty};

fn lesson(name: &str, size: (u16, u16), state: &Folder) -> Pty {
    Pty::spawn(EPOLLSCOPE, &["lesson", name], size, &[("XDG_STATE_HOME", state.path())])
}

/// Goes on without predictions, when so many steps have been played.
fn to_the_last_page(pty: &mut Pty, id: &str, played: usize) {
    let source = builtin().into_iter().find(|source| source.id == id).expect("a lesson");
    let known: Vec<String> = builtin().into_iter().map(|source| source.id).collect();
    let lesson = Lesson::load(&source, &known).expect("sound");
    let steps = lesson.steps.len();
    for (i, step) in lesson.steps.iter().enumerate().skip(played) {
        pty.type_keys("\r");
        pty.until(|text| text.contains(&format!("step {} of {steps}", i + 1)), "the next step");
        pty.type_keys("s");
        let told = format!("{}{}", "●".repeat(i + 1), "○".repeat(steps - i - 1));
        pty.until(|text| text.contains(&format!(" {told}")), "the answer");
        assert_eq!(step.question.is_some(), pty.text().contains("The kernel's answer:"));
    }
    pty.type_keys("\r");
    if lesson.task.is_some() {
        pty.until(|text| text.contains("Your turn"), "the task");
        pty.type_keys("s");
    }
    pty.until(|text| text.contains("all steps taken"), "the last page");
}

#[test]
fn a_task_is_done_with_the_keys_of_the_workbench() {
    let state = Folder::new("task");
    let mut pty = lesson("6", (120, 40), &state);
    pty.until(|text| text.contains("before step 1"), "the lesson");
    to_the_last_page(&mut pty, "06-edge-triggered", 0);
    pty.types_until(&[
        ("\x1b[D", "Your turn"),
        ("\r", "○ client a has received at least 3,000 bytes"),
        // One message, and what the server leaves of it is stranded.
        ("s", " sends 3,000 bytes"),
        ("r", "STRANDED"),
        ("q", "Your turn"),
        ("\r", "○ client a has received at least 3,000 bytes"),
        ("p\x1b[B\x1b[B\x1b[C", "drain to EAGAIN"),
        ("\x1b", "─ Next"),
        ("s", " sends 3,000 bytes"),
        ("r", "✓ the kernel says: done"),
        ("q", "✓ the kernel says: done"),
        ("l", "✓ done, task"),
    ]);
    pty.quits();
    let kept = fs::read_to_string(format!("{}/epollscope/progress.json", state.path())).expect("progress");
    assert!(kept.contains("\"task\": true"), "{kept}");
}

#[test]
fn a_lesson_is_taken_played_on_and_left() {
    let state = Folder::new("terminal");
    let mut pty = lesson("5", (120, 40), &state);
    pty.types_until(&[("", "before step 1"), ("\r", "Predict")]);
    pty.type_keys("1\r");
    pty.until(|text| text.contains("You predict: "), "the first of the calls");
    // They play by themselves, as fast as is wanted.
    pty.type_keys("++++>");
    pty.until(
        |text| text.contains("The kernel's answer:") && text.contains("epoll_wait calls"),
        "answer and workbench",
    );
    to_the_last_page(&mut pty, "05-level-triggered", 1);
    pty.types_until(&[
        ("g", "the lesson's server in its present state"),
        ("s", " sends 3,000 bytes"),
        ("q", "all steps taken"),
    ]);
    pty.type_keys("l");
    pty.until(|text| text.contains("Lessons") && text.contains("✓"), "the list");
    pty.quits();
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
}

#[test]
fn a_lab_scene_is_played_on_line_by_line() {
    let state = Folder::new("lab-lesson");
    let mut pty = lesson("2", (80, 24), &state);
    pty.types_until(&[("", "before step 1")]);
    to_the_last_page(&mut pty, "02-two-lists", 0);
    pty.types_until(&[("g", "lab>"), ("z = epol\r", "did you mean \"epoll\"?"), ("z = epoll\r", "z = fd")]);
    pty.type_keys("\x1b");
    pty.until(|text| !text.contains("lab>"), "the lesson's keys");
    pty.quits();
}

#[test]
fn what_was_taken_survives_a_crash_and_the_terminal_a_signal() {
    let state = Folder::new("crash");
    let mut pty = lesson("6", (80, 24), &state);
    pty.types_until(&[("", "before step 1"), ("\r", "Predict"), ("s", "The kernel's answer:")]);
    pty.signal(Signal::SIGKILL);
    assert!(!pty.wait_exit().success());
    let kept = fs::read_to_string(state.0.join("epollscope/progress.json")).expect("kept");
    assert!(kept.contains("\"steps\": 1"), "{kept}");
    // A file that is cut off is begun anew, and nobody is hindered.
    fs::write(state.0.join("epollscope/progress.json"), &kept[..kept.len() / 2]).expect("written");
    let mut pty = lesson("6", (80, 24), &state);
    pty.until(|text| text.contains("before step 1"), "the introduction");
    pty.signal(Signal::SIGTERM);
    pty.wait_exit();
    assert!(pty.termios().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
}
