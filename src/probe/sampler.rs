//! Adds to the calls what the kernel says of the queues, so that a recording alone gives back what the screen showed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Sink, Turn};
use crate::kernel::{self, Errno};
use crate::record::{Call, CtlOp, Dir, Fd, Nanos};

/// The most fds sampled after one wait: the first of its event list.
pub const SAMPLED_AFTER_WAIT: usize = 16;
/// The most fds sampled in one survey, and the longest interest list whose fdinfo is read.
pub const SURVEYED: usize = 64;

/// Samples the queues on these occasions, and no others:
///
/// - epoll_wait returned: each reported fd, [`SAMPLED_AFTER_WAIT`] at most;
/// - a connection was added, which may have brought bytes with it;
/// - a recv filled its buffer, so that there may be more, or a send did not take everything;
/// - a [survey](Sink::survey), that is while the thread is held or has nothing to do: all registered fds,
///   [`SURVEYED`] at most, in turn; and after a change of the interest list its fdinfo, if it is that short.
///
/// With ten thousand connections a wait so costs no more questions than with sixteen.
pub struct Sampler<S> {
    inner: S,
    registered: Vec<Registered>,
    epfd: Option<Fd>,
    /// Fds reported by the wait that is being noted, and how many events of it are still to come.
    reported: Vec<Fd>,
    to_come: u32,
    /// The interest list has changed since fdinfo was read.
    changed: bool,
    /// What to sample when the bytes of the call that was noted last have been noted.
    after_payload: Option<Fd>,
    /// Where the next survey goes on.
    turn: usize,
    /// Surveys are of all fds and tell here how many bytes that were sent lack an acknowledgement.
    whole: Option<Arc<AtomicU64>>,
}

#[derive(Clone, Copy)]
struct Registered {
    fd: Fd,
    listens: bool,
}

impl<S: Sink> Sampler<S> {
    /// Samples for `inner`.
    pub fn new(inner: S) -> Self {
        let reported = Vec::with_capacity(SAMPLED_AFTER_WAIT);
        Self {
            inner,
            registered: Vec::new(),
            epfd: None,
            reported,
            to_come: 0,
            changed: false,
            after_payload: None,
            turn: 0,
            whole: None,
        }
    }

    /// The same, but a survey samples all registered fds, however many. What is unsent is here what has not been sent at
    /// all; the bytes that lack only an acknowledgement are counted in `unacknowledged`, at each survey anew.
    #[must_use]
    pub fn of_all(self, unacknowledged: Arc<AtomicU64>) -> Self {
        Self { whole: Some(unacknowledged), ..self }
    }

    /// The sink that hears of all.
    pub fn inner(&mut self) -> &mut S {
        &mut self.inner
    }

    fn sample(&mut self, entry: Registered) {
        let said = match &self.whole {
            _ if entry.listens => kernel::listener_backlog(entry.fd),
            None => kernel::sample(entry.fd),
            Some(unacknowledged) => kernel::sample_sent(entry.fd).map(|(said, bytes)| {
                unacknowledged.fetch_add(u64::from(bytes), Ordering::Relaxed);
                said
            }),
        };
        // An fd that can't be asked, such as one just closed, has nothing to show.
        if let Ok(said) = said {
            let t = self.inner.now();
            self.inner.note(t, said);
        }
    }

    fn sample_fd(&mut self, fd: Fd) {
        self.sample(Registered { fd, listens: false });
    }

    fn follow(&mut self, call: &Call) {
        match *call {
            Call::EpollCreate1 { ret } => self.epfd = ret.fd(),
            Call::Listen { fd, .. } => self.registered.push(Registered { fd, listens: true }),
            Call::EpollCtl { op, fd, ret, .. } if ret.ok().is_some() => {
                self.changed = true;
                let at = self.registered.iter().position(|entry| entry.fd == fd);
                match (op, at) {
                    (CtlOp::Add, None) => {
                        self.registered.push(Registered { fd, listens: false });
                        self.sample_fd(fd);
                    }
                    (CtlOp::Del, Some(at)) => drop(self.registered.remove(at)),
                    _ => {}
                }
            }
            Call::Close { fd, .. } => self.registered.retain(|entry| entry.fd != fd),
            Call::EpollWait { ret, .. } => {
                self.reported.clear();
                self.to_come = ret.ok().unwrap_or(0);
            }
            Call::Event { fd, .. } => {
                self.to_come = self.to_come.saturating_sub(1);
                if self.reported.len() < SAMPLED_AFTER_WAIT {
                    self.reported.push(fd);
                }
                if self.to_come == 0 {
                    self.sample_reported();
                }
            }
            // Once the bytes are noted too, which belong to the call.
            Call::Recvfrom { fd, len, ret, .. } if ret.ok() == Some(len) => self.after_payload = Some(fd),
            Call::Sendto { fd, len, ret, .. } if ret.ok().is_some_and(|sent| sent < len) || ret.is(Errno::EAGAIN) => {
                self.after_payload = Some(fd);
            }
            _ => {}
        }
    }

    fn sample_reported(&mut self) {
        let reported = std::mem::take(&mut self.reported);
        for &fd in &reported {
            let listens = self.registered.iter().take(4).any(|entry| entry.fd == fd && entry.listens);
            self.sample(Registered { fd, listens });
        }
        self.reported = reported;
    }

    fn read_fdinfo(&mut self) {
        let Some(epfd) = self.epfd else { return };
        if let Ok(entries) = kernel::fdinfo(epfd, SURVEYED) {
            let t = self.inner.now();
            for entry in entries {
                self.inner.note(t, entry);
            }
        }
    }
}

impl<S: Sink> Sink for Sampler<S> {
    const ON: bool = S::ON;

    fn before(&mut self, next: &Call) -> Turn {
        self.inner.before(next)
    }

    fn now(&self) -> Nanos {
        self.inner.now()
    }

    fn note(&mut self, t: Nanos, call: Call) {
        self.inner.note(t, call);
        self.follow(&call);
    }

    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        self.inner.payload(t, fd, dir, bytes);
        if let Some(fd) = self.after_payload.take() {
            self.sample_fd(fd);
        }
    }

    fn survey(&mut self) {
        let count = self.registered.len();
        let most = if self.whole.is_some() { usize::MAX } else { SURVEYED };
        self.whole.iter().for_each(|unacknowledged| unacknowledged.store(0, Ordering::Relaxed));
        for i in 0..count.min(most) {
            self.sample(self.registered[(self.turn + i) % count]);
        }
        self.turn = if count > most { (self.turn + most) % count } else { 0 };
        if std::mem::take(&mut self.changed) && count <= SURVEYED {
            self.read_fdinfo();
        }
    }

    fn held(&mut self) {
        self.inner.held();
    }

    fn has_work(&mut self, yes: bool) {
        self.inner.has_work(yes);
    }

    fn may_block(&mut self, yes: bool) {
        self.inner.may_block(yes);
    }
}
