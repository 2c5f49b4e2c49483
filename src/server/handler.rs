//! Step 4 for one connection: send what waits, read what came, echo it.

use std::sync::Arc;

use super::Orders;
use super::connection::{Connection, Traits};
use super::connections::token_of;
use crate::probe::{Sink, Tap};
use crate::record::{Call, CtlOp, Fairness, Faults, HalfClose, Interest, Policy, Read, Ready, Trigger};
use crate::sys::{Epoll, Errno, number};

/// What a report, or a turn, did to its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It goes on.
    Open,
    /// It has more to read than its budget.
    More,
    /// It stays registered as it is.
    Settled,
    /// It is to be closed.
    Over,
}

/// What a connection is served with, whichever it is. The connections lie beside it and not in it, so that one is served
/// where it lies.
pub(super) struct Handler<S> {
    pub(super) tap: Tap<S>,
    pub(super) orders: Arc<Orders>,
    pub(super) policy: Policy,
    /// What a connection is registered for that [is plain](Handler::is_plain), where the policy has any.
    plain: Option<Interest>,
}

impl<S: Sink> Handler<S> {
    pub(super) fn new(tap: Tap<S>, orders: Arc<Orders>, policy: Policy) -> Self {
        Self { tap, orders, policy, plain: plain(&policy) }
    }

    /// Follows `policy` from here on, and gives the one before it.
    pub(super) fn follow(&mut self, policy: Policy) -> Policy {
        self.plain = plain(&policy);
        self.tap.say(Call::Policy { policy });
        std::mem::replace(&mut self.policy, policy)
    }

    /// Whether a report of EPOLLIN alone comes to a recv, a send, and nothing to modify.
    #[inline]
    pub(super) fn is_plain(&self, connection: &Connection) -> bool {
        connection.traits.is_empty() && Some(connection.interest) == self.plain
    }

    /// The fast path of a connection that [is plain](Handler::is_plain), which most reports take; where something else comes
    /// up, it continues on the general one.
    #[inline]
    pub(super) fn act_plainly(&mut self, connection: &mut Connection, buffer: &mut [u8]) -> Outcome {
        self.tap.may_block(false);
        let drains = self.policy.read == Read::Drain;
        loop {
            let received = self.tap.recv(connection, buffer);
            match received {
                Ok(n @ 1..) if n < buffer.len() => match self.tap.send(connection, &buffer[..n]) {
                    Ok(sent) if sent == n && drains => {}
                    Ok(sent) if sent == n => return Outcome::Settled,
                    sent => return self.read_on_after(connection, buffer, n, sent),
                },
                Err(Errno::EAGAIN) => return Outcome::Settled,
                received => return self.read_on(connection, buffer, received),
            }
        }
    }

    /// The first `n` bytes of `buffer` were read, and sending them came to `sent`, which is not all of them.
    #[cold]
    fn read_on_after(
        &mut self,
        connection: &mut Connection,
        buffer: &mut [u8],
        n: usize,
        sent: Result<usize, Errno>,
    ) -> Outcome {
        match self.has_echoed(connection, &buffer[..n], sent) {
            Outcome::Open if !self.is_enough(connection, true) => self.read(connection, buffer),
            outcome => outcome,
        }
    }

    /// Sends what waits, reads what came into `buffer`, and echoes it.
    pub(super) fn act(&mut self, connection: &mut Connection, ready: Ready, buffer: &mut [u8]) -> Outcome {
        if !self.policy.faults.is_empty() && self.is_kept_from(ready) {
            return Outcome::Settled;
        }
        if self.policy.half_close == HalfClose::Close && ready.contains(Ready::RDHUP) {
            return Outcome::Over;
        }
        self.tap.may_block(connection.is(Traits::BLOCKING));
        if ready != Ready::IN && self.do_what_is_not_reading(connection, ready) == Outcome::Over {
            return Outcome::Over;
        }
        if connection.may_read() && ready.intersects(Ready::IN | Ready::RDHUP | Ready::HUP | Ready::ERR) {
            self.read(connection, buffer)
        } else if ready.intersects(Ready::ERR | Ready::HUP) {
            // The peer is gone, so what is unsent can't be sent.
            Outcome::Over
        } else {
            Outcome::Open
        }
    }

