//! The seven steps.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::connection::Connection;
use super::{Buffers, Order, Orders, ServerError};
use crate::kernel::{self, Epoll, Errno, Events, number};
use crate::probe::{Sink, Tap, Waited};
use crate::record::{Accept, Addr, Call, CtlOp, Faults, Fd, Interest, Policy, Ready, Ret, SockOpt, Timeout, Told};

/// How many connections may wait to be accepted; the kernel cuts it at `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// While no fd is free for a new connection the listener is asked again this often.
const RETRY_ACCEPT: Timeout = Timeout(500);

/// An epoll echo server that listens.
pub struct Server<S> {
    pub(super) tap: Tap<S>,
    pub(super) policy: Policy,
    pub(super) orders: Arc<Orders>,
    listener: OwnedFd,
    listening: Listening,
    /// By fd number. The kernel gives the lowest free number, so there are few holes.
    pub(super) connections: Vec<Option<Connection>>,
    generation: u32,
    /// Tokens of connections that have more to read and wait for their turn.
    pub(super) turns: VecDeque<u64>,
    events: Events,
    pub(super) buffer: Vec<u8>,
}

/// What the listener asks of epoll.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listening {
    /// EPOLLIN.
    Asking,
    /// Nothing, since no fd is free: a level-triggered listener would be reported without end.
    Muted,
}

impl<S: Sink> Server<S> {
    /// Opens the listening socket; connections are taken by the kernel from here on, and accepted once it runs.
    ///
    /// # Errors
    /// [`ServerError::Bind`] where the address can't be had, [`ServerError::Start`] without a free fd.
    pub fn open(
        mut tap: Tap<S>,
        addr: SocketAddr,
        policy: Policy,
        orders: Arc<Orders>,
    ) -> Result<(Self, Addr), ServerError> {
        let refused = |errno| ServerError::Bind { addr, errno };
        let listener = tap.socket(addr).map_err(|errno| match errno {
            Errno::EAFNOSUPPORT => refused(errno),
            errno => ServerError::Start { errno },
        })?;
        // Without SO_REUSEADDR a restart would have to wait for old connections' TIME_WAIT; ip(7).
        tap.setsockopt(&listener, SockOpt::ReuseAddr, 1).map_err(refused)?;
        tap.setsockopt(&listener, SockOpt::NoDelay, 1).map_err(refused)?;
        tap.bind(&listener, addr).map_err(refused)?;
        tap.listen(&listener, BACKLOG).map_err(refused)?;
        let bound = tap.getsockname(&listener).map_err(refused)?;
        tap.say(Call::Policy(policy));
        let server = Self {
            tap,
            policy,
            orders,
            listener,
            listening: Listening::Asking,
            connections: Vec::new(),
            generation: 0,
            turns: VecDeque::new(),
            events: Events::with_room(policy.max_events),
            buffer: vec![0; policy.read_size as usize],
        };
        Ok((server, bound))
    }

    /// Gives the connections that it will accept these buffers, which don't grow: they inherit the listener's. tcp(7)
    ///
    /// # Errors
    /// [`ServerError::Start`] where the kernel refuses.
    pub fn bound_buffers(&mut self, buffers: Buffers) -> Result<(), ServerError> {
        buffers.set(&mut self.tap, &self.listener).map_err(|errno| ServerError::Start { errno })
    }

    /// Serves until it is ordered to stop.
    ///
    /// # Errors
    /// [`ServerError::Call`] where epoll itself fails, with [`Faults::CLOSE_FIRST`] as soon as a connection is over.
    pub fn run(mut self) -> Result<(), ServerError> {
        let served = self.steps();
        if let Err(ServerError::Call { call, fd, errno }) = served {
            self.tap.say(Call::Told(Told::Died { call, fd, ret: Ret::error(errno) }));
        }
        self.destroy(served?);
        Ok(())
    }

    /// Steps 1 to 6.
    fn steps(&mut self) -> Result<Epoll, ServerError> {
        let epoll = self.create()?;
        self.register(&epoll)?;
        self.repeat(&epoll)?;
        Ok(epoll)
    }

    /// Step 1: create an epoll object.
    fn create(&mut self) -> Result<Epoll, ServerError> {
        self.tap.epoll_create().map_err(|errno| ServerError::Call { call: "epoll_create1", fd: Fd(-1), errno })
    }

