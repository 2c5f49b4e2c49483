//! Whether the server is done with what was reported. What lies unread while it is still at work is not stranded.

use super::Epoll;
use super::FileId;
use super::Item;
use crate::record::{Call, Fairness, Fd, Ready, Record, Tid, Timeout};
use crate::trace::World;

impl World {
    /// Whether the server is done with what `epoll` reported: it waits, or `next` is a wait, and the ready list is not in
    /// doubt. What is unread then and will not be reported is stranded.
    pub fn at_rest(&self, epoll: &Epoll, next: Option<&Call>) -> bool {
        let asks = match next {
            Some(Call::EpollWaitEnter { timeout, .. }) => self.rests(*timeout),
            _ => false,
        };
        epoll.certain && (asks || epoll.in_wait().is_some_and(|wait| self.rests(wait.timeout)))
    }

    /// Whether the server is in epoll_wait, and nothing is known to be ready.
    pub fn is_blocked(&self) -> bool {
        self.epoll().is_some_and(|epoll| epoll.in_wait().is_some() && self.due(epoll).next().is_none())
    }

    /// Whether a wait with this timeout is made by a server that has nothing else to do. One that has more to read of
    /// its own knowledge, since it takes turns, asks with a timeout of 0 and goes on.
    pub(crate) fn rests(&self, timeout: Timeout) -> bool {
        let has_turns = self.policy.as_ref().is_some_and(|policy| {
            policy.timeout != Timeout::ZERO || matches!(policy.fairness, Fairness::RoundRobin(_))
        });
        timeout != Timeout::ZERO || !has_turns
    }

    /// What the epoll_wait that was entered last on `epoll` left behind, or that which the server rests before: stranded
    /// since then, and not before.
    pub fn newly_stranded<'a>(&'a self, epoll: &'a Epoll) -> impl Iterator<Item = &'a Item> + 'a {
        epoll.silent.stranded().iter().filter_map(|key| epoll.items.get(key))
    }

    /// Whether `record`, which led here, tells that something is stranded: a wait was entered that left it behind, or one
    /// that will is what the server rests before.
    pub fn strands_at(&self, record: &Record) -> bool {
        let told = match record.call {
            Call::Annotation(told) => told.rests_before(),
            call => Some((record.tid, call)),
        };
        let Some((tid, Call::EpollWaitEnter { epfd, .. })) = told else { return false };
        let epoll = self.epoll_at(tid, epfd).filter(|_| self.serves(tid));
        epoll.is_some_and(|epoll| self.newly_stranded(epoll).next().is_some())
    }

    /// What the call `next` of `tid` would leave behind, if it is an epoll_wait.
    pub fn about_to_strand(&self, tid: Tid, next: &Call) -> impl Iterator<Item = &Item> + '_ {
        let wait = match *next {
            Call::EpollWaitEnter { epfd, timeout, .. } if self.rests(timeout) => self.epoll_at(tid, epfd),
            _ => None,
        };
        wait.filter(|epoll| epoll.certain).into_iter().flat_map(move |epoll| {
            let left = epoll.silent.fresh().filter(move |key| self.is_left(epoll, key, tid));
            left.filter_map(|key| epoll.items.get(key))
        })
    }

    /// Whether a thread that enters a wait leaves `key` behind: it has something to read, and nobody else is at work on it.
    pub(super) fn is_left(&self, epoll: &Epoll, key: &(Fd, FileId), tid: Tid) -> bool {
        let readable = self.files.get(key.1).is_some_and(|file| file.ready().contains(Ready::IN));
        readable && epoll.worker(key).is_none_or(|worker| worker == tid)
    }
}

impl Epoll {
    /// The thread that is at work on what was reported of `key`, as far as the waits that are kept tell: it has not come
    /// back to wait.
    fn worker(&self, key: &(Fd, FileId)) -> Option<Tid> {
        let number = self.items.get(key)?.last_report;
        let tid = self.waits.iter().rev().find(|wait| wait.number == number)?.tid;
        let waits = self.waits.iter().any(|wait| wait.tid == tid && wait.returned.is_none());
        (!waits).then_some(tid)
    }
}
