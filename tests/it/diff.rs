//! `epollscope diff`: two runs of one scene are the same, and where two scenes part is found and explained.

use std::fs;

use crate::support::program::{Scene, run, text};

/// Exit code and what was said.
fn diff(args: &[&str]) -> (Option<i32>, String) {
    let ended = run(&[&["diff"], args].concat(), "");
    (ended.status.code(), text(&ended.stdout) + &text(&ended.stderr))
}

/// Some bytes are left, and the trigger decides whether it is told again.
fn left(trigger: &str) -> String {
    format!("e = epoll\na, b = pair tcp\nadd e a IN{trigger}\nwrite b 3000\nwait e\nread a 1024\nwait e\nread a 1024\n")
}

const SERVER: &str = "server level\na = connect\nrun\nsend a 5\nrun\nclose a\nrun\n";

#[test]
fn two_runs_of_one_scene_are_the_same() {
    for (name, script) in [("lab", left(" ET")), ("server", SERVER.to_owned())] {
        let [a, b] = ["a", "b"].map(|of| Scene::recorded(&format!("same-{name}-{of}"), &script));
        let (code, said) = diff(&[a.path(), b.path()]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("the same: "), "{said}");
        let ended = run(&["diff", "-", b.path()], &fs::read_to_string(a.path()).expect("a recording"));
        assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stdout));
    }
}

#[test]
fn ports_count_where_they_are_asked_for() {
    let [a, b] = ["ports-a", "ports-b"].map(|name| Scene::recorded(name, SERVER));
    let (code, said) = diff(&[a.path(), b.path(), "--also", "ports"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("getsockname(") || said.contains("connect("), "{said}");
}

#[test]
fn level_and_edge_part_at_the_mask_or_where_the_edge_is_silent() {
    let (level, edge) = (Scene::recorded("level", &left("")), Scene::recorded("edge", &left(" ET")));
    let (code, said) = diff(&[level.path(), edge.path()]);
    assert_eq!(code, Some(1), "{said}");
    let parted: Vec<&str> = said.lines().filter(|line| line.starts_with("A  ") || line.starts_with("B  ")).collect();
    assert!(parted.iter().any(|line| line.starts_with('A') && line.contains("EPOLL_CTL_ADD") && !line.contains("ET)")));
    assert!(parted.iter().any(|line| line.starts_with('B') && line.contains("EPOLLIN|EPOLLET)")), "{said}");

    let (code, said) = diff(&[level.path(), edge.path(), "--without", "trigger"]);
    assert_eq!(code, Some(1), "{said}");
    let first = |side: &str| {
        said.lines().find(|line| line.starts_with(&format!("{side}     "))).unwrap_or_else(|| panic!("{said}"))
    };
    assert!(first("A").ends_with("= 1  [6 EPOLLIN]") || first("A").contains("= 1  ["), "{said}");
    assert!(first("B").ends_with("= 0"), "{said}");
    assert!(said.contains("a: level: 1,976 bytes are still unread; back on the ready list after wait #1"), "{said}");
    assert!(said.contains("a: stranded: 1,976 bytes are unread, but nothing new since wait #1"), "{said}");
    assert!(said.contains("the recordings differ"), "{said}");
}

#[test]
fn a_recording_that_ends_early_parts_there() {
    let scene = Scene::recorded("short", &left(" ET"));
    let whole = fs::read_to_string(scene.path()).expect("a recording");
    let lines: Vec<&str> = whole.lines().collect();
    let short = lines[..lines.len() / 2].join("\n") + "\n";
    let ended = run(&["diff", scene.path(), "-"], &short);
    let said = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("B  no call here"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let (both, said) = diff(&["-", "-"]);
    assert!(both == Some(2) && said.contains("only one of the two recordings can be standard input"), "{said}");
    let scene = Scene::recorded("alone", "e = epoll\n");
    let (missing, said) = diff(&[scene.path(), "/nowhere/x"]);
    assert!(missing == Some(3) && said.contains("/nowhere/x: there is no such file"), "{said}");
    let (folder, said) = diff(&["/tmp", scene.path()]);
    assert!(folder == Some(3) && said.contains("this is a directory"), "{said}");
    let ended = run(&["diff", scene.path(), "-"], "{\"format\":\"epollscope-trace\",\"version\":9}\n");
    assert_eq!(ended.status.code(), Some(3), "{}", text(&ended.stderr));
}

#[test]
fn the_variants_of_one_recording_part_where_they_are_told_apart() {
    let path = std::env::temp_dir().join(format!("epollscope-{}-comparison.jsonl", std::process::id()));
    let file = path.to_str().expect("text");
    assert!(run(&["compare", "message", "--record", file], "").status.success());
    let (code, said) = diff(&[file, file]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("has the variants level, edge; the first is read, `--variant NAME` selects another"),
        "{said}"
    );
    let (code, said) = diff(&[file, file, "--variant", "level,edge"]);
    assert!(code == Some(1) && said.contains("EPOLLIN|EPOLLET") && !said.contains("has the variants"), "{said}");
    // The option's former name still works.
    assert_eq!(diff(&[file, file, "--twin", "level,edge"]), (code, said));
    let (code, said) = diff(&[file, file, "--variant", "oneshot"]);
    assert!(code == Some(2) && said.contains("no variant \"oneshot\"; it has level, edge"), "{said}");
    let [level, edge] =
        ["level", "edge"].map(|variant| run(&["export", file, "--variant", variant, "--to", "csv"], ""));
    assert!(text(&level.stdout).lines().count() > text(&edge.stdout).lines().count(), "{}", text(&edge.stderr));
    fs::remove_file(&path).expect("removed");
}
