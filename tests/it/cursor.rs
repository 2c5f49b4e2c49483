//! The cursor on a timeline: every move shows the fold of the records before it, and playing ends where it should.

use std::time::Duration;

use epollscope::analysis::query::Query;
use epollscope::analysis::{Finding, History};
use epollscope::record::{Call, Chunk, Dir, Fd, MsgFlags, Nanos, Record, Ret, Seq, Tid};
use epollscope::trace::World;
use epollscope::tui::keymap::Move;
use epollscope::tui::navigator::{Cursor, Passed};

const SECOND: Duration = Duration::from_secs(1);

/// Ten recvs of fds 0 to 9, each with a record of its bytes.
fn timeline() -> History {
    let mut timeline = History::default();
    for n in 0..10 {
        let fd = Fd(n);
        let call = Call::Recvfrom { fd, len: 9, flags: MsgFlags::empty(), ret: Ret::value(1) };
        let text = if n % 2 == 1 { "odd" } else { "even" };
        let data = Call::Data { fd, dir: Dir::In, chunk: Chunk::new(text.as_bytes()) };
        for call in [call, data] {
            timeline.push(Record { seq: Seq(0), t: Nanos(u64::from(n.unsigned_abs())), tid: Tid(1), call });
        }
    }
    timeline
}

fn is_recv_of(fd: i32) -> impl Fn(&Record) -> bool {
    move |record| matches!(record.call, Call::Recvfrom { .. }) && record.call.fd() == Some(Fd(fd))
}

#[test]
fn every_move_shows_the_fold_of_what_came_before() {
    let timeline = timeline();
    let mut cursor = Cursor::default();
    assert!(!cursor.is_past() && cursor.behind(&timeline) == 0);
    for n in (0..10).rev() {
        assert!(cursor.go(Move::BackCall, &timeline));
        assert_eq!((cursor.at(&timeline), cursor.behind(&timeline)), (2 * n, 10 - n));
        assert_eq!(*cursor.world(&timeline), timeline.at(2 * n));
    }
    assert!(!cursor.go(Move::BackCall, &timeline));
    cursor.go_to_call(4, &timeline);
    assert_eq!((cursor.at(&timeline), cursor.world(&timeline).moments()), (8, 4));
    assert!(cursor.go(Move::ForwardCall, &timeline) && cursor.at(&timeline) == 10);
    assert!(cursor.go(Move::Now, &timeline) && !cursor.is_past());
}

#[test]
fn a_call_that_there_is_not_is_the_nearest() {
    let timeline = timeline();
    let mut cursor = Cursor::default();
    cursor.go_to_call(0, &timeline);
    assert_eq!(cursor.at(&timeline), 0);
    cursor.go_to_call(10, &timeline);
    assert!(!cursor.is_past());
    cursor.go_to_call(u64::MAX, &timeline);
    assert!(!cursor.is_past());
}

#[test]
fn a_search_goes_from_hit_to_hit() {
    let timeline = timeline();
    let mut cursor = Cursor::default();
    let text = Query::parse("\"odd\"").expect("a query");
    let mut hits = |forward| {
        let next = || {
            let hit = cursor.search(forward, text.clone(), &timeline).run(&timeline)?;
            cursor.go_to_hit(hit, &timeline)?.call.fd()
        };
        std::iter::from_fn(next).map(|fd| fd.0).collect::<Vec<_>>()
    };
    assert_eq!(hits(false), [7, 5, 3, 1], "the last call of all is looked at already");
    assert_eq!(hits(true), [3, 5, 7, 9]);
    cursor.go(Move::Start, &timeline);
    let hit = cursor.search(true, Query::parse("fd 7").expect("a query"), &timeline).run(&timeline);
    assert!(cursor.go_to_hit(hit.expect("found"), &timeline).is_some());
    assert_eq!(cursor.world(&timeline).moments(), 8, "after the call, with what belongs to it");
}

#[test]
fn findings_are_gone_to_in_order() {
    let mut timeline = timeline();
    for _ in 0..2 {
        let lost = Record { seq: Seq(0), t: Nanos(9), tid: Tid(1), call: Call::Lost { count: 1 } };
        timeline.push(lost);
    }
    let mut cursor = Cursor::default();
    let found: Vec<u64> = timeline.findings().iter().map(Finding::position).collect();
    assert_eq!(found, [21], "the second is the same again");
    assert!(cursor.go_to_finding(false, &timeline).is_some() && cursor.at(&timeline) == 21);
    assert!(cursor.go_to_finding(false, &timeline).is_none() && cursor.go_to_finding(true, &timeline).is_none());
    cursor.go(Move::Start, &timeline);
    assert!(cursor.go_to_finding(true, &timeline).is_some() && cursor.at(&timeline) == 21);
}

#[test]
fn it_plays_so_many_calls_a_second_until_now() {
    let timeline = timeline();
    let mut cursor = Cursor::default();
    assert!(!cursor.play_or_pause(), "there is nothing to play at now");
    cursor.go(Move::Start, &timeline);
    while cursor.go(Move::Slower, &timeline) {}
    (0..2).for_each(|_| assert!(cursor.go(Move::Faster, &timeline)));
    assert_eq!(cursor.autoplay.speed(), 4);
    assert!(cursor.play_or_pause());
    let quarter = SECOND / 4;
    let never = |_: &World, _: &Record| false;
    assert_eq!(cursor.pass(60 * SECOND, &timeline, never), Passed { moved: false, again: Some(quarter) });
    for n in 1..10 {
        assert_eq!(cursor.pass(quarter, &timeline, never), Passed { moved: true, again: Some(quarter) });
        assert_eq!(cursor.world(&timeline), &timeline.at(2 * n));
    }
    assert_eq!(cursor.pass(quarter, &timeline, never), Passed { moved: true, again: None });
    assert!(!cursor.is_past() && !cursor.autoplay.is_playing());
}

#[test]
fn it_stops_playing_where_it_is_told_to_and_at_any_other_move() {
    let timeline = timeline();
    let mut cursor = Cursor::default();
    cursor.go(Move::Start, &timeline);
    while cursor.go(Move::Faster, &timeline) {}
    assert!(cursor.play_or_pause());
    cursor.pass(SECOND, &timeline, |_, _| false);
    let stopped = cursor.pass(SECOND, &timeline, |_, record| is_recv_of(3)(record));
    assert_eq!(stopped, Passed { moved: true, again: None });
    assert_eq!((cursor.at(&timeline), cursor.autoplay.is_playing()), (8, false));
    assert!(cursor.play_or_pause());
    cursor.go(Move::BackCall, &timeline);
    assert!(!cursor.autoplay.is_playing());
    assert!(cursor.play_or_pause() && cursor.autoplay.stop() && !cursor.autoplay.stop());
}
