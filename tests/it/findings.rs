//! Findings over real scenes: each lint where its condition is, about the right fd, and none in a clean run.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use epollscope::analysis::{Finding, History, Lint};
use epollscope::i18n::Lang;
use epollscope::probe::{Mode, ServerState};
use epollscope::record::{Annotation, Call, Faults, Fd, Nanos, Policy, Read, Record, Seq, Tid, Timeout};
use epollscope::script::{SceneRunner, parse};
use epollscope::session::Payload;
use epollscope::trace::Reader;
use epollscope::trace::world::Epoll;

use crate::support::loopback::loopback;
use crate::support::pty::EPOLLSCOPE;
use crate::support::random_run::records;
use crate::support::rig::{A, LISTENER, LONG, Rig, edge, edge_drained};

/// What was found while a script was played: the lints, with their fds.
fn played(name: &str, text: &str) -> Vec<(Lint, Option<Fd>)> {
    let _loopback = loopback();
    let (name, text) = (name.to_owned(), text.to_owned());
    // A lab has a file table of its own.
    let found = std::thread::spawn(move || {
        let mut play = SceneRunner::new(Lang::En);
        for line in parse(&name, &text).unwrap_or_else(|diagnostic| panic!("{diagnostic}")) {
            assert_eq!(play.run(&line, |_| ()).stop, None, "{name}:{}: {}", line.number, line.text);
        }
        found(play.timeline())
    });
    found.join().expect("no panic")
}

fn lab(name: &str) -> BTreeSet<Lint> {
    let path = format!("{}/tests/lab/{name}.lab", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("a script");
    played(name, &text).into_iter().map(|(lint, _)| lint).collect()
}

fn found(timeline: &History) -> Vec<(Lint, Option<Fd>)> {
    timeline.findings().iter().map(|finding| (finding.lint(), finding.fd)).collect()
}

impl Rig {
    fn found(&self) -> Vec<(Lint, Option<Fd>)> {
        found(self.session.timeline())
    }

    fn finding(&self, lint: Lint) -> Finding {
        let finding = self.session.timeline().findings().iter().find(|finding| finding.lint() == lint);
        *finding.unwrap_or_else(|| panic!("no {lint:?} in {:?}", self.found()))
    }
}

#[test]
fn labs_have_the_findings_that_they_are_about() {
    let only = |name: &str, lint: Lint| {
        let mut lints = lab(name);
        assert!(lints.remove(&lint), "{name}: {lints:?}");
        // Labs ask with a timeout of 0, and are told that nothing is there.
        lints.remove(&Lint::Empty);
        assert_eq!(lints, BTreeSet::new(), "{name}");
    };
    only("16-stranded", Lint::Stranded);
    only("17-one-accept-for-two", Lint::Waiting);
    only("11-epollout-armed", Lint::OutArmed);
    only("23-ghost", Lint::Ghost);
    only("06-rotation", Lint::Full);
    only("20-greedy", Lint::Starved);
}

#[test]
fn a_clean_server_has_none() {
    let turns = epollscope::record::Fairness::RoundRobin(100.try_into().expect("not 0"));
    for policy in [Policy::default(), edge_drained(), Policy { fairness: turns, read_size: 100, ..edge_drained() }] {
        let mut rig = Rig::new(policy);
        let (a, b) = (rig.connect(), rig.connect());
        for id in [a, b, a] {
            rig.send(id, 3000);
        }
        rig.session.clients_mut().close(a).expect("closed");
        rig.settle();
        assert_eq!(rig.found(), [], "{policy:?}");
    }
}

#[test]
fn stranded_bytes_are_found_when_the_server_waits_again() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.session.clients_mut().send(a, Payload::Pattern(3000)).expect("sent");
    rig.step_to_wait();
    rig.wait();
    rig.step();
    assert_eq!(rig.found(), [], "it has read once and may read on");
    rig.step_to_wait();
    assert_eq!(rig.found(), []);
    rig.session.set(epollscope::probe::Mode::Steps(1));
    rig.run_until("wait", |rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some()));
    assert_eq!(rig.found(), [(Lint::Stranded, Some(A))]);
    let finding = rig.finding(Lint::Stranded);
    assert_eq!(finding.sentence(Lang::En), "fd 5 (a): edge: 1,976 bytes are unread, and no report will come for them");
    let entered = rig.session.timeline().get(finding.seq - 1).expect("a record");
    assert!(matches!(entered.call, Call::EpollWaitEnter { .. }));
}

