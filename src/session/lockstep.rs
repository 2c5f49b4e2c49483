//! Server and clients in turns, so that the same scene makes the same calls.
//!
//! While the server goes its way nobody else does anything, and while the clients do all that they can it is held. Before
//! either goes on, what the other sent has arrived. So the order of all calls follows from the scene alone, and so does
//! what each recv and send comes to, as long as what is on its way fits into the sockets' buffers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::poll::{PollTimeout, poll};

use super::quiescence::Deadline;
use super::{Session, SessionError};
use crate::probe::{Mode, ServerState, WhenFull};
use crate::record::{Call, Policy, Record, SPIN};
use crate::server::{self, Buffers, Setup, Undisturbed};
use crate::session::{Client, ClientId, Clients};

/// Room in the ring, in records.
const CAPACITY: usize = 1 << 14;
/// The sockets' buffers in bytes: left to itself the kernel lets them grow as acknowledgements come in. A client's message
/// fits into its own as a whole, also where the server does not take it yet; `net.core.wmem_max` allows as much.
const CLIENTS: Buffers = Buffers { send: 208 << 10, receive: 128 << 10 };
const SERVERS: Buffers = Buffers { send: 64 << 10, receive: 128 << 10 };
/// The longest that one turn may take.
const LONG: Duration = Duration::from_secs(20);
/// Echoes that do not come although they were asked for so often, a millisecond apart, wait for room at the client: this is
/// longer than any acknowledgement is put off (`TCP_DELACK_MAX`, 200 ms).
const STUCK: u32 = 250;
/// The same for a sleep in a call, which then is a hang, in pauses of 10 ms.
const HUNG: u32 = 25;

/// How far the server is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Until it and its clients have come to rest, or it spins, hangs or is over.
    Rest,
    /// Until its next epoll_wait has returned, or would block without end.
    Wait,
    /// One system call; epoll_wait only where it returns.
    Call,
}

/// A server and its clients, which take turns.
pub struct Lockstep {
    session: Session,
    /// See [`Undisturbed`].
    unacknowledged: Arc<AtomicU64>,
    /// The records that tell what happened; the instrument's questions that had to be asked again are not among them.
    kept: Vec<Record>,
    /// What the server's epoll said when it was asked last.
    would_report: bool,
    /// The call that the server is known to hang in.
    hung: Option<Call>,
}

