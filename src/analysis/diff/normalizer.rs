//! Calls without what differs from run to run for no reason.

use std::collections::HashMap;

use super::counts::{Also, Counts, Without};
use crate::record::{Addr, Call, Each, Fd, Interest, Row as _, Tid};

/// Replaces numbers by the order in which they come up in their thread. A number that is used again is another.
pub(super) struct Normalizer<'a> {
    counts: &'a Counts,
    thread: u32,
    fds: Orders,
    ports: Orders,
}

impl<'a> Normalizer<'a> {
    pub(super) fn new(counts: &'a Counts) -> Self {
        Self { counts, thread: 0, fds: Orders::default(), ports: Orders::default() }
    }

    /// The call of `thread` as it is compared.
    pub(super) fn plain(&mut self, thread: u32, call: Call) -> Call {
        self.thread = thread;
        let mut plain = call;
        plain.visit(self);
        match (call, &mut plain) {
            (Call::Close { fd, .. }, _) => self.fds.forget(thread, fd.0),
            // The number above what is kept.
            (_, Call::CloseRange { first, .. }) if !self.counts.also.contains(&Also::Fds) => *first = 0,
            _ => {}
        }
        plain
    }
}

impl Each for Normalizer<'_> {
    fn fd(&mut self, fd: &mut Fd) {
        if !self.counts.also.contains(&Also::Fds) {
            *fd = ordinal(*fd, || self.fds.of(self.thread, fd.0));
        }
    }

    fn new_fd(&mut self, fd: &mut Fd) {
        if !self.counts.also.contains(&Also::Fds) {
            *fd = ordinal(*fd, || self.fds.anew(self.thread, fd.0));
        }
    }

    /// Who a process or thread is has no meaning.
    fn tid(&mut self, tid: &mut Tid) {
        *tid = Tid(0);
    }

    fn addr(&mut self, addr: &mut Addr) {
        if self.counts.also.contains(&Also::Ports) {
            return;
        }
        if let Some(mut of) = addr.socket_addr().filter(|of| of.port() > 0) {
            let order = self.ports.of(self.thread, of.port().into());
            // The first is 1: 0 asks for any.
            of.set_port(u16::try_from(order + 1).unwrap_or(u16::MAX));
            *addr = Addr::from(of);
        }
    }

    fn interest(&mut self, interest: &mut Interest) {
        if self.counts.without.contains(&Without::Trigger) {
            interest.remove(Interest::ET | Interest::ONESHOT);
        }
    }
}

/// What is no fd stays what it is.
fn ordinal(fd: Fd, order: impl FnOnce() -> u32) -> Fd {
    if fd.0 < 0 { fd } else { Fd(i32::try_from(order()).unwrap_or(i32::MAX)) }
}

/// The order in which numbers came up, by thread.
#[derive(Default)]
struct Orders {
    known: HashMap<(u32, i32), u32>,
    counts: HashMap<u32, u32>,
}

impl Orders {
    fn of(&mut self, thread: u32, number: i32) -> u32 {
        match self.known.get(&(thread, number)) {
            Some(order) => *order,
            None => self.anew(thread, number),
        }
    }

    /// The number stands for something new from here on.
    fn anew(&mut self, thread: u32, number: i32) -> u32 {
        let count = self.counts.entry(thread).or_default();
        let order = *count;
        *count = count.saturating_add(1);
        self.known.insert((thread, number), order);
        order
    }

    fn forget(&mut self, thread: u32, number: i32) {
        self.known.remove(&(thread, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Ret;

    #[test]
    fn a_number_that_is_used_again_is_another() {
        let counts = Counts::default();
        let mut alike = Normalizer::new(&counts);
        let close = |fd| Call::Close { fd: Fd(fd), ret: Ret::OK };
        let socket = |fd| Call::Socket { ret: Ret::from_raw(fd) };
        assert_eq!(alike.plain(0, socket(7)), socket(0));
        assert_eq!(alike.plain(0, socket(9)), socket(1));
        assert_eq!(alike.plain(1, socket(9)), socket(0), "another thread counts for itself");
        assert_eq!(alike.plain(0, close(7)), close(0));
        assert_eq!(alike.plain(0, socket(7)), socket(2));
        assert_eq!(alike.plain(0, close(-1)), close(-1));
    }
}
