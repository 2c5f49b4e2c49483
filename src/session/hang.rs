//! When a server hangs, and how that is known.
//!
//! On a blocking fd the server may fall asleep in recv or send, and then nobody else is served. It can't tell of that
//! itself, since it sleeps, and the kernel notifies nobody when a thread falls asleep. So the session looks from
//! outside, again and again while the server is in such a call. Three things could go wrong:
//!
//! - *The look is at one call and the verdict on another.* The server may come out of the call that was looked at and go
//!   into the same call again before what it did is taken in. So every entry has a number, and a verdict is only given
//!   where the number is the same after that.
//! - *The look comes too early.* The call may be about to return, since bytes are on their way to it, or acknowledgements,
//!   which make room. No time says when they have all come: a kernel puts an acknowledgement off for 40 or 200 ms as it
//!   likes. So the kernel is asked what is in flight.
//! - *The look can't be repeated.* A replay has no thread to look at, and the time that the call took is another on each
//!   machine. So what was found is noted, as [`Annotation::Hung`], and both the live screen and a replay go by that.

use std::time::{Duration, Instant};

use super::server_and_clients::Sleep;
use super::{Client, ClientId, Session};
use crate::record::{Addr, Annotation, Call};
use crate::server::Running;
use crate::sys::{self, SendQueue};
use crate::trace::world::{FileId, Stream};

/// What has been in flight for this long without any progress does not arrive by itself. Linux puts an acknowledgement
/// off for at most 200 ms (`TCP_DELACK_MAX`), and probes a shut window for the first time after 200 ms (`TCP_RTO_MIN`).
/// It is needed where the kernel has no diagnosis of sockets, and where a peer has a window and no memory.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);

impl Session {
    /// Takes note of what a look at the server found; all that it did before has been taken in. What is to be recorded.
    pub(super) fn find_hang(&mut self, asleep: Option<(u64, Call)>) -> Option<Annotation> {
        let gate = self.gate()?;
        let Some((entry, call)) = asleep.filter(|asleep| gate.inside() == Some(*asleep)) else {
            self.asleep = None;
            return None;
        };
        let in_flight = match call {
            Call::Sendto { .. } => {
                self.server_end(call).map_or(0, |end| in_flight(end.local, end.peer).unwrap_or(u64::MAX))
            }
            _ => u64::from(self.is_ended_by_client(call)),
        };
        let same = self.asleep.filter(|asleep| asleep.entry == entry && asleep.in_flight == in_flight);
        let since = same.map_or_else(Instant::now, |asleep| asleep.since);
        self.asleep = Some(Sleep { entry, call, in_flight, since });
        let is_news = self.hangs().is_some() && self.timeline.now().hung().is_none();
        is_news.then(|| Annotation::inside(&call, true)).flatten()
    }

    /// The call that the server sleeps in, with nothing on its way that would wake it, when it was last looked at.
    pub(super) fn asleep_for_good(&self) -> Option<Call> {
        let asleep = self.asleep.filter(|asleep| asleep.in_flight == 0 || asleep.since.elapsed() > PATIENCE)?;
        (!self.has_orders()).then_some(asleep.call)
    }

    /// The same where no built-in client is about to wake it either.
    pub(super) fn hangs(&self) -> Option<Call> {
        self.asleep_for_good().filter(|call| !self.is_ended_by_client(*call))
    }

    /// Whether the client at the other end is about to end the call: one that reads makes room for a send; and what it has
    /// sent or will send, or the end of its stream, is what a recv waits for. One from outside does as it likes.
    pub(super) fn is_ended_by_client(&self, call: Call) -> bool {
        let Some(server) = self.server_end(call) else { return false };
        let Some(other) = server.other else { return false };
        let Some((end, client)) = self.client_end(other) else { return true };
        match call {
            Call::Sendto { .. } => client.is_reading(),
            _ => end.sent > server.received || client.waiting_to_send() > 0 || client.has_shut_down(),
        }
    }

    /// The server's end of the connection that `call` is made on.
    fn server_end(&self, call: Call) -> Option<&Stream> {
        let tid = self.running.as_ref().map(Running::tid)?;
        self.timeline.now().file_of(tid, call.fd()?)?.1.stream()
    }

    /// A built-in client that has not closed, with its end of the connection.
    pub(super) fn client_end(&self, file: FileId) -> Option<(&Stream, &Client)> {
        let end = self.timeline.now().file(file)?.stream()?;
        Some((end, self.clients.client(ClientId(end.ordinal?))?))
    }
}

/// Bytes that a connection will deliver in this direction without anybody's doing; `None` where the kernel does not say.
pub(super) fn in_flight(from: Addr, to: Addr) -> Option<u64> {
    send_queue(from, to).map(|queue| queue.in_flight)
}

/// Whether something waits in this direction that moves only when the receiver reads. Where the kernel has no diagnosis of
/// sockets it may be so.
pub(super) fn is_stuck(from: Addr, to: Addr) -> bool {
    match send_queue(from, to) {
        Some(queue) => queue.queued > 0 && queue.in_flight == 0,
        // The sender is gone, and nothing is left of it; but the receiver is there, if there is a diagnosis.
        None => send_queue(to, from).is_none(),
    }
}

fn send_queue(from: Addr, to: Addr) -> Option<SendQueue> {
    let (mut from, mut to) = (from.socket_addr()?, to.socket_addr()?);
    // Who listens on every interface is reached on the loopback by who is there.
    if from.ip().is_unspecified() {
        from.set_ip(to.ip());
    } else if to.ip().is_unspecified() {
        to.set_ip(from.ip());
    }
    sys::send_queue(from, to).ok()
}
