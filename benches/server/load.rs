//! The load: one thread, many connections, a closed loop. Each connection sends a message, reads its echo, holds it
//! against what was sent, and sends the next.

use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use epollscope::record::{CtlOp, Interest, MsgFlags, SockOpt, Timeout};
use epollscope::sys::{self, Epoll, Errno, Events};

/// No echo takes longer than this; what does has hung.
const HUNG: Timeout = Timeout(10_000);

/// Where a message's bytes begin in the pattern: another place for each, so that no echo passes for another.
const PLACES: usize = 4099;

/// Connections to one server.
pub(crate) struct Load {
    epoll: Epoll,
    events: Events,
    clients: Vec<Client>,
    /// What messages are cut from.
    pattern: Vec<u8>,
    size: usize,
    buffer: Vec<u8>,
}

struct Client {
    fd: OwnedFd,
    place: usize,
    sent: usize,
    received: usize,
    begun: Instant,
    served: u64,
    wants_room: bool,
}

/// How long a run goes on.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// So many requests have been sent.
    Requests(u64),
    /// This long has passed.
    Passed(Duration),
}

/// What a run came to.
#[derive(Default)]
pub(crate) struct Ran {
    /// Messages that came back whole and right.
    pub(crate) requests: u64,
    /// From the first byte sent to the last received.
    pub(crate) took: Duration,
    /// The time that 99 of 100 requests stayed below.
    pub(crate) p99: Duration,
    /// The requests of the connection served least, for each of that served most.
    pub(crate) fairness: f64,
}

impl Ran {
    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }
}

impl Load {
    /// Connects `count` clients that will send messages of `size` bytes.
    pub(crate) fn connect(addr: SocketAddr, count: usize, size: usize) -> Result<Self, Errno> {
        let epoll = Epoll::create()?;
        // A linear congruence; any bytes would do that do not repeat soon.
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let pattern: Vec<u8> = (0..PLACES + size).map(|_| next()).collect();
        let mut load = Self {
            epoll,
            events: Events::with_room(1024),
            clients: Vec::new(),
            pattern,
            size,
            buffer: vec![0; size.max(1)],
        };
        for i in 0..count {
            let fd = sys::stream_socket(addr)?;
            match sys::connect(fd.as_fd(), addr.into()) {
                Ok(()) | Err(Errno::EINPROGRESS) => {}
                Err(errno) => return Err(errno),
            }
            sys::set_option(fd.as_fd(), SockOpt::NoDelay, 1)?;
            load.epoll.ctl(CtlOp::Add, fd.as_fd(), Interest::IN, i as u64)?;
            let begun = Instant::now();
            load.clients.push(Client { fd, place: i, sent: 0, received: 0, begun, served: 0, wants_room: false });
            // An echo says that all before it were accepted too: the backlog never overflows.
            if i % 1000 == 999 {
                load.one_each(i..=i)?;
            }
        }
        Ok(load)
    }

    /// A message from each, and its echo: afterwards all are accepted, and warm.
    pub(crate) fn greet(&mut self) -> Result<(), Errno> {
        self.one_each(0..=self.clients.len() - 1)
    }

    fn one_each(&mut self, which: std::ops::RangeInclusive<usize>) -> Result<(), Errno> {
        let count = which.clone().count() as u64;
        self.turn(which, Until::Requests(count)).map(drop)
    }

    /// Keeps all connections busy, and waits for the last echo.
    pub(crate) fn run(&mut self, until: Until) -> Result<Ran, Errno> {
        self.clients.iter_mut().for_each(|client| client.served = 0);
        let begun = Instant::now();
        let mut latencies = self.turn(0..=self.clients.len() - 1, until)?;
        let took = begun.elapsed();
        latencies.sort_unstable();
        let p99 = latencies.get(latencies.len() * 99 / 100).copied().unwrap_or(0);
        let served = self.clients.iter().map(|client| client.served);
        let (least, most) = (served.clone().min().unwrap_or(0), served.max().unwrap_or(0).max(1));
        Ok(Ran {
            requests: latencies.len() as u64,
            took,
            p99: Duration::from_nanos(p99),
            fairness: least as f64 / most as f64,
        })
    }

    /// The closed loop: the time of each request, in nanoseconds.
    fn turn(&mut self, which: std::ops::RangeInclusive<usize>, until: Until) -> Result<Vec<u64>, Errno> {
        let begun = Instant::now();
        let goes_on = |sent: u64, now: Instant| match until {
            Until::Requests(n) => sent < n,
            Until::Passed(time) => now - begun < time,
        };
        let (mut sent, mut latencies) = (0, Vec::new());
        for i in which {
            if goes_on(sent, begun) {
                self.begin(i, Instant::now())?;
                sent += 1;
            }
        }
        while (latencies.len() as u64) < sent {
            if self.epoll.wait(&mut self.events, HUNG)? == 0 {
                return Err(Errno::ETIMEDOUT);
            }
            for at in 0.. {
                let Some((token, _)) = self.events.get(at) else { break };
                let i = usize::try_from(token).unwrap_or(usize::MAX);
                self.push(i)?;
                if !self.pull(i)? {
                    continue;
                }
                let now = Instant::now();
                latencies.push(u64::try_from((now - self.clients[i].begun).as_nanos()).unwrap_or(u64::MAX));
                self.clients[i].served += 1;
                if goes_on(sent, now) {
                    self.begin(i, now)?;
                    sent += 1;
                }
            }
        }
        Ok(latencies)
    }

    fn begin(&mut self, i: usize, now: Instant) -> Result<(), Errno> {
        let client = &mut self.clients[i];
        client.place = (client.place + 31) % PLACES;
        (client.sent, client.received, client.begun) = (0, 0, now);
        self.push(i)
    }

    /// Sends what is left of the message, as far as there is room.
    fn push(&mut self, i: usize) -> Result<(), Errno> {
        let client = &mut self.clients[i];
        while client.sent < self.size {
            let left = &self.pattern[client.place + client.sent..client.place + self.size];
            match sys::send(client.fd.as_fd(), left, MsgFlags::empty()).result() {
                Ok(n) => client.sent += n,
                Err(Errno::EAGAIN) => break,
                Err(errno) => return Err(errno),
            }
        }
        let wants_room = client.sent < self.size;
        if wants_room != client.wants_room {
            client.wants_room = wants_room;
            let interest = if wants_room { Interest::IN | Interest::OUT } else { Interest::IN };
            self.epoll.ctl(CtlOp::Mod, client.fd.as_fd(), interest, i as u64)?;
        }
        Ok(())
    }

    /// Reads what came and compares it; whether the echo is whole.
    fn pull(&mut self, i: usize) -> Result<bool, Errno> {
        let client = &mut self.clients[i];
        match sys::recv(client.fd.as_fd(), &mut self.buffer, MsgFlags::empty()).result() {
            Ok(0) => Err(Errno::ECONNRESET),
            Ok(n) => {
                let expected = self.pattern[client.place..].get(client.received..client.received + n);
                if client.received + n > client.sent || expected != Some(&self.buffer[..n]) {
                    return Err(Errno::EBADMSG);
                }
                client.received += n;
                Ok(client.received == self.size)
            }
            Err(Errno::EAGAIN) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}
