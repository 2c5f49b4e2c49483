//! A ring that is too small: what is dropped is counted, and the world says what it can't know any more.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc,
};
use std::time::Instant;

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::probe::{
    Clock, Hint, Hinted, Holder, Incoming, Recorder, Ring, Sampler, Tap, Turn, WhenFull, note_events, note_payload,
    ring,
};
use epollscope::record::{Call, Dir, Fd, Nanos, Policy, Ready, Record, Seq, Trigger};
use epollscope::server::{Order, Orders, Server};
use epollscope::session::{ClientId, Payload};
use epollscope::sys::{Notifier, Wake};
use epollscope::trace::World;

use crate::support::loopback::loopback;
use crate::support::rig::{Rig, edge_drained};
use crate::support::serving::LONG;

/// Counts what the ring is given.
struct Counting {
    ring: Ring,
    given: Arc<AtomicU64>,
}

impl Recorder for Counting {
    const ON: bool = true;

    fn now(&self) -> Nanos {
        self.ring.now()
    }

    fn entry(&self) -> Nanos {
        self.ring.entry()
    }

    fn note(&mut self, t: Nanos, call: Call) {
        self.given.fetch_add(1, Ordering::SeqCst);
        self.ring.note(t, call);
    }

    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        note_events(self, t, epfd, events);
    }

    fn wants_payload(&self, t: Nanos) -> bool {
        self.ring.wants_payload(t)
    }

    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        note_payload(self, t, fd, dir, bytes);
    }
}

impl Holder for Counting {
    fn before(&mut self, next: &Call) -> Turn {
        self.ring.before(next)
    }
}

impl Hinted for Counting {
    fn hint(&mut self, hint: Hint) {
        self.ring.hint(hint);
    }
}

/// Runs a server with a small ring and a client that sends so many messages, and while it waits for what comes back, or
/// for the end (`usize::MAX`), has the ring drained as `drain` says. Gives the records that came, and how many there were.
fn run(
    when_full: WhenFull,
    policy: Policy,
    messages: usize,
    mut drain: impl FnMut(usize, &mut Incoming, &mut Vec<Record>),
) -> (Vec<Record>, u64) {
    let _loopback = loopback();
    let given = Arc::new(AtomicU64::new(0));
    let notifier = Arc::new(Notifier::new().expect("a bell"));
    let (ring, mut incoming) = ring(64, when_full, Clock::start(), &notifier);
    let (orders, counted) = (Arc::new(Orders::default()), Arc::clone(&given));
    let (tell, hear) = mpsc::channel();
    let theirs = Arc::clone(&orders);
    let server = std::thread::spawn(move || {
        let wake = Wake::this_thread().expect("a wake");
        let mut ring = ring;
        ring.adopt();
        let tap = Tap::new(Sampler::new(Counting { ring, given: counted }));
        let addr = "127.0.0.1:0".parse().expect("an address");
        let (server, addr) = Server::open(tap, addr, policy, theirs).expect("a server");
        tell.send((wake, addr.socket_addr().expect("an address"))).expect("heard");
        server.run().expect("it serves");
    });
    let (wake, addr) = hear.recv().expect("an address");
    let mut records = Vec::new();
    let mut client = TcpStream::connect(addr).expect("connected");
    client.set_nonblocking(true).expect("not blocking");
    let end = Instant::now() + LONG;
    for i in 0..messages {
        client.write_all(&[7; 300]).expect("sent");
        let (mut back, mut buffer) = (0, [0; 300]);
        while back < 300 {
            drain(i, &mut incoming, &mut records);
            match client.read(&mut buffer) {
                Ok(n) => back += n,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
            }
            assert!(Instant::now() < end, "message {i}: {back} bytes came back");
        }
    }
    orders.give(Order::Stop);
    wake.wake();
    while !server.is_finished() {
        assert!(Instant::now() < end, "the server does not stop");
        drain(usize::MAX, &mut incoming, &mut records);
        std::thread::yield_now();
    }
    server.join().expect("no panic");
    incoming.drain(&mut records);
    (1..).zip(&mut records).for_each(|(seq, record)| record.seq = Seq(seq));
    (records, given.load(Ordering::SeqCst))
}

