//! Calls without what differs from run to run for no reason.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Also, Counts, Without};
use crate::record::{Addr, Annotation, Call, Fd, FdKind, Interest, Ret, Tid};

/// Replaces numbers by the order in which they come up in their thread. A number that is used again is another.
pub(super) struct Normalizer<'a> {
    counts: &'a Counts,
    fds: Orders<Fd>,
    ports: Orders<u16>,
}

impl<'a> Normalizer<'a> {
    pub(super) fn new(counts: &'a Counts) -> Self {
        Self { counts, fds: Orders::default(), ports: Orders::default() }
    }

    /// The call as it is compared.
    pub(super) fn plain(&mut self, thread: u32, call: Call) -> Call {
        let mut call = call;
        Self::plain_processes(&mut call);
        if self.counts.leaves_out(Without::Trigger)
            && let Call::EpollCtl { interest, .. } | Call::Fdinfo { interest, .. } = &mut call
        {
            interest.remove(Interest::ET | Interest::ONESHOT);
        }
        if !self.counts.has(Also::Ports) {
            self.plain_ports(thread, &mut call);
        }
        if !self.counts.has(Also::Fds) {
            self.plain_fds(thread, &mut call);
        }
        call
    }

    /// Who a process or thread is has no meaning.
    fn plain_processes(call: &mut Call) {
        match call {
            Call::Tgkill { to, .. } => *to = Tid(0),
            Call::Fork { ret } if ret.ok().is_some() => *ret = Ret::OK,
            Call::Wait4 { pid, ret } => {
                *pid = Tid(0);
                if ret.ok().is_some() {
                    *ret = Ret::OK;
                }
            }
            _ => {}
        }
    }

    fn plain_ports(&mut self, thread: u32, call: &mut Call) {
        let (Call::Bind { addr, .. }
        | Call::Getsockname { addr, .. }
        | Call::Connect { addr, .. }
        | Call::Accept4 { peer: addr, .. }) = call
        else {
            return;
        };
        if let Some(mut of) = addr.socket_addr().filter(|of| of.port() > 0) {
            let order = self.ports.of(thread, of.port());
            // The first is 1: 0 asks for any.
            of.set_port(u16::try_from(order + 1).unwrap_or(u16::MAX));
            *addr = Addr::from(of);
        }
    }

    fn plain_fds(&mut self, thread: u32, call: &mut Call) {
        let fds = &mut self.fds;
        let mut known = |fd: &mut Fd| *fd = ordinal(*fd, || fds.of(thread, *fd));
        match call {
            Call::EpollCtl { epfd, fd, .. } | Call::Event { epfd, fd, .. } | Call::Fdinfo { epfd, fd, .. } => {
                known(epfd);
                known(fd);
            }
            Call::EpollWaitEnter { epfd, .. } | Call::EpollWait { epfd, .. } | Call::Poll { epfd, .. } => known(epfd),
            Call::Setsockopt { fd, .. }
            | Call::Bind { fd, .. }
            | Call::Listen { fd, .. }
            | Call::Getsockname { fd, .. }
            | Call::Connect { fd, .. }
            | Call::Accept4 { fd, .. }
            | Call::Recvfrom { fd, .. }
            | Call::Sendto { fd, .. }
            | Call::Data { fd, .. }
            | Call::Shutdown { fd, .. }
            | Call::Read { fd, .. }
            | Call::Write { fd, .. }
            | Call::TimerfdSettime { fd, .. }
            | Call::Fcntl { fd, .. }
            | Call::Dup { fd, .. }
            | Call::Sample { fd, .. }
            | Call::Backlog { fd, .. }
            | Call::Annotation(
                Annotation::Reading { fd, .. }
                | Annotation::Inside { fd, .. }
                | Annotation::FinAcked { fd }
                | Annotation::Died { fd, .. },
            )
            | Call::Name { fd, .. } => known(fd),
            Call::Close { fd, .. } => {
                let closed = *fd;
                known(fd);
                fds.forget(thread, closed);
            }
            // The number above what is kept.
            Call::CloseRange { first, .. } => *first = Fd(0),
            Call::EpollCreate1 { .. }
            | Call::Socket { .. }
            | Call::Make { .. }
            | Call::Tgkill { .. }
            | Call::Fork { .. }
            | Call::Wait4 { .. }
            | Call::Policy(_)
            | Call::Annotation(Annotation::Follow(_) | Annotation::Rest { .. } | Annotation::Stop)
            | Call::Lost { .. } => {}
        }
        let mut new = |fd: &mut Fd| *fd = ordinal(*fd, || fds.anew(thread, *fd));
        match call {
            Call::EpollCreate1 { ret } | Call::Socket { ret } | Call::Accept4 { ret, .. } | Call::Dup { ret, .. } => {
                if let Some(mut fd) = ret.fd() {
                    new(&mut fd);
                    *ret = Ret::from_raw(fd.0);
                }
            }
            Call::Make { by, fd, other, ret } if ret.ok().is_some() => {
                new(fd);
                if by.makes_two() {
                    new(other);
                }
                // Those that make one return it.
                if !matches!(by, FdKind::Pipe2 | FdKind::Socketpair(_)) {
                    *ret = Ret::OK;
                }
            }
            _ => {}
        }
    }
}

/// What is no fd stays what it is.
fn ordinal(fd: Fd, order: impl FnOnce() -> u32) -> Fd {
    if fd.0 < 0 { fd } else { Fd(i32::try_from(order()).unwrap_or(i32::MAX)) }
}

/// The order in which numbers came up, by thread.
struct Orders<T> {
    known: HashMap<(u32, T), u32>,
    counts: HashMap<u32, u32>,
}

impl<T> Default for Orders<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), counts: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Orders<T> {
    fn of(&mut self, thread: u32, number: T) -> u32 {
        match self.known.get(&(thread, number)) {
            Some(order) => *order,
            None => self.anew(thread, number),
        }
    }

    /// The number stands for something new from here on.
    fn anew(&mut self, thread: u32, number: T) -> u32 {
        let count = self.counts.entry(thread).or_default();
        let order = *count;
        *count = count.saturating_add(1);
        self.known.insert((thread, number), order);
        order
    }

    fn forget(&mut self, thread: u32, number: T) {
        self.known.remove(&(thread, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
