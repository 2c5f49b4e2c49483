//! The wave of unread bytes: what it shows of what was told late, and of what nobody told.

use epollscope::analysis::scope::{Columns, Timebase};
use epollscope::record::{Addr, Call, CtlOp, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};
use epollscope::trace::Timeline;

const EPFD: Fd = Fd(4);
const FD: Fd = Fd(5);

const WAIT: Call = Call::EpollWaitEnter { epfd: EPFD, max_events: 64, timeout: Timeout::NONE };

/// A client from outside was accepted, and a first wait entered; then come these.
fn timeline(then: &[Call]) -> Timeline {
    let calls = [
        Call::Socket { ret: Ret::from_raw(3) },
        Call::Listen { fd: Fd(3), backlog: 8, ret: Ret::OK },
        Call::EpollCreate1 { ret: Ret::from_raw(EPFD.0) },
        Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::from_raw(FD.0) },
        Call::EpollCtl { epfd: EPFD, op: CtlOp::Add, fd: FD, interest: Interest::IN, ret: Ret::OK },
        WAIT,
    ];
    let mut timeline = Timeline::default();
    for (t, call) in (0..).zip(calls.iter().chain(then)) {
        timeline.push(Record { seq: Seq(0), t: Nanos(t), tid: Tid(1), call: *call });
    }
    timeline
}

/// A wait that returns with it.
fn report() -> [Call; 2] {
    let ret = Ret::value(1);
    [Call::EpollWait { epfd: EPFD, ret }, Call::Event { epfd: EPFD, fd: FD, ready: Ready::IN }]
}

fn sample(unread: u32) -> Call {
    Call::Sample { fd: FD, unread, unsent: 0, ready: Ready::OUT }
}

/// Of a buffer of 1,024 bytes.
fn recv(bytes: usize) -> Call {
    Call::Recvfrom { fd: FD, len: 1024, flags: MsgFlags::empty(), ret: Ret::value(bytes) }
}

fn wave(then: &[&[Call]], width: usize, base: Timebase) -> Vec<Option<u64>> {
    let timeline = timeline(&then.concat());
    let id = timeline.now().file_of(Tid(1), FD).expect("it is open").0;
    let columns = Columns::before(&timeline, timeline.len(), width, base);
    let waves = columns.waves(&timeline, timeline.now(), &[id]);
    waves[0].iter().map(|column| column.depth).collect()
}

#[test]
fn what_a_report_told_first_was_not_there_before_it_as_far_as_anybody_knows() {
    let sampled = [&report()[..], &[sample(11), recv(11)]];
    assert_eq!(wave(&sampled, 3, Timebase::Calls(1)), [None, Some(11), Some(0)]);
}

#[test]
fn what_came_and_went_within_a_column_shows() {
    for asked in [&[sample(11)][..], &[]] {
        assert_eq!(wave(&[&report(), asked, &[recv(11)]], 1, Timebase::Calls(3)), [Some(11)]);
    }
}

#[test]
fn what_a_drain_takes_lay_there_from_the_report_on() {
    let drained = [&report()[..], &[recv(1024), recv(1024), recv(952)]];
    assert_eq!(wave(&drained, 4, Timebase::Calls(1)), [Some(3000), Some(1976), Some(952), Some(0)]);
    assert_eq!(wave(&drained, 2, Timebase::Calls(3)), [Some(3000), Some(1976)], "as high as after any call");
}

#[test]
fn what_a_full_read_leaves_is_not_known() {
    let once = [&report()[..], &[recv(1024), WAIT]].concat();
    let last = [&report()[..], &[recv(952)]].concat();
    let known = [Some(1024), None, None, Some(1024), None, None, Some(952), Some(0)];
    assert_eq!(wave(&[&once, &once, &last], 8, Timebase::Calls(1)), known);
    assert_eq!(wave(&[&once], 3, Timebase::Calls(1)), [Some(1024), None, None], "and nobody told since");
    let asked = [&report()[..], &[recv(1024), sample(1976)]];
    assert_eq!(wave(&asked, 2, Timebase::Calls(1)), [Some(3000), Some(1976)], "unless it is asked");
}

#[test]
fn a_report_of_which_nothing_came_yet_is_of_nobody_knows_how_much() {
    let read = [&report()[..], &[recv(11), WAIT]].concat();
    assert_eq!(wave(&[&read, &report()], 4, Timebase::Calls(1)), [Some(11), Some(0), Some(0), None]);
}
