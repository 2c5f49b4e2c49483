//! The server against the real kernel: what each policy does, in both trigger modes.

use std::time::Duration;

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::probe::{Mode, WhenFull};
use epollscope::record::{Accept, Call, CtlOp, Dir, Fd, Interest, Policy, Read, Ready, Record, Trigger, WriteInterest};
use epollscope::server::Setup;
use epollscope::session::{ClientId, Payload, Rest, Session};
use epollscope::sys::Errno;
use epollscope::trace::World;

/// A server with a policy, and what it takes to look at it.
pub(crate) struct Stage {
    pub(crate) session: Session,
    /// The position up to which records were looked at.
    seen: u64,
}

/// Long enough for the slowest machine; no test waits for it.
pub(crate) const LONG: Duration = Duration::from_secs(30);

impl Stage {
    pub(crate) fn new(policy: Policy) -> Self {
        Self::with_room(1 << 16, policy)
    }

    /// With room for so many records between the server and who looks.
    pub(crate) fn with_room(capacity: usize, policy: Policy) -> Self {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let setup = Setup { listen, policy, gate: Mode::Held, capacity, when_full: WhenFull::Wait };
        let mut stage = Self { session: Session::open(&setup).expect("a server"), seen: 0 };
        stage.settle();
        stage
    }

    pub(crate) fn settle(&mut self) {
        assert_eq!(self.session.settle(LONG).expect("at rest"), Rest::Quiet);
    }

    pub(crate) fn connect(&mut self) -> ClientId {
        let id = self.session.crew_mut().connect().expect("connected");
        self.settle();
        id
    }

    pub(crate) fn send(&mut self, id: ClientId, count: usize) {
        self.session.crew_mut().send(id, Payload::Pattern(count)).expect("sent");
        self.settle();
    }

    pub(crate) fn world(&self) -> &World {
        self.session.timeline().now()
    }

    /// The server's calls since this was last asked, and their reports.
    pub(crate) fn news(&mut self) -> Vec<Record> {
        let timeline = self.session.timeline();
        let server = timeline.range(0, 1).next().expect("a record").tid;
        let news = timeline.range(self.seen, timeline.len()).filter(|record| record.tid == server).collect();
        self.seen = timeline.len();
        news
    }

    /// How often `fd` was reported, and how much each recv of it brought, since this was last asked.
    pub(crate) fn reports_and_reads(&mut self, fd: Fd) -> (usize, Vec<i32>) {
        let news = self.news();
        let reports = news.iter().filter(|r| matches!(r.call, Call::Event { fd: f, .. } if f == fd)).count();
        let reads = news.iter().filter_map(|record| match record.call {
            Call::Recvfrom { fd: f, ret, .. } if f == fd => Some(ret.raw()),
            _ => None,
        });
        (reports, reads.collect())
    }

    pub(crate) fn stranded(&self) -> Vec<(Fd, u64)> {
        self.world().stranded().map(|(item, depth)| (item.fd, depth)).collect()
    }

    pub(crate) fn echoed(&self, id: ClientId) -> (u64, u64) {
        let ends = self.world().files().filter_map(|(_, file)| file.stream());
        ends.filter(|end| end.ordinal == Some(id.0)).map(|end| (end.sent, end.received)).next().expect("a client")
    }
}

/// The first connection's fd: standard input, output and error, the listener and the epoll come before it.
pub(crate) const A: Fd = Fd(5);
pub(crate) const LISTENER: Fd = Fd(3);
const EAGAIN: i32 = -(Errno::EAGAIN as i32);

pub(crate) fn edge() -> Policy {
    Policy { trigger: Trigger::Edge, ..Policy::default() }
}

#[test]
fn level_reports_until_all_is_read() {
    let mut stage = Stage::new(Policy::default());
    let a = stage.connect();
    stage.news();
    stage.send(a, 3000);
    assert_eq!(stage.reports_and_reads(A), (3, vec![1024, 1024, 952]));
    assert_eq!(stage.echoed(a), (3000, 3000));
    assert_eq!(stage.stranded(), []);
}

