//! Which registrations have something to read that no coming report will announce, and which of them the server has left
//! behind. A server that drains an edge-triggered fd has such a registration between any two of its recvs, and nothing is
//! wrong. Only when it enters the next wait with bytes unread are they stranded: `fresh` holds those that it may still
//! work on, `stranded` those that the last wait left behind.

use std::collections::BTreeSet;

use super::file::Key;

/// The silent registrations of one epoll; see [`Epoll::silent`](super::Epoll::silent).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Silent {
    all: BTreeSet<Key>,
    /// Those of them that no wait has left behind yet.
    fresh: BTreeSet<Key>,
    /// Those that the last entry of epoll_wait left behind.
    stranded: Vec<Key>,
}

impl Silent {
    pub(super) fn all(&self) -> impl Iterator<Item = &Key> + '_ {
        self.all.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn fresh(&self) -> impl Iterator<Item = &Key> + '_ {
        self.fresh.iter()
    }

    pub(super) fn stranded(&self) -> &[Key] {
        &self.stranded
    }

    /// Notes whether `key` is silent.
    #[inline]
    pub(super) fn set(&mut self, key: Key, silent: bool) {
        if !silent {
            if !self.all.is_empty() {
                self.remove(key);
            }
        } else if self.all.insert(key) {
            self.fresh.insert(key);
        }
    }

    pub(super) fn remove(&mut self, key: Key) {
        if self.all.remove(&key) {
            self.fresh.remove(&key);
        }
    }

    /// epoll_wait is entered: those that it leaves behind are stranded.
    pub(super) fn enter(&mut self, left: impl Fn(&Key) -> bool) {
        self.stranded.clear();
        if !self.fresh.is_empty() {
            self.stranded.extend(self.fresh.extract_if(.., |key| left(key)));
        }
    }
}
