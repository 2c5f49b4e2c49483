//! The inferred ready list against the kernel: random operations on real sockets, and before every epoll_wait the world
//! says what it will return, in which order, with which masks.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use epollscope::probe::{Clock, Hint, Hinted as _, Recorder as _, Sampler, Tap, VecSink, Waited};
use epollscope::record::{Addr, Call, CtlOp, Fd, How, Interest, Ready, Seq, SockOpt, Timeout};
use epollscope::sys::{self, Epoll, Errno, Events, number};
use epollscope::trace::World;
use proptest::prelude::*;

/// One step. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Op {
    Connect,
    Accept,
    Add(usize, Interest),
    Mod(usize, Interest),
    Del(usize),
    ClientSends(usize, usize),
    Recv(usize, usize),
    ClientEnds(usize),
    ClientCloses(usize),
    ClientResets(usize),
    Close(usize),
    Dup(usize),
    Wait(u32),
    Sample(usize),
}

fn interests() -> impl Strategy<Value = Interest> {
    let wanted = prop::sample::subsequence(vec![Interest::IN, Interest::OUT, Interest::RDHUP], 0..=3);
    let trigger = prop::sample::select(vec![
        Interest::empty(),
        Interest::ET,
        Interest::ET,
        Interest::ONESHOT,
        Interest::ET | Interest::ONESHOT,
    ]);
    (wanted, trigger).prop_map(|(wanted, trigger)| wanted.into_iter().collect::<Interest>() | trigger)
}

fn ops() -> impl Strategy<Value = Op> {
    let any = 0..64_usize;
    prop_oneof![
        3 => Just(Op::Connect),
        3 => Just(Op::Accept),
        6 => (any.clone(), interests()).prop_map(|(i, mask)| Op::Add(i, mask)),
        2 => (any.clone(), interests()).prop_map(|(i, mask)| Op::Mod(i, mask)),
        1 => any.clone().prop_map(Op::Del),
        8 => (any.clone(), 1..3000_usize).prop_map(|(i, n)| Op::ClientSends(i, n)),
        6 => (any.clone(), 1..2000_usize).prop_map(|(i, n)| Op::Recv(i, n)),
        1 => any.clone().prop_map(Op::ClientEnds),
        1 => any.clone().prop_map(Op::ClientCloses),
        1 => any.clone().prop_map(Op::ClientResets),
        1 => any.clone().prop_map(Op::Close),
        1 => any.clone().prop_map(Op::Dup),
        10 => (1..5_u32).prop_map(Op::Wait),
        2 => any.prop_map(Op::Sample),
    ]
}

/// A server and its clients in one thread, with every call recorded; or the clients' calls left out, as if they were
/// somebody else's, and samples instead.
struct Bench {
    tap: Tap<Sampler<VecSink>>,
    outside: Tap<VecSink>,
    clients_recorded: bool,
    world: World,
    seq: u64,
    epoll: Epoll,
    listener: OwnedFd,
    addr: SocketAddr,
    clients: Vec<OwnedFd>,
    accepted: Vec<OwnedFd>,
}

impl Bench {
    fn new(clients_recorded: bool) -> Self {
        let clock = Clock::start();
        let mut tap = Tap::new(Sampler::new(VecSink::new(clock)));
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let epoll = tap.epoll_create().expect("epoll");
        let listener = tap.socket(any).expect("socket");
        tap.bind(&listener, any).expect("bind");
        tap.listen(&listener, 64).expect("listen");
        let addr = tap.getsockname(&listener).expect("getsockname").socket_addr().expect("an address");
        tap.epoll_ctl(&epoll, CtlOp::Add, &listener, Interest::IN | Interest::ET, token(&listener)).expect("add");
        let outside = Tap::new(VecSink::new(clock));
        let (clients, accepted) = (Vec::new(), Vec::new());
        let world = World::default();
        Self { tap, outside, clients_recorded, world, seq: 0, epoll, listener, addr, clients, accepted }
    }

    fn fold(&mut self) {
        for mut record in self.tap.sink().inner().take() {
            self.seq += 1;
            record.seq = Seq(self.seq);
            self.world.apply(&record);
        }
    }

    /// The clients' calls are seen, or only what they did to the queues.
    fn clients_acted(&mut self) {
        let records = self.outside.sink().take();
        if self.clients_recorded {
            for record in records {
                self.tap.sink().inner().note(record.t, record.call);
            }
        } else {
            self.tap.sink().hint(Hint::Survey);
        }
    }