#[test]
fn edge_with_one_read_reports_once_and_strands_the_rest() {
    let mut stage = Stage::new(edge());
    let a = stage.connect();
    stage.news();
    stage.send(a, 3000);
    assert_eq!(stage.reports_and_reads(A), (1, vec![1024]));
    assert_eq!(stage.echoed(a), (3000, 1024));
    assert_eq!(stage.stranded(), [(A, 1976)]);
    let (world, epoll) = (stage.world(), stage.world().epoll().expect("an epoll"));
    let item = epoll.item(A).expect("registered");
    let sentence = why::not_reported(world, epoll, item, Lang::En);
    assert_eq!(sentence, "edge: nothing new since wait #2, although 1,976 bytes lie unread: stranded");
}

#[test]
fn an_edge_is_an_arrival_not_an_empty_buffer() {
    let mut stage = Stage::new(edge());
    let a = stage.connect();
    stage.send(a, 3000);
    stage.news();
    stage.send(a, 10);
    assert_eq!(stage.reports_and_reads(A), (1, vec![1024]), "new data on unread data is reported");
    assert_eq!(stage.stranded(), [(A, 962)]);
    let epoll = stage.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert_eq!(
        why::reported(report, Lang::En),
        "edge: 10 new bytes arrived since wait #2, on top of 1,976 bytes still unread"
    );
}

#[test]
fn edge_drained_to_eagain_strands_nothing() {
    let mut stage = Stage::new(Policy { read: Read::Drain, ..edge() });
    let a = stage.connect();
    stage.news();
    stage.send(a, 2048);
    assert_eq!(stage.reports_and_reads(A), (1, vec![1024, 1024, EAGAIN]));
    assert_eq!(stage.echoed(a), (2048, 2048));
}

#[test]
fn on_a_stream_a_short_read_ends_the_drain() {
    let mut stage = Stage::new(Policy { read: Read::DrainShort, ..edge() });
    let a = stage.connect();
    stage.news();
    stage.send(a, 3000);
    assert_eq!(stage.reports_and_reads(A), (1, vec![1024, 1024, 952]));
    assert_eq!(stage.stranded(), []);
    // Half-close with the last bytes: the end must not be missed.
    stage.session.crew_mut().send(a, Payload::Pattern(7)).expect("sent");
    stage.session.crew_mut().end(a).expect("ended");
    stage.settle();
    assert_eq!(stage.world().open_connections(), 0);
}

#[test]
fn modify_rearms_an_edge() {
    let mut stage = Stage::new(edge());
    let a = stage.connect();
    stage.send(a, 3000);
    stage.news();
    // Edge to edge with EPOLLOUT always: nothing but the mask changes, by MOD, and the rest is reported again.
    stage.session.follow(Policy { write: WriteInterest::Always, ..edge() });
    stage.settle();
    assert_eq!(stage.reports_and_reads(A), (1, vec![1024]));
    let epoll = stage.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert_eq!(why::reported(report, Lang::En), "EPOLL_CTL_MOD found it ready, which re-arms it: 1,976 bytes unread");
}

#[test]
fn switching_to_level_picks_up_what_was_stranded() {
    let mut stage = Stage::new(edge());
    let a = stage.connect();
    stage.send(a, 3000);
    stage.news();
    stage.session.follow(Policy::default());
    stage.settle();
    let mods = stage.news().iter().filter(|r| matches!(r.call, Call::EpollCtl { op: CtlOp::Mod, .. })).count();
    assert_eq!(mods, 2, "the listener and the connection");
    assert_eq!(stage.echoed(a), (3000, 3000));
}