    /// Step 2: tell it to watch the listening socket.
    fn register(&mut self, epoll: &Epoll) -> Result<(), ServerError> {
        let (interest, token) = (self.listener_interest(), token_of(number(&self.listener), 0));
        let fd = number(&self.listener);
        self.tap.epoll_ctl(epoll, CtlOp::Add, &self.listener, interest, token).map_err(|errno| ServerError::Call {
            call: "epoll_ctl",
            fd,
            errno,
        })
    }

    /// Step 6: repeat steps 3 to 5 until ordered to stop.
    fn repeat(&mut self, epoll: &Epoll) -> Result<(), ServerError> {
        loop {
            for order in self.orders.take() {
                match order {
                    Order::Follow(policy) => self.follow(epoll, policy),
                    Order::Stop => {
                        self.tap.say(Call::Told(Told::Stop));
                        return Ok(());
                    }
                }
            }
            match self.wait(epoll) {
                Waited::Returned(Ok(0)) if self.turns.is_empty() => self.unmute(epoll),
                Waited::Returned(Ok(_)) => self.act(epoll)?,
                Waited::Returned(Err(Errno::EINTR)) | Waited::Orders => {}
                Waited::Returned(Err(errno)) => {
                    return Err(ServerError::Call { call: "epoll_wait", fd: number(epoll), errno });
                }
            }
        }
    }

    /// Step 3: ask which sockets have had events.
    fn wait(&mut self, epoll: &Epoll) -> Waited {
        let has_work = !self.turns.is_empty();
        self.tap.sink().has_work(has_work);
        let asked = self.policy.timeout;
        let timeout = match self.listening {
            _ if has_work => Timeout::ZERO,
            Listening::Muted if asked.0 < 0 || asked.0 > RETRY_ACCEPT.0 => RETRY_ACCEPT,
            _ => asked,
        };
        self.tap.epoll_wait(epoll, &mut self.events, timeout, fd_of)
    }

    /// Step 4: act on those sockets; then on those that had more than their share last time.
    fn act(&mut self, epoll: &Epoll) -> Result<(), ServerError> {
        let waiting = self.turns.len();
        for i in 0..self.events.len() {
            let Some((token, ready)) = self.events.get(i) else { break };
            if fd_of(token) == number(&self.listener) {
                self.accept(epoll);
            } else {
                self.serve(epoll, token, ready)?;
            }
        }
        for _ in 0..waiting {
            let Some(token) = self.turns.pop_front() else { break };
            if let Some(connection) = self.connection(token) {
                connection.queued = false;
                self.serve(epoll, token, Ready::IN)?;
            }
        }
        Ok(())
    }

