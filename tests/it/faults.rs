//! What peers and the system do to a server, and that it neither stops nor spins nor starves the others.
//!
//! A test that comes to rest has shown that nothing spins: [`Session::settle`](epollscope::session::Session::settle) fails on a
//! server that goes on reporting.

use std::net::TcpStream;
use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::time::Instant;

use epollscope::probe::{Mode, Position};
use epollscope::record::{Accept, Call, Dir, Fairness, Fd, Interest, Policy, Read, Ready, Record, Ret};
use epollscope::session::{ClientId, Payload};
use epollscope::sys;
use nix::poll::PollTimeout;

use crate::server::{A, LONG, Stage, edge};

pub(crate) const B: Fd = Fd(6);

pub(crate) fn edge_drained() -> Policy {
    Policy { read: Read::Drain, accept: Accept::Drain, ..edge() }
}

impl Stage {
    /// Takes in what happens until `enough` holds.
    #[track_caller]
    pub(crate) fn run_until(&mut self, what: &str, enough: impl Fn(&Self) -> bool) {
        let end = Instant::now() + LONG;
        while !enough(self) {
            assert!(Instant::now() < end, "no {what}: the server stands {:?}", self.session.position());
            if !self.session.pump(|_| ()) {
                // EINTR: look again.
                let _ = self.session.sleep(&[], PollTimeout::from(100_u8));
            }
        }
    }

    /// Lets the server make one call.
    pub(crate) fn step(&mut self) {
        self.session.set(Mode::Steps(1));
        let stepped = |stage: &Self| {
            stage.session.mode() == Mode::Held && matches!(stage.session.position(), Position::Before(_))
        };
        self.run_until("step", stepped);
        self.session.pump(|_| ());
    }

    /// Whether the server, once it stands still, stands before an epoll_wait.
    pub(crate) fn is_before_wait(&mut self) -> bool {
        self.run_until("stop", |stage| matches!(stage.session.position(), Position::Before(_)));
        matches!(self.session.position(), Position::Before(Call::EpollWaitEnter { .. }))
    }

    /// Lets the server make calls until it stands before an epoll_wait.
    pub(crate) fn step_to_wait(&mut self) {
        while !self.is_before_wait() {
            self.step();
        }
    }

    /// Has what the server's side knows brought up to date: held as it is, it asks the kernel anew.
    pub(crate) fn look(&mut self) {
        let asked = |stage: &Self| {
            let timeline = stage.session.timeline();
            timeline
                .range(timeline.len().saturating_sub(500), timeline.len())
                .filter(|r| matches!(r.call, Call::Poll { .. }))
                .map(|r| r.seq)
                .next_back()
        };
        // The first answer may be to a question of before.
        for _ in 0..2 {
            let before = asked(self);
            self.session.set(Mode::Held);
            self.run_until("look", |stage| asked(stage) > before);
        }
    }

    /// Switches the policy, and lets the server go on until it follows it.
    pub(crate) fn switch(&mut self, policy: Policy) {
        self.step_to_wait();
        if self.session.policy() != &policy {
            self.session.follow(policy);
            self.run_until("policy", |stage| stage.world().policy() == Some(&policy));
            self.step_to_wait();
        }
    }

    /// The next wait and what it reports; the server is held before it acts on it.
    pub(crate) fn wait(&mut self) -> Vec<(Fd, Ready)> {
        self.step_to_wait();
        self.news();
        self.step();
        let events = self.news().into_iter().filter_map(|record| match record.call {
            Call::Event { fd, ready, .. } => Some((fd, ready)),
            _ => None,
        });
        events.collect()
    }

    /// Every record so far.
    pub(crate) fn records(&self) -> Vec<Record> {
        let timeline = self.session.timeline();
        timeline.range(timeline.first(), timeline.len()).collect()
    }

    pub(crate) fn waits(&self) -> u32 {
        self.world().epoll().expect("an epoll").wait_count
    }

    fn mask(&self, fd: Fd) -> Interest {
        self.world().epoll().expect("an epoll").item(fd).expect("registered").interest
    }

