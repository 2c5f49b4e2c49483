//! How a server comes to rest, and how that is known: from what was sent, received and lies unread, never from a delay.

use std::time::{Duration, Instant};

use nix::poll::PollTimeout;

use super::{Session, SessionError};
use crate::probe::{Breakpoint, Gate, Mode, ServerState};
use crate::record::{Annotation, Call, SPIN};
use crate::server::Running;
use crate::session::{Client, ClientId};

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
    /// Lets the server run until everything has come to rest: what the clients sent has left them, they have received
    /// what has come, and the server is held before an epoll_wait that would report nothing; or it spins, or is over. It
    /// stays held there. With [blocking](crate::record::Faults::BLOCKING) fds it may also hang in a call.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] when it does not come to rest within `within`.
    pub fn settle(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        self.without_breakpoints(|session| session.come_to_rest(within))
    }

    /// The same, or until a [breakpoint](Session::break_at) stops the server; done again it goes on from there.
    ///
    /// # Errors
    /// As [`Session::settle`].
    pub fn settle_or_stop(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        self.come_to_rest(within)
    }

    fn come_to_rest(&mut self, within: Duration) -> Result<ServerState, SessionError> {
        let deadline = Deadline::after(within);
        // A spin that a breakpoint stops at each turn is one all the same.
        if self.stopped_by().is_none() {
            self.idle_waits = 0;
        }
        let mut hung = None;
        loop {
            self.set(Mode::Quiet);
            let mut moved = false;
            while self.goes_on() {
                moved |= self.moved();
                if self.idle_waits >= SPIN {
                    self.hold(deadline)?;
                    return Ok(ServerState::Spinning);
                }
                // Of one that this look found asleep no bell would tell.
                if self.goes_on() {
                    self.sleep_until(deadline)?;
                }
            }
            moved |= self.moved();
            if let Some(breakpoint) = self.stopped_by() {
                self.await_hold(deadline)?;
                return Ok(ServerState::Stopped(breakpoint));
            }
            // A sleep is a hang when it is still the same one some time later, and nothing has happened.
            let hung_before = std::mem::replace(&mut hung, self.hangs().filter(|_| !moved));
            let rest = match hung {
                _ if moved || !self.clients.is_quiet() => None,
                _ if self.is_over() => Some(self.state()),
                Some(call) if hung == hung_before && self.stays_in(call) => Some(ServerState::Hung(call)),
                None if self.is_held_anew() && self.all_has_arrived() => Some(ServerState::Quiet),
                _ => None,
            };
            if let Some(rest) = rest {
                // Before it is told to hold, since it then tells anew, and what others note is taken in after that.
                if rest == ServerState::Quiet && self.tells_rest() {
                    self.moved();
                }
                self.set(Mode::Held);
                return Ok(rest);
            }
            self.check(deadline)?;
            if !moved {
                // Bytes are on their way that the kernel delivers when it comes to it; their arrival ends the sleep.
                let _ = self.sleep(&[], PollTimeout::from(if hung.is_some() { 10_u8 } else { 1 }));
            }
        }
    }

    /// Whether nothing holds the server up.
    fn goes_on(&self) -> bool {
        !self.is_over() && !self.is_held_anew() && self.hangs().is_none() && self.stopped_by().is_none()
    }

    /// Whether nobody is about to end the call that the server sleeps in.
    fn stays_in(&self, call: Call) -> bool {
        !self.calls_out() && !self.is_ended_by_client(call)
    }

    /// Whether the client at the other end does it: one that reads makes room for a send, and what it has sent, the end
    /// too, is what a recv waits for.
    pub(super) fn is_ended_by_client(&self, call: Call) -> bool {
        let (Call::Sendto { fd, .. } | Call::Recvfrom { fd, .. }) = call else { return false };
        let world = self.timeline.now();
        let Some(tid) = self.running.as_ref().map(Running::tid) else { return false };
        let Some(stream) = world.file_of(tid, fd).and_then(|(_, file)| file.stream()) else { return false };
        let Some(other) = stream.other.and_then(|other| world.file(other)?.stream()) else { return false };
        let Some(client) = other.ordinal.and_then(|ordinal| self.clients.client(ClientId(ordinal))) else {
            return false;
        };
        match call {
            Call::Sendto { .. } => client.is_reading(),
            _ => other.sent > stream.received || client.has_shut_down(),
        }
    }

    /// Notes that the server rests, where it is held before a wait that would leave something stranded; whether that was
    /// news.
    pub(super) fn tells_rest(&mut self) -> bool {
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

    /// Whether the server is held since it was last let go, and has told how things stand.
    pub fn is_held(&self) -> bool {
        self.running.as_ref().is_some_and(Running::is_held_anew)
    }

    /// Lets the server go as far as `mode` says, and waits until it is held there, with all that it did taken in; or hangs
    /// in a call, or is over.
    ///
    /// # Errors
    /// [`SessionError::NotQuiet`] when it is not held within `within`.
    pub fn go(&mut self, mode: Mode, within: Duration) -> Result<(), SessionError> {
        self.set(mode);
        self.await_hold(Deadline::after(within))
    }

    /// Has the held server stopped where it stands, where that is before a wait that would leave something stranded, and
    /// it is to be stopped there; whether it was.
    ///
    /// # Errors
    /// As [`Session::go`].
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

    fn hold(&mut self, deadline: Deadline) -> Result<(), SessionError> {
        self.set(Mode::Held);
        self.await_hold(deadline)
    }

    fn await_hold(&mut self, deadline: Deadline) -> Result<(), SessionError> {
        let mut hung = None;
        while !self.running.as_ref().is_none_or(|running| running.is_over() || running.is_held_anew()) {
            let moved = self.moved();
            let hung_before = std::mem::replace(&mut hung, self.hangs().filter(|_| !moved));
            if hung.is_some_and(|call| hung == hung_before && self.stays_in(call)) {
                break;
            }
            if hung.is_some() {
                self.check(deadline)?;
                let _ = self.sleep(&[], PollTimeout::from(10_u8));
            } else if !moved {
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

    /// Takes in what has happened; whether it was more than the instrument's own questions.
    fn moved(&mut self) -> bool {
        let mut calls = false;
        self.pump(|record| calls |= record.call.is_syscall());
        calls
    }

    /// The server was asked after the gate was last set, and is held before an epoll_wait, which was judged if it had to be.
    fn is_held_anew(&self) -> bool {
        self.running.as_ref().is_some_and(|running| {
            let before_wait = matches!(running.state(), ServerState::Before(Call::EpollWaitEnter { .. }));
            running.is_held_anew() && before_wait && self.gate().and_then(Gate::to_be_judged).is_none()
        })
    }

    /// What has left each client is what the server received and what lies unread there, and nothing is on its way: all
    /// has left, the end too, or the window is shut, for which something must lie unread. The other way round a client
    /// that reads has received all that the server sent. Who has connected is accepted, or waits for it.
    fn all_has_arrived(&self) -> bool {
        self.server_has_all() && self.clients_have_all()
    }

    /// The first half of it: what the clients did has arrived at the server.
    pub(super) fn server_has_all(&self) -> bool {
        let world = self.timeline.now();
        let pending = world.files().find_map(|(_, file)| file.listener()).and_then(|listener| listener.pending);
        let clients = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.ordinal.is_some());
        let waiting = clients.filter(|stream| stream.other.is_none()).count();
        if pending.is_some_and(|pending| waiting > pending as usize) {
            return false;
        }
        let accepted = world.files().filter_map(|(_, file)| file.stream()).filter(|stream| stream.accepted);
        accepted.filter(|stream| !stream.hung_up).all(|stream| {
            let Some(other) = stream.other else { return true };
            let Some(client) = world.file(other).and_then(|file| file.stream()) else {
                // It has closed.
                return stream.ended || stream.unread.is_none_or(|unread| unread > 0);
            };
            let id = ClientId(client.ordinal.unwrap_or(u32::MAX));
            let Some(unread) = stream.unread.filter(|_| !stream.ended) else { return true };
            let on_its_way = self.clients.unsent_to_wire(id);
            let arrived = stream.received + unread;
            let there = arrived == client.sent || arrived + on_its_way == client.sent;
            let ends = self.clients.client(id).is_some_and(Client::has_shut_down);
            there && (on_its_way == 0 && !ends || unread > 0)
        })
    }

    /// The other half: a client that reads has received all that the server sent.
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
