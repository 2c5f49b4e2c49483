//! The stage: a server on its thread, its clients, and the timeline that both write.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::poll::PollTimeout;

use super::Clients;
use crate::analysis::History;
use crate::probe::{Breakpoint, Clock, Gate, Incoming, Mode, ServerState};
use crate::record::{Annotation, Call, Nanos, Policy, Record, Seq, idle_waits};
use crate::server::{self, Order, Running, ServerError, Setup};
use crate::sys::{Errno, Notifier, Wake, describe};

/// Why the stage could not be set, or did not come to rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The server failed.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The program's own fds could not be opened.
    #[error("cannot open what the program needs for itself: {} ({errno:?}); close some fds, or raise `ulimit -n`", describe(*errno))]
    Own {
        /// Why.
        errno: Errno,
    },
    /// It was still moving when the time was up.
    #[error("not quiet after {} s: the server stands {state:?}", within.as_secs())]
    NotQuiet {
        /// How long was waited.
        within: Duration,
        /// How the server stood.
        state: ServerState,
    },
}

/// A server with its clients, seen from the thread that drives and looks.
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
    /// The call that the last look found the server asleep in.
    pub(super) asleep: Option<Call>,
    /// Calls of the clients that are later than what is known of the server's.
    pub(super) held_back: Vec<Record>,
    pub(super) addr: SocketAddr,
    pub(super) policy: Policy,
    /// See [`Session::break_at`].
    pub(super) breakpoints: Vec<Breakpoint>,
    /// Waits with reports since something last came of one.
    pub(super) idle_waits: u32,
    /// The time of the last record.
    pub(super) latest: Nanos,
}