#[test]
fn add_reports_what_came_before_it() {
    let mut stage = Stage::new(edge());
    let clients = stage.session.crew_mut();
    let a = clients.connect().expect("connected");
    clients.send(a, Payload::Pattern(100)).expect("sent");
    stage.settle();
    let epoll = stage.world().epoll().expect("an epoll");
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
        let mut stage = Stage::new(policy);
        for _ in 0..3 {
            stage.session.crew_mut().connect().expect("connected");
        }
        stage.settle();
        assert_eq!(stage.world().counters().accepted, accepted, "{policy:?}");
        let stranded = if accepted == 1 { vec![(LISTENER, 2)] } else { vec![] };
        assert_eq!(stage.stranded(), stranded, "{policy:?}");
    }
}

#[test]
fn oneshot_disarms_until_modify() {
    for trigger in [Trigger::Level, Trigger::Edge] {
        let mut stage = Stage::new(Policy { trigger, oneshot: true, ..Policy::default() });
        let a = stage.connect();
        stage.news();
        stage.send(a, 2000);
        let news = stage.news();
        let count = |what: fn(&Call) -> bool| news.iter().filter(|record| what(&record.call)).count();
        assert_eq!(count(|call| matches!(call, Call::Event { fd: A, .. })), 2, "{trigger:?}: MOD finds the rest");
        assert_eq!(count(|call| matches!(call, Call::EpollCtl { op: CtlOp::Mod, fd: A, .. })), 2, "{trigger:?}");
        assert_eq!(stage.echoed(a), (2000, 2000));
    }
}

#[test]
fn a_half_close_is_answered_in_full() {
    for policy in [Policy::default(), Policy { read: Read::Drain, ..edge() }] {
        let mut stage = Stage::new(policy);
        let a = stage.connect();
        stage.session.crew_mut().send(a, Payload::Pattern(5000)).expect("sent");
        stage.session.crew_mut().end(a).expect("ended");
        let mut received = 0;
        stage.settle();
        for record in stage.news_of_all() {
            if let Call::Recvfrom { ret, .. } = record.call {
                received += u64::from(ret.ok().unwrap_or(0));
            }
        }
        assert_eq!(received, 10_000, "5,000 bytes there and 5,000 back");
        assert_eq!((stage.world().open_connections(), stage.session.clients().clients().count()), (0, 0));
    }
}

impl Stage {
    fn news_of_all(&mut self) -> Vec<Record> {
        let timeline = self.session.timeline();
        timeline.range(0, timeline.len()).collect()
    }
}

#[test]
fn a_reset_closes_the_connection_and_nothing_spins() {
    for policy in [Policy::default(), edge()] {
        let mut stage = Stage::new(policy);
        let a = stage.connect();
        stage.news();
        stage.session.crew_mut().reset(a).expect("reset");
        stage.settle();
        let news = stage.news();
        let reported = news.iter().find_map(|record| match record.call {
            Call::Event { fd: A, ready, .. } => Some(ready),
            _ => None,
        });
        assert_eq!(reported, Some(Ready::IN | Ready::RDHUP | Ready::ERR | Ready::HUP));
        let calls: Vec<&str> = news.iter().filter(|r| r.call.is_syscall()).map(|r| r.call.name()).collect();
        assert_eq!(calls, ["epoll_wait", "epoll_wait", "recvfrom", "epoll_ctl", "close"]);
        assert_eq!(stage.world().open_connections(), 0);
    }
}

#[test]
fn a_peer_that_never_reads_is_throttled_and_harms_nobody() {
    for policy in [Policy::default(), Policy { read: Read::Drain, ..edge() }] {
        let mut stage = Stage::new(Policy { read_size: 16 * 1024, ..policy });
        let (lazy, b) = (stage.connect(), stage.connect());
        stage.session.crew_mut().set_reading(lazy, false).expect("a client");
        stage.session.crew_mut().send(lazy, Payload::Pattern(20 << 20)).expect("sent");
        stage.settle();
        let epoll = stage.world().epoll().expect("an epoll");
        let mask = epoll.item(A).expect("registered").interest;
        assert!(mask.contains(Interest::OUT) && !mask.contains(Interest::IN), "backpressure: {mask}");
        stage.send(b, 500);
        assert_eq!(stage.echoed(b), (500, 500));
        // It reads again, and everything comes, in order.
        stage.session.crew_mut().set_reading(lazy, true).expect("a client");
        stage.settle();
        assert_eq!(stage.echoed(lazy), (20 << 20, 20 << 20));
        assert!(epoll_out_partial(&stage), "some send was partial");
    }
}

