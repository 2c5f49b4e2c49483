//! Breakpoints of a server that runs freely: it stands right after what it was to be stopped at, in both trigger modes.

use std::time::Duration;

use epollscope::analysis::search::{Search, Wanted, Way};
use epollscope::probe::{Breakpoint, Mode};
use epollscope::record::{Accept, Annotation, Call, Fairness, Policy, Read, Record, Timeout};
use epollscope::session::Payload;

use crate::support::rig::{A, B, Rig, edge, edge_drained};

impl Rig {
    /// Lets the server run until a breakpoint stops it; which one, and what it did last.
    fn run_to(&mut self, mode: Mode, breakpoints: &[Breakpoint]) -> (Breakpoint, Vec<Record>) {
        self.session.break_at(breakpoints);
        self.news();
        self.session.set(mode);
        self.await_stop()
    }

    fn await_stop(&mut self) -> (Breakpoint, Vec<Record>) {
        self.run_until("breakpoint", |rig| rig.session.stopped_by().is_some() && rig.session.held_before().is_some());
        while self.session.pump(|_| ()) {}
        let hit = self.session.stopped_by().expect("a breakpoint");
        (hit, self.news().into_iter().filter(|record| is_of_the_server(&record.call)).collect())
    }

    fn sends(&mut self, id: epollscope::session::ClientId, count: usize) {
        self.session.clients_mut().send(id, Payload::Pattern(count)).expect("sent");
    }
}

fn is_of_the_server(call: &Call) -> bool {
    call.is_syscall() || matches!(call, Call::Event { .. })
}

/// The last call, and that no other is what the breakpoint is about.
#[track_caller]
fn only_last(breakpoint: Breakpoint, calls: &[Record]) -> Call {
    let hits = calls.iter().filter(|record| breakpoint.is_hit_by(&record.call)).count();
    assert_eq!(hits, 1, "{breakpoint}: {calls:?}");
    calls.last().expect("a call").call
}

#[test]
fn it_stops_at_the_report_of_an_fd_and_at_no_other() {
    for policy in [Policy::default(), edge()] {
        let mut rig = Rig::new(policy);
        let (a, b) = (rig.connect(), rig.connect());
        rig.session.break_at(&[Breakpoint::Reported(B)]);
        rig.session.set(Mode::Free);
        rig.sends(a, 5000);
        rig.run_until("report of a", |rig| rig.world().counters().bytes_in >= 1024);
        rig.sends(b, 10);
        let (hit, calls) = rig.await_stop();
        assert_eq!(hit, Breakpoint::Reported(B), "{policy:?}");
        let last = only_last(hit, &calls);
        assert!(matches!(last, Call::Event { .. }), "it has not acted on its reports: {last:?}, {policy:?}");
        assert_eq!(rig.world().file_of(calls[0].tid, B).expect("b").1.stream().expect("a stream").received, 0);
        // Let go it serves b, and stops at it again only when it is reported anew.
        rig.session.set(Mode::Free);
        rig.run_until("echo", |rig| rig.echoed(b).1 == 10);
        assert_eq!(rig.session.stopped_by(), None);
    }
}

#[test]
fn it_stops_at_an_error_and_at_a_named_call() {
    for policy in [Policy { read: Read::Drain, ..Policy::default() }, edge_drained()] {
        let mut rig = Rig::new(policy);
        let a = rig.connect();
        rig.sends(a, 3000);
        let (hit, calls) = rig.run_to(Mode::Free, &[Breakpoint::Fails(libc::EAGAIN)]);
        assert_eq!(hit, Breakpoint::Fails(libc::EAGAIN), "{policy:?}");
        assert!(matches!(only_last(hit, &calls), Call::Recvfrom { fd: A, .. }), "{policy:?}");
        rig.session.break_at(&[]);
        rig.settle();
        rig.sends(a, 10);
        let (hit, calls) = rig.run_to(Mode::Free, &[Breakpoint::Empty, Breakpoint::Made("sendto")]);
        assert_eq!(hit, Breakpoint::Made("sendto"), "{policy:?}");
        assert!(matches!(only_last(hit, &calls), Call::Sendto { fd: A, .. }), "{policy:?}");
    }
}

#[test]
fn it_stops_at_a_wait_that_reports_nothing() {
    for policy in [Policy::default(), edge()] {
        let mut rig = Rig::new(Policy { timeout: Timeout(1), ..policy });
        let (hit, calls) = rig.run_to(Mode::Free, &[Breakpoint::Empty]);
        assert_eq!(hit, Breakpoint::Empty);
        only_last(hit, &calls);
        assert_eq!(rig.session.mode(), Mode::Held);
    }
}

#[test]
fn a_breakpoint_set_while_the_server_is_blocked_stops_it() {
    for policy in [Policy::default(), edge()] {
        let mut rig = Rig::new(policy);
        let a = rig.connect();
        rig.session.set(Mode::Free);
        rig.run_until("wait", |rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some()));
        rig.news();
        rig.session.break_at(&[Breakpoint::Reported(A)]);
        rig.sends(a, 10);
        let (hit, calls) = rig.await_stop();
        assert!(matches!(only_last(hit, &calls), Call::Event { fd: A, .. }), "{policy:?}");
    }
}

