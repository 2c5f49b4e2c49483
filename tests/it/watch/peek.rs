//! A look at a running process from outside, `epollscope watch -p PID`, which stops nothing.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::watched::{Running, compiled};
use crate::watch::echo;

fn watch(arguments: &[&str]) -> Output {
    Command::new(EPOLLSCOPE).arg("watch").args(arguments).env("LC_ALL", "C").output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Looks until it sees this: a server comes back to its wait a little after it has echoed.
fn look_for(arguments: &[&str], wanted: &str) -> String {
    for _ in 0..1_000 {
        let output = watch(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let seen = text(&output.stdout);
        if seen.contains(wanted) {
            return seen;
        }
    }
    panic!("never seen: {wanted}")
}

#[test]
fn a_look_from_outside_names_what_is_stranded_and_stops_nothing() {
    let Some(server) = Running::start("wrong/edge_read_once.py") else { return };
    let mut client = server.connect();
    echo(&mut client, 3_000, 1_024);
    let pid = server.pid();
    let seen = look_for(&["-p", &pid], "STRANDED");
    let lines: Vec<&str> = seen.lines().collect();
    assert!(lines[1].contains(": thread ") && lines[1].ends_with("would report nothing now"), "{seen}");
    assert!(lines[2].contains("listener 127.0.0.1:") && lines[2].contains("level  EPOLLIN "), "{seen}");
    assert!(lines[3].contains("edge   EPOLLIN|EPOLLRDHUP ") && lines[3].contains("1,976 unread"), "{seen}");
    assert!(lines[3].contains("STRANDED"), "{seen}");
    let json: serde_json::Value = serde_json::from_str(&text(&watch(&["-p", &pid, "--json"]).stdout)).expect("JSON");
    let epoll = &json["processes"][0]["epolls"][0];
    let client_seen = &epoll["registrations"][1];
    assert_eq!(
        (&client_seen["unread"], &client_seen["stranded"], &client_seen["trigger"], &epoll["would_report"]),
        (&1_976.into(), &true.into(), &"edge".into(), &false.into()),
        "{json:#}"
    );
    // What arrives anew is served as before.
    echo(&mut client, 24, 1_024);
}

#[test]
fn the_screen_of_a_look_goes_on_with_the_process_in_both_languages() {
    for (lang, stranded, kept, help, over) in [
        ("en", "1 fd STRANDED", "kept; the process runs on", "leave; the process runs on", "there is no process"),
        ("zh", "1 个 fd 滞留", "已保留；进程继续运行", "退出，进程照常运行", "没有进程"),
    ] {
        let Some(mut server) = Running::start("wrong/edge_read_once.py") else { return };
        let mut client = server.connect();
        let mut pty = Pty::spawn(EPOLLSCOPE, &["--lang", lang, "watch", "-p", &server.pid()], (80, 24), &[]);
        pty.types_until(&[("", " epoll 4 ")]);
        echo(&mut client, 3_000, 1_024);
        pty.types_until(&[("", stranded), ("", "1,976"), (" ", kept)]);
        echo(&mut client, 24, 1_024);
        pty.types_until(&[("?", help), ("?", "1,976"), (" ", "976")]);
        pty.until(|text| !text.contains("1,976"), "what has come since was served");
        server.kill();
        pty.types_until(&[("", over)]);
        pty.quits();
    }
}

#[test]
fn a_process_is_found_by_its_name() {
    let Some(program) = compiled("right/level.c") else { return };
    let name = format!("look{}", std::process::id());
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
    let _ = std::fs::remove_file(&copy);
    std::os::unix::fs::symlink(program, &copy).expect("linked");
    let server = Running::of(&mut Command::new(&copy));
    let seen = look_for(&["--name", &name], "listener");
    assert!(seen.starts_with(&format!("{name} ({})", server.pid())), "{seen}");
    let second = Running::of(&mut Command::new(&copy));
    let output = watch(&["--name", &name]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("several processes") && said.contains(&second.pid()) && said.contains("-p"), "{said}");
    drop((server, second));
    let said = text(&watch(&["--name", &name]).stderr);
    assert!(said.starts_with(&format!("epollscope: no process is called {name};")), "{said}");
    std::fs::remove_file(&copy).expect("removed");
}

#[test]
fn a_process_that_may_not_be_looked_at_is_refused_with_a_remedy() {
    let refused = |command: &mut Command, wanted: &str| {
        let output = command.env("LC_ALL", "C").output().expect("it runs");
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(3) && said.contains(wanted) && said.lines().count() == 1, "{said}");
    };
    let gone = ["watch", "-p", "999999999"];
    refused(Command::new(EPOLLSCOPE).args(gone), "there is no process 999999999; `ps -e` lists all");
    if std::fs::metadata("/proc/self").expect("it is there").uid() != 0 {
        return refused(
            Command::new(EPOLLSCOPE).args(["watch", "-p", "1"]),
            "process 1 belongs to user 0, and may not",
        );
    }
    let Some(server) = Running::start("right/level.py") else { return };
    let pid = server.pid();
    let looks = [EPOLLSCOPE, "watch", "-p", &pid];
    // Another user may not be let through to the binary's folder.
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    if Command::new("setpriv").args(nobody).args([EPOLLSCOPE, "--version"]).output().is_ok_and(|it| it.status.success())
    {
        let wanted = format!("process {pid} belongs to user 0, and may not be looked at; try with sudo");
        refused(Command::new("setpriv").args(nobody).args(looks), &wanted);
    } else {
        eprintln!("SKIPPED: nobody can run this as another user here");
    }
    let without = ["--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"];
    refused(Command::new("setpriv").args(without).args(looks), "or has more rights than this one; try with sudo");
}