    /// A fault has it pass over this report.
    #[cold]
    fn is_kept_from(&self, ready: Ready) -> bool {
        // It was called out of one call that hung, and this one could hang too.
        let is_called_out = self.policy.has(Faults::BLOCKING) && self.orders.stop();
        is_called_out || self.policy.has(Faults::EXACT_MATCH) && ready != Ready::IN
    }

    fn do_what_is_not_reading(&mut self, connection: &mut Connection, ready: Ready) -> Outcome {
        if !(ready - Ready::IN - Ready::OUT).is_empty() {
            connection.traits |= Traits::TO_EAGAIN;
        }
        if ready.contains(Ready::OUT) && connection.has_unsent() && self.flush(connection) == Outcome::Over {
            return Outcome::Over;
        }
        if ready.contains(Ready::PRI) {
            self.read_urgent(connection);
        }
        Outcome::Open
    }

    /// Step 5: tell epoll what the connection waits for now, where that has changed, or where the report disarmed it.
    #[inline]
    pub(super) fn modify(&mut self, epoll: &Epoll, connection: &mut Connection) {
        if connection.wanted(&self.policy) != connection.interest || self.policy.oneshot {
            self.rearm(epoll, connection);
        }
    }

    pub(super) fn rearm(&mut self, epoll: &Epoll, connection: &mut Connection) {
        connection.interest = connection.wanted(&self.policy);
        let token = token_of(number(connection), connection.generation);
        // It is registered, and MOD needs no memory: there is no error that could come.
        let _ = self.tap.epoll_ctl(epoll, CtlOp::Mod, connection, connection.interest, token);
    }

    fn read(&mut self, connection: &mut Connection, buffer: &mut [u8]) -> Outcome {
        let received = self.tap.recv(connection, buffer);
        self.read_on(connection, buffer, received)
    }

    /// The same, when the first recv has been made, and came to this.
    #[inline(never)]
    fn read_on(
        &mut self,
        connection: &mut Connection,
        buffer: &mut [u8],
        mut received: Result<usize, Errno>,
    ) -> Outcome {
        let mut taken = 0;
        loop {
            match received {
                Ok(0) => {
                    connection.traits |= Traits::EOF;
                    return match self.policy.half_close {
                        HalfClose::Answer => Outcome::Open,
                        HalfClose::Close => Outcome::Over,
                    };
                }
                Ok(n) => {
                    if self.echo(connection, &buffer[..n]) == Outcome::Over {
                        return Outcome::Over;
                    }
                    taken += n as u64;
                    if self.is_enough(connection, n < buffer.len()) {
                        return Outcome::Open;
                    }
                    if self.is_its_share(taken) || self.is_called_away(connection) {
                        return self.out_of_budget();
                    }
                }
                Err(Errno::EAGAIN) => {
                    connection.traits -= Traits::TO_EAGAIN;
                    return Outcome::Open;
                }
                Err(Errno::EINTR) if self.is_called_away(connection) => return Outcome::Open,
                Err(Errno::EINTR) => {}
                Err(_) => return Outcome::Over,
            }
            received = self.tap.recv(connection, buffer);
        }
    }

    /// After a recv, which was a short one or not: the policy asks for no other, or none is allowed.
    #[inline]
    fn is_enough(&self, connection: &Connection, short: bool) -> bool {
        let enough = match self.policy.read {
            Read::Once => true,
            Read::Drain => false,
            Read::DrainShort => short && !connection.is(Traits::TO_EAGAIN),
        };
        enough || !connection.may_read()
    }