    /// Has a client that does not read send until the server can't send back, and keeps bytes that wait. All that it sent
    /// has left it. Returns how much that is.
    fn fill(&mut self, id: ClientId, fd: Fd) -> usize {
        self.session.crew_mut().set_reading(id, false).expect("a client");
        let mut sent = 0;
        while !self.mask(fd).contains(Interest::OUT) {
            self.send(id, 256 * 1024);
            sent += 256 * 1024;
            assert!(sent < 1 << 30, "1 GiB, and there is still room to send");
        }
        while self.session.clients().client(id).expect("a client").waiting_to_send() > 0 {
            // What the server did not take is in the client's way; let it come back.
            self.session.crew_mut().set_reading(id, true).expect("a client");
            self.session.pump(|_| ());
            self.session.crew_mut().set_reading(id, false).expect("a client");
            self.settle();
        }
        sent
    }
}

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
        let mut stage = Stage::new(policy);
        let (a, b) = (stage.connect(), stage.connect());
        // What comes back lies unread at the client, so that its close is a reset.
        stage.session.crew_mut().set_reading(a, false).expect("a client");
        stage.send(a, 5000);
        let waits = stage.waits();
        stage.session.crew_mut().close(a).expect("closed");
        stage.settle();
        assert_eq!(stage.world().open_connections(), 1, "{policy:?}");
        assert!(stage.waits() - waits <= 2, "{policy:?}: {} waits for one reset", stage.waits() - waits);
        // Now bytes lie unread at the server when the reset comes.
        let c = stage.connect();
        stage.session.crew_mut().send(c, Payload::Pattern(5000)).expect("sent");
        stage.session.crew_mut().reset(c).expect("reset");
        stage.settle();
        assert_eq!(stage.world().open_connections(), 1, "{policy:?}");
        stage.send(b, 700);
        assert_eq!(stage.echoed(b), (700, 700), "{policy:?}");
    }
}

#[test]
fn a_flood_does_not_drown_the_others() {
    const FLOOD: u64 = 20 << 20;
    let budget = NonZeroU32::new(8192).expect("not 0");
    let policy = Policy { read_size: 4096, ..edge_drained() };
    for fairness in [Fairness::Greedy, Fairness::RoundRobin(budget)] {
        let mut stage = Stage::new(Policy { fairness, ..policy });
        let (flood, quiet) = (stage.connect(), stage.connect());
        stage.news();
        // Both lie there before the server looks, the flood first.
        let clients = stage.session.crew_mut();
        clients.send(flood, Payload::Pattern(20 << 20)).expect("sent");
        clients.send(quiet, Payload::Pattern(500)).expect("sent");
        stage.settle();
        stage.send(quiet, 500);
        assert_eq!(stage.echoed(flood), (FLOOD, FLOOD), "{fairness:?}");
        assert_eq!(stage.echoed(quiet), (1000, 1000), "{fairness:?}");
        let news = stage.news();
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
        let mut stage = Stage::new(Policy { fairness: budget, read, read_size: 64, ..edge_drained() });
        let (a, b) = (stage.connect(), stage.connect());
        stage.news();
        // With the end of the stream behind the bytes: the one edge tells of both.
        for id in [a, b] {
            stage.session.crew_mut().send(id, Payload::Pattern(1000)).expect("sent");
            stage.session.crew_mut().end(id).expect("ended");
        }
        stage.settle();
        let order: Vec<Fd> = stage
            .news()
            .iter()
            .filter_map(|record| match record.call {
                Call::Sendto { fd, .. } => Some(fd),
                _ => None,
            })
            .collect();
        assert!(order.starts_with(&[A, A, B, B, A, A, B, B]), "two reads a turn: {order:?}");
        assert_eq!(received(&stage.records(), false, None), 2000, "{read:?}");
        assert_eq!(stage.world().open_connections(), 0, "{read:?}: the end was missed");
    }
}

