//! Whether the server is done with what was reported: what is unread while it still works on it is not stranded.

use super::epoll::Epoll;
use super::file::{File, Key};
use super::report::Item;
use super::state::World;
use crate::record::{Call, Fairness, Record, Tid, Timeout};

impl World {
    /// Whether the server is done with what `epoll` reported: it waits, or `next` is a wait, and the ready list is not in
    /// doubt. What is unread then and will not be reported is stranded.
    pub fn at_rest(&self, epoll: &Epoll, next: Option<&Call>) -> bool {
        let asks = match next.map(|next| next.plain()) {
            Some(Call::EpollWaitEnter { timeout, .. }) => self.rests(timeout),
            _ => false,
        };
        epoll.certain && (asks || epoll.in_wait().is_some_and(|wait| self.rests(wait.timeout)))
    }

    /// Whether the server is in epoll_wait, and nothing is known to be ready.
    pub fn is_blocked(&self) -> bool {
        self.epoll().is_some_and(|epoll| epoll.in_wait().is_some() && self.due(epoll).next().is_none())
    }

    /// Whether a server that waits with this timeout has nothing else to do. A server that takes turns may know of more to
    /// read; it then polls with a timeout of 0 and goes on. With a policy that always polls, that says nothing.
    pub(crate) fn rests(&self, timeout: Timeout) -> bool {
        let has_turns = self.policy.as_ref().map_or(self.watched, |policy| {
            policy.timeout != Timeout::ZERO || matches!(policy.fairness, Fairness::RoundRobin(_))
        });
        timeout != Timeout::ZERO || !has_turns
    }

    /// The registrations that the last wait on `epoll` left behind when it was entered, or will leave behind if the server is
    /// held before it: they are stranded since then, and not longer.
    pub fn newly_stranded<'a>(&'a self, epoll: &'a Epoll) -> impl Iterator<Item = &'a Item> + 'a {
        epoll.silent.stranded().iter().filter_map(|key| epoll.items.get(key))
    }

    /// Whether `record`, the last one, says that something is stranded: it enters a wait that leaves something behind, or it
    /// says that the server is held before such a wait.
    pub fn strands_at(&self, record: &Record) -> bool {
        let wait = match record.call {
            Call::Annotation(annotation) => annotation.rests_before(),
            call => Some((record.tid, call.plain())),
        };
        let Some((tid, Call::EpollWaitEnter { epfd, .. })) = wait else { return false };
        let epoll = self.epoll_at(tid, epfd).filter(|_| self.serves(tid));
        epoll.is_some_and(|epoll| self.newly_stranded(epoll).next().is_some())
    }

    /// What the call `next` of `tid` would leave behind, if it is an epoll_wait.
    pub fn about_to_strand(&self, tid: Tid, next: &Call) -> impl Iterator<Item = &Item> + '_ {
        let wait = match next.plain() {
            Call::EpollWaitEnter { epfd, timeout, .. } if self.rests(timeout) => self.epoll_at(tid, epfd),
            _ => None,
        };
        wait.filter(|epoll| epoll.certain).into_iter().flat_map(move |epoll| {
            let left = epoll.silent.fresh().filter(move |key| self.is_left(epoll, key, tid));
            left.filter_map(|key| epoll.items.get(key))
        })
    }

    /// Whether a thread that enters a wait leaves `key` behind: it has something to read, and no other thread works on it.
    pub(super) fn is_left(&self, epoll: &Epoll, key: &Key, tid: Tid) -> bool {
        self.is_readable(key) && self.is_alone(tid) && epoll.worker(key).is_none_or(|worker| worker == tid)
    }

    pub(super) fn is_readable(&self, key: &Key) -> bool {
        self.files.get(key.1).is_some_and(File::has_something_to_read)
    }

    /// Whether all other threads of a watched program that have the same fds wait too. Which of them is to read what was
    /// reported is up to the program, and one that sleeps on a lock looks like one that works.
    fn is_alone(&self, tid: Tid) -> bool {
        let table = self.table(tid);
        let waits = |of: &Tid| self.epolls.values().any(|epoll| epoll.is_busy(*of));
        !self.watched || self.threads.iter().all(|(of, thread)| of == &tid || thread.table != table || waits(of))
    }
}

impl Epoll {
    /// The thread that works on `key`: the one to which it was reported last, if that has not come back to wait. The waits
    /// that are kept may not go back that far.
    fn worker(&self, key: &Key) -> Option<Tid> {
        let number = self.items.get(key)?.last_report;
        let tid = self.waits.iter().rev().find(|wait| wait.number == number)?.tid;
        let waits = self.waits.iter().any(|wait| wait.tid == tid && wait.returned.is_none());
        (!waits).then_some(tid)
    }
}
