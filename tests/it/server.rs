//! The server against the real kernel: what each policy does, in both trigger modes.

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::probe::Mode;
use epollscope::record::{Accept, Call, CtlOp, Dir, Interest, Policy, Read, Ready, Trigger, WriteInterest};
use epollscope::session::Payload;

use crate::support::rig::{A, EAGAIN, LISTENER, Rig, edge};

#[test]
fn level_reports_until_all_is_read() {
    let mut rig = Rig::new(Policy::default());
    let a = rig.connect();
    rig.news();
    rig.send(a, 3000);
    assert_eq!(rig.reports_and_reads(A), (3, vec![1024, 1024, 952]));
    assert_eq!(rig.echoed(a), (3000, 3000));
    assert_eq!(rig.stranded(), []);
}

#[test]
fn edge_with_one_read_reports_once_and_strands_the_rest() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.news();
    rig.send(a, 3000);
    assert_eq!(rig.reports_and_reads(A), (1, vec![1024]));
    assert_eq!(rig.echoed(a), (3000, 1024));
    assert_eq!(rig.stranded(), [(A, 1976)]);
    let (world, epoll) = (rig.world(), rig.world().epoll().expect("an epoll"));
    let item = epoll.item(A).expect("registered");
    let sentence = why::not_reported(world, epoll, item, Lang::En);
    assert_eq!(sentence, "stranded: 1,976 bytes are unread, but nothing new since wait #2");
}

#[test]
fn an_edge_is_an_arrival_not_an_empty_buffer() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.send(a, 3000);
    rig.news();
    rig.send(a, 10);
    assert_eq!(rig.reports_and_reads(A), (1, vec![1024]), "new data on unread data is reported");
    assert_eq!(rig.stranded(), [(A, 962)]);
    let epoll = rig.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert_eq!(
        why::reported(report, Lang::En),
        "edge: 10 new bytes arrived since wait #2, on top of 1,976 bytes still unread"
    );
}

#[test]
fn edge_drained_to_eagain_strands_nothing() {
    let mut rig = Rig::new(Policy { read: Read::Drain, ..edge() });
    let a = rig.connect();
    rig.news();
    rig.send(a, 2048);
    assert_eq!(rig.reports_and_reads(A), (1, vec![1024, 1024, EAGAIN]));
    assert_eq!(rig.echoed(a), (2048, 2048));
}

#[test]
fn on_a_stream_a_short_read_ends_the_drain() {
    let mut rig = Rig::new(Policy { read: Read::DrainShort, ..edge() });
    let a = rig.connect();
    rig.news();
    rig.send(a, 3000);
    assert_eq!(rig.reports_and_reads(A), (1, vec![1024, 1024, 952]));
    assert_eq!(rig.stranded(), []);
    // Half-close with the last bytes: the end must not be missed.
    rig.session.clients_mut().send(a, Payload::Pattern(7)).expect("sent");
    rig.session.clients_mut().end(a).expect("ended");
    rig.settle();
    assert_eq!(rig.world().open_connections(), 0);
}

#[test]
fn modify_rearms_an_edge() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.send(a, 3000);
    rig.news();
    // Edge to edge with EPOLLOUT always: nothing but the mask changes, by MOD, and the rest is reported again.
    rig.session.follow(Policy { write: WriteInterest::Always, ..edge() });
    rig.settle();
    assert_eq!(rig.reports_and_reads(A), (1, vec![1024]));
    let epoll = rig.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert_eq!(why::reported(report, Lang::En), "EPOLL_CTL_MOD found it ready: 1,976 bytes unread");
}

#[test]
fn switching_to_level_picks_up_what_was_stranded() {
    let mut rig = Rig::new(edge());
    let a = rig.connect();
    rig.send(a, 3000);
    rig.news();
    rig.session.follow(Policy::default());
    rig.settle();
    let mods = rig.news().iter().filter(|r| matches!(r.call, Call::EpollCtl { op: CtlOp::Mod, .. })).count();
    assert_eq!(mods, 2, "the listener and the connection");
    assert_eq!(rig.echoed(a), (3000, 3000));
}

