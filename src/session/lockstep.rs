//! Server and clients in turns, so that the same scene makes the same calls, in the same order, with the same results.
//!
//! A comparison holds the calls of several servers against each other. What differs must come from their policies, and not
//! from which thread happened to run first. Left alone, server and clients race in these ways, and here is what prevents
//! each:
//!
//! - *A client acts while the server is at work.* Two messages would be read by one recv or by two, as it happens. So they
//!   take turns. While the server runs, no client makes a call; while the clients do all that they can, the server is held.
//! - *A turn begins while what the other sent is on its way.* The first wait would report one client or two. So a turn ends
//!   when all has arrived: what the clients sent is counted at the server, and of what the server sent nothing is in flight.
//! - *An acknowledgement comes during a turn, or does not.* It makes room in a send buffer, and so decides how much the next
//!   send takes and whether EPOLLOUT is reported. The kernel puts it off as it likes, for 40 ms or 200. So a turn also
//!   waits for those, where room can become short: for clients that do not read, and for those that have more to send.
//! - *A buffer grows.* Left to itself, the kernel enlarges a connection's buffers when acknowledgements come. So they have
//!   fixed sizes.
//! - *The held server is asked more often than last time.* It usually wakes for each arrival and samples its queues, and to
//!   ask has an effect on the ready list. So here it samples once each time the gate is set. Where that had to be done
//!   again, since not all had arrived, only the records of the last time are kept.
//! - *The server falls asleep in a call on a blocking fd.* Its turn is over when nothing is on its way that would wake it.
//!
//! One race stays open: a message that does not fit into the buffers is sent in pieces, whose sizes are the kernel's choice.

use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};

use super::hang::{PATIENCE, in_flight};
use super::quiescence::{Deadline, LOOK_AGAIN};
use super::{Session, SessionError};
use crate::probe::{Mode, ServerState, WhenFull};
use crate::record::{Call, Policy, Record, SPIN};
use crate::server::{Buffers, Running, Setup};
use crate::session::{Client, Clients};
use crate::trace::world::Stream;

/// Room in the ring, in records.
const CAPACITY: usize = 1 << 14;
/// The sockets' buffers, in bytes. A client's message fits into the client's own as a whole, also where the server does not
/// take it; `net.core.wmem_max` allows as much by default.
const CLIENTS: Buffers = Buffers { send: 208 << 10, receive: 128 << 10 };
const SERVERS: Buffers = Buffers { send: 64 << 10, receive: 128 << 10 };
/// The longest that one turn may take.
const LONG: Duration = Duration::from_secs(20);

/// How far the server is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Until it and its clients are quiet, or it spins, hangs or has ended.
    Rest,
    /// Until its next epoll_wait has returned, or would block without end.
    Wait,
    /// One system call; epoll_wait only where it returns.
    Call,
}

/// A server and its clients, which take turns.
pub struct Lockstep {
    session: Session,
    /// The records of what happened, without the samples that had to be taken again.
    kept: Vec<Record>,
    /// What the server's epoll said when it was asked last.
    would_report: bool,
}

impl Lockstep {
    /// A server that is held before its first call, on a free port of the loopback.
    pub fn open(policy: Policy) -> Result<Self, SessionError> {
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let setup = Setup { listen, policy, gate: Mode::Held, capacity: CAPACITY, when_full: WhenFull::Wait };
        let mut session = Session::open_with(&setup, Some(SERVERS))?;
        session.clients.bound_buffers(CLIENTS);
        let mut lockstep = Self { session, kept: Vec::new(), would_report: false };
        lockstep.serve(Mode::Held)?;
        Ok(lockstep)
    }