#[test]
fn what_a_held_server_rests_on_is_found_once_before_the_wait() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.session.clients_mut().send(a, Payload::Pattern(3000)).expect("sent");
    rig.settle();
    let at = rig.finding(Lint::Stranded).position();
    let waits = |rig: &Rig| rig.world().epoll().map(|epoll| (epoll.wait_count, epoll.in_wait().is_some()));
    assert_eq!((rig.found(), waits(&rig)), (vec![(Lint::Stranded, Some(A))], Some((2, false))));
    // It rests still, and then it waits: all the same news.
    rig.settle();
    rig.session.set(Mode::Free);
    rig.run_until("wait", |rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some()));
    assert_eq!((rig.found(), rig.finding(Lint::Stranded).position()), (vec![(Lint::Stranded, Some(A))], at));
}

#[test]
fn a_spin_is_one_finding_however_long_it_goes_on() {
    let mut rig = Rig::new(Policy { faults: Faults::EXACT_MATCH, ..Policy::default() });
    let a = rig.connect();
    rig.session.clients_mut().reset(a).expect("reset");
    assert_eq!(rig.session.settle(LONG), Ok(ServerState::Spinning));
    assert_eq!(rig.session.settle(LONG), Ok(ServerState::Spinning));
    assert_eq!(rig.found(), [(Lint::Spin, Some(A))]);
    // It counts the waits of which it is true: the first of all accepted, and 63 came before the first of them.
    let (spin, waits) = (rig.finding(Lint::Spin), rig.world().epoll().map_or(0, Epoll::returned_count));
    assert_eq!(spin.count, u64::from(waits) - 1 - 63);
    assert!(spin.count > 1);
    // It is shown where the return is whole, with its event; and where it came last, once its first record is gone.
    for at in [spin.position(), spin.shown_at(spin.seq + 1).expect("it came again")] {
        let last = rig.session.timeline().get(at - 1).map(|record| record.call);
        assert!(matches!(last, Some(Call::Event { fd: A, .. })), "{last:?}");
    }
    assert!(rig.session.timeline().findings().spins(), "known while it goes on");
    assert!(
        spin.sentence(Lang::En)
            .ends_with("nothing was done about the reports of this wait and of the 63 waits before it")
    );
}

#[test]
fn what_the_kernel_refuses_or_lets_pass_is_found() {
    let mut rig = Rig::new(Policy { faults: Faults::CLOSE_FIRST, ..Policy::default() });
    let a = rig.connect();
    rig.session.clients_mut().close(a).expect("closed");
    assert_eq!(rig.session.settle(LONG), Ok(ServerState::Died));
    assert_eq!(rig.found(), [(Lint::DelAfterClose, Some(A))]);

    let mut rig = Rig::new(Policy { timeout: Timeout(1), ..Policy::default() });
    rig.session.set(epollscope::probe::Mode::Free);
    rig.run_until("empty returns", |rig| rig.world().epoll().is_some_and(|epoll| epoll.empty_count > 4));
    assert_eq!(rig.found(), [(Lint::Empty, None)]);
    assert!(rig.finding(Lint::Empty).count > 4);
}

#[test]
fn only_a_signal_of_somebody_else_is_found() {
    let mut rig = Rig::new(Policy::default());
    rig.session.set(epollscope::probe::Mode::Free);
    let waits = |rig: &Rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some());
    rig.run_until("it waits", waits);
    // The server is woken for it, out of a wait that nothing else would end.
    rig.session.follow(edge());
    rig.run_until("it waits again", |rig| waits(rig) && rig.world().policy() == Some(&edge()));
    assert_eq!(rig.found(), [], "the server was woken by this program");
    let timeline = rig.session.timeline();
    let mut history = History::default();
    for record in timeline.range(0, timeline.len()) {
        if record.call != Call::Annotation(Annotation::Woken {}) {
            history.push(record);
        }
    }
    assert_eq!(found(&history), [(Lint::Interrupted, Some(Fd(4)))], "of others the same record tells");
    let finding = history.findings().iter().next().expect("one");
    assert_eq!(finding.sentence(Lang::En), "fd 4 (epoll): a signal interrupted epoll_wait: EINTR");
}

#[test]
fn a_hang_on_a_blocking_fd_is_found_when_it_is_noted() {
    let mut rig = Rig::new(Policy { read: Read::Drain, faults: Faults::BLOCKING, ..Policy::default() });
    let a = rig.connect();
    assert_eq!(rig.found(), []);
    for count in 1..3 {
        rig.session.clients_mut().send(a, Payload::Pattern(1_500)).expect("sent");
        assert!(matches!(rig.session.settle(LONG), Ok(ServerState::Hung(Call::Recvfrom { fd: A, .. }))));
        assert_eq!(rig.found(), [(Lint::Hung, Some(A))]);
        assert_eq!(rig.finding(Lint::Hung).count, count);
    }
    let finding = rig.finding(Lint::Hung);
    assert_eq!(finding.sentence(Lang::En), "fd 5 (a): recvfrom on a blocking fd blocks the whole thread");
    let noted = rig.session.timeline().get(finding.seq - 1).expect("a record").call;
    assert!(matches!(noted, Call::Annotation(Annotation::Hung { .. })), "{noted:?}");
}