#[test]
fn add_reports_what_came_before_it() {
    let mut rig = Rig::new(edge());
    let clients = rig.session.clients_mut();
    let a = clients.connect().expect("connected");
    clients.send(a, Payload::Pattern(100)).expect("sent");
    rig.settle();
    let epoll = rig.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert_eq!(report.fd, A);
    assert_eq!(why::reported(report, Lang::En), "EPOLL_CTL_ADD found it ready: 100 bytes unread");
}

#[test]
fn a_listener_with_several_pending_clients() {
    for (policy, accepted) in [
        (Policy::default(), 3),
        (edge(), 1),
        (Policy { accept: Accept::Drain, ..edge() }, 3),
        (Policy { oneshot: true, ..edge() }, 3),
    ] {
        let mut rig = Rig::new(policy);
        for _ in 0..3 {
            rig.session.clients_mut().connect().expect("connected");
        }
        rig.settle();
        assert_eq!(rig.world().counters().accepted, accepted, "{policy:?}");
        let stranded = if accepted == 1 { vec![(LISTENER, 2)] } else { vec![] };
        assert_eq!(rig.stranded(), stranded, "{policy:?}");
    }
}

#[test]
fn oneshot_disarms_until_modify() {
    for trigger in [Trigger::Level, Trigger::Edge] {
        let mut rig = Rig::new(Policy { trigger, oneshot: true, ..Policy::default() });
        let a = rig.connect();
        rig.news();
        rig.send(a, 2000);
        let news = rig.news();
        let count = |what: fn(&Call) -> bool| news.iter().filter(|record| what(&record.call)).count();
        assert_eq!(count(|call| matches!(call, Call::Event { fd: A, .. })), 2, "{trigger:?}: MOD finds the rest");
        assert_eq!(count(|call| matches!(call, Call::EpollCtl { op: CtlOp::Mod, fd: A, .. })), 2, "{trigger:?}");
        assert_eq!(rig.echoed(a), (2000, 2000));
    }
}

#[test]
fn a_half_close_is_answered_in_full() {
    for policy in [Policy::default(), Policy { read: Read::Drain, ..edge() }] {
        let mut rig = Rig::new(policy);
        let a = rig.connect();
        rig.session.clients_mut().send(a, Payload::Pattern(5000)).expect("sent");
        rig.session.clients_mut().end(a).expect("ended");
        let mut received = 0;
        rig.settle();
        for record in rig.records() {
            if let Call::Recvfrom { ret, .. } = record.call {
                received += u64::from(ret.ok().unwrap_or(0));
            }
        }
        assert_eq!(received, 10_000, "5,000 bytes there and 5,000 back");
        assert_eq!((rig.world().open_connections(), rig.session.clients().clients().count()), (0, 0));
    }
}

#[test]
fn a_reset_closes_the_connection_and_nothing_spins() {
    for policy in [Policy::default(), edge()] {
        let mut rig = Rig::new(policy);
        let a = rig.connect();
        rig.news();
        rig.session.clients_mut().reset(a).expect("reset");
        rig.settle();
        let news = rig.news();
        let reported = news.iter().find_map(|record| match record.call {
            Call::Event { fd: A, ready, .. } => Some(ready),
            _ => None,
        });
        assert_eq!(reported, Some(Ready::IN | Ready::RDHUP | Ready::ERR | Ready::HUP));
        let calls: Vec<&str> = news.iter().filter(|r| r.call.is_syscall()).map(|r| r.call.name()).collect();
        assert_eq!(calls, ["epoll_wait", "epoll_wait", "recvfrom", "epoll_ctl", "close"]);
        assert_eq!(rig.world().open_connections(), 0);
    }
}

#[test]
fn a_peer_that_never_reads_is_throttled_and_harms_nobody() {
    for policy in [Policy::default(), Policy { read: Read::Drain, ..edge() }] {
        let mut rig = Rig::new(Policy { read_size: 16 * 1024, ..policy });
        let (lazy, b) = (rig.connect(), rig.connect());
        rig.session.clients_mut().set_reading(lazy, false).expect("a client");
        rig.session.clients_mut().send(lazy, Payload::Pattern(20 << 20)).expect("sent");
        rig.settle();
        let epoll = rig.world().epoll().expect("an epoll");
        let mask = epoll.item(A).expect("registered").interest;
        assert!(mask.contains(Interest::OUT) && !mask.contains(Interest::IN), "backpressure: {mask}");
        rig.send(b, 500);
        assert_eq!(rig.echoed(b), (500, 500));
        // It reads again, and everything comes, in order.
        rig.session.clients_mut().set_reading(lazy, true).expect("a client");
        rig.settle();
        assert_eq!(rig.echoed(lazy), (20 << 20, 20 << 20));
        assert!(epoll_out_partial(&rig), "some send was partial");
    }
}

