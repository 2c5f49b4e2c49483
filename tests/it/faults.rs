//! What peers and the system do to a server, and that it neither stops nor spins nor starves the others.
//!
//! A test that comes to rest has shown that nothing spins: [`Session::settle`](epollscope::session::Session::settle) fails on a
//! server that goes on reporting.

use std::net::TcpStream;
use std::num::NonZeroU32;
use std::os::fd::AsFd;

use epollscope::probe::Mode;
use epollscope::record::{Call, Dir, Fairness, Fd, Interest, MsgFlags, Policy, Read, Ready, Record, Ret};
use epollscope::session::Payload;
use epollscope::sys;

use crate::support::rig::{A, B, Rig, edge, edge_drained};

/// How many bytes came through recv on `fd` of the thread that made the first record (the server), or of the others.
fn received(records: &[Record], server: bool, fd: Option<Fd>) -> u64 {
    let of = records[0].tid;
    let counted = records.iter().filter(|record| (record.tid == of) == server);
    let counts = counted.filter_map(|record| match record.call {
        Call::Recvfrom { fd: f, ret, .. } if fd.is_none_or(|fd| fd == f) => ret.ok().map(u64::from),
        _ => None,
    });
    counts.sum()
}

#[test]
fn a_client_that_vanishes_with_unread_bytes_harms_nobody() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge() }] {
        let mut rig = Rig::new(policy);
        let (a, b) = (rig.connect(), rig.connect());
        // What comes back lies unread at the client, so that its close is a reset.
        rig.session.clients_mut().set_reading(a, false).expect("a client");
        rig.send(a, 5000);
        let waits = rig.waits();
        rig.session.clients_mut().close(a).expect("closed");
        rig.settle();
        assert_eq!(rig.world().open_connections(), 1, "{policy:?}");
        assert!(rig.waits() - waits <= 2, "{policy:?}: {} waits for one reset", rig.waits() - waits);
        // Now bytes lie unread at the server when the reset comes.
        let c = rig.connect();
        rig.session.clients_mut().send(c, Payload::Pattern(5000)).expect("sent");
        rig.session.clients_mut().reset(c).expect("reset");
        rig.settle();
        assert_eq!(rig.world().open_connections(), 1, "{policy:?}");
        rig.send(b, 700);
        assert_eq!(rig.echoed(b), (700, 700), "{policy:?}");
    }
}

#[test]
fn a_flood_does_not_drown_the_others() {
    const FLOOD: u64 = 20 << 20;
    let budget = NonZeroU32::new(8192).expect("not 0");
    let policy = Policy { read_size: 4096, ..edge_drained() };
    for fairness in [Fairness::Greedy, Fairness::RoundRobin(budget)] {
        let mut rig = Rig::new(Policy { fairness, ..policy });
        let (flood, quiet) = (rig.connect(), rig.connect());
        rig.news();
        // Both lie there before the server looks, the flood first.
        let clients = rig.session.clients_mut();
        clients.send(flood, Payload::Pattern(20 << 20)).expect("sent");
        clients.send(quiet, Payload::Pattern(500)).expect("sent");
        rig.settle();
        rig.send(quiet, 500);
        assert_eq!(rig.echoed(flood), (FLOOD, FLOOD), "{fairness:?}");
        assert_eq!(rig.echoed(quiet), (1000, 1000), "{fairness:?}");
        let news = rig.news();
        let first =
            news.iter().position(|r| matches!(r.call, Call::Recvfrom { fd: B, .. })).expect("a recv of the quiet");
        let before = received(&news[..first], true, Some(A));
        match fairness {
            Fairness::RoundRobin(_) => assert_eq!(before, 8192, "one budget, then the quiet one's turn"),
            Fairness::Greedy => assert!(before >= 5 * 8192, "greedy, yet after {before} bytes it stopped"),
        }
    }
}

#[test]
fn turns_go_on_when_no_edge_comes_any_more() {
    let budget = Fairness::RoundRobin(NonZeroU32::new(100).expect("not 0"));
    for read in [Read::Drain, Read::DrainShort] {
        let mut rig = Rig::new(Policy { fairness: budget, read, read_size: 64, ..edge_drained() });
        let (a, b) = (rig.connect(), rig.connect());
        rig.news();
        // With the end of the stream behind the bytes: the one edge tells of both.
        for id in [a, b] {
            rig.session.clients_mut().send(id, Payload::Pattern(1000)).expect("sent");
            rig.session.clients_mut().end(id).expect("ended");
        }
        rig.settle();
        let order: Vec<Fd> = rig
            .news()
            .iter()
            .filter_map(|record| match record.call {
                Call::Sendto { fd, .. } => Some(fd),
                _ => None,
            })
            .collect();
        assert!(order.starts_with(&[A, A, B, B, A, A, B, B]), "two reads a turn: {order:?}");
        assert_eq!(received(&rig.records(), false, None), 2000, "{read:?}");
        assert_eq!(rig.world().open_connections(), 0, "{read:?}: the end was missed");
    }
}