    fn run(&mut self, op: &Op) {
        match *op {
            Op::Connect if self.clients.len() < 6 => self.connect(),
            Op::Accept => {
                if let Ok((fd, _)) = self.tap.accept(&self.listener, false) {
                    self.accepted.push(fd);
                }
            }
            Op::Add(i, mask) => self.ctl(CtlOp::Add, i, mask),
            Op::Mod(i, mask) => self.ctl(CtlOp::Mod, i, mask),
            Op::Del(i) => self.ctl(CtlOp::Del, i, Interest::empty()),
            Op::ClientSends(i, n) => {
                if let Some(at) = pick(&self.clients, i) {
                    let _ = self.outside.send(&self.clients[at], &vec![b'x'; n]);
                    self.clients_acted();
                }
            }
            Op::Recv(i, n) => {
                if let Some(at) = pick(&self.accepted, i) {
                    let _ = self.tap.recv(&self.accepted[at], &mut vec![0; n]);
                }
            }
            Op::ClientEnds(i) => {
                if let Some(at) = pick(&self.clients, i) {
                    let _ = self.outside.shutdown(&self.clients[at], How::Write);
                    self.clients_acted();
                }
            }
            Op::ClientCloses(i) | Op::ClientResets(i) => {
                if let Some(at) = pick(&self.clients, i) {
                    let client = self.clients.remove(at);
                    if matches!(op, Op::ClientResets(_)) {
                        self.outside.setsockopt(&client, SockOpt::Linger, 0).expect("linger");
                    }
                    self.outside.close(client).expect("close");
                    self.clients_acted();
                }
            }
            Op::Close(i) => {
                if let Some(at) = pick(&self.accepted, i) {
                    let fd = self.accepted.remove(at);
                    self.tap.close(fd).expect("close");
                }
            }
            // Of a ghost whose peer is not in the trace nothing can be told: its fd is closed, so it can't be sampled.
            Op::Dup(i) if self.clients_recorded => {
                if let Some(at) = pick(&self.accepted, i) {
                    // The duplicate takes the place of the original: a ghost registration, if there was one.
                    let copy = self.tap.dup(&self.accepted[at]).expect("dup");
                    let original = std::mem::replace(&mut self.accepted[at], copy);
                    self.tap.close(original).expect("close");
                }
            }
            Op::Wait(max) => self.wait(max),
            Op::Sample(i) => {
                if let Some(at) = pick(&self.accepted, i) {
                    let said = sys::sample(number(&self.accepted[at])).expect("sample");
                    self.tap.say(said);
                }
            }
            Op::Connect | Op::Dup(_) => {}
        }
        self.fold();
    }

    fn connect(&mut self) {
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let client = self.outside.socket(any).expect("socket");
        self.outside.setsockopt(&client, SockOpt::ReuseAddr, 1).expect("reuse");
        self.outside.bind(&client, any).expect("bind");
        self.outside.getsockname(&client).expect("getsockname");
        assert!(matches!(self.outside.connect(&client, self.addr), Ok(()) | Err(Errno::EINPROGRESS)));
        self.clients.push(client);
        self.clients_acted();
    }

    fn ctl(&mut self, op: CtlOp, i: usize, mask: Interest) {
        if let Some(at) = pick(&self.accepted, i) {
            let fd = &self.accepted[at];
            let _ = self.tap.epoll_ctl(&self.epoll, op, fd, mask, token(fd));
        }
    }

    /// What the world says the next wait will return.
    fn predicted(&self, max: usize) -> Vec<(Fd, Ready)> {
        let epoll = self.world.epoll().expect("an epoll");
        self.world.due(epoll).map(|(item, mask)| (item.fd, mask)).take(max).collect()
    }

    fn wait(&mut self, max: u32) {
        self.fold();
        let predicted = self.predicted(max as usize);
        let mut events = Events::with_room(max);
        let waited = self.tap.epoll_wait(&self.epoll, &mut events, Timeout::ZERO, of_token);
        assert_eq!(waited, Waited::Returned(Ok(events.iter().count())));
        let reported: Vec<(Fd, Ready)> = events.iter().map(|(token, ready)| (of_token(token), ready)).collect();
        assert_eq!(predicted, reported, "the inference, and what epoll_wait({max}) returned");
    }

    /// The interest list of the world is the kernel's.
    fn check_interest_list(&mut self) {
        self.fold();
        let epoll = self.world.epoll().expect("an epoll");
        let mut said: Vec<(Fd, u32)> = sys::fdinfo(number(&self.epoll), 1000)
            .expect("fdinfo")
            .iter()
            .filter_map(|call| match call {
                Call::Fdinfo { fd, interest, .. } => Some((*fd, interest.bits())),
                _ => None,
            })
            .collect();
        let always = (Interest::ERR | Interest::HUP).bits();
        let private = (Interest::ET | Interest::ONESHOT).bits();
        let mut ours: Vec<(Fd, u32)> = epoll
            .items()
            .map(|item| {
                (item.fd, if item.armed { item.interest.bits() | always } else { item.interest.bits() & private })
            })
            .collect();
        said.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, said, "the interest list, and fdinfo");
    }
}

fn pick<T>(list: &[T], i: usize) -> Option<usize> {
    (!list.is_empty()).then(|| i % list.len())
}

fn token(fd: &OwnedFd) -> u64 {
    u64::from(number(fd).0.cast_unsigned())
}

fn of_token(token: u64) -> Fd {
    Fd(i32::try_from(token).expect("an fd"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_inferred_ready_list_is_what_epoll_wait_returns(list in prop::collection::vec(ops(), 1..60), recorded: bool) {
        let mut bench = Bench::new(recorded);
        for op in &list {
            bench.run(op);
        }
        bench.wait(3);
        bench.wait(100);
        bench.check_interest_list();
        prop_assert_eq!(bench.world.counters().lost, 0);
    }
}

#[test]
fn an_address_of_a_record_is_the_sockets() {
    let bench = Bench::new(true);
    assert_eq!(Addr::from(bench.addr).socket_addr(), Some(bench.addr));
}
