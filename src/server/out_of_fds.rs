//! What the server does where accept4 finds no free fd. The client that waits keeps the listener ready: level-triggered, it
//! would be reported without end.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::Server;
use crate::probe::Sink;
use crate::record::{CtlOp, Faults, OutOfFds, Policy, Timeout};
use crate::sys::Epoll;

/// While the listener asks for nothing, or is off the list, it is tried again after so many milliseconds.
const RETRY_MS: u16 = 500;

/// Whether the listener can be reported.
#[derive(Default)]
pub(super) enum Listening {
    #[default]
    Yes,
    /// It is registered with the mask 0.
    Muted,
    /// It is not registered until then.
    Away(Instant),
}

/// What came of a try to accept without a free fd.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shortage {
    /// The listener is not reported any more for now.
    Paused,
    /// The client was accepted and closed, by the fd that was kept for that.
    TurnedAway,
    /// Everything is as it was.
    Unchanged,
}

impl Listening {
    pub(super) fn is_paused(&self) -> bool {
        !matches!(self, Self::Yes)
    }

    /// How long a wait may take, if the policy has it wait for `asked`.
    pub(super) fn timeout(&self, asked: Timeout) -> Timeout {
        let retry = Timeout(RETRY_MS.into());
        if self.is_paused() && (asked.0 < 0 || asked.0 > retry.0) { retry } else { asked }
    }
}

impl<S: Sink> Server<S> {
    /// accept4 has found no free fd.
    pub(super) fn run_out(&mut self, epoll: &Epoll) -> Shortage {
        match (self.handler.policy.out_of_fds, self.spare.take()) {
            (OutOfFds::Spin, _) => Shortage::Unchanged,
            (OutOfFds::Spare, Some(spare)) => self.turn_away(spare),
            (OutOfFds::BackOff, _) => {
                self.listening = Listening::Away(Instant::now() + Duration::from_millis(RETRY_MS.into()));
                let _ = self.control_listener(epoll, CtlOp::Del);
                Shortage::Paused
            }
            // Also where the spare could not be opened again.
            (OutOfFds::Mute | OutOfFds::Spare, _) => {
                self.listening = Listening::Muted;
                self.modify_listener(epoll);
                Shortage::Paused
            }
        }
    }

    /// The number of `spare` is free for as long as it takes to accept the client and close it. The client sees the close,
    /// and does not wait in vain.
    fn turn_away(&mut self, spare: OwnedFd) -> Shortage {
        let _ = self.handler.tap.close(spare);
        let blocking = self.handler.policy.has(Faults::BLOCKING);
        let accepted = self.handler.tap.accept(&self.listener, blocking);
        let shortage = if accepted.is_ok() { Shortage::TurnedAway } else { Shortage::Unchanged };
        if let Ok((client, _)) = accepted {
            let _ = self.handler.tap.close(client);
        }
        self.keep_spare();
        shortage
    }

    /// Opens the spare fd where the policy has one, and closes it where the policy has none.
    pub(super) fn keep_spare(&mut self) {
        if self.handler.policy.out_of_fds != OutOfFds::Spare {
            self.close_spare();
        } else if self.spare.is_none() {
            self.spare = self.handler.tap.null().ok();
        }
    }

    pub(super) fn close_spare(&mut self) {
        if let Some(spare) = self.spare.take() {
            let _ = self.handler.tap.close(spare);
        }
    }

    /// An fd is free, or may be: a muted listener asks again.
    pub(super) fn unmute(&mut self, epoll: &Epoll) {
        if matches!(self.listening, Listening::Muted) {
            self.listening = Listening::Yes;
            self.modify_listener(epoll);
        }
    }

    /// A listener whose time is over is registered again.
    pub(super) fn come_back(&mut self, epoll: &Epoll) {
        if matches!(self.listening, Listening::Away(until) if Instant::now() >= until) {
            self.listening = Listening::Yes;
            let _ = self.control_listener(epoll, CtlOp::Add);
        }
    }

    /// The policy was another one `before`: the listener does not wait for what that one waited for.
    pub(super) fn follow_shortage(&mut self, epoll: &Epoll, before: &Policy) {
        if before.out_of_fds == self.handler.policy.out_of_fds {
            return;
        }
        if let Listening::Away(until) = &mut self.listening {
            *until = Instant::now();
        }
        self.come_back(epoll);
        self.unmute(epoll);
        self.keep_spare();
    }
}