    fn is_its_share(&self, taken: u64) -> bool {
        matches!(self.policy.fairness, Fairness::RoundRobin(bytes) if taken >= u64::from(bytes.get()))
    }

    /// Edge-triggered, what is left is not reported again, so the server keeps a list of its own. Otherwise the kernel's
    /// ready list takes the turns.
    fn out_of_budget(&self) -> Outcome {
        if self.policy.trigger == Trigger::Edge && !self.policy.oneshot { Outcome::More } else { Outcome::Open }
    }

    /// The urgent byte is outside of the stream (tcp(7)); it is echoed as an ordinary one.
    fn read_urgent(&mut self, connection: &mut Connection) {
        let mut byte = [0];
        if let Ok(1) = self.tap.recv_oob(connection, &mut byte) {
            self.echo_bytes(connection, &byte);
        }
    }

    #[inline]
    fn echo(&mut self, connection: &mut Connection, bytes: &[u8]) -> Outcome {
        if self.policy.faults.contains(Faults::DECODE_TEXT) {
            return self.echo_text(connection, &decoded(bytes));
        }
        self.echo_bytes(connection, bytes)
    }

    /// Nothing is left of what could not be decoded, and `if recv_data` then takes it for the end.
    #[cold]
    fn echo_text(&mut self, connection: &mut Connection, text: &str) -> Outcome {
        if text.is_empty() { Outcome::Over } else { self.echo_bytes(connection, text.as_bytes()) }
    }

    /// What does not fit is kept.
    #[inline]
    fn echo_bytes(&mut self, connection: &mut Connection, bytes: &[u8]) -> Outcome {
        if connection.has_unsent() {
            connection.keep(bytes);
            return Outcome::Open;
        }
        let sent = self.send(connection, bytes);
        self.has_echoed(connection, bytes, sent)
    }

    /// A send of `bytes` came to `sent`.
    fn has_echoed(&self, connection: &mut Connection, bytes: &[u8], sent: Result<usize, Errno>) -> Outcome {
        let sent = match sent {
            Ok(n) => n,
            Err(Errno::EAGAIN | Errno::EINTR) => 0,
            Err(_) => return Outcome::Over,
        };
        if sent < bytes.len() && !self.policy.has(Faults::UNCHECKED_SEND) {
            connection.keep(&bytes[sent..]);
        }
        Outcome::Open
    }

    /// One send, made again where a wake-up interrupted it that nobody needs any more.
    #[inline]
    fn send(&mut self, connection: &Connection, bytes: &[u8]) -> Result<usize, Errno> {
        loop {
            match self.tap.send(connection, bytes) {
                Err(Errno::EINTR) if !self.is_called_away(connection) => {}
                sent => return sent,
            }
        }
    }

    /// Whether it could block while orders wait: they come first, and the rest of the connection's work after them.
    fn is_called_away(&self, connection: &Connection) -> bool {
        connection.is(Traits::BLOCKING) && self.orders.are_given()
    }

    /// Sends what was kept, until it is gone or nothing more fits.
    fn flush(&mut self, connection: &mut Connection) -> Outcome {
        while connection.has_unsent() {
            match self.send(connection, connection.unsent()) {
                Ok(n) => connection.has_sent(n),
                Err(Errno::EAGAIN | Errno::EINTR) => break,
                Err(_) => return Outcome::Over,
            }
            if self.is_called_away(connection) {
                break;
            }
        }
        Outcome::Open
    }
}

/// One-shot, no registration stays as it is; a drain may come to more than its budget; a fault is never plain.
fn plain(policy: &Policy) -> Option<Interest> {
    let is_bounded = policy.read != Read::Drain || policy.fairness == Fairness::Greedy;
    let is_any = !policy.oneshot && is_bounded && policy.faults.is_empty();
    is_any.then(|| Connection::plainly_wanted(policy))
}

/// As Python's `decode('utf-8', 'ignore')`.
fn decoded(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| chunk.valid()).collect()
}