#[test]
fn an_accept_without_a_free_fd_is_found() {
    let path = std::env::temp_dir().join(format!("epollscope-findings-{}.lab", std::process::id()));
    fs::write(&path, "server\na = connect\nlimit 5\nrun\nexpect errors EMFILE 1\n").expect("written");
    let lab = Command::new(EPOLLSCOPE).args(["lab", "--format", "jsonl"]).arg(&path).output().expect("it runs");
    fs::remove_file(&path).expect("removed");
    assert!(lab.status.success(), "{lab:?}");
    let mut timeline = History::default();
    let records = Reader::new("lab", &*lab.stdout).expect("a trace");
    records.for_each(|record| timeline.push(record.expect("a record")));
    assert_eq!(found(&timeline), [(Lint::NoFd, Some(LISTENER))]);
    let said = timeline.findings().iter().next().expect("one").sentence(Lang::En);
    assert_eq!(said, "fd 3 (listener): accept4 found no free fd: EMFILE");
}

#[test]
fn a_gap_is_found_however_many_records_tell_of_it() {
    let mut timeline = History::default();
    for record in records(1, 2) {
        timeline.push(record);
    }
    for count in [3, 4] {
        timeline.push(Record { seq: Seq(0), t: Nanos(u64::MAX), tid: Tid(1), call: Call::Lost { count } });
    }
    let last = timeline.findings().iter().next_back().expect("one");
    assert_eq!((last.lint(), last.count), (Lint::Lost, 2));
    assert_eq!(last.sentence(Lang::En), "7 records are missing: the contents of the lists are uncertain");
}

#[test]
fn they_are_the_same_each_time_and_found_by_position() {
    for seed in 0..4 {
        let records = records(seed, 60);
        for first in [0, records.len() / 3, records.len() / 2] {
            let (mut one, mut two) = (History::default(), History::default());
            records[first..].iter().for_each(|record| one.push(*record));
            records[first..].iter().for_each(|record| two.push(*record));
            let (one, two) = (one.findings(), two.findings());
            assert!(one.iter().eq(two.iter()));
            let positions: Vec<u64> = one.iter().map(Finding::position).collect();
            assert!(positions.is_sorted());
            for k in 0..(records.len() - first) as u64 {
                let after = positions.iter().copied().find(|at| *at > k);
                let before = positions.iter().copied().rfind(|at| *at < k);
                assert_eq!(
                    (one.after(k).map(Finding::position), one.before(k).map(Finding::position)),
                    (after, before)
                );
            }
            for finding in one.iter() {
                assert!(!finding.sentence(Lang::En).is_empty() && !finding.sentence(Lang::Zh).is_empty());
            }
        }
    }
}

#[test]
fn the_findings_of_a_recording_are_told_in_each_format_and_can_be_denied() {
    let _loopback = loopback();
    let folder = std::env::temp_dir().join(format!("epollscope-findings-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("made");
    let recording = folder.join("run.jsonl");
    let run = |args: &[&str]| Command::new(EPOLLSCOPE).args(args).env("LC_ALL", "C").output().expect("it runs");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/16-stranded.lab");
    let file = recording.to_str().expect("a name");
    assert!(run(&["lab", script, "--record", file]).status.success());
    let told = |args: &[&str]| {
        let output = run(&[&["findings", file], args].concat());
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let (status, text) = told(&[]);
    assert_eq!(status, Some(0));
    assert!(text.contains("\n  stranded: fd "), "{text}");
    assert!(text.contains("= 1  [") && text.contains("→ read until EAGAIN"), "{text}");
    assert!(text.contains("(epollscope lesson 8)\n"), "{text}");
    let (_, text) = told(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let stranded = json["findings"].as_array().expect("a list").iter().find(|finding| finding["name"] == "stranded");
    let stranded = stranded.unwrap_or_else(|| panic!("{text}"));
    assert!(stranded["proof"].as_array().is_some_and(|calls| !calls.is_empty()), "{text}");
    let (status, text) = told(&["--format", "junit", "--findings", "deny"]);
    assert_eq!(status, Some(1));
    assert_eq!(text.matches("<testcase ").count(), Lint::ALL.len());
    assert!(text.contains("name=\"stranded\">\n      <failure message=\"read until EAGAIN"), "{text}");
    fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn each_lint_names_a_lesson_that_there_is() {
    for lint in Lint::ALL {
        let lesson = lint.lesson();
        let exists = |number: u32| epollscope::lesson::find(&number.to_string()).is_some();
        assert!(lesson.is_none_or(exists), "{lint:?}: {lesson:?}");
    }
}
