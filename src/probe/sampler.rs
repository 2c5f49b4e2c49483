//! Adds to the calls what the kernel says of the queues, so that a recording alone gives back what the screen showed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::backlog::Backlog;
use super::overhead_budget::OverheadBudget;
use super::{Hint, Hinted, Holder, Recorder, Sink, Turn};
use crate::record::{Call, CtlOp, Dir, Fd, Nanos, Ready, SAMPLED_AFTER_WAIT};
use crate::sys::{self, Errno};

/// The most fds sampled in one survey, and the longest interest list whose fdinfo is read.
pub const SURVEYED: usize = 64;

/// Samples the queues on these occasions, and no others:
///
/// - epoll_wait returned: each reported fd, [`SAMPLED_AFTER_WAIT`] at most;
/// - a connection was added, which may have brought bytes with it;
/// - a recv filled its buffer, so that there may be more, or a send did not take everything;
/// - a [survey](Hint::Survey), that is while the thread is held or has nothing to do: all registered fds,
///   [`SURVEYED`] at most, in turn; and after a change of the interest list its fdinfo, if it is that short.
///
/// So with ten thousand connections a wait costs no more questions than with sixteen. While the server runs freely, asking
/// and copying take at most a thousandth of its time: at a person's pace nothing is left out; in a flood only some fds are
/// asked about, and no bytes are kept. A listener is also asked before a wait where it is unknown whether connections wait
/// there: nothing else might tell until another client connects.
pub struct Sampler<S> {
    inner: S,
    /// The interest list, and for each whether it listens.
    registered: BTreeMap<Fd, bool>,
    epfd: Option<Fd>,
    /// The interest list has changed since fdinfo was read.
    changed: bool,
    /// What to sample when the bytes of the call that was noted last have been noted.
    after_payload: Option<Fd>,
    /// Where the next survey goes on.
    turn: Fd,
    runs_freely: bool,
    budget: OverheadBudget,
    backlog: Backlog,
    /// Nothing is asked before this time.
    quiet_until: Nanos,
    /// No bytes are kept before this time.
    silent_until: Nanos,
    /// Surveys are of all fds, however many.
    whole: bool,
}

