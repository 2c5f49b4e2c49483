//! What a report tells of arrivals that no sample counted.

use epollscope::record::{Addr, Call, CtlOp, Fd, Interest, MsgFlags, Nanos, Ready, Record, Ret, Seq, Tid, Timeout};
use epollscope::trace::World;
use epollscope::trace::world::{Cause, client_name};

const LISTENER: Fd = Fd(3);
const EPFD: Fd = Fd(4);
const A: Fd = Fd(5);

/// A world in which a server has accepted one connection from outside.
fn world(mask: Interest) -> World {
    let mut world = World::default();
    say(
        &mut world,
        &[
            Call::Socket { ret: Ret::from_raw(LISTENER.0) },
            Call::Listen { fd: LISTENER, backlog: 8, ret: Ret::OK },
            Call::EpollCreate1 { ret: Ret::from_raw(EPFD.0) },
            control(CtlOp::Add, LISTENER, Interest::IN),
        ],
    );
    report(&mut world, LISTENER, Ready::IN);
    say(&mut world, &[Call::Accept4 { fd: LISTENER, peer: Addr::NONE, ret: Ret::from_raw(A.0) }]);
    say(&mut world, &[control(CtlOp::Add, A, mask)]);
    world
}

fn say(world: &mut World, calls: &[Call]) {
    for &call in calls {
        let seq = Seq(world.seq().0 + 1);
        world.apply(&Record { seq, t: Nanos(seq.0), tid: Tid(1), call });
    }
}

fn control(op: CtlOp, fd: Fd, interest: Interest) -> Call {
    Call::EpollCtl { epfd: EPFD, op, fd, interest, ret: Ret::OK }
}

/// A wait that returns this and nothing else.
fn report(world: &mut World, fd: Fd, ready: Ready) {
    say(
        world,
        &[
            Call::EpollWaitEnter { epfd: EPFD, max_events: 8, timeout: Timeout::NONE },
            Call::EpollWait { epfd: EPFD, ret: Ret::from_raw(1) },
            Call::Event { epfd: EPFD, fd, ready },
        ],
    );
}

/// Of a buffer of 64 bytes.
fn recv(bytes: usize) -> Call {
    Call::Recvfrom { fd: A, len: 64, flags: MsgFlags::empty(), ret: Ret::value(bytes) }
}

/// The cause and depth of the last report, and the depth of its file now.
fn last(world: &World) -> (Cause, Option<u64>, Option<u64>) {
    let wait = world.epoll().and_then(|epoll| epoll.waits().next_back()).expect("a wait");
    let report = wait.reports.last().expect("a report");
    (report.cause, report.depth, world.file(report.file.expect("registered")).expect("open").depth())
}

#[test]
fn what_was_not_there_when_it_was_told_has_come() {
    let mut world = world(Interest::IN | Interest::RDHUP);
    assert_eq!(last(&world), (Cause::Connected, None, None));
    report(&mut world, A, Ready::IN);
    assert_eq!(last(&world), (Cause::SomeArrived { received: 0 }, None, None));
    say(&mut world, &[recv(64), recv(64), recv(1)]);
    assert_eq!(last(&world), (Cause::SomeArrived { received: 129 }, None, Some(0)));
    report(&mut world, A, Ready::IN | Ready::RDHUP);
    assert_eq!(last(&world), (Cause::Ended, None, None));
}

#[test]
fn what_a_wait_does_not_report_has_nothing_to_read() {
    let mut world = world(Interest::IN);
    report(&mut world, A, Ready::IN);
    say(&mut world, &[recv(64)]);
    assert_eq!(last(&world).2, None, "it may have been all");
    report(&mut world, LISTENER, Ready::IN);
    assert_eq!(last(&world).0, Cause::Connected, "the wait before did not report it");
    let id = world.file_of(Tid(1), A).expect("open").0;
    assert_eq!(world.file(id).expect("open").depth(), Some(0));
    report(&mut world, A, Ready::IN);
    say(&mut world, &[recv(0)]);
    assert_eq!(last(&world), (Cause::Ended, Some(0), Some(0)), "nothing came but the end");
}

#[test]
fn what_came_while_nobody_watched_came_at_no_known_time() {
    let mut world = world(Interest::IN);
    report(&mut world, A, Ready::IN);
    say(&mut world, &[recv(9), control(CtlOp::Mod, A, Interest::OUT), control(CtlOp::Mod, A, Interest::IN)]);
    report(&mut world, A, Ready::IN);
    assert_eq!(last(&world).0, Cause::Unseen);
}

#[test]
fn what_lay_there_before_is_no_news() {
    let mut world = world(Interest::IN | Interest::ET);
    report(&mut world, A, Ready::IN);
    say(&mut world, &[recv(64)]);
    report(&mut world, A, Ready::IN);
    assert_eq!(last(&world), (Cause::Unseen, None, None), "there may be bytes left");
}

#[test]
fn clients_are_named_like_columns() {
    let named: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(client_name).into();
    assert_eq!(named, ["a", "z", "aa", "az", "ba", "zz", "aaa"]);
}
