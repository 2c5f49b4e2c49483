//! What `grade` hands to others, and the skeletons.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{grade, server};
use crate::support::pty::{EPOLLSCOPE, Pty};
use crate::support::watched::is_forbidden;

/// Two cases of the tutorial's server: one failed, one that does not apply to it.
const CASES: [&str; 4] = ["--port", "0", "--case", "end-idle,max-events"];

fn report(arguments: &[&str]) -> Option<String> {
    let output = grade(&[&CASES[..], arguments].concat(), &server("programs/wrong/tutorial.py")?);
    (!is_forbidden(&output)).then(|| String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn junit_has_a_test_for_each_case() {
    let Some(report) = report(&["--format", "junit"]) else { return };
    for part in [
        "<testsuite name=\"epollscope grade\" tests=\"2\" failures=\"1\" skipped=\"1\"",
        "<testcase classname=\"epollscope\" name=\"max-events\"",
        "<skipped message=\"its epoll_wait takes up to 1,023 events, more than clients come here\"/>",
        "<failure type=\"fail\" message=\"the server ended with status 1",
        "mistake: DEL after close\n",
    ] {
        assert!(report.contains(part), "{part:?} in {report}");
    }
}

#[test]
fn a_page_has_each_case_and_its_proof_escaped() {
    let Some(page) = report(&["--format", "html"]) else { return };
    for part in [
        "<li id=\"end-idle\"><strong class=\"finding\">FAIL</strong>",
        "<p>mistake: DEL after close</p>",
        "<p>its epoll_wait takes up to 1,023 events, more than clients come here</p>",
        "Content-Security-Policy",
        "<pre>",
    ] {
        assert!(page.contains(part), "{part:?} in {page}");
    }
    // `'<…'` in a command is no tag.
    assert_eq!(page.matches("<script").count(), 2, "{page}");
}

#[test]
fn gradescope_has_the_points_of_each_case() {
    let points = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-points.toml");
    std::fs::write(&points, "end-idle = 2.5\n").expect("written");
    let points = points.to_str().expect("a name");
    let Some(report) = report(&["--format", "gradescope", "--points", points]) else { return };
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let points = |n: usize| (report["tests"][n]["score"].as_f64(), report["tests"][n]["max_score"].as_f64());
    assert_eq!((points(0), points(1)), ((Some(0.0), Some(0.0)), (Some(0.0), Some(2.5))), "{report:#}");
    assert!(report["output"].as_str().is_some_and(|said| said.contains("1 failed, 1 not applicable")), "{report:#}");
}

#[test]
fn points_for_a_case_that_there_is_not_are_refused() {
    let points = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-no-points.toml");
    std::fs::write(&points, "end-idel = 2\n").expect("written");
    let output = grade(&["--points", points.to_str().expect("a name")], &["true".into()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no case end-idel; did you mean end-idle?"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_skeleton_in_python_can_be_graded_and_spins() {
    let output = Command::new(EPOLLSCOPE).args(["grade", "--skeleton", "python"]).output().expect("it runs");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-skeleton.py");
    std::fs::write(&file, output.stdout).expect("written");
    let Some(python) = crate::support::watched::python() else { return };
    let Some(verdicts) = super::verdicts(&["--case", "end-idle"], &[python, file]) else { return };
    assert_eq!(verdicts, ["end-idle fail spin"]);
}

#[test]
fn a_look_at_a_case_begins_at_the_moment_that_proves_it() {
    let Some(server) = server("programs/wrong/tutorial.py") else { return };
    let server: Vec<&str> = server.iter().map(|word| word.to_str().expect("UTF-8")).collect();
    let arguments = [&["grade", "--port", "0", "--case", "end-idle", "--look", "--"], &server[..]].concat();
    let mut pty = Pty::spawn(EPOLLSCOPE, &arguments, (120, 40), &[]);
    pty.until(|text| text.contains("◀ recording") || text.contains("ptrace is not allowed"), "the recording");
    if pty.text().contains("ptrace is not allowed") {
        eprintln!("SKIPPED: ptrace is not allowed here");
        return;
    }
    pty.types_until(&[("v", "! epoll_ctl(4, EPOLL_CTL_DEL, 5, 0) = -1 EBA"), ("q", "mistake: DEL after close")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
}