impl<S: Sink> Sampler<S> {
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            registered: BTreeMap::new(),
            epfd: None,
            changed: false,
            after_payload: None,
            turn: Fd(0),
            runs_freely: false,
            budget: OverheadBudget::new(),
            backlog: Backlog::default(),
            quiet_until: Nanos(0),
            silent_until: Nanos(0),
            whole: false,
        }
    }

    /// The same, but a survey samples all registered fds, however many.
    #[must_use]
    pub fn of_all(self) -> Self {
        Self { whole: true, ..self }
    }

    pub fn inner(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Asks about `fd` and notes the answer; the time when that was done.
    #[cold]
    fn sample(&mut self, fd: Fd) -> Nanos {
        let listens = self.registered.get(&fd) == Some(&true);
        let said = if listens { sys::listener_backlog(fd) } else { sys::sample(fd) };
        let t = self.inner.now();
        // An fd that can't be asked, such as one just closed, has nothing to show.
        if let Ok(said) = said {
            self.backlog.told(&said);
            self.inner.note(t, said);
        }
        if listens
            && let Ok(count) = sys::by_number(fd, sys::drops)
            && self.backlog.overflowed(count)
        {
            self.inner.note(t, Call::Drops { fd, count });
        }
        t
    }

    /// As [`Sampler::sample`], of the listener that is in doubt, if there is one: a wait is entered at the time `t`, and may
    /// be for long.
    #[inline]
    fn resolve_doubt(&mut self, t: Nanos) -> Nanos {
        let in_doubt = self.backlog.in_doubt().filter(|_| self.runs_freely);
        in_doubt.map_or(t, |listener| self.sample(listener))
    }

    /// As [`Sampler::sample`], if the budget allows it at the time `t`.
    #[inline(never)]
    fn sample_within_reason(&mut self, t: Nanos, fd: Fd) -> Nanos {
        if t < self.quiet_until {
            return t;
        }
        let done = self.sample(fd);
        self.spend(t, done);
        done
    }

    /// What was asked or copied took from one time to the other; it counts while the server runs freely.
    fn spend(&mut self, from: Nanos, to: Nanos) {
        if self.runs_freely {
            self.budget.spend(from, to);
            self.look_at_budget();
        }
    }

    fn look_at_budget(&mut self) {
        let (again, plenty) = (self.budget.again(), self.budget.plenty());
        (self.quiet_until, self.silent_until) = if self.runs_freely { (again, plenty) } else { (Nanos(0), Nanos(0)) };
    }

    /// Samples `fd` once the bytes are noted too, which belong to the call.
    #[cold]
    fn sample_after_payload(&mut self, fd: Fd) {
        self.after_payload = Some(fd);
        self.silent_until = Nanos(0);
    }

    #[inline(always)]
    fn follow(&mut self, t: Nanos, call: &Call) {
        match *call {
            Call::EpollCreate1 { ret } => self.epfd = ret.fd(),
            Call::Listen { fd, .. } => drop(self.registered.insert(fd, true)),
            Call::EpollCtl { op, fd, ret, .. } if ret.ok().is_some() => {
                self.changed = true;
                match (op, self.registered.entry(fd)) {
                    (CtlOp::Add, Entry::Vacant(place)) => {
                        place.insert(false);
                        self.sample_within_reason(t, fd);
                    }
                    (CtlOp::Del, Entry::Occupied(entry)) => drop(entry.remove()),
                    _ => {}
                }
            }
            Call::Close { fd, .. } => drop(self.registered.remove(&fd)),
            Call::Accept4 { fd, ret, .. } => self.backlog.accepted(fd, ret),
            // Nothing more is asked in a flood, also not below.
            _ if t < self.quiet_until => {}
            Call::Recvfrom { fd, len, ret, .. } if ret.ok() == Some(len) => self.sample_after_payload(fd),
            Call::Sendto { fd, len, ret, .. } if ret.ok().is_some_and(|sent| sent < len) || ret.is(Errno::EAGAIN) => {
                self.sample_after_payload(fd);
            }
            _ => {}
        }
    }

    fn survey(&mut self) {
        let count = self.registered.len();
        let most = if self.whole { count } else { SURVEYED };
        let from_here = self.registered.range(self.turn..).chain(self.registered.range(..self.turn));
        let all: Vec<Fd> = from_here.map(|(fd, _)| *fd).take(most + 1).collect();
        for fd in all.iter().take(most) {
            self.sample(*fd);
        }
        self.turn = all.get(most).copied().unwrap_or(Fd(0));
        if std::mem::take(&mut self.changed) && count <= SURVEYED {
            self.read_fdinfo();
        }
    }

    fn read_fdinfo(&mut self) {
        let Some(epfd) = self.epfd else { return };
        if let Ok(entries) = sys::fdinfo(epfd, SURVEYED) {
            let t = self.inner.now();
            for entry in entries {
                self.inner.note(t, entry);
            }
        }
    }
}

impl<S: Sink> Recorder for Sampler<S> {
    const ON: bool = S::ON;

    #[inline]
    fn now(&self) -> Nanos {
        self.inner.now()
    }

    #[inline]
    fn entry(&self) -> Nanos {
        self.inner.entry()
    }

    #[inline(always)]
    fn note(&mut self, mut t: Nanos, call: Call) {
        if matches!(call, Call::EpollWaitEnter { .. }) {
            t = self.resolve_doubt(t);
        }
        self.inner.note(t, call);
        self.follow(t, &call);
    }

    #[inline(always)]
    fn reported(&mut self, mut t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        self.inner.reported(t, epfd, events.clone());
        if t >= self.quiet_until {
            for (fd, _) in events.take(SAMPLED_AFTER_WAIT) {
                t = self.sample_within_reason(t, fd);
            }
        }
    }

    #[inline(always)]
    fn wants_payload(&self, t: Nanos) -> bool {
        t >= self.silent_until
    }

    #[cold]
    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        if !self.runs_freely {
            self.inner.payload(t, fd, dir, bytes);
        } else if t >= self.budget.plenty() {
            let begun = self.inner.now();
            self.inner.payload(t, fd, dir, bytes);
            self.spend(begun, self.inner.now());
        }
        if let Some(fd) = self.after_payload.take() {
            self.look_at_budget();
            let now = self.inner.now();
            self.sample_within_reason(now, fd);
        }
    }
}

impl<S: Sink> Holder for Sampler<S> {
    #[inline]
    fn before(&mut self, next: &Call) -> Turn {
        self.inner.before(next)
    }
}

impl<S: Sink> Hinted for Sampler<S> {
    #[inline]
    fn hint(&mut self, hint: Hint) {
        match hint {
            Hint::Survey => return self.survey(),
            Hint::RunsFreely(yes) => {
                self.runs_freely = yes;
                self.look_at_budget();
            }
            Hint::HandOver | Hint::Held | Hint::HasWork(_) | Hint::MayBlock(_) => {}
        }
        self.inner.hint(hint);
    }
}
