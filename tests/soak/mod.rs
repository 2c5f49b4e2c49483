//! A load of peers of all kinds, from one thread, which compares every byte that comes back.

mod peer;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use peer::{Kind, Peer, Step};

/// The most connects a second: a queue of 128 that is accepted from once a wait would overflow, and a client's ports come
/// back only after a minute.
const CONNECTS: u64 = 200;

/// Peers, and what they have done.
pub(crate) struct Load {
    addr: SocketAddr,
    epoll: Epoll,
    peers: Vec<Option<Peer>>,
    /// Those that are to connect.
    absent: Vec<usize>,
    buffer: Vec<u8>,
    began: Instant,
    /// How many steps a second all of them take together.
    rate: u64,
    steps: u64,
    pub(crate) connected: u64,
    pub(crate) bytes: u64,
    pub(crate) wrong: Vec<String>,
}

impl Load {
    /// So many peers of the server at `addr`, which take `rate` steps a second together; they connect as it runs.
    pub(crate) fn new(addr: SocketAddr, peers: usize, rate: u64) -> Self {
        Self {
            addr,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("an epoll"),
            peers: (0..peers).map(|_| None).collect(),
            absent: (0..peers).rev().collect(),
            buffer: vec![0; 1 << 16],
            began: Instant::now(),
            rate,
            steps: 0,
            connected: 0,
            bytes: 0,
            wrong: Vec::new(),
        }
    }

    /// Goes on until then, or until something is wrong.
    pub(crate) fn run_until(&mut self, end: Instant) {
        let mut events = vec![EpollEvent::empty(); 256];
        while Instant::now() < end && self.wrong.is_empty() {
            self.connect();
            let behind = self.began.elapsed().as_millis() * u128::from(self.rate) / 1_000 > u128::from(self.steps);
            if !behind {
                // So many steps are taken already. This is pace, and nothing waits for it.
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            let n = self.epoll.wait(&mut events, EpollTimeout::from(10_u8)).expect("an epoll");
            for event in &events[..n] {
                self.step(usize::try_from(event.data()).expect("a place"));
            }
        }
    }

    fn connect(&mut self) {
        let due = self.began.elapsed().as_millis() * u128::from(CONNECTS) / 1_000;
        while u128::from(self.connected) <= due
            && let Some(place) = self.absent.pop()
        {
            let kind = Kind::ALL[place % Kind::ALL.len()];
            match Peer::connect(self.addr, kind, self.connected) {
                Ok(peer) => {
                    let event = EpollEvent::new(EpollFlags::EPOLLIN, place as u64);
                    self.epoll.add(peer.fd(), event).expect("a socket");
                    self.peers[place] = Some(peer);
                    self.connected += 1;
                    self.step(place);
                }
                Err(error) => self.wrong.push(format!("connect: {error}")),
            }
        }
    }

    fn step(&mut self, place: usize) {
        let Some(peer) = &mut self.peers[place] else { return };
        let before = peer.received;
        let step = peer.step(&mut self.buffer);
        self.steps += 1;
        self.bytes += peer.received - before;
        match step {
            Step::On { full } => {
                let flags = if full { EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT } else { EpollFlags::EPOLLIN };
                self.epoll.modify(peer.fd(), &mut EpollEvent::new(flags, place as u64)).expect("a socket");
            }
            Step::Done => {
                self.peers[place] = None;
                self.absent.insert(0, place);
            }
            Step::Wrong(what) => self.wrong.push(what),
        }
    }
}