    /// The listener was reported: take who waits.
    fn accept(&mut self, epoll: &Epoll) {
        let blocking = self.policy.has(Faults::BLOCKING);
        loop {
            match self.tap.accept(&self.listener, blocking) {
                Ok((fd, _)) => self.admit(epoll, Connection::new(fd, self.generation.wrapping_add(1), blocking)),
                // The client left before it was taken, or its network failed: the next one may be there. accept(2)
                Err(Errno::EINTR | Errno::ECONNABORTED | Errno::EPROTO | Errno::ENETDOWN | Errno::EHOSTUNREACH) => {}
                Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
                    self.listening = Listening::Muted;
                    return self.modify_listener(epoll);
                }
                Err(_) => break,
            }
            if self.policy.accept == Accept::Once {
                break;
            }
        }
        if self.policy.oneshot {
            self.modify_listener(epoll);
        }
    }

    /// Step 5 for a new connection: add it to the list.
    fn admit(&mut self, epoll: &Epoll, mut connection: Connection) {
        self.generation = connection.generation;
        connection.interest = connection.wanted(&self.policy);
        let fd = number(&connection);
        let token = token_of(fd, connection.generation);
        if self.tap.epoll_ctl(epoll, CtlOp::Add, &connection, connection.interest, token).is_err() {
            // ENOSPC: more watches than the user may have. The client is told by the close.
            let _ = self.tap.close(connection.fd);
            return;
        }
        let slot = slot(fd);
        if slot >= self.connections.len() {
            self.connections.resize_with(slot + 1, || None);
        }
        self.connections[slot] = Some(connection);
    }

    /// Step 5: tell epoll what the connection waits for now, where that has changed, or where the report disarmed it.
    pub(super) fn modify(&mut self, epoll: &Epoll, connection: &mut Connection) {
        let wanted = connection.wanted(&self.policy);
        if wanted != connection.interest || self.policy.oneshot {
            self.rearm(epoll, connection);
        }
    }

    fn rearm(&mut self, epoll: &Epoll, connection: &mut Connection) {
        connection.interest = connection.wanted(&self.policy);
        let token = token_of(number(connection), connection.generation);
        // It is registered, and MOD needs no memory: there is no error that could come.
        let _ = self.tap.epoll_ctl(epoll, CtlOp::Mod, connection, connection.interest, token);
    }

    fn modify_listener(&mut self, epoll: &Epoll) {
        let (interest, token) = (self.listener_interest(), token_of(number(&self.listener), 0));
        let _ = self.tap.epoll_ctl(epoll, CtlOp::Mod, &self.listener, interest, token);
    }

    fn listener_interest(&self) -> Interest {
        match self.listening {
            Listening::Asking => Interest::IN | self.policy.trigger_flags(),
            Listening::Muted => Interest::empty(),
        }
    }

    fn unmute(&mut self, epoll: &Epoll) {
        if self.listening == Listening::Muted {
            self.listening = Listening::Asking;
            self.modify_listener(epoll);
        }
    }

    /// Follows `policy` from here on. What it changes of a mask goes to every registered fd by EPOLL_CTL_MOD, which
    /// re-arms it: whatever is ready will be reported once more. Whether calls block goes to every connection by fcntl.
    fn follow(&mut self, epoll: &Epoll, policy: Policy) {
        let before = std::mem::replace(&mut self.policy, policy);
        self.tap.say(Call::Policy(policy));
        self.buffer.resize(policy.read_size as usize, 0);
        self.events = Events::with_room(policy.max_events);
        if before.trigger_flags() != policy.trigger_flags() {
            self.modify_listener(epoll);
        }
        let mask = |policy: &Policy| (policy.trigger_flags(), policy.input(), policy.write);
        let (masks, blocking) = (mask(&before) != mask(&policy), policy.has(Faults::BLOCKING));
        for slot in 0..self.connections.len() {
            let Some(mut connection) = self.connections[slot].take() else { continue };
            if connection.blocking != blocking && self.tap.set_blocking(&connection, blocking).is_ok() {
                connection.blocking = blocking;
            }
            if masks {
                self.rearm(epoll, &mut connection);
            }
            self.connections[slot] = Some(connection);
        }
    }

    /// A connection is over: out of the list first, then closed. The other way round EPOLL_CTL_DEL would be EBADF, and
    /// with a duplicate alive the registration would stay.
    pub(super) fn close(&mut self, epoll: &Epoll, connection: Connection) -> Result<(), ServerError> {
        if self.policy.has(Faults::CLOSE_FIRST) {
            let fd = number(&connection);
            let _ = self.tap.close(connection.fd);
            let deleted = self.tap.epoll_ctl(epoll, CtlOp::Del, &kernel::borrow(fd), Interest::empty(), 0);
            deleted.map_err(|errno| ServerError::Call { call: "epoll_ctl", fd, errno })?;
        } else {
            let _ = self.tap.epoll_ctl(epoll, CtlOp::Del, &connection, Interest::empty(), 0);
            let _ = self.tap.close(connection.fd);
        }
        self.unmute(epoll);
        Ok(())
    }

    /// Step 7: destroy. Every connection, the listener, and the epoll object.
    fn destroy(mut self, epoll: Epoll) {
        for connection in std::mem::take(&mut self.connections).into_iter().flatten() {
            let _ = self.tap.close(connection.fd);
        }
        let _ = self.tap.close(self.listener);
        let _ = self.tap.close(epoll.into_fd());
    }

    fn connection(&mut self, token: u64) -> Option<&mut Connection> {
        let connection = self.connections.get_mut(slot(fd_of(token)))?.as_mut()?;
        (connection.generation == generation_of(token)).then_some(connection)
    }

    pub(super) fn take(&mut self, token: u64) -> Option<Connection> {
        self.connection(token)?;
        self.connections[slot(fd_of(token))].take()
    }
}

/// A registration's token: the fd below, above it the generation that tells one user of a number from the next.
fn token_of(fd: Fd, generation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(fd.0.cast_unsigned())
}

#[allow(clippy::cast_possible_truncation, reason = "the lower half is the fd")]
pub(super) fn fd_of(token: u64) -> Fd {
    Fd((token as u32).cast_signed())
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half is the generation")]
fn generation_of(token: u64) -> u32 {
    (token >> 32) as u32
}

pub(super) fn slot(fd: Fd) -> usize {
    usize::try_from(fd.0).unwrap_or(0)
}