fn lost(records: &[Record]) -> Vec<u64> {
    let counts = records.iter().filter_map(|record| match record.call {
        Call::Lost { count } => Some(count),
        _ => None,
    });
    counts.collect()
}

#[test]
fn what_is_dropped_is_counted() {
    for policy in [Policy { read_size: 100, ..Policy::default() }, edge_drained()] {
        // Drained now and then, and never before the end: then all that is missing is missing at the end.
        for every in [7, 100, usize::MAX] {
            let (records, given) = run(WhenFull::Drop, policy, 300, |i, incoming, records| {
                if i % every == every - 1 && i < usize::MAX {
                    incoming.drain(records);
                }
            });
            let lost = lost(&records);
            let came = (records.len() - lost.len()) as u64;
            assert!(!lost.is_empty(), "nothing was dropped of {given}");
            assert_eq!(came + lost.iter().sum::<u64>(), given, "drained every {every}: {lost:?}");
        }
    }
}

#[test]
fn who_waits_for_room_loses_nothing() {
    let (records, given) = run(WhenFull::Wait, Policy::default(), 300, |_, incoming, records| {
        incoming.drain(records);
    });
    assert_eq!((records.len() as u64, lost(&records)), (given, vec![]));
}

#[test]
fn the_world_is_certain_again_after_a_wait_that_was_seen_whole() {
    let policy = Policy { read_size: 100, max_events: 2, ..Policy::default() };
    let (records, _) = run(WhenFull::Drop, policy, 500, |i, incoming, records| {
        if i % 9 == 0 {
            incoming.drain(records);
        }
    });
    let mut world = World::default();
    // Room of the wait that was entered, and events of a return that are still to come.
    let (mut room, mut to_come) = (None, None);
    let (mut certain, mut doubts, mut regained) = (true, 0, 0);
    for record in &records {
        world.apply(record);
        match record.call {
            Call::Lost { .. } => (room, to_come, certain) = (None, None, false),
            Call::EpollWaitEnter { max_events, .. } => (room, to_come) = (Some(max_events), None),
            Call::EpollWait { ret, .. } => {
                to_come = ret.ok().filter(|&n| room.take().is_some_and(|room| n < room));
                regained += u32::from(to_come == Some(0) && !certain);
                certain |= to_come == Some(0);
            }
            Call::Event { .. } => {
                to_come = to_come.and_then(|n: u32| n.checked_sub(1));
                regained += u32::from(to_come == Some(0) && !certain);
                certain |= to_come == Some(0);
            }
            _ => {}
        }
        let Some(epoll) = world.epoll() else { continue };
        assert_eq!(epoll.certain, certain, "after {record:?}");
        doubts += u32::from(!certain);
        // Every report stands in the event list that it is said to come from.
        for wait in epoll.waits().filter(|wait| wait.ret.is_some()) {
            let told = wait.ret.and_then(epollscope::record::Ret::ok).unwrap_or(0) as usize;
            assert!(wait.reports.len() <= told, "wait #{} returned {told}: {:?}", wait.number, wait.reports);
            wait.reports.iter().for_each(|report| drop(why::reported(report, Lang::En)));
        }
    }
    assert!(doubts > 0 && regained > 0, "{doubts} records in doubt, {regained} times regained");
}

/// A held server that looks at its fds has to wait for room in the ring, while its clients go on.
#[test]
fn a_ring_that_is_full_puts_nothing_after_what_came_later() {
    for _ in 0..4 {
        let mut rig = Rig::with_room(256, Policy { trigger: Trigger::Edge, ..Policy::default() });
        let clients: Vec<ClientId> = (0..100).map(|_| rig.connect()).collect();
        for id in &clients {
            rig.session.clients_mut().send(*id, Payload::Pattern(3_000)).expect("sent");
        }
        rig.settle();
        assert_eq!(rig.world().stranded().count(), clients.len());
    }
}
