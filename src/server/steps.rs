//! The seven steps.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::connection::{Connection, Traits};
use super::connections::{Connections, fd_of, token_of};
use super::handler::{Handler, Outcome};
use super::out_of_fds::{Listening, Shortage};
use super::{Buffers, Order, Orders, ServerError};
use crate::probe::{Hint, Sink, Tap, Waited};
use crate::record::{
    Accept, Addr, Annotation, Call, CtlOp, FatalCall, Faults, Fd, Interest, Policy, Ready, Ret, SockOpt, Timeout,
};
use crate::sys::{self, Epoll, Errno, Events, number};

/// How many connections may wait to be accepted; the kernel cuts it at `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// An epoll echo server that listens.
///
/// ```
/// # use std::sync::Arc;
/// # use epollscope::probe::{Null, Tap};
/// # use epollscope::record::Policy;
/// # use epollscope::server::{Order, Orders, Server};
/// let orders = Arc::new(Orders::default());
/// let listen = ([127, 0, 0, 1], 0).into();
/// let (server, addr) = Server::open(Tap::new(Null), listen, Policy::default(), Arc::clone(&orders))?;
/// assert_ne!(addr.port(), 0);
/// // Given by another thread, as a rule: it serves until then.
/// orders.give(Order::Stop);
/// server.run()?;
/// # Ok::<(), epollscope::server::ServerError>(())
/// ```
pub struct Server<S> {
    pub(super) handler: Handler<S>,
    pub(super) listener: OwnedFd,
    pub(super) listening: Listening,
    /// Kept open to be closed where no fd is free, by the policy that does so.
    pub(super) spare: Option<OwnedFd>,
    connections: Connections,
    generation: u32,
    /// Tokens of connections that have more to read and wait for their turn.
    turns: VecDeque<u64>,
    buffer: Vec<u8>,
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
        tap.say(Call::Policy { policy });
        let server = Self {
            handler: Handler::new(tap, orders, policy),
            listener,
            listening: Listening::Yes,
            spare: None,
            connections: Connections::default(),
            generation: 0,
            turns: VecDeque::new(),
            buffer: vec![0; policy.read_size as usize],
        };
        Ok((server, bound))
    }

    /// Gives the connections that it will accept these buffers, which don't grow: they inherit the listener's. tcp(7)
    pub fn bound_buffers(&mut self, buffers: Buffers) -> Result<(), ServerError> {
        buffers.set(&mut self.handler.tap, &self.listener).map_err(|errno| ServerError::Start { errno })
    }

    /// Serves until it is ordered to stop.
    ///
    /// # Errors
    /// [`ServerError::Call`] where epoll itself fails, with [`Faults::CLOSE_FIRST`] as soon as a connection is over.
    pub fn run(mut self) -> Result<(), ServerError> {
        let served = self.steps();
        if let Err(ServerError::Call { call, fd, errno }) = served {
            self.handler.tap.say(Call::Annotation(Annotation::Died { call, fd, ret: Ret::error(errno) }));
        }
        self.destroy(served?);
        Ok(())
    }

    fn steps(&mut self) -> Result<Epoll, ServerError> {
        let epoll = self.create()?;
        self.register(&epoll)?;
        self.keep_spare();
        self.repeat(&epoll)?;
        Ok(epoll)
    }

    /// Step 1: create an epoll object.
    fn create(&mut self) -> Result<Epoll, ServerError> {
        self.handler.tap.epoll_create().map_err(|errno| ServerError::Call {
            call: FatalCall::EpollCreate1,
            fd: Fd(-1),
            errno,
        })
    }

    /// Step 2: tell it to watch the listening socket.
    fn register(&mut self, epoll: &Epoll) -> Result<(), ServerError> {
        let fd = number(&self.listener);
        self.control_listener(epoll, CtlOp::Add).map_err(|errno| ServerError::Call {
            call: FatalCall::EpollCtl,
            fd,
            errno,
        })
    }

    /// Step 6: repeat steps 3 to 5 until ordered to stop.
    fn repeat(&mut self, epoll: &Epoll) -> Result<(), ServerError> {
        let mut events = Events::with_room(self.handler.policy.max_events);
        loop {
            for order in self.handler.orders.take() {
                match order {
                    Order::Follow(policy) => {
                        self.follow(epoll, policy);
                        events = Events::with_room(policy.max_events);
                    }
                    Order::Limit(fds) => {
                        if sys::limit_own_table(fds).is_ok() {
                            self.handler.tap.say(Call::Annotation(Annotation::Limit { fds }));
                        }
                    }
                    Order::Stop => {
                        self.handler.tap.say(Call::Annotation(Annotation::Stop {}));
                        return Ok(());
                    }
                }
            }
            match self.wait(epoll, &mut events) {
                Waited::Returned(Ok(n)) => {
                    self.come_back(epoll);
                    if n == 0 && self.turns.is_empty() {
                        self.unmute(epoll);
                    } else {
                        self.act(epoll, &events)?;
                    }
                }
                Waited::Returned(Err(Errno::EINTR)) | Waited::Orders => {}
                Waited::Returned(Err(errno)) => {
                    return Err(ServerError::Call { call: FatalCall::EpollWait, fd: number(epoll), errno });
                }
            }
        }
    }

    /// Step 3: ask which sockets have had events.
    fn wait(&mut self, epoll: &Epoll, events: &mut Events) -> Waited {
        let has_work = !self.turns.is_empty();
        self.handler.tap.sink().hint(Hint::HasWork(has_work));
        let timeout = if has_work { Timeout::ZERO } else { self.listening.timeout(self.handler.policy.timeout) };
        self.handler.tap.epoll_wait(epoll, events, timeout, fd_of)
    }

    /// Step 4: act on those sockets; then on those that had more than their share last time.
    fn act(&mut self, epoll: &Epoll, events: &Events) -> Result<(), ServerError> {
        let waiting = self.turns.len();
        for (token, ready) in events.iter() {
            match self.connections.get(token) {
                Some(connection) if ready == Ready::IN && self.handler.is_plain(connection) => {
                    match self.handler.act_plainly(connection, &mut self.buffer) {
                        Outcome::Settled => {}
                        outcome => self.modify(epoll, token, outcome)?,
                    }
                }
                Some(_) => self.serve(epoll, token, ready)?,
                None if fd_of(token) == number(&self.listener) => self.accept(epoll),
                // The connection was closed earlier in this batch, and its number may already be another's.
                None => {}
            }
        }
        for _ in 0..waiting {
            let Some(token) = self.turns.pop_front() else { break };
            if let Some(connection) = self.connections.get(token) {
                connection.traits -= Traits::QUEUED;
                self.serve(epoll, token, Ready::IN)?;
            }
        }
        Ok(())
    }

    /// A connection was reported, or its turn has come: step 4 for it, then step 5.
    #[inline(never)]
    fn serve(&mut self, epoll: &Epoll, token: u64, ready: Ready) -> Result<(), ServerError> {
        let Some(connection) = self.connections.get(token) else { return Ok(()) };
        let outcome = self.handler.act(connection, ready, &mut self.buffer);
        self.modify(epoll, token, outcome)
    }

    /// Step 5: tell epoll what has changed.
    fn modify(&mut self, epoll: &Epoll, token: u64, outcome: Outcome) -> Result<(), ServerError> {
        let Some(connection) = self.connections.get(token) else { return Ok(()) };
        match outcome {
            Outcome::Settled => return Ok(()),
            Outcome::Over => return self.close(epoll, token),
            _ if connection.is_finished() => return self.close(epoll, token),
            Outcome::More if !connection.is(Traits::QUEUED) => {
                connection.traits |= Traits::QUEUED;
                self.turns.push_back(token);
            }
            Outcome::More | Outcome::Open => {}
        }
        self.handler.modify(epoll, connection);
        Ok(())
    }

    /// The listener was reported: take who waits.
    fn accept(&mut self, epoll: &Epoll) {
        let blocking = self.handler.policy.has(Faults::BLOCKING);
        loop {
            match self.handler.tap.accept(&self.listener, blocking) {
                Ok((fd, _)) => self.admit(epoll, Connection::new(fd, self.generation.wrapping_add(1), blocking)),
                // The client left before it was taken, or its network failed: the next one may be there. accept(2)
                Err(Errno::EINTR | Errno::ECONNABORTED | Errno::EPROTO | Errno::ENETDOWN | Errno::EHOSTUNREACH) => {}
                Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => match self.run_out(epoll) {
                    Shortage::Paused => return,
                    Shortage::TurnedAway => {}
                    Shortage::Unchanged => break,
                },
                Err(_) => break,
            }
            if self.handler.policy.accept == Accept::Once {
                break;
            }
        }
        if self.handler.policy.oneshot {
            self.modify_listener(epoll);
        }
    }

    /// Step 5 for a new connection: add it to the list.
    fn admit(&mut self, epoll: &Epoll, mut connection: Connection) {
        self.generation = connection.generation;
        connection.interest = connection.wanted(&self.handler.policy);
        let token = token_of(number(&connection), connection.generation);
        if self.handler.tap.epoll_ctl(epoll, CtlOp::Add, &connection, connection.interest, token).is_err() {
            // ENOSPC: more watches than the user may have. The client sees the close.
            let _ = self.handler.tap.close(connection.fd);
            return;
        }
        self.connections.put(connection);
    }

    pub(super) fn modify_listener(&mut self, epoll: &Epoll) {
        let _ = self.control_listener(epoll, CtlOp::Mod);
    }

    pub(super) fn control_listener(&mut self, epoll: &Epoll, op: CtlOp) -> Result<(), Errno> {
        let (interest, token) = (self.listener_interest(), token_of(number(&self.listener), 0));
        self.handler.tap.epoll_ctl(epoll, op, &self.listener, interest, token)
    }

    fn listener_interest(&self) -> Interest {
        match self.listening {
            Listening::Muted => Interest::empty(),
            Listening::Yes | Listening::Away(_) => Interest::IN | self.handler.policy.trigger_flags(),
        }
    }

    /// Follows `policy` from here on. What it changes of a mask goes to every registered fd by EPOLL_CTL_MOD, which
    /// re-arms it: whatever is ready will be reported once more. Whether calls block goes to every connection by fcntl.
    fn follow(&mut self, epoll: &Epoll, policy: Policy) {
        let before = self.handler.follow(policy);
        self.buffer.resize(policy.read_size as usize, 0);
        self.follow_shortage(epoll, &before);
        let registered = !matches!(self.listening, Listening::Away(_));
        if registered && before.trigger_flags() != policy.trigger_flags() {
            self.modify_listener(epoll);
        }
        let mask = |policy: &Policy| (policy.trigger_flags(), policy.input(), policy.write);
        let (masks, blocking) = (mask(&before) != mask(&policy), policy.has(Faults::BLOCKING));
        for connection in self.connections.iter_mut() {
            if connection.is(Traits::BLOCKING) != blocking
                && self.handler.tap.set_blocking(connection, blocking).is_ok()
            {
                connection.traits.set(Traits::BLOCKING, blocking);
            }
            if masks {
                self.handler.rearm(epoll, connection);
            }
        }
    }

    /// A connection is over: out of the list first, then closed. The other way round EPOLL_CTL_DEL would be EBADF, and
    /// with a duplicate alive the registration would stay.
    fn close(&mut self, epoll: &Epoll, token: u64) -> Result<(), ServerError> {
        let Some(connection) = self.connections.take(token) else { return Ok(()) };
        if self.handler.policy.has(Faults::CLOSE_FIRST) {
            let fd = number(&connection);
            let _ = self.handler.tap.close(connection.fd);
            let tap = &mut self.handler.tap;
            let deleted = sys::by_number(fd, |fd| tap.epoll_ctl(epoll, CtlOp::Del, &fd, Interest::empty(), 0));
            deleted.map_err(|errno| ServerError::Call { call: FatalCall::EpollCtl, fd, errno })?;
        } else {
            let _ = self.handler.tap.epoll_ctl(epoll, CtlOp::Del, &connection, Interest::empty(), 0);
            let _ = self.handler.tap.close(connection.fd);
        }
        self.unmute(epoll);
        Ok(())
    }

    /// Step 7: destroy. Every connection, the listener, and the epoll object.
    fn destroy(mut self, epoll: Epoll) {
        for connection in std::mem::take(&mut self.connections).into_all() {
            let _ = self.handler.tap.close(connection.fd);
        }
        self.close_spare();
        let _ = self.handler.tap.close(self.listener);
        let _ = self.handler.tap.close(epoll.into_fd());
    }
}
