//! The registrations of an interest list in order, with access by place: a screen that shows the rows around one of ten
//! thousand registrations must not go through all before it.

use std::sync::Arc;

use super::file::Key;
use super::shared::HEAP;

/// Keys in order. Copies share the runs that have not changed since.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// No run is empty.
    runs: Vec<Arc<Vec<Key>>>,
    len: usize,
}

/// The most keys of a run.
const RUN: usize = 256;

impl Order {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Key> + '_ {
        self.runs.iter().flat_map(|run| run.iter())
    }

    /// The key at place `n`, from 0, and those after it.
    pub(super) fn from(&self, mut n: usize) -> impl Iterator<Item = &Key> + '_ {
        let run = self.runs.iter().position(|run| {
            let here = n < run.len();
            n -= if here { 0 } else { run.len() };
            here
        });
        let (first, others) = run.and_then(|run| self.runs[run..].split_first()).unzip();
        let first = first.and_then(|run| run.get(n..)).unwrap_or_default();
        first.iter().chain(others.unwrap_or_default().iter().flat_map(|run| run.iter()))
    }

    /// How many keys there are up to `key`, it included.
    pub(super) fn up_to(&self, key: Key) -> usize {
        let run = self.run_of(key);
        let before: usize = self.runs[..run].iter().map(|run| run.len()).sum();
        before + self.runs.get(run).map_or(0, |run| run.partition_point(|other| *other <= key))
    }

    /// The last up to `key`.
    pub(super) fn last_up_to(&self, key: Key) -> Option<&Key> {
        let run = self.run_of(key);
        let within = self.runs.get(run).and_then(|run| run[..run.partition_point(|other| *other <= key)].last());
        within.or_else(|| self.runs.get(run.checked_sub(1)?)?.last())
    }

    pub(super) fn insert(&mut self, key: Key) {
        // One after all others belongs to the last run.
        let at = self.run_of(key).min(self.runs.len().saturating_sub(1));
        let Some(run) = self.runs.get_mut(at) else {
            self.runs.push(Arc::new(vec![key]));
            self.len = 1;
            return;
        };
        let Err(place) = run.binary_search(&key) else { return };
        self.len += 1;
        if run.len() < RUN {
            return Arc::make_mut(run).insert(place, key);
        }
        // Most keys come in order, as the kernel gives the lowest free fd; then nothing is moved.
        let mut rest = if place == RUN { vec![] } else { Arc::make_mut(run).split_off(RUN / 2) };
        match place.checked_sub(run.len()) {
            Some(place) => rest.insert(place, key),
            None => Arc::make_mut(run).insert(place, key),
        }
        self.runs.insert(at + 1, Arc::new(rest));
    }

    pub(super) fn remove(&mut self, key: Key) {
        let at = self.run_of(key);
        let Some(run) = self.runs.get_mut(at) else { return };
        let Ok(place) = run.binary_search(&key) else { return };
        self.len -= 1;
        if run.len() == 1 {
            self.runs.remove(at);
        } else {
            Arc::make_mut(run).remove(place);
        }
    }

    /// The number of the first run that ends with `key` or after it.
    fn run_of(&self, key: Key) -> usize {
        self.runs.partition_point(|run| run.last().is_some_and(|last| *last < key))
    }

    /// About how many bytes a copy takes, of what no other has.
    pub(super) fn price(&self) -> usize {
        let own = self.runs.iter().filter(|run| Arc::strong_count(run) == 1);
        own.map(|run| 2 * HEAP + run.capacity() * size_of::<Key>()).sum()
    }

    /// A lower bound of what a copy takes.
    pub(super) fn frame(&self) -> usize {
        self.runs.len() * size_of::<Arc<Vec<Key>>>()
    }
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for Order {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::file::FileId;
    use super::*;
    use crate::record::Fd;

    /// Several under one number now and then.
    fn key(n: i32) -> Key {
        (Fd(n / 2), FileId::new(u64::from(n.unsigned_abs() % 2), 0))
    }

    /// At first they come in order, as fds do, and then in any order.
    #[test]
    fn it_is_the_order_of_a_set() {
        let whatever = (0..3_000_u32, proptest::collection::vec((0..4_000, proptest::bool::ANY), 0..600));
        proptest!(ProptestConfig::with_cases(64), |((first, then) in whatever)| {
            let (mut order, mut set) = (Order::default(), BTreeSet::new());
            let opened = (0..first.cast_signed()).map(|n| (n, true));
            for (n, comes) in opened.chain(then) {
                if comes {
                    order.insert(key(n));
                    set.insert(key(n));
                } else {
                    order.remove(key(n));
                    set.remove(&key(n));
                }
            }
            prop_assert_eq!(order.len(), set.len());
            prop_assert!(order.iter().eq(&set));
            prop_assert!(order.iter().rev().eq(set.iter().rev()));
            for n in (0..4_000).step_by(97) {
                let up_to = set.range(..=key(n)).count();
                prop_assert_eq!(order.up_to(key(n)), up_to);
                prop_assert_eq!(order.last_up_to(key(n)), set.range(..=key(n)).next_back());
                prop_assert!(order.from(up_to).eq(set.range(key(n)..).filter(|other| **other != key(n))));
            }
        });
    }
}
