//! A sink that holds the thread at the gate.

use std::sync::Arc;
use std::time::Duration;

use super::gate::Verdict;
use super::{Gate, Sink, Turn};
use crate::kernel::{self, Epoll, Errno, Events, Wake};
use crate::record::{Call, Dir, Fd, Nanos, Timeout};

/// Holds the calling thread before a call until the [`Gate`] lets it go; passes everything on to `S`.
///
/// While it holds, it watches the server's epoll with an epoll of its own, edge-triggered: each arrival wakes it, it has
/// the inner sink [survey](Sink::survey) the queues, asks the gate again, and sleeps on. What the screen shows is so up to date also while the
/// server stands still, and nothing runs while nothing happens.
pub struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
    /// Watches `watched`. Lifted out of the low numbers.
    watch: Epoll,
    watched: Option<Fd>,
    has_work: bool,
    may_block: bool,
}

impl<S: Sink> Gated<S> {
    /// Puts the gate before `inner`, for the calling thread, which `wake` wakes.
    ///
    /// # Errors
    /// Those of [`Epoll::create`].
    pub fn new(inner: S, gate: Arc<Gate>, wake: Wake) -> Result<Self, Errno> {
        gate.attach(wake);
        Ok(Self { inner, gate, watch: Epoll::create()?.lifted()?, watched: None, has_work: false, may_block: false })
    }

    /// Waits until the gate changes its mind, something arrives at the server's epoll, or `pace` has passed; says
    /// whether it was the last.
    fn hold(&mut self, pace: Option<Duration>) -> bool {
        let timeout = pace.map_or(Timeout::NONE, |pace| Timeout(i32::try_from(pace.as_millis()).unwrap_or(i32::MAX)));
        let mut events = Events::with_room(1);
        match self.watch.wait(&mut events, timeout) {
            Ok(0) => true,
            // Something arrived, or (EINTR) the gate was set: either way the gate is asked again.
            Ok(_) | Err(Errno::EINTR) => false,
            // Must not turn the hold into a spin: let the call go.
            Err(_) => true,
        }
    }

    /// Asks the server's epoll whether it would report anything, and notes it. To be held is to ask, since the watch does
    /// it by itself when something arrives, and asking has an effect: see [`Call::Poll`].
    fn poll(&mut self) {
        let Some(epfd) = self.watched else { return };
        if let Ok(ready) = kernel::would_report(epfd) {
            self.inner.note(self.inner.now(), Call::Poll { epfd, ready });
        }
    }

    /// Asks the gate until it lets the call go, or there are orders.
    fn ask(&mut self, next: &Call, may_block: bool) -> Turn {
        let is_wait = matches!(next, Call::EpollWaitEnter { .. });
        loop {
            let ready = || self.has_work || self.watched.is_some_and(|epfd| kernel::would_report(epfd) == Ok(true));
            let pace = match self.gate.ask(next, may_block, ready) {
                Verdict::Go => break,
                Verdict::Orders => return Turn::Orders,
                Verdict::Hold => None,
                Verdict::After(pace) => Some(pace),
            };
            if is_wait {
                self.inner.survey();
            }
            self.poll();
            self.inner.held();
            let its_time_came = self.hold(pace);
            // It did not only compute since its last return.
            self.inner.now();
            if its_time_came {
                self.gate.pass(next, may_block);
                break;
            }
        }
        if may_block {
            // Whoever looks has to see for itself whether it comes out again.
            self.inner.held();
        }
        Turn::Go
    }

    fn watch_over(&mut self, epfd: Fd) {
        // Without the watch the screen lags until the next call; nothing else is lost.
        if self.watch.watch(epfd).is_ok() {
            self.watched = Some(epfd);
        }
    }
}

impl<S: Sink> Sink for Gated<S> {
    const ON: bool = true;

    #[inline]
    fn before(&mut self, next: &Call) -> Turn {
        let free = self.gate.is_free();
        self.inner.runs_freely(free);
        let may_block = self.may_block && is_transfer(next);
        if free && !may_block && !matches!(next, Call::EpollWaitEnter { .. }) {
            return Turn::Go;
        }
        self.ask(next, may_block)
    }

    #[inline]
    fn now(&self) -> Nanos {
        self.inner.now()
    }

    #[inline]
    fn entry(&self) -> Nanos {
        self.inner.entry()
    }

    #[inline(always)]
    fn note(&mut self, t: Nanos, call: Call) {
        if self.may_block && is_transfer(&call) {
            self.gate.left();
        }
        if matches!(call, Call::EpollWait { .. }) {
            // It may have been set meanwhile.
            self.inner.runs_freely(self.gate.is_free());
        }
        self.inner.note(t, call);
        match call {
            Call::EpollWait { .. } => self.gate.returned(),
            Call::EpollCreate1 { ret } => {
                if let Some(epfd) = ret.fd() {
                    self.watch_over(epfd);
                }
            }
            Call::Close { fd, .. } if self.watched == Some(fd) => self.watched = None,
            _ => {}
        }
    }

    #[inline]
    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        self.inner.payload(t, fd, dir, bytes);
    }

    fn survey(&mut self) {
        self.inner.survey();
    }

    fn has_work(&mut self, yes: bool) {
        self.has_work = yes;
    }

    #[inline]
    fn may_block(&mut self, yes: bool) {
        self.may_block = yes;
    }
}

fn is_transfer(call: &Call) -> bool {
    matches!(call, Call::Recvfrom { .. } | Call::Sendto { .. })
}
