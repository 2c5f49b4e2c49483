//! `epollscope compare` as a program: what it writes, and how it refuses.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::loopback::loopback;
use crate::support::pty::{EPOLLSCOPE, Pty};

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let _loopback = loopback();
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

fn compare(args: &[&str]) -> (Option<i32>, String, String) {
    run(Command::new(EPOLLSCOPE).arg("compare").args(args).env("LC_ALL", "C").env_remove("COLUMNS"))
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("epollscope-compare-{}-{name}", std::process::id()))
}

#[test]
fn without_a_terminal_it_is_text_and_the_recording_is_the_trace() {
    let file = temporary("message.jsonl");
    let path = file.to_str().expect("text");
    let (code, text, said) = compare(&["message", "--record", path]);
    assert_eq!((code, &*said), (Some(0), ""));
    assert!(text.contains("level and edge differ in step 3. In level, wait #3 reports a IN ("), "{text}");
    let recorded = std::fs::read_to_string(&file).expect("a recording");
    std::fs::remove_file(&file).expect("removed");
    let (code, traced, _) = compare(&["message", "--format", "jsonl"]);
    assert_eq!((code, traced), (Some(0), recorded));
    let (_, chinese, _) = compare(&["message", "--lang", "zh"]);
    assert!(chinese.contains("level 与 edge 从第 3 段起出现差异"), "{chinese}");
    let (code, list, _) = compare(&["--list"]);
    assert!(code == Some(0) && list.lines().count() == epollscope::lesson::scenes().count(), "{list}");
}

#[test]
fn the_text_is_as_wide_as_the_columns_it_is_given() {
    let narrow = Command::new(EPOLLSCOPE)
        .args(["compare", "message"])
        .env("LC_ALL", "C")
        .env("COLUMNS", "80")
        .output()
        .expect("it runs");
    let text = String::from_utf8(narrow.stdout).expect("text");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let (_, piped, _) = compare(&["message"]);
    assert!(piped.lines().any(|line| line.chars().count() > 80), "{piped}");
}

#[test]
fn what_it_cannot_play_is_said_before_anything_is_played() {
    let scene = temporary("wrong.scene");
    std::fs::write(&scene, "server\n  sned a 5\n").expect("written");
    let path = scene.to_str().expect("text");
    let wrong = [
        (&["nope"][..], 2, "there is no scene \"nope\""),
        (&["4"], 2, "this lesson drives epoll by hand"),
        (&["message", "--against", "level,egde"], 2, "--against:1:7: no policy \"egde\"; did you mean \"edge\"?"),
        (&["message", "--against", "level"], 2, "expected 2 to 4 policies"),
        (&["/"], 2, "/: is a directory, not a file"),
        (&[path], 2, "wrong.scene:2:3: there is no verb \"sned\""),
        (&["message", "--record", "/nowhere/at/all"], 3, "cannot record to /nowhere/at/all"),
        (&["message", "--format", "xml"], 2, "invalid value 'xml'"),
    ];
    for (args, code, says) in wrong {
        let (came, out, said) = compare(args);
        assert_eq!((came, &*out), (Some(code), ""), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
    }
    std::fs::remove_file(&scene).expect("removed");
    let few = format!("ulimit -n 300; exec {EPOLLSCOPE} compare thousand");
    let (code, out, said) = run(Command::new("sh").args(["-c", &few]));
    assert_eq!((code, &*out), (Some(3), ""), "{said}");
    assert!(said.contains("1,000 clients") || said.contains("1000 clients"), "{said}");
    assert!(said.contains("`ulimit -n 2064`"), "{said}");
}

#[test]
fn on_a_terminal_it_is_a_screen_that_is_left_as_it_was_found() {
    let mut pty = Pty::spawn(EPOLLSCOPE, &["compare", "message"], (80, 24), &[("LC_ALL", "C")]);
    let seen = [
        ("", "step 2/3"),
        ("}", "stranded: fd 5 (a)"),
        ("}", "level and edge differ in step 3"),
        ("t", "clients never answered"),
    ];
    pty.types_until(&seen);
    pty.quits();
}
