//! The corpus: seven right servers, and a server with one mistake at a time, in Python and C. It takes minutes, so that it is
//! run by hand: `cargo test --test it grade::corpus -- --ignored --test-threads 1`.

use std::path::PathBuf;

use super::{server, verdicts};

const RIGHT: [&str; 7] = ["edge.c", "edge.py", "edge.rs", "level.c", "level.py", "level.rs", "tasks.py"];

/// Each mistake: how the server registers its connections, its name as an argument of the server, the case that it is
/// for, and what comes of that.
const MISTAKES: [(&str, &str, &str, &str); 34] = [
    ("edge", "read-once", "buffer-multiple", "fail stranded"),
    ("edge", "accept-once", "two-in-one-edge", "fail waits to be accepted"),
    ("level", "blocking", "never-reads", "fail hang"),
    ("edge", "blocking-listener", "byte-by-byte", "fail hang"),
    ("edge", "blocking-drain", "exact-buffer", "fail hang"),
    ("level", "text", "byte-by-byte", "fail text instead of bytes"),
    ("level", "lost", "peer-resumes", "fail output lost"),
    ("level", "busy-send", "never-reads", "fail EAGAIN tried again at once"),
    ("level", "again-fatal", "peer-resumes", "fail EAGAIN taken for an error"),
    ("level", "again-closes", "peer-resumes", "fail EAGAIN taken for an error"),
    ("level", "out-armed", "end-idle", "unclean EPOLLOUT armed"),
    ("level", "close-first", "end-idle", "DEL after close"),
    ("level", "equality", "reset-idle", "unclean spin"),
    ("level", "end-ignored", "end-idle", "unclean spin"),
    ("edge", "rdhup-closes", "half-close", "fail closed too early"),
    ("level", "reset-fatal", "reset-idle", "fail an error ends the server"),
    ("edge", "sigpipe", "reset-write", "fail SIGPIPE"),
    ("edge", "eintr-fatal", "signals-wait", "fail an error ends the server"),
    ("level", "unbounded", "memory-bounded", "unclean unbounded buffer"),
    ("level", "polling", "idle", "unclean polling"),
    ("level", "sigterm-ignored", "terminate", "fail SIGTERM ignored"),
    ("level", "emfile-spin", "out-of-fds", "fail no fd left"),
    ("level", "emfile-fatal", "out-of-fds", "fail an error ends the server"),
    ("edge", "emfile-forgotten", "fds-recovery", "fail waiting clients forgotten"),
    ("level", "leak", "churn", "unclean fd leak"),
    ("edge", "greedy", "flooder", "fail starvation"),
    ("level", "ghost", "duplicate", "unclean ghost"),
    ("level", "use-after-close", "number-reused", "use after close"),
    ("level", "old-state", "number-reused", "fail bytes of another connection"),
    ("level", "one-shot", "byte-by-byte", "fail one-shot not re-armed"),
    ("level", "output-dropped", "end-pending", "fail closed too early"),
    ("level", "shared-buffer", "slow-beside-fast", "fail bytes of another connection"),
    ("edge", "short-is-last", "urgent-byte", "fail stranded"),
    ("edge", "first-event-only", "max-events", "fail stranded"),
];

/// Python does this by itself: it ignores SIGPIPE, and calls again after EINTR.
const PYTHON_CAN_NOT: [&str; 2] = ["sigpipe", "eintr-fatal"];

#[test]
#[ignore = "minutes; see CONTRIBUTING.md"]
fn right_servers_pass_every_case() {
    for file in RIGHT {
        let Some(server) = server(&format!("grade/right/{file}")) else { continue };
        let Some(verdicts) = verdicts(&[], &server) else { return };
        let wrong: Vec<&String> = verdicts.iter().filter(|verdict| !verdict.ends_with(" pass")).collect();
        // Only those in Rust duplicate their fds.
        let none = wrong.is_empty() || wrong == ["duplicate not-applicable"];
        assert!(none && verdicts.len() == 30, "{file}: {wrong:?}");
    }
}

fn mistakes_are_named(file: &str, skipped: &[&str]) {
    let Some(program) = server(file) else { return };
    for (trigger, mistake, case, expected) in MISTAKES.iter().filter(|(_, mistake, ..)| !skipped.contains(mistake)) {
        let mut server = program.clone();
        server.extend([PathBuf::from(trigger), PathBuf::from(mistake)]);
        let Some(verdicts) = verdicts(&["--no-source", "--case", case], &server) else { return };
        let said = &verdicts[0];
        assert!(said.ends_with(expected) && !said.contains(" pass"), "{file} {trigger} {mistake}: {said}");
    }
}

#[test]
#[ignore = "minutes; see CONTRIBUTING.md"]
fn each_mistake_in_python_is_failed_by_its_case_and_named() {
    mistakes_are_named("grade/seeded.py", &PYTHON_CAN_NOT);
}

#[test]
#[ignore = "minutes; see CONTRIBUTING.md"]
fn each_mistake_in_c_is_failed_by_its_case_and_named() {
    mistakes_are_named("grade/seeded.c", &[]);
}
