//! A server with its clients, and what a test asks of it.

use std::time::{Duration, Instant};

use epollscope::probe::{Mode, ServerState, WhenFull};
use epollscope::record::{Accept, Call, Fd, Interest, Policy, Read, Ready, Record, Trigger};
use epollscope::server::Setup;
use epollscope::session::{ClientId, Payload, Session};
use epollscope::sys::Errno;
use epollscope::trace::World;
use nix::poll::PollTimeout;

use crate::support::loopback::{Loopback, loopback};

/// A server with a policy, and what it takes to look at it.
pub(crate) struct Rig {
    pub(crate) session: Session,
    /// The position up to which records were looked at.
    seen: u64,
    /// Last, so that the session is gone before another test begins.
    _loopback: Loopback,
}

/// Long enough for the slowest machine; no test waits for it.
pub(crate) const LONG: Duration = Duration::from_secs(30);

impl Rig {
    pub(crate) fn new(policy: Policy) -> Self {
        Self::with_room(1 << 16, policy)
    }

    /// With room for so many records between the server and who looks.
    pub(crate) fn with_room(capacity: usize, policy: Policy) -> Self {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let setup = Setup { listen, policy, gate: Mode::Held, capacity, when_full: WhenFull::Wait };
        let loopback = loopback();
        let mut rig = Self { session: Session::open(&setup).expect("a server"), seen: 0, _loopback: loopback };
        rig.settle();
        rig
    }

    pub(crate) fn settle(&mut self) {
        assert_eq!(self.session.settle(LONG).expect("at rest"), ServerState::Quiet);
    }

    pub(crate) fn connect(&mut self) -> ClientId {
        let id = self.session.clients_mut().connect().expect("connected");
        self.settle();
        id
    }

    pub(crate) fn send(&mut self, id: ClientId, count: usize) {
        self.session.clients_mut().send(id, Payload::Pattern(count)).expect("sent");
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
pub(crate) const EAGAIN: i32 = -(Errno::EAGAIN as i32);

pub(crate) fn edge() -> Policy {
    Policy { trigger: Trigger::Edge, ..Policy::default() }
}
pub(crate) const B: Fd = Fd(6);

pub(crate) fn edge_drained() -> Policy {
    Policy { read: Read::Drain, accept: Accept::Drain, ..edge() }
}

impl Rig {
    /// Takes in what happens until `enough` holds.
    #[track_caller]
    pub(crate) fn run_until(&mut self, what: &str, enough: impl Fn(&Self) -> bool) {
        let end = Instant::now() + LONG;
        while !enough(self) {
            assert!(Instant::now() < end, "no {what}: the server stands {:?}", self.session.state());
            if !self.session.pump(|_| ()) {
                // EINTR: look again.
                let _ = self.session.sleep(&[], PollTimeout::from(100_u8));
            }
        }
    }

    /// Lets the server make one call.
    pub(crate) fn step(&mut self) {
        self.session.set(Mode::Steps(1));
        let stepped = |rig: &Self| rig.session.mode() == Mode::Held && rig.session.held_before().is_some();
        self.run_until("step", stepped);
        self.session.pump(|_| ());
    }

    /// Whether the server, once it stands still, stands before an epoll_wait.
    pub(crate) fn is_before_wait(&mut self) -> bool {
        self.run_until("stop", |rig| rig.session.held_before().is_some());
        matches!(self.session.held_before(), Some(Call::EpollWaitEnter { .. }))
    }

    /// Lets the server make calls until it stands before an epoll_wait.
    pub(crate) fn step_to_wait(&mut self) {
        while !self.is_before_wait() {
            self.step();
        }
    }

    /// Has what the server's side knows brought up to date: held as it is, it asks the kernel anew.
    pub(crate) fn look(&mut self) {
        let asked = |rig: &Self| {
            let timeline = rig.session.timeline();
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
            self.run_until("look", |rig| asked(rig) > before);
        }
    }

    /// Switches the policy, and lets the server go on until it follows it.
    pub(crate) fn switch(&mut self, policy: Policy) {
        self.step_to_wait();
        if self.session.policy() != &policy {
            self.session.follow(policy);
            self.run_until("policy", |rig| rig.world().policy() == Some(&policy));
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

    pub(crate) fn mask(&self, fd: Fd) -> Interest {
        self.world().epoll().expect("an epoll").item(fd).expect("registered").interest
    }

    /// Has a client that does not read send until the server can't send back, and keeps bytes that wait. All that it sent
    /// has left it. Returns how much that is.
    pub(crate) fn fill(&mut self, id: ClientId, fd: Fd) -> usize {
        self.session.clients_mut().set_reading(id, false).expect("a client");
        let mut sent = 0;
        while !self.mask(fd).contains(Interest::OUT) {
            self.send(id, 256 * 1024);
            sent += 256 * 1024;
            assert!(sent < 1 << 30, "1 GiB, and there is still room to send");
        }
        while self.session.clients().client(id).expect("a client").waiting_to_send() > 0 {
            // What the server did not take is in the client's way; let it come back.
            self.session.clients_mut().set_reading(id, true).expect("a client");
            self.session.pump(|_| ());
            self.session.clients_mut().set_reading(id, false).expect("a client");
            self.settle();
        }
        sent
    }
}
