//! A server on its thread, its clients, and the timeline that both write.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::PollTimeout;

use super::Clients;
use crate::analysis::History;
use crate::probe::{Breakpoint, Clock, Gate, Incoming, Mode, ServerState};
use crate::record::{Annotation, Call, Nanos, Policy, Record, SPIN, Seq, idle_waits};
use crate::server::{self, Buffers, Order, Running, ServerError, Setup};
use crate::sys::{Errno, Notifier, Wake, describe};

/// Why a session could not be opened, or did not come to rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The program's own fds could not be opened.
    #[error("cannot open an fd that epollscope needs for itself: {} ({errno:?}); close some fds, or raise `ulimit -n`", describe(*errno))]
    Own { errno: Errno },
    /// It was still moving when the time was up.
    #[error("not quiet after {} s: the server is {state:?}", within.as_secs())]
    NotQuiet { within: Duration, state: ServerState },
}

/// A server with its clients, seen from the thread that drives and looks.
///
/// ```
/// # use std::time::Duration;
/// # use epollscope::probe::{Mode, ServerState, WhenFull};
/// # use epollscope::record::Policy;
/// # use epollscope::server::Setup;
/// # use epollscope::session::{Payload, Session};
/// let (listen, policy) = (([127, 0, 0, 1], 0).into(), Policy::default());
/// let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 10, when_full: WhenFull::Wait };
/// let mut session = Session::open(&setup)?;
/// let a = session.clients_mut().connect().expect("a client");
/// session.clients_mut().send(a, Payload::Bytes(b"hello".to_vec())).expect("sent");
/// assert_eq!(session.settle(Duration::from_secs(10))?, ServerState::Quiet);
/// assert_eq!(session.timeline().now().counters().accepted, 1);
/// # Ok::<(), epollscope::session::SessionError>(())
/// ```
pub struct Session {
    pub(super) running: Option<Running>,
    /// What ended the server, where that was not the order to stop.
    pub(super) ended: Option<ServerError>,
    pub(super) incoming: Incoming,
    pub(super) notifier: Arc<Notifier>,
    pub(super) clients: Clients,
    pub(super) timeline: History,
    pub(super) batch: Vec<Record>,
    /// The last look brought something.
    pub(super) has_news: bool,
    /// The sleep that the last look found the server in; see [`Session::find_hang`].
    pub(super) asleep: Option<Sleep>,
    /// Calls of the clients that are later than what is known of the server's.
    pub(super) held_back: Vec<Record>,
    pub(super) addr: SocketAddr,
    pub(super) policy: Policy,
    pub(super) breakpoints: Vec<Breakpoint>,
    /// Waits with reports since something last came of one.
    pub(super) idle_waits: u32,
    pub(super) latest: Nanos,
}

/// A server asleep in a call; `hang` finds out for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sleep {
    pub(super) entry: u64,
    pub(super) call: Call,
    /// Bytes on their way that may end the sleep.
    pub(super) in_flight: u64,
    /// Since when the two above are as they are.
    pub(super) since: Instant,
}

impl Session {
    /// Starts a server as `setup` says.
    pub fn open(setup: &Setup) -> Result<Self, SessionError> {
        Self::open_with(setup, None)
    }

    pub(super) fn open_with(setup: &Setup, undisturbed: Option<Buffers>) -> Result<Self, SessionError> {
        let own = |errno| SessionError::Own { errno };
        // The looking thread's own waits must let the signal through that wakes the server's.
        Wake::this_thread().map_err(own)?;
        let clock = Clock::start();
        let notifier = Arc::new(Notifier::new().map_err(own)?);
        let (running, incoming) = server::spawn(setup, undisturbed, clock, &notifier)?;
        let addr = running.addr();
        let clients = Clients::new(addr, clock).map_err(own)?;
        Ok(Self {
            running: Some(running),
            ended: None,
            incoming,
            notifier,
            clients,
            timeline: History::default(),
            batch: Vec::new(),
            has_news: false,
            asleep: None,
            held_back: Vec::new(),
            addr,
            policy: setup.policy,
            breakpoints: Vec::new(),
            idle_waits: 0,
            latest: Nanos(0),
        })
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn timeline(&self) -> &History {
        &self.timeline
    }

    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    pub fn clients_mut(&mut self) -> &mut Clients {
        &mut self.clients
    }

    /// The policy that the server was last told.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn follow(&mut self, policy: Policy) {
        self.policy = policy;
        self.clients.note(Annotation::Follow { policy });
        if let Some(running) = &self.running {
            running.order(Order::Follow(policy));
        }
    }