#[test]
fn a_half_close_waits_for_what_is_unsent() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge() }] {
        let mut stage = Stage::new(Policy { read_size: 16 * 1024, ..policy });
        let (slow, b) = (stage.connect(), stage.connect());
        let sent = stage.fill(slow, A) as u64;
        stage.session.crew_mut().end(slow).expect("ended");
        stage.settle();
        assert_eq!(stage.world().open_connections(), 2, "{policy:?}: it waits for the slow reader");
        // A slow reader: it looks, takes what is there, and looks away.
        while stage.session.clients().client(slow).is_some() {
            stage.session.crew_mut().set_reading(slow, true).expect("a client");
            stage.session.pump(|_| ());
            if stage.session.clients().client(slow).is_some() {
                stage.session.crew_mut().set_reading(slow, false).expect("a client");
            }
            stage.settle();
        }
        assert_eq!(received(&stage.records(), false, None), sent, "{policy:?}: all that was sent came back");
        assert_eq!(stage.world().open_connections(), 1, "{policy:?}");
        stage.send(b, 10);
        assert_eq!(stage.echoed(b), (10, 10));
    }
}

#[test]
fn an_end_comes_after_all_that_was_to_be_sent() {
    let mut stage = Stage::new(Policy { read_size: 16 * 1024, ..Policy::default() });
    let a = stage.connect();
    stage.session.crew_mut().set_reading(a, false).expect("a client");
    stage.send(a, 20 << 20);
    assert!(
        stage.session.clients().client(a).is_some_and(|client| client.waiting_to_send() > 0),
        "all of 20 MiB left it"
    );
    stage.session.crew_mut().end(a).expect("ended");
    stage.settle();
    stage.session.crew_mut().set_reading(a, true).expect("a client");
    // So much is paced by the kernel, and meanwhile nothing may be there to be reported.
    stage.session.set(Mode::Free);
    stage.run_until("its end", |stage| stage.world().open_connections() == 0);
    stage.settle();
    assert_eq!(received(&stage.records(), false, None), 20 << 20);
}

#[test]
fn a_reset_while_throttled_closes_the_connection() {
    for policy in [Policy::default(), edge_drained(), Policy { oneshot: true, ..edge() }] {
        let mut stage = Stage::new(Policy { read_size: 16 * 1024, ..policy });
        let (lazy, b) = (stage.connect(), stage.connect());
        stage.session.crew_mut().set_reading(lazy, false).expect("a client");
        stage.send(lazy, 20 << 20);
        assert!(!stage.mask(A).contains(Interest::IN), "{policy:?}: not throttled, {}", stage.mask(A));
        let waits = stage.waits();
        stage.session.crew_mut().reset(lazy).expect("reset");
        stage.settle();
        assert_eq!(stage.world().open_connections(), 1, "{policy:?}");
        assert!(stage.waits() - waits <= 2, "{policy:?}: {} waits for one reset", stage.waits() - waits);
        stage.send(b, 10);
        assert_eq!(stage.echoed(b), (10, 10));
    }
}

#[test]
fn urgent_data_is_reported_echoed_and_over() {
    for policy in [Policy::default(), edge_drained(), Policy { read: Read::DrainShort, ..edge_drained() }] {
        let mut stage = Stage::new(policy);
        let outside = TcpStream::connect(stage.session.addr()).expect("connected");
        stage.settle();
        stage.news();
        for round in 1..=3 {
            let waits = stage.waits();
            stage.session.set(Mode::NextWait);
            sys::send_oob(outside.as_fd(), b"!").result().expect("sent");
            stage.run_until("report", |stage| stage.waits() > waits);
            stage.settle();
            let news = stage.news();
            let reported = news.iter().find_map(|record| match record.call {
                Call::Event { fd: A, ready, .. } => Some(ready),
                _ => None,
            });
            assert!(reported.is_some_and(|ready| ready.contains(Ready::PRI)), "{policy:?}, {round}: {reported:?}");
            let urgent = Call::Recvfrom { fd: A, len: 1, oob: true, ret: Ret::value(1) };
            assert!(news.iter().any(|record| record.call == urgent), "{policy:?}, {round}: {news:?}");
            let back = news.iter().find_map(|record| match record.call {
                Call::Data { fd: A, dir: Dir::Out, chunk } => Some(chunk.bytes().to_vec()),
                _ => None,
            });
            assert_eq!(back, Some(b"!".to_vec()), "{policy:?}, {round}");
            assert!(stage.waits() - waits <= 3, "{policy:?}, {round}: {} waits", stage.waits() - waits);
        }
        assert_eq!(stage.stranded(), [], "{policy:?}");
    }
}