fn epoll_out_partial(rig: &Rig) -> bool {
    let timeline = rig.session.timeline();
    timeline.range(timeline.first(), timeline.len()).any(|record| match record.call {
        Call::Sendto { len, ret, .. } => ret.ok().is_some_and(|sent| sent < len),
        _ => false,
    })
}

#[test]
fn epollout_always_spins_in_level_and_not_in_edge() {
    let mut rig = Rig::new(Policy { write: WriteInterest::Always, ..edge() });
    let a = rig.connect();
    rig.news();
    rig.send(a, 10);
    let masks = rig.news().into_iter().filter_map(|record| match record.call {
        Call::Event { fd: A, ready, .. } => Some(ready),
        _ => None,
    });
    assert_eq!(masks.collect::<Vec<_>>(), [Ready::IN | Ready::OUT], "OUT comes along with the edge of IN");
    // In level mode it never comes to rest: each wait reports OUT again.
    rig.session.follow(Policy { write: WriteInterest::Always, ..Policy::default() });
    let end = rig.world().epoll().expect("an epoll").wait_count + 200;
    rig.session.set(Mode::Free);
    while rig.world().epoll().expect("an epoll").wait_count < end {
        rig.session.pump(|_| ());
    }
    rig.session.set(Mode::Held);
    let epoll = rig.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert!(why::reported(report, Lang::En).starts_with("level: there is room to send, and EPOLLOUT is registered"));
}

#[test]
fn a_number_used_again_within_a_batch_is_not_mistaken() {
    let mut rig = Rig::new(Policy::default());
    let (a, b) = (rig.connect(), rig.connect());
    rig.news();
    // In one batch: a is reset, a new client waits, and b sends. What is closed and what is accepted share a number.
    let clients = rig.session.clients_mut();
    clients.reset(a).expect("reset");
    let c = clients.connect().expect("connected");
    clients.send(b, Payload::Pattern(10)).expect("sent");
    clients.send(c, Payload::Pattern(20)).expect("sent");
    rig.settle();
    let accepted: Vec<i32> = rig
        .news()
        .iter()
        .filter_map(|record| match record.call {
            Call::Accept4 { ret, .. } => Some(ret.raw()),
            _ => None,
        })
        .collect();
    assert_eq!(accepted, [A.0], "the number of the connection that was closed");
    assert_eq!((rig.echoed(b), rig.echoed(c)), ((10, 10), (20, 20)));
}

#[test]
fn the_bytes_are_in_the_records() {
    let mut rig = Rig::new(Policy::default());
    let a = rig.connect();
    rig.news();
    rig.session.clients_mut().send(a, Payload::Bytes("né\0".into())).expect("sent");
    rig.settle();
    let data: Vec<(Dir, Vec<u8>)> = rig
        .news()
        .iter()
        .filter_map(|record| match record.call {
            Call::Data { dir, chunk, .. } => Some((dir, chunk.bytes().to_vec())),
            _ => None,
        })
        .collect();
    assert_eq!(data, [(Dir::In, "né\0".into()), (Dir::Out, "né\0".into())]);
}

#[test]
fn step_seven_closes_everything() {
    let mut rig = Rig::new(Policy::default());
    rig.connect();
    rig.connect();
    rig.news();
    rig.session.close(|_| ()).expect("closed");
    let calls: Vec<i32> = rig
        .news()
        .iter()
        .filter_map(|record| match record.call {
            Call::Close { fd, ret } if ret.ok().is_some() => Some(fd.0),
            _ => None,
        })
        .collect();
    assert_eq!(calls, [5, 6, 3, 4], "connections, listener, epoll");
}
