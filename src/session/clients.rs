//! The built-in clients. They live in the thread that looks, and make their calls through a tap too, so that a recording
//! knows what they sent.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::probe::{Clock, Recorder as _, Tap, VecSink};
use crate::record::{Annotation, Call, CtlOp, How, Interest, Nanos, Ready, Record, SockOpt, Timeout};
use crate::server::Buffers;
use crate::sys::{self, Epoll, Errno, Events};
use crate::trace::world::client_name;

/// A client, by the order of connecting, from 0. It is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u32);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&client_name(self.0))
    }
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// This many bytes of a pattern: `a` to `z` again and again, continued where this client's pattern left off.
    Pattern(usize),
    Bytes(Vec<u8>),
}

/// Why a client could not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("its connection is closed")]
    Gone,
    /// It has ended its side of the stream and can't send.
    #[error("this client has closed its sending side")]
    Ended,
    #[error("{call}: {} ({errno:?})", sys::describe(*errno))]
    Refused { call: &'static str, errno: Errno },
}

/// A built-in client, with what it still has to send.
pub struct Client {
    fd: OwnedFd,
    reading: bool,
    ended: bool,
    to_send: Vec<u8>,
    taken: usize,
    pattern: usize,
    interest: Interest,
}

impl Client {
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// Whether it was told to shut down its writing side.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether it has done so: all that it was told to send has gone before.
    pub fn has_shut_down(&self) -> bool {
        self.ended && self.waiting_to_send() == 0
    }

    /// Bytes that wait for room in its socket.
    pub fn waiting_to_send(&self) -> usize {
        self.to_send.len() - self.taken
    }

    /// Bytes that have arrived and that it has not received.
    pub(super) fn unread(&self) -> u64 {
        sys::unread(self.fd.as_fd()).map_or(0, u64::from)
    }

    /// Whether it could know that its server has closed the connection.
    pub(super) fn knows_the_end(&self) -> bool {
        let ready = sys::poll(sys::number(&self.fd));
        ready.is_ok_and(|ready| ready.intersects(Ready::RDHUP | Ready::HUP | Ready::ERR))
    }

    fn wanted(&self) -> Interest {
        let mut wanted = Interest::empty();
        wanted.set(Interest::IN, self.reading);
        wanted.set(Interest::OUT, self.waiting_to_send() > 0);
        wanted
    }
}

/// All built-in clients of one server.
pub struct Clients {
    tap: Tap<VecSink>,
    server: SocketAddr,
    by_id: BTreeMap<ClientId, Client>,
    next: u32,
    /// Tells which clients can go on. It is the clients' own business and not recorded.
    epoll: Epoll,
    events: Events,
    buffer: Vec<u8>,
    /// Those of each new client, where they are bounded.
    buffers: Option<Buffers>,
}

impl Clients {
    /// The most events handled in one [`Clients::pump`].
    const BATCH: u32 = 256;

    /// Clients for the server at `server`; nobody has connected yet.
    ///
    /// # Errors
    /// `EMFILE`.
    pub fn new(server: SocketAddr, clock: Clock) -> Result<Self, Errno> {
        Ok(Self {
            tap: Tap::new(VecSink::new(clock)),
            server,
            by_id: BTreeMap::new(),
            next: 0,
            epoll: Epoll::create()?,
            events: Events::with_room(Self::BATCH),
            buffer: vec![0; 64 * 1024],
            buffers: None,
        })
    }

    /// Has clients connect to another address from here on.
    pub fn go_to(&mut self, server: SocketAddr) {
        self.server = server;
    }