#[test]
fn a_half_close_waits_for_what_is_unsent() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge() }] {
        let mut rig = Rig::new(Policy { read_size: 16 * 1024, ..policy });
        let (slow, b) = (rig.connect(), rig.connect());
        let sent = rig.fill(slow, A) as u64;
        rig.session.clients_mut().end(slow).expect("ended");
        rig.settle();
        assert_eq!(rig.world().open_connections(), 2, "{policy:?}: it waits for the slow reader");
        // A slow reader: it looks, takes what is there, and looks away.
        while rig.session.clients().client(slow).is_some() {
            rig.session.clients_mut().set_reading(slow, true).expect("a client");
            rig.session.pump(|_| ());
            if rig.session.clients().client(slow).is_some() {
                rig.session.clients_mut().set_reading(slow, false).expect("a client");
            }
            rig.settle();
        }
        assert_eq!(received(&rig.records(), false, None), sent, "{policy:?}: all that was sent came back");
        assert_eq!(rig.world().open_connections(), 1, "{policy:?}");
        rig.send(b, 10);
        assert_eq!(rig.echoed(b), (10, 10));
    }
}

#[test]
fn an_end_comes_after_all_that_was_to_be_sent() {
    let mut rig = Rig::new(Policy { read_size: 16 * 1024, ..Policy::default() });
    let a = rig.connect();
    rig.session.clients_mut().set_reading(a, false).expect("a client");
    rig.send(a, 20 << 20);
    assert!(
        rig.session.clients().client(a).is_some_and(|client| client.waiting_to_send() > 0),
        "all of 20 MiB left it"
    );
    rig.session.clients_mut().end(a).expect("ended");
    rig.settle();
    rig.session.clients_mut().set_reading(a, true).expect("a client");
    // So much is paced by the kernel, and meanwhile nothing may be there to be reported.
    rig.session.set(Mode::Free);
    rig.run_until("its end", |rig| rig.world().open_connections() == 0);
    rig.settle();
    assert_eq!(received(&rig.records(), false, None), 20 << 20);
}

#[test]
fn a_reset_while_throttled_closes_the_connection() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge() }] {
        let mut rig = Rig::new(Policy { read_size: 16 * 1024, ..policy });
        let (lazy, b) = (rig.connect(), rig.connect());
        rig.session.clients_mut().set_reading(lazy, false).expect("a client");
        rig.send(lazy, 20 << 20);
        assert!(!rig.mask(A).contains(Interest::IN), "{policy:?}: not throttled, {}", rig.mask(A));
        let waits = rig.waits();
        rig.session.clients_mut().reset(lazy).expect("reset");
        rig.settle();
        assert_eq!(rig.world().open_connections(), 1, "{policy:?}");
        assert!(rig.waits() - waits <= 2, "{policy:?}: {} waits for one reset", rig.waits() - waits);
        rig.send(b, 10);
        assert_eq!(rig.echoed(b), (10, 10));
    }
}

#[test]
fn urgent_data_is_reported_echoed_and_over() {
    for policy in [Policy::default(), edge_drained(), Policy { read: Read::DrainShort, ..edge_drained() }] {
        let mut rig = Rig::new(policy);
        let outside = TcpStream::connect(rig.session.addr()).expect("connected");
        rig.settle();
        rig.news();
        for round in 1..=3 {
            let waits = rig.waits();
            rig.session.set(Mode::NextWait);
            sys::send(outside.as_fd(), b"!", MsgFlags::OOB).result().expect("sent");
            rig.run_until("report", |rig| rig.waits() > waits);
            rig.settle();
            let news = rig.news();
            let reported = news.iter().find_map(|record| match record.call {
                Call::Event { fd: A, ready, .. } => Some(ready),
                _ => None,
            });
            assert!(reported.is_some_and(|ready| ready.contains(Ready::PRI)), "{policy:?}, {round}: {reported:?}");
            let urgent = Call::Recvfrom { fd: A, len: 1, flags: MsgFlags::OOB, ret: Ret::value(1) };
            assert!(news.iter().any(|record| record.call == urgent), "{policy:?}, {round}: {news:?}");
            let back = news.iter().find_map(|record| match record.call {
                Call::Data { fd: A, dir: Dir::Out, chunk } => Some(chunk.bytes().to_vec()),
                _ => None,
            });
            assert_eq!(back, Some(b"!".to_vec()), "{policy:?}, {round}");
            assert!(rig.waits() - waits <= 3, "{policy:?}, {round}: {} waits", rig.waits() - waits);
        }
        assert_eq!(rig.stranded(), [], "{policy:?}");
    }
}
