//! The lab: every script under `tests/lab` comes true on this kernel; and what it says where a script is wrong.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use epollscope::i18n::Lang;
use epollscope::script::{SceneRunner, parse};
use epollscope::sys;

use crate::support::lab::{alone, play};
use crate::support::loopback::{loopback, whole_loopback};

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
    let _loopback = whole_loopback();
    let scripts = scripts();
    assert!(scripts.len() >= 35, "{} scripts", scripts.len());
    alone(move || {
        for path in scripts {
            let name = path.display().to_string();
            let text = fs::read_to_string(&path).expect("a script");
            assert!(text.contains("expect"), "{name} claims nothing");
            // A limit holds for the whole process, so for every other test too.
            if text.contains("\nlimit ") {
                let output = Command::new(env!("CARGO_BIN_EXE_epollscope")).arg("lab").arg(&path).output();
                let output = output.expect("it runs");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            } else {
                play(&name, &text);
            }
        }
    });
}

fn lab(script: &str, args: &[&str]) -> Output {
    let path = std::env::temp_dir().join(format!("epollscope-{}-{:p}.lab", std::process::id(), script.as_ptr()));
    fs::write(&path, script).expect("a temporary file");
    let _loopback = loopback();
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
fn what_was_not_measured_agrees_with_no_claim() {
    let claims = ["nothing", "ok", "error EAGAIN", "count 0", "returned 0", "mask 0", "not blocked", "blocked"];
    let before = ["", "e = epoll\nwait e\npoll e\nmark\n", "server\nrun\n", "server\na = connect\nrun\nmark\n"];
    for (claim, before) in claims.into_iter().flat_map(|claim| before.map(|before| (claim, before))) {
        if before.starts_with("server") && !["nothing", "count 0"].contains(&claim) {
            continue;
        }
        let script = format!("{before}expect {claim}\n");
        let output = lab(&script, &[]);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{script}: {said}");
        assert!(said.contains("nothing was measured"), "{script}: {said}");
    }
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
fn nothing_is_left() {
    let script = "e = epoll\na b = pair tcp\nr w = pipe\nd = dup a\nadd e a IN\nt = thread wait e\nu = thread wait e\n\
                  s = signalfd\nraise s\np = fork\nq = fork\nend q\nblocking r\nread r 1\n";
    let (before, opened, after, threads, children) = alone(move || {
        let fds = || fs::read_dir("/proc/thread-self/fd").expect("the fds").count();
        let before = fds();
        let mut play = SceneRunner::new(Lang::En);
        let mut threads = Vec::new();
        for line in parse("x", script).expect("a script") {
            let outcome = play.run(&line, |record| threads.push(record.tid));
            assert_eq!(outcome.stop, None, "{}", line.text);
        }
        let meanwhile = fds();
        drop(play);
        threads.retain(|tid| *tid != sys::gettid());
        threads.dedup();
        let left = threads.iter().filter(|tid| fs::exists(format!("/proc/self/task/{tid}")).expect("asked")).count();
        // The child's parent is the process, so other tests' children would be told of too: there are none without wait.
        let children = fs::read_to_string(format!("/proc/self/task/{}/children", sys::gettid()));
        (before, meanwhile - before, fds(), (threads.len(), left), children.unwrap_or_default())
    });
    // Three fds more are the lab's own, one for each thread and child.
    assert_eq!((opened, after), (10, before));
    assert_eq!(threads, (2, 0));
    assert_eq!(children, "");
}

#[test]
fn a_scene_has_its_bounds() {
    let many: Vec<String> = (0..1_001).map(|n| format!("n{n} = eventfd")).collect();
    let many = many.join("\n");
    let scripts = [
        (many, ":1001: n1000 = eventfd a scene may hold at most 1,000 fds"),
        ("f = file\nfill f\nclose f\n".to_owned(), ":2: fill f a scene may move at most 268,435,456 bytes"),
    ];
    let bounds: Vec<_> = scripts
        .into_iter()
        .map(|(script, said)| {
            std::thread::spawn(move || {
                let output = lab(&script, &[]);
                let stderr = String::from_utf8(output.stderr).expect("text");
                assert_eq!(output.status.code(), Some(3), "{stderr}");
                assert!(stderr.contains(said), "{stderr}");
            })
        })
        .collect();
    for bound in bounds {
        bound.join().expect("the bound");
    }
}