    /// Tells the server that no fd number from `fds` on is free for it from its next epoll_wait on. The clients have a
    /// file table of their own, and are not limited.
    pub fn limit(&self, fds: u32) {
        if let Some(running) = &self.running {
            running.order(Order::Limit(fds));
        }
    }

    /// Tells the server to end: before its next epoll_wait it closes all that it has open, as far as it is let go.
    pub fn destroy(&self) {
        if let Some(running) = &self.running {
            running.order(Order::Stop);
        }
    }

    pub fn set(&self, mode: Mode) {
        if let Some(gate) = self.gate() {
            let judged = gate.hit() == Some(Breakpoint::Stranded);
            gate.set(mode);
            if judged {
                gate.let_through();
            }
        }
    }

    pub fn mode(&self) -> Mode {
        self.gate().map_or(Mode::Held, Gate::mode)
    }

    pub(super) fn gate(&self) -> Option<&Gate> {
        self.running.as_ref().and_then(Running::gate)
    }

    /// How the server stands at this moment. Whether it is [quiet](ServerState::Quiet) or
    /// [spins](ServerState::Spinning) takes longer to know: [`Session::settle`] says so.
    pub fn state(&self) -> ServerState {
        match (self.place(), self.stopped_by()) {
            _ if self.is_over() && self.ended.is_some() => ServerState::Died,
            _ if self.is_over() => ServerState::Ended,
            (ServerState::Inside(call), _) if self.timeline.now().hung() == Some(call) => ServerState::Hung(call),
            (ServerState::Before(_), Some(breakpoint)) => ServerState::Stopped(breakpoint),
            (place, _) => place,
        }
    }

    /// Whether its last waits had reports of which nothing came: [`SPIN`](crate::record::SPIN) of them in a row.
    pub fn spins(&self) -> bool {
        self.idle_waits >= SPIN
    }

    pub fn held_before(&self) -> Option<Call> {
        self.place().held_before()
    }

    /// Where the server is, as far as the gate knows.
    fn place(&self) -> ServerState {
        self.gate().map_or(ServerState::Working, Gate::state)
    }

    /// Takes in what has happened, and lets the clients do what they can. Gives each new record to `each`, numbered, and
    /// returns whether there was anything.
    pub fn pump(&mut self, each: impl FnMut(&Record)) -> bool {
        let acted = self.clients.pump();
        self.take_in(each) || acted
    }

    /// Takes in what has happened. Gives each new record to `each`, numbered, and returns whether there was any.
    pub(super) fn take_in(&mut self, mut each: impl FnMut(&Record)) -> bool {
        self.held_back.extend(self.clients.take_records());
        // Asked before the ring is drained: what the server did up to here lies in the ring, if it stands still.
        let over = self.is_over();
        let asleep = self.running.as_ref().and_then(Running::asleep);
        let stands_still = over || asleep.is_some() || self.gate().is_some_and(Gate::stands_still);
        let wait = self.gate().and_then(Gate::to_be_judged);
        self.incoming.drain(&mut self.batch);
        // A client's call may be merged once all that the server did before it has come.
        let known = if stands_still { Nanos(u64::MAX) } else { self.batch.last().map_or(Nanos(0), |record| record.t) };
        self.batch.extend(self.held_back.extract_if(.., |record| record.t <= known));
        // Nearly always they are in order, and to find that is cheaper than to get ready for sorting.
        if !self.batch.is_sorted_by_key(|record| record.t) {
            self.batch.sort_by_key(|record| record.t);
        }
        let mut batch = std::mem::take(&mut self.batch);
        let mut any = !batch.is_empty();
        batch.drain(..).for_each(|record| self.keep(record, &mut each));
        self.batch = batch;
        if let (Some(hung), Some(tid)) = (self.find_hang(asleep), self.running.as_ref().map(Running::tid)) {
            let record = Record { seq: Seq(0), t: self.clients.now(), tid, call: Call::Annotation(hung) };
            self.keep(record, &mut each);
            any = true;
        }
        self.has_news = any;
        if let Some(wait) = wait {
            self.judge(&wait);
        }
        if let Some(running) = self.running.take_if(|_| over) {
            self.ended = running.join().err();
        }
        any
    }

