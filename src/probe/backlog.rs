//! What is known of a listener's queue without asking: the question that must be asked before everything is quiet.

use crate::record::{Call, Fd, Ret};
use crate::sys::Errno;

/// The queue of the listener that was accepted from last.
///
/// Each accept takes one of those that were known to wait. Once more were accepted than that, it is unknown whether any are
/// left; the next report may tell, but none comes when all is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Backlog {
    listener: Option<Fd>,
    /// How many waited when the kernel was last asked, less those accepted since.
    waiting: u32,
    in_doubt: bool,
    /// How many it has dropped.
    dropped: u32,
}

impl Backlog {
    pub(super) fn told(&mut self, said: &Call) {
        if let Call::Backlog { fd, pending, .. } = *said {
            let dropped = if self.listener == Some(fd) { self.dropped } else { 0 };
            *self = Self { listener: Some(fd), waiting: pending, in_doubt: false, dropped };
        }
    }

    /// The kernel says how many were dropped; whether that is news.
    pub(super) fn overflowed(&mut self, dropped: u32) -> bool {
        std::mem::replace(&mut self.dropped, dropped) != dropped
    }

    /// accept4(2) returned.
    pub(super) fn accepted(&mut self, listener: Fd, ret: Ret) {
        if self.listener != Some(listener) {
            *self = Self { listener: Some(listener), ..Self::default() };
        }
        let left = self.waiting.checked_sub(u32::from(ret.ok().is_some()));
        self.in_doubt = left.is_none() || self.in_doubt && !ret.is(Errno::EAGAIN);
        self.waiting = left.filter(|_| !ret.is(Errno::EAGAIN)).unwrap_or(0);
    }

    /// The listener of which it is unknown whether connections wait.
    pub(super) fn in_doubt(&self) -> Option<Fd> {
        self.listener.filter(|_| self.in_doubt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: Fd = Fd(3);

    #[test]
    fn it_is_in_doubt_once_more_were_accepted_than_were_told_to_wait() {
        let mut backlog = Backlog::default();
        let mut doubts = vec![];
        backlog.told(&Call::Backlog { fd: LISTENER, pending: 2, limit: 8 });
        for fd in 5..8 {
            backlog.accepted(LISTENER, Ret::from_raw(fd));
            doubts.push(backlog.in_doubt());
        }
        assert_eq!(doubts, [None, None, Some(LISTENER)]);
        backlog.told(&Call::Backlog { fd: LISTENER, pending: 0, limit: 8 });
        assert_eq!(backlog.in_doubt(), None);
    }

    #[test]
    fn eagain_tells_that_nobody_waits_and_another_error_nothing() {
        let mut backlog = Backlog::default();
        backlog.accepted(LISTENER, Ret::from_raw(5));
        backlog.accepted(LISTENER, Ret::error(Errno::EMFILE));
        assert_eq!(backlog.in_doubt(), Some(LISTENER));
        backlog.accepted(LISTENER, Ret::error(Errno::EAGAIN));
        assert_eq!(backlog.in_doubt(), None);
    }
}
