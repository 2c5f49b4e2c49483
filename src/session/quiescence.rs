//! When a server is quiet, and how that is known: from what was sent, what was received and what is unread, never from a
//! delay.
//!
//! Quiet means that nothing happens until somebody acts. A step of a scene is over then, and what the screen shows next
//! must not change by itself. Whether it is so is decided in a thread of its own, beside the server's and the kernel's
//! work, so there are races:
//!
//! - *The server looks idle and is about to be woken.* It is held before an epoll_wait that would report nothing, but a
//!   client's bytes are still on their way through the kernel. So the bytes are counted: those that each client sent must
//!   have left it, and be received or unread at the server. The only other reason for them to wait is a full queue there.
//! - *The server's answer is an old one.* It may have been held before the client acted. So the gate is set again for each
//!   round, and only a server counts that was asked after that and has then sampled its queues.
//! - *What the server did is not known yet.* It hands over its records before it says that it is held, and they are taken
//!   in once more after it has said so, before anything is counted.
//! - *A client is about to act.* A client that reads has something to receive as soon as the server has sent. So the
//!   clients' epoll must report nothing either, and who reads must have received all that was sent.
//!
//! A server may also spin, hang, stop at a breakpoint or end. For hangs see `hang`.

use std::time::{Duration, Instant};

use nix::poll::PollTimeout;

use super::hang::is_stuck;
use super::{Session, SessionError};
use crate::probe::{Breakpoint, Gate, Mode, ServerState};
use crate::record::{Annotation, Call, SPIN};
use crate::server::Running;
use crate::session::{Client, ClientId};

/// How often the queues are looked at while bytes are on their way, in milliseconds. TCP notifies nobody when it moves bytes
/// from one of its queues to another; only their arrival is reported, and mostly ends the sleep.
pub(super) const LOOK_AGAIN: u8 = 1;

/// How long something may take, and when that is over.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    within: Duration,
    end: Instant,
}

impl Deadline {
    pub(super) fn after(within: Duration) -> Self {
        Self { within, end: Instant::now() + within }
    }

    fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

impl Session {
    /// Lets the server run until it is [quiet](ServerState::Quiet), spins, hangs or has ended. It is held then.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] when nothing of that is so within `within`.
    pub fn settle(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        self.without_breakpoints(|session| session.come_to_rest(within))
    }

    /// The same, or until a [breakpoint](Session::break_at) stops the server. Called again, it goes on from there.
    pub fn settle_or_stop(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        self.come_to_rest(within)
    }

    fn come_to_rest(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(within);
        // A server that spins and that a breakpoint stops at each turn spins all the same.
        if self.stopped_by().is_none() {
            self.idle_waits = 0;
        }
        loop {
            self.set(Mode::Quiet);
            let mut moved = false;
            while self.is_at_work() {
                moved |= self.moved();
                if self.idle_waits >= SPIN {
                    self.set(Mode::Held);
                    self.await_hold(deadline)?;
                    return Ok(ServerState::Spinning);
                }
                // This look may have found it asleep in a call, and then nothing would end a sleep here.
                if self.is_at_work() {
                    self.sleep_until(deadline)?;
                }
            }
            // It may have come to where it is after the last look.
            moved |= self.moved();
            if let Some(breakpoint) = self.stopped_by() {
                self.await_hold(deadline)?;
                return Ok(ServerState::Stopped(breakpoint));
            }
            let state = match self.hangs() {
                _ if moved || !self.clients.is_quiet() => None,
                // What ended it is known once all is taken in.
                _ if self.is_over() => Some(self.state()).filter(|_| self.running.is_none()),
                Some(call) => Some(ServerState::Hung(call)),
                None if !self.is_held_before_wait() => None,
                None => (self.server_has_all() && self.clients_have_all()).then_some(ServerState::Quiet),
            };
            if let Some(state) = state {
                // Noted before the gate is set: the server samples its queues again then, and those records come after.
                if state == ServerState::Quiet && self.note_rest() {
                    self.moved();
                }
                self.set(Mode::Held);
                return Ok(state);
            }
            self.check(deadline)?;
            if !moved {
                let _ = self.sleep(&[], PollTimeout::from(LOOK_AGAIN));
            }
        }
    }

    /// Whether nothing more happens until somebody acts, as far as that is known without waiting: the server is held, hangs
    /// or has ended, or waits and nothing is on its way to it.
    pub fn rests(&self) -> bool {
        let waits = || {
            let is_blocked = self.state() == ServerState::Waiting && self.timeline.now().is_blocked();
            is_blocked && self.held_back.is_empty() && self.server_has_all() && self.clients_have_all()
        };
        let stands = self.is_held() || self.hangs().is_some() || waits();
        self.is_over() && self.running.is_none() || stands && self.clients.is_quiet()
    }

    /// Whether the next thing to happen is the server's own doing.
    fn is_at_work(&self) -> bool {
        !self.is_over() && !self.is_held_before_wait() && self.hangs().is_none() && self.stopped_by().is_none()
    }

    /// Notes that the server rests, where the wait that it is held before would leave something stranded: no call tells of
    /// that before the wait is made. Whether there was something to note.
    pub(super) fn note_rest(&mut self) -> bool {
        let Some(wait @ Call::EpollWaitEnter { epfd, max_events, timeout }) = self.held_before() else {
            return false;
        };
        let Some(server) = self.running.as_ref().map(Running::tid) else { return false };
        let news = self.timeline.now().about_to_strand(server, &wait).next().is_some();
        if news {
            self.clients.note(Annotation::Rest { server, epfd, max_events, timeout });
        }
        news
    }