    fn keep(&mut self, mut record: Record, each: &mut impl FnMut(&Record)) {
        self.idle_waits = idle_waits(self.idle_waits, &record.call);
        // A send that hung has the time of its entry, and comes after what others did meanwhile.
        self.latest = record.t.max(self.latest);
        (record.seq, record.t) = (Seq(self.timeline.len() + 1), self.latest);
        self.timeline.push(record);
        each(&record);
    }

    /// Sleeps until there is something to take in, or `also` is readable, or the time is up.
    ///
    /// # Errors
    /// `EINTR` when a signal came.
    pub fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) -> Result<(), Errno> {
        let timeout = self.at_most(timeout);
        let busy = self.has_news && self.mode() == Mode::Free;
        self.notifier.sleep(busy, || !self.incoming.is_empty(), &[&[self.clients.as_fd()], also].concat(), timeout)
    }

    /// Sleeps until the server tells something, or the time is up, whatever the clients could do meanwhile.
    pub(super) fn sleep_for_server(&self, timeout: PollTimeout) {
        // EINTR: whatever the signal was about, the caller looks again.
        let _ = self.notifier.sleep(false, || !self.incoming.is_empty(), &[], self.at_most(timeout));
    }

    /// How long to sleep: not for long while the server is in a call that may block and is not known to hang there, or is
    /// to come out of it to follow orders. See [`Running::AGAIN`].
    fn at_most(&self, timeout: PollTimeout) -> PollTimeout {
        let again = PollTimeout::try_from(Running::AGAIN).unwrap_or(PollTimeout::MAX);
        let interrupted = self.running.as_ref().is_some_and(Running::interrupt);
        let is_watched = interrupted || matches!(self.state(), ServerState::Inside(_));
        if is_watched && (timeout.is_none() || timeout > again) { again } else { timeout }
    }

    /// Whether the server was told something that it has not come to yet.
    pub(super) fn has_orders(&self) -> bool {
        self.running.as_ref().is_some_and(Running::has_orders)
    }

    /// Stops the server, takes in its last calls, and closes the clients.
    ///
    /// # Errors
    /// What ended the server, if it was not this.
    pub fn close(&mut self, mut each: impl FnMut(&Record)) -> Result<(), SessionError> {
        // On its way to its end nothing stops it any more.
        self.break_at(&[]);
        self.destroy();
        self.set(Mode::Free);
        while !self.is_over() {
            self.pump(&mut each);
            // What it does now is soon over.
            self.has_news = false;
            // EINTR: look again.
            let _ = self.sleep(&[], PollTimeout::NONE);
        }
        self.pump(&mut each);
        self.ended.clone().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Whether the server has ended: it was closed, or did so by itself.
    pub fn is_over(&self) -> bool {
        self.incoming.is_closed()
    }

    /// What ended the server, if it was not [`Session::close`]; known once all that it did has been taken in.
    pub fn ended(&self) -> Option<&ServerError> {
        self.ended.as_ref()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Errors in Drop are ignored.
        let _ = self.close(|_| ());
    }
}
