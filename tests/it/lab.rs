//! The lab: every script under `tests/lab` comes true on this kernel; and what it says where a script is wrong.

use std::fs;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Output};

use epollscope::kernel;
use epollscope::script::{Does, Play, Verb, parse};

fn scripts() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
    let mut scripts: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of scripts")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "lab"))
        .collect();
    scripts.sort();
    scripts
}

#[test]
fn every_script_comes_true() {
    let scripts = scripts();
    assert!(scripts.len() >= 20, "{} scripts", scripts.len());
    for path in scripts {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).expect("a script");
        let lines = parse(&name, &text).unwrap_or_else(|mistake| panic!("{mistake}"));
        assert!(text.contains("expect"), "{name} claims nothing");
        let mut play = Play::new();
        for line in &lines {
            let at = format!("{name}:{}: {}", line.number, line.text);
            let foreseen = match &line.does {
                // What a timer does meanwhile can't be foreseen.
                Does::Call(Verb::Wait { epoll, max, timeout: 0 }) => {
                    play.lab().map(|lab| (lab.due(epoll), *max as usize))
                }
                _ => None,
            };
            let outcome = play.run(line, |_| ());
            assert_eq!(outcome.stop, None, "{at}");
            // Of an epoll that another epoll watches nothing is inferred yet.
            let nested = name.ends_with("08-nested.lab");
            if let (Some((mut due, max)), Some(lab), false) = (foreseen, play.lab(), nested) {
                due.truncate(max);
                assert_eq!(due, lab.events(), "{at}: the inference, and what came");
            }
        }
    }
}

fn lab(script: &str, args: &[&str]) -> Output {
    let path = std::env::temp_dir().join(format!("epollscope-{}-{:p}.lab", std::process::id(), &raw const script));
    fs::write(&path, script).expect("a temporary file");
    let output = Command::new(env!("CARGO_BIN_EXE_epollscope")).arg("lab").arg(&path).args(args).output();
    fs::remove_file(&path).expect("removed");
    output.expect("it runs")
}

#[test]
fn a_claim_that_fails_says_what_came() {
    let output = lab("e = epoll\na b = pair tcp\nadd e a IN\nwrite b 1\nwait e\nexpect nothing\nclose e\n", &[]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(":6: expect nothing\nbut a IN"), "{said}");
}

#[test]
fn a_mistake_is_wrong_usage_and_nothing_is_run() {
    let output = lab("e = epoll\nwiat e\n", &[]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean \"wait\"?"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_trace_of_a_script_reads_back() {
    let output = lab("e = epoll\nr w = pipe\nadd e r IN\nwrite w \"abc\"\nwait e\nread r 9\n", &["--format", "jsonl"]);
    assert_eq!(output.status.code(), Some(0));
    let reader = epollscope::trace::Reader::new("-", &*output.stdout).expect("a trace");
    let calls: Vec<&str> = reader.map(|record| record.expect("a record").call.name()).collect();
    let server = ["epoll_create1", "pipe2", "epoll_ctl", "write", "epoll_wait", "epoll_wait", "read"];
    let made: Vec<&str> = calls.into_iter().filter(|call| server.contains(call)).collect();
    assert_eq!(made, server);
}

#[test]
fn no_fd_is_left() {
    // In a thread with a file table of its own no other test opens or closes anything.
    let left = std::thread::spawn(|| {
        kernel::own_file_table(std::io::stdin().as_fd()).expect("a table of its own");
        let count = || fs::read_dir("/proc/thread-self/fd").expect("the fds").count();
        let before = count();
        let mut play = Play::new();
        for line in parse("x", "e = epoll\na b = pair tcp\nr w = pipe\nd = dup a\nadd e a IN\n").expect("a script") {
            play.run(&line, |_| ());
        }
        let meanwhile = count();
        drop(play);
        (before, meanwhile - before, count())
    });
    let (before, opened, after) = left.join().expect("no panic");
    assert_eq!((opened, after), (6, before));
}