#[test]
fn it_stops_before_the_wait_that_would_strand_bytes() {
    for mode in [Mode::Free, Mode::Paced(Duration::from_millis(1))] {
        let mut rig = Rig::new(edge());
        let (a, b) = (rig.connect(), rig.connect());
        rig.session.break_at(&[Breakpoint::Stranded]);
        rig.session.set(mode);
        for all in [700, 1400, 2100] {
            rig.sends(b, 700);
            rig.run_until("echo", |rig| rig.echoed(b) == (all, all));
        }
        rig.run_until("wait", |rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some()));
        assert_eq!(rig.session.stopped_by(), None, "nothing was stranded yet");
        let waits = rig.waits();
        rig.sends(a, 3000);
        let (hit, _) = rig.await_stop();
        assert_eq!(hit, Breakpoint::Stranded);
        let next = rig.session.held_before();
        assert!(matches!(next, Some(Call::EpollWaitEnter { .. })), "{next:?}");
        assert_eq!((rig.stranded(), rig.waits()), (vec![(A, 1976)], waits), "{mode:?}");
        // It goes on when it is told to, and stops when something new is left.
        rig.session.set(mode);
        rig.sends(b, 700);
        rig.run_until("echo", |rig| rig.echoed(b) == (2800, 2800));
        assert_eq!(rig.session.stopped_by(), None);
        rig.sends(b, 2000);
        assert_eq!(rig.await_stop().0, Breakpoint::Stranded);
        assert_eq!(rig.stranded(), [(A, 1976), (B, 976)]);
    }
}

#[test]
fn who_takes_turns_or_drains_or_is_told_by_level_strands_nothing() {
    let turns = Policy { fairness: Fairness::RoundRobin(100.try_into().expect("not 0")), ..edge_drained() };
    let level = Policy { accept: Accept::Drain, ..Policy::default() };
    for policy in [turns, edge_drained(), level] {
        let mut rig = Rig::new(Policy { read_size: 100, ..policy });
        let a = rig.connect();
        rig.session.break_at(&[Breakpoint::Stranded]);
        rig.session.set(Mode::Free);
        rig.sends(a, 3000);
        rig.run_until("echo", |rig| rig.echoed(a).1 == 3000);
        assert_eq!(rig.session.stopped_by(), None, "{policy:?}");
    }
}

#[test]
fn what_is_no_breakpoint_any_more_stops_nothing() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.session.break_at(&[Breakpoint::Stranded, Breakpoint::Reported(A)]);
    rig.sends(a, 3000);
    // A script goes on to its end.
    rig.settle();
    assert_eq!((rig.stranded(), rig.session.stopped_by()), (vec![(A, 1976)], None));
    rig.session.set(Mode::Free);
    rig.session.break_at(&[]);
    rig.sends(a, 10);
    rig.run_until("echo", |rig| rig.echoed(a).1 == 2048);
    assert_eq!(rig.session.stopped_by(), None);
    assert_eq!(rig.session.breakpoints(), []);
}

#[test]
fn the_same_breakpoints_are_found_in_the_past() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    let both = [Breakpoint::Reported(A), Breakpoint::Stranded];
    rig.sends(a, 3000);
    let mut stops = Vec::new();
    for _ in 0..2 {
        let (hit, _) = rig.run_to(Mode::Free, &both);
        stops.push((hit, rig.session.timeline().len()));
    }
    assert_eq!(stops.iter().map(|(hit, _)| *hit).collect::<Vec<_>>(), both);
    rig.session.break_at(&[]);
    rig.settle();
    rig.session.set(Mode::Free);
    rig.run_until("wait", |rig| rig.world().epoll().is_some_and(|epoll| epoll.in_wait().is_some()));
    let timeline = rig.session.timeline();
    let search = |way, from| Search::new(Wanted::Breakpoints(both.to_vec()), way, from).run(timeline);
    let reported = search(Way::Forward, 0).expect("the report");
    let stranded = search(Way::Forward, reported.position).expect("the wait");
    assert!(matches!(timeline.get(reported.seq - 1).expect("a record").call, Call::EpollWait { .. }));
    assert!(matches!(
        timeline.get(stranded.seq - 1).expect("a record").call,
        Call::Annotation(Annotation::Rest { .. })
    ));
    // Session it was stopped right after the one, and before the other.
    assert!(reported.position <= stops[0].1 && stops[1].1 < stranded.seq);
    assert_eq!(search(Way::Forward, stranded.position), None);
    assert_eq!(search(Way::Backward, timeline.len() + 1), Some(stranded));
    assert_eq!(search(Way::Backward, stranded.position), Some(reported));
    assert_eq!(search(Way::Backward, reported.position), None);
}