impl Session {
    /// Starts a server as `setup` says.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn open(setup: &Setup) -> Result<Self, SessionError> {
        Self::open_by(setup, server::spawn)
    }

    pub(super) fn open_by(
        setup: &Setup,
        spawn: impl FnOnce(&Setup, Clock, &Arc<Notifier>) -> Result<(Running, Incoming), ServerError>,
    ) -> Result<Self, SessionError> {
        let own = |errno| SessionError::Own { errno };
        // The looking thread's own waits must let the signal through that wakes the server's.
        Wake::this_thread().map_err(own)?;
        let clock = Clock::start();
        let notifier = Arc::new(Notifier::new().map_err(own)?);
        let (running, incoming) = spawn(setup, clock, &notifier)?;
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

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// All that has happened.
    pub fn timeline(&self) -> &History {
        &self.timeline
    }

    /// The clients.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The clients, to tell them something.
    pub fn crew_mut(&mut self) -> &mut Clients {
        &mut self.clients
    }

    /// The policy that the server was last told.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Tells the server to follow another policy.
    pub fn follow(&mut self, policy: Policy) {
        self.policy = policy;
        self.clients.note(Annotation::Follow { policy });
        if let Some(running) = &self.running {
            running.order(Order::Follow(policy));
        }
    }

    /// Tells the server to end: before its next epoll_wait it closes all that it has open, as far as it is let go.
    pub fn destroy(&self) {
        if let Some(running) = &self.running {
            running.order(Order::Stop);
        }
    }

    /// Lets the server go as far as `mode` says.
    pub fn set(&self, mode: Mode) {
        if let Some(gate) = self.gate() {
            let judged = gate.hit() == Some(Breakpoint::Stranded);
            gate.set(mode);
            if judged {
                gate.let_through();
            }
        }
    }

    /// How far the server may go.
    pub fn mode(&self) -> Mode {
        self.running.as_ref().map_or(Mode::Held, Running::mode)
    }

    pub(super) fn gate(&self) -> Option<&Gate> {
        self.running.as_ref().and_then(Running::gate)
    }

    /// How the server stands at this moment. Whether it is [quiet](ServerState::Quiet) or
    /// [spins](ServerState::Spinning) takes longer to know: [`Session::settle`] says so.
    pub fn state(&self) -> ServerState {
        match (self.hangs(), self.stopped_by(), self.place()) {
            _ if self.is_over() && self.ended.is_some() => ServerState::Died,
            _ if self.is_over() => ServerState::Ended,
            (Some(call), ..) => ServerState::Hung(call),
            (_, Some(breakpoint), ServerState::Before(_)) => ServerState::Stopped(breakpoint),
            (.., place) => place,
        }
    }

    /// The call that the server is held before.
    pub fn held_before(&self) -> Option<Call> {
        self.place().held_before()
    }

    /// Where the server is, as far as the gate knows.
    fn place(&self) -> ServerState {
        self.running.as_ref().map_or(ServerState::Working, Running::state)
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
        self.asleep = self.running.as_ref().and_then(Running::hangs);
        let stands_still = over || self.stands_still();
        let wait = self.gate().and_then(Gate::to_be_judged);
        self.incoming.drain(&mut self.batch);
        // A client's call may be merged once all that the server did before it has come.
        let known = if stands_still { Nanos(u64::MAX) } else { self.batch.last().map_or(Nanos(0), |record| record.t) };
        self.batch.extend(self.held_back.extract_if(.., |record| record.t <= known));
        // Nearly always they are in order, and to find that is cheaper than to get ready for sorting.
        if !self.batch.is_sorted_by_key(|record| record.t) {
            self.batch.sort_by_key(|record| record.t);
        }
        let any = !self.batch.is_empty();
        self.has_news = any;
        let mut seq = self.timeline.len();
        for record in &mut self.batch {
            self.idle_waits = idle_waits(self.idle_waits, &record.call);
            // A send that hung has the time of its entry, and comes after what others did meanwhile.
            self.latest = record.t.max(self.latest);
            seq += 1;
            (record.seq, record.t) = (Seq(seq), self.latest);
            self.timeline.push_numbered(record);
            each(record);
        }
        self.batch.clear();
        if let Some(wait) = wait {
            self.judge(&wait);
        }
        if let Some(running) = self.running.take_if(|_| over) {
            self.ended = running.join().err();
        }
        any
    }

    pub(super) fn stands_still(&self) -> bool {
        self.running.as_ref().is_some_and(Running::stands_still) || self.hangs().is_some()
    }

    /// The recv or send that the server was asleep in, its fd being a blocking one, when [`Session::pump`] last looked; if it
    /// is still in there. Between two looks it does not fall asleep: whoever sleeps here on what this said looks again.
    pub fn hangs(&self) -> Option<Call> {
        self.asleep.filter(|call| self.place() == ServerState::Inside(*call))
    }

    /// Sleeps until there is something to take in, or `also` is readable, or the time is up.
    ///
    /// # Errors
    /// `EINTR` when a signal came.
    pub fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) -> Result<(), Errno> {
        // Whether a call that may block does, and whether a wake-up came in time, nobody tells.
        let soon = PollTimeout::try_from(Running::AGAIN).unwrap_or(PollTimeout::MAX);
        let timeout = if self.is_to_be_watched() && (timeout.is_none() || timeout > soon) { soon } else { timeout };
        let busy = self.has_news && self.mode() == Mode::Free;
        self.notifier.sleep(busy, || !self.incoming.is_empty(), &[&[self.clients.as_fd()], also].concat(), timeout)
    }

    /// Sleeps until the server tells something, or the time is up; what the clients could do disturbs nobody.
    pub(super) fn sleep_deaf(&self, timeout: PollTimeout) {
        let soon = PollTimeout::try_from(Running::AGAIN).unwrap_or(PollTimeout::MAX);
        let timeout = if self.is_to_be_watched() { soon } else { timeout };
        // EINTR: whatever the signal was about, the caller looks again.
        let _ = self.notifier.sleep(false, || !self.incoming.is_empty(), &[], timeout);
    }

    /// Orders wait for a server that is in a call that may block, and it has been called out of it.
    pub(super) fn calls_out(&self) -> bool {
        self.running.as_ref().is_some_and(Running::call_out)
    }

    /// It is in a call that may block, and no bell rings when it falls asleep in there.
    pub(super) fn is_to_be_watched(&self) -> bool {
        self.calls_out() || matches!(self.place(), ServerState::Inside(_)) && self.hangs().is_none()
    }

    /// Stops the server, takes in its last calls, and closes the clients.
    ///
    /// # Errors
    /// What ended the server, if it was not this.
    pub fn close(&mut self, mut each: impl FnMut(&Record)) -> Result<(), SessionError> {
        // On its way to its end nothing stops it any more.
        self.break_at(&[]);
        self.destroy();
        if let Some(running) = &self.running {
            running.set(Mode::Free);
        }
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
        // Nobody is left to tell of an error.
        let _ = self.close(|_| ());
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Instant;

    use super::*;
    use crate::probe::WhenFull;
    use crate::record::{Faults, Read};
    use crate::session::{ClientId, Payload};

    const LONG: Duration = Duration::from_secs(10);

    /// A server and its client, which has sent so many bytes.
    fn served(policy: Policy, reads: bool, sent: usize) -> (Session, ClientId) {
        let listen = (Ipv4Addr::LOCALHOST, 0).into();
        let policy = Policy { faults: Faults::BLOCKING, ..policy };
        let setup = Setup { listen, policy, gate: Mode::Held, capacity: 1 << 10, when_full: WhenFull::Wait };
        let mut session = Session::open(&setup).expect("a server");
        let a = session.crew_mut().connect().expect("connected");
        assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
        session.crew_mut().set_reading(a, reads).expect("a client");
        session.crew_mut().send(a, Payload::Pattern(sent)).expect("sent");
        (session, a)
    }

    /// A server that hangs in recv, and was last looked at a moment before it fell asleep.
    fn just_asleep() -> Session {
        let (mut session, _) = served(Policy { read: Read::Drain, ..Policy::default() }, true, 5);
        assert!(matches!(session.settle(LONG), Ok(ServerState::Hung(Call::Recvfrom { .. }))));
        session.asleep = None;
        session
    }

    #[test]
    fn who_sleeps_while_the_server_falls_asleep_in_a_call_wakes_to_see_it() {
        let (mut session, begun) = (just_asleep(), Instant::now());
        while session.hangs().is_none() {
            // EINTR: look again.
            let _ = session.sleep(&[], PollTimeout::try_from(LONG).expect("short"));
            session.pump(|_| ());
        }
        assert!(begun.elapsed() < LONG / 2, "after {:?}", begun.elapsed());
    }

    #[test]
    fn one_that_does_not_come_to_rest_is_given_the_time_that_is_told() {
        let (mut session, within) = (just_asleep(), Duration::from_millis(30));
        session.follow(Policy::default());
        assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
        let not_quiet = Err(SessionError::NotQuiet { within, state: ServerState::Waiting });
        assert_eq!(session.go(Mode::Free, within), not_quiet);
    }

    #[test]
    fn a_hang_is_found_that_begins_between_two_looks() {
        let mut session = just_asleep();
        assert!(matches!(session.settle(LONG), Ok(ServerState::Hung(Call::Recvfrom { .. }))));
        session.asleep = None;
        assert_eq!(session.go(Mode::Held, LONG), Ok(()));
    }

    #[test]
    fn a_call_that_a_client_is_about_to_end_is_no_hang() {
        let drain = Policy { read: Read::Drain, ..Policy::default() };
        let once = Policy { read_size: 16 * 1024, ..Policy::default() };
        for (policy, reads, sent) in [(drain, true, 5), (once, false, 16 << 20)] {
            let (mut session, a) = served(policy, reads, sent);
            let Ok(ServerState::Hung(call)) = session.settle(LONG) else { panic!("it stands {:?}", session.state()) };
            assert!(!session.is_ended_by_client(call), "{call:?}");
            if reads {
                session.crew_mut().end(a).expect("ended");
            } else {
                session.crew_mut().set_reading(a, true).expect("a client");
            }
            assert!(session.is_ended_by_client(call), "{call:?}");
            assert_eq!(session.settle(LONG), Ok(ServerState::Quiet));
        }
    }
}