    /// The session. Its timeline has all records, also of samples that had to be taken again.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Takes the records since the last time: all calls, and what was sampled when everything had arrived.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.kept)
    }

    /// Has the clients do something while the server is held, and waits until it has arrived.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut Clients) -> T) -> Result<T, SessionError> {
        let done = act(&mut self.session.clients);
        self.look()?;
        Ok(done)
    }

    /// Has the server follow another policy, before its next epoll_wait.
    pub fn follow(&mut self, policy: Policy) -> Result<(), SessionError> {
        self.session.follow(policy);
        self.look()
    }

    /// Limits the fd numbers of the server, before its next epoll_wait; see [`Session::limit`].
    pub fn limit(&mut self, fds: u32) -> Result<(), SessionError> {
        self.session.limit(fds);
        self.look()
    }

    /// Has the server end, before its next epoll_wait.
    pub fn destroy(&mut self) -> Result<(), SessionError> {
        self.session.destroy();
        self.look()
    }

    /// Lets the server and its clients go in turns, until the server has gone so far; how it stands then.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] where that takes too long.
    pub fn go(&mut self, go: Go) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(LONG);
        let before_wait = matches!(self.session.held_before(), Some(Call::EpollWaitEnter { .. }));
        let mode = match go {
            Go::Rest => Mode::Turn,
            Go::Call if !before_wait => Mode::Steps(1),
            Go::Wait | Go::Call => Mode::Return,
        };
        loop {
            let state = self.serve(mode)?;
            self.await_arrival(Self::echoes);
            let acted = self.clients_turn()?;
            let goes_on = match state {
                _ if go != Go::Rest => false,
                ServerState::Quiet => self.would_report,
                // What the clients did may end a spin, or a sleep.
                ServerState::Spinning | ServerState::Hung(_) => acted,
                _ => false,
            };
            if !goes_on {
                if go == Go::Rest && state == ServerState::Quiet && self.session.note_rest() {
                    self.take_in(&mut |record, kept| kept.push(*record));
                }
                return Ok(state);
            }
            self.session.check(deadline)?;
        }
    }

    /// Whether the server, if it were let go, would make a call that returns: it is held before another one than epoll_wait,
    /// or that would report something.
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

    fn serve(&mut self, mode: Mode) -> Result<ServerState, SessionError> {
        self.session.idle_waits = 0;
        self.session.set(mode);
        self.await_hold(|record, kept| kept.push(*record))
    }

    /// Waits until the server is held, sleeps in a call with nothing on its way to wake it, or has ended; takes in what it
    /// did. The clients are not listened to: it is not their turn.
    fn await_hold(&mut self, mut keep: impl FnMut(&Record, &mut Vec<Record>)) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(LONG);
        let state = loop {
            let moved = self.take_in(&mut keep);
            if self.session.is_over() {
                break ServerState::Ended;
            }
            if self.session.is_held() {
                break ServerState::Quiet;
            }
            if let Some(call) = self.session.asleep_for_good() {
                break ServerState::Hung(call);
            }
            if !moved {
                self.session.check(deadline)?;
                self.session.sleep_for_server(PollTimeout::try_from(LONG).unwrap_or(PollTimeout::MAX));
            }
        };
        while self.take_in(&mut keep) {}
        Ok(match state {
            ServerState::Quiet if self.session.idle_waits >= SPIN => ServerState::Spinning,
            // Whether an error ended it is known once all is taken in.
            ServerState::Ended => self.session.state(),
            state => state,
        })
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

    fn clients_turn(&mut self) -> Result<bool, SessionError> {
        self.session.clients.turn();
        let before = self.kept.len();
        self.look()?;
        let server = self.session.running.as_ref().map(Running::tid);
        Ok(self.kept[before..].iter().any(|record| record.call.is_syscall() && Some(record.tid) != server))
    }

    /// Has the held server look at its fds until all that was sent has arrived. Only the last look is kept.
    fn look(&mut self) -> Result<(), SessionError> {
        let deadline = Deadline::after(LONG);
        let mut looked: Vec<Record> = Vec::new();
        loop {
            self.session.set(Mode::Held);
            let state = self.await_hold(|record, _| looked.push(*record))?;
            let held = matches!(state, ServerState::Quiet | ServerState::Spinning);
            if !held || self.session.server_has_all() && !self.await_arrival(Self::to_clients_that_do_not_read) {
                break;
            }
            self.session.check(deadline)?;
            pause();
        }
        last_look(&mut looked);
        self.kept.append(&mut looked);
        Ok(())
    }

    /// Waits until nothing of what `in_flight` counts is in flight any more, or has made progress for so long that it never
    /// will. Whether anything has arrived meanwhile.
    fn await_arrival(&self, in_flight: impl Fn(&Self) -> u64) -> bool {
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let now = in_flight(self);
            if now == 0 {
                return before > 0;
            }
            if now != before {
                (before, since) = (now, Instant::now());
            } else if since.elapsed() > PATIENCE {
                return false;
            }
            pause();
        }
    }

    /// Bytes in flight to clients that do not read. Their acknowledgement makes room at the server; at the others there is
    /// room. Where the kernel does not say what is in flight, something may be.
    fn to_clients_that_do_not_read(&self) -> u64 {
        let silent = self.clients().filter(|(_, client)| !client.is_reading());
        silent.map(|(end, _)| in_flight(end.peer, end.local).unwrap_or(1)).sum()
    }

    /// What is in flight to clients that read, the ends of streams too; and from clients that have more to send, since its
    /// acknowledgement makes room for that.
    fn echoes(&self) -> u64 {
        let world = self.session.timeline.now();
        let echoes = self.clients().map(|(end, client)| {
            let server = end.other.and_then(|other| world.file(other)).and_then(|file| file.stream());
            let missing = match server {
                _ if !client.is_reading() => 0,
                Some(server) => server.sent.saturating_sub(end.received + client.unread()),
                None => u64::from(end.ended && !client.knows_the_end()),
            };
            // What is missing and not in flight waits for room at the client, which makes some in its turn.
            let to_it = if missing > 0 { in_flight(end.peer, end.local).unwrap_or(missing) } else { 0 };
            let sends = client.waiting_to_send() > 0;
            let from_it = if sends { in_flight(end.local, end.peer).unwrap_or(1) } else { 0 };
            to_it + from_it
        });
        echoes.sum()
    }

    /// The clients that have not closed, each with its end of the connection.
    fn clients(&self) -> impl Iterator<Item = (&Stream, &Client)> {
        let world = self.session.timeline.now();
        world.files().filter_map(|(id, _)| self.session.client_end(id))
    }
}

fn pause() {
    let _ = poll(&mut [], PollTimeout::from(LOOK_AGAIN));
}

/// Of samplings that follow each other with nothing between them, leaves the last. A sampling ends with the poll of the
/// epoll.
fn last_look(records: &mut Vec<Record>) {
    let asks =
        |record: &Record| !record.call.is_syscall() && !matches!(record.call, Call::Policy { .. } | Call::Data { .. });
    let is_poll = |record: &Record| matches!(record.call, Call::Poll { .. });
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    // Where the last sampling begins, and whether it is complete.
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