fn epoll_out_partial(stage: &Stage) -> bool {
    let timeline = stage.session.timeline();
    timeline.range(timeline.first(), timeline.len()).any(|record| match record.call {
        Call::Sendto { len, ret, .. } => ret.ok().is_some_and(|sent| sent < len),
        _ => false,
    })
}

#[test]
fn epollout_always_spins_in_level_and_not_in_edge() {
    let mut stage = Stage::new(Policy { write: WriteInterest::Always, ..edge() });
    let a = stage.connect();
    stage.news();
    stage.send(a, 10);
    let masks = stage.news().into_iter().filter_map(|record| match record.call {
        Call::Event { fd: A, ready, .. } => Some(ready),
        _ => None,
    });
    assert_eq!(masks.collect::<Vec<_>>(), [Ready::IN | Ready::OUT], "OUT comes along with the edge of IN");
    // In level mode it never comes to rest: each wait reports OUT again.
    stage.session.follow(Policy { write: WriteInterest::Always, ..Policy::default() });
    let end = stage.world().epoll().expect("an epoll").wait_count + 200;
    stage.session.set(Mode::Free);
    while stage.world().epoll().expect("an epoll").wait_count < end {
        stage.session.pump(|_| ());
    }
    stage.session.set(Mode::Held);
    let epoll = stage.world().epoll().expect("an epoll");
    let report = epoll.waits().flat_map(|wait| &wait.reports).next_back().expect("a report");
    assert!(why::reported(report, Lang::En).starts_with("level: there is room to send, and EPOLLOUT is asked for"));
}

#[test]
fn a_number_used_again_within_a_batch_is_not_mistaken() {
    let mut stage = Stage::new(Policy::default());
    let (a, b) = (stage.connect(), stage.connect());
    stage.news();
    // In one batch: a is reset, a new client waits, and b sends. What is closed and what is accepted share a number.
    let clients = stage.session.crew_mut();
    clients.reset(a).expect("reset");
    let c = clients.connect().expect("connected");
    clients.send(b, Payload::Pattern(10)).expect("sent");
    clients.send(c, Payload::Pattern(20)).expect("sent");
    stage.settle();
    let accepted: Vec<i32> = stage
        .news()
        .iter()
        .filter_map(|record| match record.call {
            Call::Accept4 { ret, .. } => Some(ret.raw()),
            _ => None,
        })
        .collect();
    assert_eq!(accepted, [A.0], "the number of the connection that was closed");
    assert_eq!((stage.echoed(b), stage.echoed(c)), ((10, 10), (20, 20)));
}

#[test]
fn the_bytes_are_in_the_records() {
    let mut stage = Stage::new(Policy::default());
    let a = stage.connect();
    stage.news();
    stage.session.crew_mut().send(a, Payload::Bytes("né\0".into())).expect("sent");
    stage.settle();
    let data: Vec<(Dir, Vec<u8>)> = stage
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
    let mut stage = Stage::new(Policy::default());
    stage.connect();
    stage.connect();
    stage.news();
    stage.session.close(|_| ()).expect("closed");
    let calls: Vec<i32> = stage
        .news()
        .iter()
        .filter_map(|record| match record.call {
            Call::Close { fd, ret } if ret.ok().is_some() => Some(fd.0),
            _ => None,
        })
        .collect();
    assert_eq!(calls, [5, 6, 3, 4], "connections, listener, epoll");
}
