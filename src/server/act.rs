//! Step 4 for one connection: send what waits, read what came, echo it.

use std::sync::Arc;

use super::Orders;
use super::connection::Connection;
use super::connections::token_of;
use crate::kernel::{Epoll, Errno, number};
use crate::probe::{Sink, Tap};
use crate::record::{CtlOp, Fairness, Faults, Policy, Read, Ready, Trigger};

/// What a report, or a turn, did to its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It goes on.
    Open,
    /// It has more to read than its budget.
    More,
    /// Nothing was done, not even what the report disarmed is to be armed again.
    Untouched,
    /// It is to be closed.
    Over,
}

/// What a connection is served with, whichever it is. The connections lie beside it and not in it, so that one is served
/// where it lies.
pub(super) struct Hands<S> {
    pub(super) tap: Tap<S>,
    pub(super) policy: Policy,
    pub(super) orders: Arc<Orders>,
}

impl<S: Sink> Hands<S> {
    /// Sends what waits, reads what came into `buffer`, and echoes it.
    #[inline]
    pub(super) fn act(&mut self, connection: &mut Connection, ready: Ready, buffer: &mut [u8]) -> Outcome {
        if self.policy.has(Faults::BLOCKING) && self.orders.stop() {
            // It was called out of one call that hung, and this one could hang too.
            return Outcome::Untouched;
        }
        if self.policy.has(Faults::EXACT_MATCH) && ready != Ready::IN {
            return Outcome::Untouched;
        }
        self.tap.may_block(connection.blocking);
        self.handle(connection, ready, buffer)
    }

    /// Step 5: tell epoll what the connection waits for now, where that has changed, or where the report disarmed it.
    #[inline]
    pub(super) fn modify(&mut self, epoll: &Epoll, connection: &mut Connection) {
        let wanted = connection.wanted(&self.policy);
        if wanted != connection.interest || self.policy.oneshot {
            self.rearm(epoll, connection);
        }
    }

    pub(super) fn rearm(&mut self, epoll: &Epoll, connection: &mut Connection) {
        connection.interest = connection.wanted(&self.policy);
        let token = token_of(number(connection), connection.generation);
        // It is registered, and MOD needs no memory: there is no error that could come.
        let _ = self.tap.epoll_ctl(epoll, CtlOp::Mod, connection, connection.interest, token);
    }

    fn handle(&mut self, connection: &mut Connection, ready: Ready, buffer: &mut [u8]) -> Outcome {
        let dead = ready.intersects(Ready::ERR | Ready::HUP);
        if ready.contains(Ready::OUT) && connection.has_unsent() && self.flush(connection) == Outcome::Over {
            return Outcome::Over;
        }
        if ready.contains(Ready::PRI) {
            self.read_urgent(connection);
        }
        let mut outcome = Outcome::Open;
        if connection.may_read() && ready.intersects(Ready::IN | Ready::RDHUP | Ready::HUP | Ready::ERR) {
            outcome = self.read(connection, ready, buffer);
        } else if dead {
            // Nobody is left who could take what is unsent.
            return Outcome::Over;
        }
        if connection.is_finished() { Outcome::Over } else { outcome }
    }

    /// Reads as the policy says, and echoes.
    fn read(&mut self, connection: &mut Connection, ready: Ready, buffer: &mut [u8]) -> Outcome {
        connection.to_eagain |= !(ready - Ready::IN - Ready::OUT).is_empty();
        let short_is_end = self.policy.read == Read::DrainShort && !connection.to_eagain;
        let mut budget = match self.policy.fairness {
            Fairness::Greedy => u64::MAX,
            Fairness::RoundRobin(bytes) => u64::from(bytes.get()),
        };
        loop {
            match self.tap.recv(connection, buffer) {
                Ok(0) => {
                    connection.peer_has_ended();
                    break Outcome::Open;
                }
                Ok(n) => {
                    let text = self.policy.has(Faults::DECODE_TEXT).then(|| decoded(&buffer[..n]));
                    let bytes = text.as_ref().map_or(&buffer[..n], String::as_bytes);
                    // Only a text can be empty here; `if recv_data` then takes it for the end.
                    if bytes.is_empty() || self.echo(connection, bytes) == Outcome::Over {
                        break Outcome::Over;
                    }
                    budget = budget.saturating_sub(n as u64);
                    let done = self.policy.read == Read::Once || (short_is_end && n < buffer.len());
                    if done || !connection.may_read() {
                        break Outcome::Open;
                    }
                    if budget == 0 || self.is_called_away(connection) {
                        break self.out_of_budget();
                    }
                }
                Err(Errno::EAGAIN) => {
                    connection.to_eagain = false;
                    break Outcome::Open;
                }
                Err(Errno::EINTR) if self.is_called_away(connection) => break Outcome::Open,
                Err(Errno::EINTR) => {}
                Err(_) => break Outcome::Over,
            }
        }
    }

    /// Edge-triggered, nobody will tell again of what is left, so that the server keeps a list of its own. Otherwise
    /// the kernel's list takes the turns.
    fn out_of_budget(&self) -> Outcome {
        if self.policy.trigger == Trigger::Edge && !self.policy.oneshot { Outcome::More } else { Outcome::Open }
    }

    /// The urgent byte is outside of the stream (tcp(7)); it is echoed as an ordinary one.
    fn read_urgent(&mut self, connection: &mut Connection) {
        let mut byte = [0];
        if let Ok(1) = self.tap.recv_oob(connection, &mut byte) {
            self.echo(connection, &byte);
        }
    }

    /// Sends `bytes` back; what does not fit is kept.
    fn echo(&mut self, connection: &mut Connection, bytes: &[u8]) -> Outcome {
        let (mut sent, waits) = (0, connection.has_unsent());
        if !waits {
            sent = match self.send(connection, bytes) {
                Ok(n) => n,
                Err(Errno::EAGAIN | Errno::EINTR) => 0,
                Err(_) => return Outcome::Over,
            };
        }
        if sent < bytes.len() && (waits || !self.policy.has(Faults::UNCHECKED_SEND)) {
            connection.keep(&bytes[sent..]);
        }
        Outcome::Open
    }

    /// One send, made again where a wake-up interrupted it that nobody needs any more.
    fn send(&mut self, connection: &Connection, bytes: &[u8]) -> Result<usize, Errno> {
        loop {
            match self.tap.send(connection, bytes) {
                Err(Errno::EINTR) if !self.is_called_away(connection) => {}
                sent => return sent,
            }
        }
    }

    /// It could block while orders wait: they come first, and the rest of the connection's work after them.
    fn is_called_away(&self, connection: &Connection) -> bool {
        connection.blocking && self.orders.are_given()
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

/// As Python's `decode('utf-8', 'ignore')`.
fn decoded(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| chunk.valid()).collect()
}
