//! A name after its close: each call is made, with the number that the name had, and is in the record with what the
//! kernel said; and where the number is another file's, that file is left alone.

use epollscope::record::{Call, Fd, errno_name};
use epollscope::script::SceneRunner;

use crate::support::lab::{alone, said};

/// The calls that failed, by name, fd and error.
fn failed(play: &SceneRunner) -> Vec<(&'static str, Option<Fd>, String)> {
    let timeline = play.lab().expect("a lab").timeline();
    let calls = timeline.range(0, timeline.len()).map(|record| record.call);
    let failed = calls.filter(|call| call.ret().is_some_and(|ret| ret.raw() < 0));
    failed.map(|call| (call.name(), call.fd(), errno_name(-call.ret().expect("a result").raw()))).collect()
}

#[test]
fn each_call_on_a_closed_name_is_made_and_recorded() {
    let script = "e = epoll\nr, w = pipe\nclose r\nclose e\nclose r\nadd e w OUT\nwait e\nread r 1\nt = thread wait e\n\
                  d = dup r\nreset r\n";
    let (said, failed) = alone(move || {
        let (said, play) = said(script);
        (said, failed(&play))
    });
    assert!(
        said[4..8].iter().chain(&said[9..]).all(|said| said.starts_with("= -1 EBADF (Bad file descriptor)")),
        "{said:?}"
    );
    let calls: Vec<&str> = failed.iter().map(|(call, ..)| *call).collect();
    let made = ["close", "epoll_ctl", "epoll_wait", "read", "epoll_wait", "dup", "setsockopt", "close"];
    assert_eq!(calls, made);
    assert!(failed.iter().all(|(.., errno)| *errno == "EBADF"), "{failed:?}");
    assert_eq!(failed[0].1, failed[3].1, "the number that r had");
}

#[test]
fn a_number_that_is_another_files_is_left_alone() {
    let script = "e = epoll\nr, w = pipe\nclose e\nn = eventfd 1\nwait e\nclose e\nt = thread wait e\nadd e w OUT\nfdinfo e\n\
                  read e 8\nread n 8\nexpect error EAGAIN\nclose n\n";
    let (said, failed) = alone(move || {
        let (said, play) = said(script);
        (said, failed(&play))
    });
    let number = said[0].strip_prefix("e = fd ").expect("a number");
    let left = format!("fd {number} is now n; nothing was called");
    assert!(said[4..9].iter().all(|said| *said == left), "{said:?}");
    assert_eq!(said[9], format!("= 8 (counter 1); fd {number} is now n"), "a read goes where the number leads");
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(said.last().map(String::as_str), Some("= 0"));
}

#[test]
fn what_is_asked_of_a_closed_name_makes_no_error_up() {
    let script = "e = epoll\nr, w = pipe\nclose r\nclose e\npoll r\ndepth r\nfdinfo e\nfileno e\nf = fromfd e\nfileno f\n\
                  fdinfo w\np = fork\nend p\nend p\n";
    let (said, failed) = alone(move || {
        let (said, play) = said(script);
        (said, failed(&play))
    });
    let all = said.join("\n");
    assert!(!all.contains("-1 E"), "{all}");
    for says in ["poll says NVAL", "is not open", ", closed", "not an epoll object", "nothing was called"] {
        assert!(all.contains(says), "{says}: {all}");
    }
    assert_eq!(failed, []);
}

#[test]
fn a_wait_on_what_is_no_epoll_leaves_it_what_it_is() {
    let script = "e = epoll\na, b = pair tcp\nadd e a IN\nwait a\nexpect error EINVAL\nwrite b 5\n";
    let (unread, epolls) = alone(move || {
        let (_, play) = said(script);
        let world = play.lab().expect("a lab").timeline().now();
        let epoll = world.epoll().expect("an epoll");
        let item = epoll.items().next().expect("registered");
        (world.file(item.file).expect("open").depth(), world.epolls().count())
    });
    assert_eq!((unread, epolls), (Some(5), 1));
}

#[test]
fn an_epoll_closed_under_a_waiter_keeps_that_wait() {
    let script = "e = epoll\na, b = pair tcp\nadd e a IN\nt = thread wait e\nclose e\nwrite b 1\njoin t\nwait e\n";
    let (before, after) = alone(move || {
        let (_, play) = said(script);
        let timeline = play.lab().expect("a lab").timeline();
        let mut records = timeline.range(0, timeline.len());
        let close = records.rfind(|record| matches!(record.call, Call::Close { .. })).expect("closed");
        let before = timeline.at(close.seq.0);
        let waits = |world: &epollscope::trace::World| {
            let epoll = world.last_epoll().expect("an epoll");
            epoll
                .waits()
                .map(|wait| (wait.ret.map(epollscope::record::Ret::raw), wait.reports.len()))
                .collect::<Vec<_>>()
        };
        (waits(&before), (waits(timeline.now()), timeline.now().epolls().count()))
    });
    assert_eq!(before, [(None, 0)], "the wait holds the epoll");
    assert_eq!(after, (vec![(Some(1), 1), (Some(-9), 0)], 0));
}