    /// The clients that have not closed, in the order of connecting.
    pub fn clients(&self) -> impl Iterator<Item = (ClientId, &Client)> + '_ {
        self.by_id.iter().map(|(id, client)| (*id, client))
    }

    /// One client, while it has not closed.
    pub fn client(&self, id: ClientId) -> Option<&Client> {
        self.by_id.get(&id)
    }

    /// Gives the clients that connect from here on these buffers, which don't grow.
    pub fn bound_buffers(&mut self, buffers: Buffers) {
        self.buffers = Some(buffers);
    }

    /// Connects a new client.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when no fd or port is free, or nobody listens.
    pub fn connect(&mut self) -> Result<ClientId, ClientError> {
        let refused = |call| move |errno| ClientError::Refused { call, errno };
        let fd = self.tap.socket(self.server).map_err(refused("socket"))?;
        self.tap.setsockopt(&fd, SockOpt::NoDelay, 1).map_err(refused("setsockopt"))?;
        if let Some(buffers) = self.buffers {
            buffers.set(&mut self.tap, &fd).map_err(refused("setsockopt"))?;
        }
        // Bound before it connects, so that its address is known before the server can accept it.
        let own = SocketAddr::new(self.own_ip(), 0);
        match self.tap.bind(&fd, own) {
            // Thousands of clients that came and went leave their ports in TIME_WAIT; ip(7). Not asked for before: the
            // kernel then looks for a port in one half of its range only, which takes it 3 ms where that half is in use.
            Err(Errno::EADDRINUSE) => {
                self.tap.setsockopt(&fd, SockOpt::ReuseAddr, 1).map_err(refused("setsockopt"))?;
                self.tap.bind(&fd, own)
            }
            bound => bound,
        }
        .map_err(refused("bind"))?;
        self.tap.getsockname(&fd).map_err(refused("getsockname"))?;
        match self.tap.connect(&fd, self.server) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(errno) => return Err(ClientError::Refused { call: "connect", errno }),
        }
        let id = ClientId(self.next);
        let interest = Interest::IN;
        self.epoll.ctl(CtlOp::Add, fd.as_fd(), interest, u64::from(id.0)).map_err(refused("epoll_ctl"))?;
        self.next += 1;
        let client = Client { fd, reading: true, ended: false, to_send: Vec::new(), taken: 0, pattern: 0, interest };
        self.by_id.insert(id, client);
        Ok(id)
    }

    fn own_ip(&self) -> IpAddr {
        match self.server.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        }
    }

    /// Sends; what the socket does not take follows when there is room.
    ///
    /// # Errors
    /// [`ClientError::Gone`], [`ClientError::Ended`], or as send(2).
    pub fn send(&mut self, id: ClientId, payload: Payload) -> Result<(), ClientError> {
        let client = self.by_id.get_mut(&id).ok_or(ClientError::Gone)?;
        if client.ended {
            return Err(ClientError::Ended);
        }
        match payload {
            Payload::Bytes(bytes) => client.to_send.extend(bytes),
            Payload::Pattern(count) => {
                client.to_send.extend(pattern(client.pattern).take(count));
                client.pattern += count;
            }
        }
        self.push(id)
    }

    /// Has it receive what comes from now on, or leave it where it is.
    pub fn set_reading(&mut self, id: ClientId, reading: bool) -> Result<(), ClientError> {
        let client = self.by_id.get_mut(&id).ok_or(ClientError::Gone)?;
        client.reading = reading;
        self.tap.say(Call::Annotation(Annotation::Reading { fd: sys::number(&client.fd), on: reading }));
        self.settle(id);
        Ok(())
    }

    /// Shuts down its writing side, once all that it was told to send has gone: the server reads the end of the stream.
    ///
    /// # Errors
    /// [`ClientError::Gone`], or as shutdown(2).
    pub fn end(&mut self, id: ClientId) -> Result<(), ClientError> {
        let client = self.by_id.get_mut(&id).ok_or(ClientError::Gone)?;
        client.ended = true;
        if !client.has_shut_down() {
            return Ok(());
        }
        self.tap.shutdown(&client.fd, How::Write).map_err(|errno| ClientError::Refused { call: "shutdown", errno })
    }

    /// Closes its connection, in the ordinary way.
    pub fn close(&mut self, id: ClientId) -> Result<(), ClientError> {
        let client = self.by_id.remove(&id).ok_or(ClientError::Gone)?;
        let _ = self.tap.close(client.fd);
        Ok(())
    }

    /// Resets its connection: `SO_LINGER` with 0 s, then close.
    pub fn reset(&mut self, id: ClientId) -> Result<(), ClientError> {
        let client = self.by_id.get(&id).ok_or(ClientError::Gone)?;
        let _ = self.tap.setsockopt(&client.fd, SockOpt::Linger, 0);
        self.close(id)
    }

    /// Does what clients can do now: receive what has come, send what has room. Returns whether there was anything.
    pub fn pump(&mut self) -> bool {
        let Ok(count) = self.epoll.wait(&mut self.events, Timeout::ZERO) else { return false };
        for i in 0..count {
            let Some((token, ready)) = self.events.get(i) else { break };
            self.act(token, ready);
        }
        count > 0
    }

    fn act(&mut self, token: u64, ready: Ready) {
        let id = ClientId(u32::try_from(token).unwrap_or(u32::MAX));
        if ready.contains(Ready::OUT) {
            // An error of sending shows in the receive below, or in the next send.
            let _ = self.push(id);
        }
        if ready.intersects(Ready::IN | Ready::ERR | Ready::HUP) {
            self.pull(id);
        }
    }

    /// Each client in order does what it can now, see [`Clients::pump`]; again and again, until nobody can do anything.
    pub fn turn(&mut self) {
        let mut events = Events::with_room(u32::try_from(self.by_id.len()).unwrap_or(u32::MAX).max(1));
        while let Ok(count @ 1..) = self.epoll.wait(&mut events, Timeout::ZERO) {
            let mut ready: Vec<(u64, Ready)> = events.iter().take(count).collect();
            ready.sort_unstable_by_key(|(token, _)| *token);
            for (token, ready) in ready {
                self.act(token, ready);
            }
        }
    }

    /// Whether there is nothing that a client could do now.
    pub fn is_quiet(&self) -> bool {
        sys::would_report(sys::number(&self.epoll)) == Ok(false)
    }

    /// Bytes that a client's socket took and has not sent yet; 0 for a client that is gone.
    pub fn unsent_to_wire(&self, id: ClientId) -> u64 {
        let Some(client) = self.by_id.get(&id) else { return 0 };
        sys::unsent_to_wire(client.fd.as_fd()).map_or(0, u64::from)
    }

    pub(super) fn note(&mut self, told: Annotation) {
        self.tap.say(Call::Annotation(told));
    }

    pub(super) fn now(&mut self) -> Nanos {
        self.tap.sink().now()
    }

    pub fn take_records(&mut self) -> Vec<Record> {
        self.tap.sink().take()
    }

    fn push(&mut self, id: ClientId) -> Result<(), ClientError> {
        let Some(client) = self.by_id.get_mut(&id) else { return Err(ClientError::Gone) };
        let mut result = Ok(());
        while client.waiting_to_send() > 0 {
            match self.tap.send(&client.fd, &client.to_send[client.taken..]) {
                Ok(n) => client.taken += n,
                Err(Errno::EAGAIN) => break,
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    client.taken = client.to_send.len();
                    result = Err(ClientError::Refused { call: "send", errno });
                }
            }
        }
        if client.waiting_to_send() == 0 {
            let had_some = !client.to_send.is_empty();
            client.to_send = Vec::new();
            client.taken = 0;
            if client.ended && had_some {
                // What fails here failed above already: the connection is dead.
                let _ = self.tap.shutdown(&client.fd, How::Write);
            }
        }
        self.settle(id);
        result
    }

    /// Receives once; a client whose server has closed closes too.
    fn pull(&mut self, id: ClientId) {
        let Some(client) = self.by_id.get(&id) else { return };
        match self.tap.recv(&client.fd, &mut self.buffer) {
            Ok(0) => drop(self.close(id)),
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(_) => drop(self.close(id)),
        }
    }

    fn settle(&mut self, id: ClientId) {
        let Some(client) = self.by_id.get_mut(&id) else { return };
        let wanted = client.wanted();
        if wanted != client.interest {
            client.interest = wanted;
            let _ = self.epoll.ctl(CtlOp::Mod, client.fd.as_fd(), wanted, u64::from(id.0));
        }
    }
}

impl AsFd for Clients {
    /// Readable when a client can go on: for poll(2).
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }
}

fn pattern(from: usize) -> impl Iterator<Item = u8> {
    (b'a'..=b'z').cycle().skip(from % 26)
}
