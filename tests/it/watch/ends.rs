//! How a watch ends: what can't be started or asked for is refused, and the exit code is the program's.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::pty::EPOLLSCOPE;
use crate::support::watched::{is_forbidden, python};

#[test]
fn a_program_that_cannot_be_started_is_refused_with_a_remedy() {
    let unusable = std::env::temp_dir().join(format!("epollscope-{}-unusable", std::process::id()));
    std::fs::write(&unusable, "x").expect("written");
    let unusable_name = unusable.display().to_string();
    let no_interpreter = unusable.with_extension("sh");
    std::fs::write(&no_interpreter, "#!/no/such/interpreter\n").expect("written");
    std::fs::set_permissions(&no_interpreter, Permissions::from_mode(0o755)).expect("ours");
    let no_interpreter_name = no_interpreter.display().to_string();
    for (command, said) in [
        ("no-such-command-at-all", "there is no command no-such-command-at-all in the directories of PATH"),
        ("/no/such/file", "there is no file /no/such/file"),
        ("/tmp", "/tmp is a directory"),
        (&*unusable_name, "may not be executed: EACCES; `chmod +x` allows it"),
        (&*no_interpreter_name, "names an interpreter or a loader that is not there"),
    ] {
        let output =
            Command::new(EPOLLSCOPE).args(["watch", "--", command]).env("LC_ALL", "C").output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(3) && text.contains(said), "{text}");
    }
    std::fs::remove_file(&unusable).expect("removed");
    std::fs::remove_file(&no_interpreter).expect("removed");
    let full = Command::new(EPOLLSCOPE).args(["watch", "-o", "/dev/full", "--", "true"]).env("LC_ALL", "C").output();
    let full = full.expect("it runs");
    let text = String::from_utf8_lossy(&full.stderr);
    assert!(text.contains("cannot write to /dev/full; choose another file with --output"), "{text}");
    let own = std::process::id().to_string();
    let only_looks = Command::new(EPOLLSCOPE).args(["watch", "-p", &own, "-q"]).env("LC_ALL", "C").output();
    let only_looks = only_looks.expect("it runs");
    let text = String::from_utf8_lossy(&only_looks.stderr);
    assert!(only_looks.status.code() == Some(2) && text.contains("--quiet is about traced calls"), "{text}");
}

#[test]
fn the_exit_code_is_the_programs_unless_findings_are_denied() {
    let Some(python) = python() else { return };
    let closes_first = "import select, os\n\
        p = select.epoll()\n\
        r, w = os.pipe()\n\
        p.register(r)\n\
        os.close(r)\n\
        try: p.unregister(r)\n\
        except OSError: pass\n";
    let run = |options: &[&str], program: &str| {
        let mut command = Command::new(EPOLLSCOPE);
        command.arg("watch").args(options).arg("--").arg(&python).args(["-c", program]);
        command.env("LC_ALL", "C").output().expect("it runs")
    };
    let ended = run(&["-q"], "raise SystemExit(7)");
    if is_forbidden(&ended) {
        return;
    }
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(7), &b"no findings\n"[..]));
    let ended = run(&["-q"], "import os; os.kill(os.getpid(), 15)");
    assert_eq!(ended.status.code(), Some(128 + 15));
    let told = run(&[], "import os; os.kill(os.getpid(), 15)");
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(text.ends_with("epollscope: SIGTERM ended the program (status 143)\n"), "{text}");
    assert_eq!(run(&["-q"], closes_first).status.code(), Some(0));
    let denied = run(&["-q", "--findings", "deny"], closes_first);
    let text = String::from_utf8_lossy(&denied.stderr);
    assert_eq!(denied.status.code(), Some(1), "{text}");
    assert!(text.contains("DEL after close: fd") && text.ends_with("epollscope: 1 finding\n"), "{text}");
}
