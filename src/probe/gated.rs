//! A sink that holds the thread at the gate.

use std::sync::Arc;
use std::time::Duration;

use super::gate::{Glance, Verdict};
use super::{Gate, Hint, Hinted, Holder, Recorder, Sink, Turn};
use crate::record::{Annotation, Call, Dir, Fd, Nanos, Ready, SPIN, Timeout, idle_waits};
use crate::sys::{self, Epoll, Errno, Events, Wake};

/// Holds the calling thread before a call until the [`Gate`] lets it go; passes everything on to `S`.
///
/// While it holds, it watches the server's epoll with an epoll of its own, edge-triggered: each arrival wakes it, it has
/// the inner sink [survey](Hint::Survey) the queues, asks the gate again, and sleeps on. What the screen shows is so up to date also while the
/// server stands still, and nothing runs while nothing happens.
pub struct Gated<S> {
    inner: S,
    gate: Arc<Gate>,
    /// Watches `watched`. Lifted out of the low numbers.
    watch: Epoll,
    watched: Option<Fd>,
    watches: bool,
    has_work: bool,
    may_block: bool,
    /// See [`idle_waits`]; since it was last held.
    idle_waits: u32,
    seen: Glance,
    /// While it stands so, there is nothing to ask it before a call other than a wait.
    easy: Glance,
}

impl<S: Sink> Gated<S> {
    /// Puts the gate before `inner`, for the calling thread, which `wake` wakes.
    pub fn new(inner: S, gate: Arc<Gate>, wake: Wake) -> Result<Self, Errno> {
        gate.attach(wake);
        Ok(Self {
            inner,
            gate,
            watch: Epoll::create()?.lifted()?,
            watched: None,
            watches: true,
            has_work: false,
            may_block: false,
            idle_waits: 0,
            seen: Glance::default(),
            easy: Glance::NONE,
        })
    }

    /// The same, but while it holds nothing wakes it and nothing is asked until the gate is set: what is noted does not
    /// depend on when things arrive.
    #[must_use]
    pub fn undisturbed(self) -> Self {
        Self { watches: false, ..self }
    }

    /// Waits until the gate is set, something arrives at the server's epoll, or `pace` has passed; whether it was the last.
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
        if let Ok(ready) = sys::would_report(epfd) {
            self.inner.note(self.inner.now(), Call::Poll { epfd, ready });
        }
    }

    fn look(&mut self) {
        self.seen = self.gate.glance();
        self.easy = if self.seen.is_free() && !self.may_block { self.seen } else { Glance::NONE };
        self.inner.hint(Hint::RunsFreely(self.seen.is_free()));
    }

    /// The gate was set since it was last looked at, or has to be asked.
    #[inline(never)]
    fn approach(&mut self, next: Call) -> Turn {
        self.look();
        let may_block = self.may_block && is_transfer(&next);
        if self.seen.is_free() && !may_block && !matches!(next, Call::EpollWaitEnter { .. }) {
            return Turn::Go;
        }
        self.ask(next, may_block)
    }

    /// After `call`, which was noted: it may have blocked, or be what a breakpoint is about.
    #[cold]
    fn attend(&mut self, call: Call) {
        if self.may_block && is_transfer(&call) {
            self.gate.left();
            self.look();
        }
        if self.seen.is_watched() {
            self.gate.noted(call);
        }
    }

    /// Asks the gate until it lets the call go, or there are orders.
    fn ask(&mut self, next: Call, may_block: bool) -> Turn {
        let next = &next;
        let is_wait = matches!(next, Call::EpollWaitEnter { .. });
        // Who finds it held, or waiting, finds its last call too.
        self.inner.hint(Hint::HandOver);
        loop {
            let ready = || self.has_work || self.watched.is_some_and(|epfd| sys::would_report(epfd) == Ok(true));
            let pace = match self.gate.ask(next, may_block, self.idle_waits >= SPIN, ready) {
                Verdict::Go => break,
                Verdict::Orders => return Turn::Orders,
                Verdict::Hold => None,
                Verdict::After(pace) => Some(pace),
            };
            if is_wait {
                self.inner.hint(Hint::Survey);
            }
            self.poll();
            self.inner.hint(Hint::HandOver);
            self.gate.has_told();
            self.inner.hint(Hint::Held);
            self.idle_waits = 0;
            let its_time_came = self.hold(pace);
            // It did not only compute since its last return.
            self.inner.now();
            if its_time_came {
                self.gate.pass(next, may_block);
                break;
            }
        }
        if may_block {
            // The looking thread finds out by itself whether the call returns.
            if let Some(inside) = Annotation::inside(next, false) {
                self.inner.note(self.inner.now(), Call::Annotation(inside));
            }
            self.inner.hint(Hint::Held);
        }
        Turn::Go
    }

    fn watch_over(&mut self, epfd: Fd) {
        // Without the watch the screen lags until the next call; nothing else is lost.
        if !self.watches || self.watch.watch(epfd).is_ok() {
            self.watched = Some(epfd);
        }
    }
}

impl<S: Sink> Holder for Gated<S> {
    #[inline(always)]
    fn before(&mut self, next: &Call) -> Turn {
        if self.gate.glance() == self.easy && !matches!(next, Call::EpollWaitEnter { .. }) {
            return Turn::Go;
        }
        self.approach(*next)
    }
}

impl<S: Sink> Recorder for Gated<S> {
    const ON: bool = true;

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
        if matches!(call, Call::EpollWait { .. }) {
            // It may have been set meanwhile.
            self.look();
        }
        self.inner.note(t, call);
        self.idle_waits = idle_waits(self.idle_waits, &call);
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
        if self.easy != Glance::FREE {
            self.attend(call);
        }
    }

    #[inline(always)]
    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        self.inner.reported(t, epfd, events.clone());
        if self.easy != Glance::FREE {
            events.for_each(|(fd, ready)| self.attend(Call::Event { epfd, fd, ready }));
        }
    }

    #[inline(always)]
    fn wants_payload(&self, t: Nanos) -> bool {
        self.inner.wants_payload(t)
    }

    #[inline(always)]
    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        self.inner.payload(t, fd, dir, bytes);
    }
}

impl<S: Sink> Hinted for Gated<S> {
    #[inline]
    fn hint(&mut self, hint: Hint) {
        match hint {
            Hint::HasWork(yes) => self.has_work = yes,
            Hint::MayBlock(yes) => {
                self.may_block = yes;
                self.look();
            }
            // Only the gate knows whether the server runs freely.
            Hint::RunsFreely(_) => {}
            Hint::Survey | Hint::HandOver | Hint::Held => self.inner.hint(hint),
        }
    }
}

#[inline(always)]
fn is_transfer(call: &Call) -> bool {
    matches!(call, Call::Recvfrom { .. } | Call::Sendto { .. })
}