impl Lockstep {
    /// A server that is held before its first call, on a free port of the loopback.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn open(policy: Policy) -> Result<Self, SessionError> {
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let setup = Setup { listen, policy, gate: Mode::Held, capacity: CAPACITY, when_full: WhenFull::Wait };
        let undisturbed = Undisturbed { buffers: SERVERS, unacknowledged: Arc::default() };
        let spawn = |setup: &_, clock, notifier: &_| server::spawn_undisturbed(setup, &undisturbed, clock, notifier);
        let mut session = Session::open_by(&setup, spawn)?;
        session.clients.bound_buffers(CLIENTS);
        let unacknowledged = undisturbed.unacknowledged;
        let mut turns = Self { session, unacknowledged, kept: Vec::new(), would_report: false, hung: None };
        turns.serve(Mode::Held)?;
        Ok(turns)
    }

    /// The stage. Its timeline has also what had to be asked again.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Takes the records since the last time: all calls, and what the instrument asked once everything had arrived.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.kept)
    }

    /// Has the clients do something while the server is held, and waits until it has arrived.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn act<T>(&mut self, act: impl FnOnce(&mut Clients) -> T) -> Result<T, SessionError> {
        let done = act(&mut self.session.clients);
        self.look()?;
        Ok(done)
    }

    /// Has the server follow another policy, before its next epoll_wait.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn follow(&mut self, policy: Policy) -> Result<(), SessionError> {
        self.session.follow(policy);
        self.look()
    }

    /// Has the server end, before its next epoll_wait.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn destroy(&mut self) -> Result<(), SessionError> {
        self.session.destroy();
        self.look()
    }

    /// Lets the server go, and then the clients, until it has gone so far.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] where it does not come to rest.
    pub fn go(&mut self, go: Go) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(LONG);
        let before_wait = matches!(self.session.held_before(), Some(Call::EpollWaitEnter { .. }));
        let mode = match go {
            Go::Rest => Mode::Turn,
            Go::Call if !before_wait => Mode::Steps(1),
            Go::Wait | Go::Call => Mode::Return,
        };
        loop {
            let rest = self.serve(mode)?;
            self.await_echoes();
            let calls = self.clients_turn()?;
            match rest {
                _ if go != Go::Rest => return Ok(rest),
                ServerState::Quiet if self.would_report => {}
                ServerState::Spinning | ServerState::Hung(_) if calls => {}
                rest => {
                    if rest == ServerState::Quiet && self.session.tells_rest() {
                        self.take_in(&mut |record, kept| kept.push(*record));
                    }
                    return Ok(rest);
                }
            }
            self.session.check(deadline)?;
        }
    }

    /// Whether the server, which is held, would go on: it stands before another call than epoll_wait, or that would report
    /// something.
    pub fn would_go(&self) -> bool {
        !matches!(self.session.held_before(), Some(Call::EpollWaitEnter { .. })) || self.would_report
    }

    /// Closes everything, and gives the records of that.
    ///
    /// # Errors
    /// What ended the server, if it was not this.
    pub fn close(&mut self) -> Result<(), SessionError> {
        let kept = &mut self.kept;
        self.session.close(|record| kept.push(*record))
    }

    /// The server's turn.
    fn serve(&mut self, mode: Mode) -> Result<ServerState, SessionError> {
        self.session.idle_waits = 0;
        self.session.set(mode);
        self.await_hold(|record, kept| kept.push(*record))
    }

    /// Waits until the server is held and has told so, hangs, or is over; takes in what it did.
    fn await_hold(&mut self, mut keep: impl FnMut(&Record, &mut Vec<Record>)) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(LONG);
        let (mut hung, mut times) = (None, 0);
        let held = loop {
            let moved = self.take_in(&mut keep);
            if self.session.is_over() {
                break self.session.state();
            }
            if self.session.running.as_ref().is_some_and(server::Running::is_held_anew) {
                break ServerState::Quiet;
            }
            // A sleep is a hang when it is still the same one some time later, and nothing has happened.
            let hung_before = std::mem::replace(&mut hung, self.session.hangs().filter(|_| !moved));
            times = if hung == hung_before { times + 1 } else { 0 };
            match hung {
                Some(call) if times >= if self.hung == hung { 1 } else { HUNG } && !self.session.calls_out() => {
                    break ServerState::Hung(call);
                }
                Some(_) => drop(poll(&mut [], PollTimeout::from(10_u8))),
                None if !moved => self.sleep(deadline)?,
                None => {}
            }
        };
        self.hung = hung;
        while self.take_in(&mut keep) {}
        Ok(if held == ServerState::Quiet && self.session.idle_waits >= SPIN { ServerState::Spinning } else { held })
    }

    /// Sleeps until the server tells something; the clients are not listened to.
    fn sleep(&self, deadline: Deadline) -> Result<(), SessionError> {
        self.session.check(deadline)?;
        self.session.sleep_deaf(PollTimeout::try_from(LONG).unwrap_or(PollTimeout::MAX));
        Ok(())
    }

    fn take_in(&mut self, keep: &mut impl FnMut(&Record, &mut Vec<Record>)) -> bool {
        let (kept, would_report) = (&mut self.kept, &mut self.would_report);
        self.session.take_in(|record| {
            if let Call::Poll { ready, .. } = record.call {
                *would_report = ready;
            }
            keep(record, kept);
        })
    }

    /// The clients' turn; whether they made any call.
    fn clients_turn(&mut self) -> Result<bool, SessionError> {
        self.session.clients.turn();
        let before = self.kept.len();
        self.look()?;
        let server = self.session.running.as_ref().map(server::Running::tid);
        Ok(self.kept[before..].iter().any(|record| record.call.is_syscall() && Some(record.tid) != server))
    }

    /// Has the held server look at its fds until all that was sent has arrived. Only the last look is kept.
    fn look(&mut self) -> Result<(), SessionError> {
        let deadline = Deadline::after(LONG);
        let mut looked: Vec<Record> = Vec::new();
        loop {
            self.session.set(Mode::Held);
            let rest = self.await_hold(|record, _| looked.push(*record))?;
            if matches!(rest, ServerState::Ended | ServerState::Died | ServerState::Hung(_)) {
                break;
            }
            if self.session.server_has_all() && self.is_acknowledged() {
                break;
            }
            self.session.check(deadline)?;
            let _ = poll(&mut [], PollTimeout::from(1_u8));
        }
        last_look(&mut looked);
        self.kept.append(&mut looked);
        Ok(())
    }

    /// Whether no acknowledgement is to come that would make room for the server: a client that does not read takes its
    /// time over it. The others have room.
    fn is_acknowledged(&self) -> bool {
        let all_read = self.session.clients.clients().all(|(_, client)| client.is_reading());
        all_read || self.unacknowledged.load(Ordering::Relaxed) == 0
    }

    /// Waits until what the server sent lies at its clients, but for what finds no room there; and until it has
    /// acknowledged what those have sent that have more to send.
    fn await_echoes(&self) {
        let (mut before, mut same) = (u64::MAX, 0);
        while same < STUCK {
            let missing = self.missing() + self.session.clients.unacknowledged();
            if missing == 0 {
                return;
            }
            same = if missing == before { same + 1 } else { 0 };
            before = missing;
            let _ = poll(&mut [], PollTimeout::from(1_u8));
        }
    }

    /// Bytes, and ends of streams, that the server has sent and no client has yet.
    fn missing(&self) -> u64 {
        let world = self.session.timeline.now();
        let clients = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.ordinal.is_some());
        let missing = clients.filter_map(|stream| {
            let id = ClientId(stream.ordinal?);
            self.session.clients.client(id).filter(|client| Client::is_reading(client))?;
            let server = stream.other.and_then(|other| world.file(other)).and_then(|file| file.stream());
            Some(match server {
                Some(server) => server.sent.saturating_sub(stream.received + self.session.clients.unread(id)),
                None => u64::from(stream.ended && !self.session.clients.knows_the_end(id)),
            })
        });
        missing.sum()
    }
}

/// Of looks that follow each other with nothing in between leaves the last. A look ends with the question to the epoll.
fn last_look(records: &mut Vec<Record>) {
    let asks =
        |record: &Record| !record.call.is_syscall() && !matches!(record.call, Call::Policy { .. } | Call::Data { .. });
    let is_poll = |record: &Record| matches!(record.call, Call::Poll { .. });
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    // Where the last look begins and whether it is complete.
    let mut look: Option<(usize, bool)> = None;
    for record in records.drain(..) {
        look = match look {
            _ if !asks(&record) => None,
            Some((from, true)) => {
                kept.truncate(from);
                Some((from, is_poll(&record)))
            }
            Some((from, false)) => Some((from, is_poll(&record))),
            None => Some((kept.len(), is_poll(&record))),
        };
        kept.push(record);
    }
    *records = kept;
}