    /// Whether the server is held where the gate, as it was last set, holds it, and has sampled its queues since.
    pub fn is_held(&self) -> bool {
        self.gate().is_some_and(Gate::is_held)
    }

    /// Lets the server go as far as `mode` says, and waits until it is held there, hangs or has ended. All that it did is
    /// in the timeline then.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] when that takes longer than `within`.
    pub fn go(&mut self, mode: Mode, within: Duration) -> Result<(), SessionError> {
        self.set(mode);
        self.await_hold(Deadline::after(within))
    }

    /// Stops the server where it is held, if that is before a wait that would leave something stranded and there is a
    /// breakpoint for that. Whether it is stopped.
    pub(crate) fn stop_if_it_strands(&mut self, within: Duration) -> Result<bool, SessionError> {
        let Some(wait @ Call::EpollWaitEnter { .. }) = self.held_before() else { return Ok(false) };
        let deadline = Deadline::after(within);
        while self.breakpoints().contains(&Breakpoint::Stranded) && !self.judge(&wait) {
            self.moved();
            self.sleep_until(deadline)?;
        }
        self.await_hold(deadline)?;
        Ok(self.stopped_by().is_some())
    }

    /// Waits until the server is held, hangs or has ended, and takes in all that it did.
    fn await_hold(&mut self, deadline: Deadline) -> Result<(), SessionError> {
        while self.running.as_ref().is_some_and(|running| !running.is_over()) && !self.is_held() {
            let moved = self.moved();
            if self.hangs().is_some() {
                break;
            }
            if !moved {
                self.sleep_until(deadline)?;
            }
        }
        while self.moved() {}
        Ok(())
    }

    fn sleep_until(&self, deadline: Deadline) -> Result<(), SessionError> {
        self.check(deadline)?;
        // EINTR: whatever the signal was about, the loop looks again.
        let _ = self.sleep(&[], PollTimeout::try_from(deadline.left()).unwrap_or(PollTimeout::MAX));
        Ok(())
    }

    /// Fails once the time is up.
    pub(super) fn check(&self, Deadline { within, end }: Deadline) -> Result<(), SessionError> {
        if Instant::now() < end { Ok(()) } else { Err(SessionError::NotQuiet { within, state: self.state() }) }
    }

    /// Lets the clients do what they can and takes in what has happened. Whether there were any calls, beside what the
    /// instrument asked.
    fn moved(&mut self) -> bool {
        let mut calls = false;
        self.pump(|record| calls |= record.call.is_syscall());
        calls
    }

    /// Whether the server is held before an epoll_wait, which was judged if there is a breakpoint for that.
    fn is_held_before_wait(&self) -> bool {
        self.gate().is_some_and(|gate| {
            let before_wait = matches!(gate.state(), ServerState::Before(Call::EpollWaitEnter { .. }));
            gate.is_held() && before_wait && gate.to_be_judged().is_none()
        })
    }

    /// Whether all that the clients did has arrived at the server.
    ///
    /// Each client that has connected was accepted, or waits in the listener's queue. Of each connection the bytes that the
    /// client's socket took are received or unread at the server; or some are still in the client's socket and the server's
    /// window is shut, which takes unread bytes. The end of a stream and a reset can't be counted: they have arrived where the
    /// server's socket shows them, and an end can't arrive while the window is shut.
    pub(super) fn server_has_all(&self) -> bool {
        let world = self.timeline.now();
        let pending = world.files().find_map(|(_, file)| file.listener()).and_then(|listener| listener.pending);
        let clients = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.ordinal.is_some());
        let waiting = clients.filter(|stream| stream.other.is_none()).count();
        if pending.is_some_and(|pending| waiting > pending as usize) {
            return false;
        }
        let accepted = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.accepted);
        accepted.filter(|stream| !stream.hung_up && !stream.ended).all(|stream| {
            let (Some(other), Some(unread)) = (stream.other, stream.unread) else { return true };
            let client = world.file(other).and_then(|file| file.stream());
            let id = client.map(|client| ClientId(client.ordinal.unwrap_or(u32::MAX)));
            let ends = id.is_none_or(|id| self.clients.client(id).is_some_and(Client::has_shut_down));
            let (Some(client), Some(id), false) = (client, id, ends) else {
                return unread > 0 && is_stuck(stream.peer, stream.local);
            };
            let on_its_way = self.clients.unsent_to_wire(id);
            let arrived = stream.received + unread;
            let there = arrived == client.sent || arrived + on_its_way == client.sent;
            there && (on_its_way == 0 || unread > 0)
        })
    }

    /// Whether each client that reads has received all that the server sent.
    fn clients_have_all(&self) -> bool {
        let world = self.timeline.now();
        let accepted = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.accepted);
        accepted.filter(|stream| !stream.hung_up).all(|stream| {
            let client = stream.other.and_then(|other| world.file(other)).and_then(|file| file.stream());
            let Some(client) = client else { return true };
            let id = ClientId(client.ordinal.unwrap_or(u32::MAX));
            let reads = self.clients.client(id).is_some_and(Client::is_reading);
            !reads || client.received == stream.sent
        })
    }
}
