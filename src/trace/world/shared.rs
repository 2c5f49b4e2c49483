//! Tables that cost little to copy: a copy of the world shares with it all that has not changed since, so that a moment
//! kept for later costs what is new in it.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Bound;
use std::sync::Arc;

use super::file::{File, FileId};
use super::report::Item;
use crate::record::Fd;

/// A table whose values are shared between copies until one of them changes.
#[derive(Clone, Debug)]
pub(super) struct Shared<K, V>(HashMap<K, Arc<V>, Quick>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Eq + Hash, V: PartialEq> PartialEq for Shared<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq + Hash, V: Eq> Eq for Shared<K, V> {}

impl<K: Copy + Eq + Hash, V: Clone> Shared<K, V> {
    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|value| &**value)
    }

    /// The value to be changed, which parts it from other copies; so ask for it only then.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key).map(Arc::make_mut)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, Arc::new(value));
    }

    pub(super) fn insert_if_none(&mut self, key: K, value: impl FnOnce() -> V) {
        self.0.entry(key).or_insert_with(|| Arc::new(value()));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key).map(Arc::unwrap_or_clone)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> + '_ {
        self.0.iter().map(|(key, value)| (*key, &**value))
    }

    /// Changes those values that are to be changed.
    pub(super) fn change_all(&mut self, wanted: impl Fn(&V) -> bool, change: impl Fn(&mut V)) {
        self.0.values_mut().filter(|value| wanted(value)).for_each(|value| change(Arc::make_mut(value)));
    }

    /// About how many bytes a copy takes, without the values.
    pub(super) fn frame(&self) -> usize {
        self.0.capacity() * (size_of::<(K, Arc<V>)>() + 1) * 8 / 7
    }

    /// About how many bytes those values take that no copy has.
    pub(super) fn own(&self, size: impl Fn(&V) -> usize) -> usize {
        let own = self.0.values().filter(|value| Arc::strong_count(value) == 1);
        own.map(|value| HEAP + size(value)).sum()
    }
}

/// What an allocation with its counts takes beside its value.
pub(super) const HEAP: usize = 32;

/// What a registration is known by.
pub(super) type Key = (Fd, FileId);

/// An interest list: its registrations, and their order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Items {
    of: Shared<Key, Item>,
    /// Changes seldom: by ADD, DEL and close alone.
    order: Arc<BTreeSet<Key>>,
}

impl Items {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Item> {
        self.of.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Item> {
        self.of.get_mut(key)
    }

    pub(super) fn insert(&mut self, item: Item) {
        let key = (item.fd, item.file);
        Arc::make_mut(&mut self.order).insert(key);
        self.of.insert(key, item);
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Item> {
        let removed = self.of.remove(key);
        if removed.is_some() {
            Arc::make_mut(&mut self.order).remove(key);
        }
        removed
    }

    /// By fd; of several under one number the oldest first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &Item> + '_ {
        self.order.iter().filter_map(|key| self.of.get(key))
    }

    /// The `rows` of them that keep `key` in sight, and how many come before them: the first, or those up to `key`.
    pub(super) fn around(&self, key: Option<Key>, rows: usize) -> (usize, impl Iterator<Item = &Item> + '_) {
        let end = key.filter(|key| self.order.range(..=*key).nth(rows).is_some());
        let first = end.and_then(|key| self.order.range(..=key).rev().nth(rows.saturating_sub(1)));
        let from = first.map_or(Bound::Unbounded, Bound::Included);
        let before = first.map_or(0, |key| self.order.range(..key).count());
        (before, self.order.range((from, Bound::Unbounded)).take(rows).filter_map(|key| self.of.get(key)))
    }

    /// The youngest under `fd`.
    pub(super) fn youngest(&self, fd: Fd) -> Option<&Item> {
        self.order.range((fd, FileId(0))..=(fd, FileId(u64::MAX))).next_back().and_then(|key| self.of.get(key))
    }

    /// About how many bytes a copy takes that shares nothing which has changed.
    pub(super) fn price(&self) -> usize {
        let order = if Arc::strong_count(&self.order) == 1 { self.len() * size_of::<Key>() * 3 / 2 } else { 0 };
        self.of.frame() + self.of.own(|_| size_of::<Item>()) + order
    }

    /// The least that a copy takes.
    pub(super) fn frame(&self) -> usize {
        self.of.frame()
    }
}

/// About how many bytes a file takes.
pub(super) fn size_of_file(file: &File) -> usize {
    let stream = file.stream().map_or(0, |stream| HEAP + size_of_val(stream));
    size_of::<File>() + stream + HEAP + file.watched_by.capacity() * size_of::<(FileId, Fd)>()
}

/// Hashes the small numbers that the tables are known by: ids, fds. It begins with a number that nobody knows, so that a
/// recording cannot be made to have them all in one place.
#[derive(Clone, Debug)]
pub(super) struct Quick(u64);

impl Default for Quick {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Quick {
    type Hasher = Mix;

    fn build_hasher(&self) -> Mix {
        Mix(self.0)
    }
}

/// See [`Quick`].
pub(super) struct Mix(u64);

impl Mix {
    fn mix(&mut self, n: u64) {
        // Both halves of the product, so that every bit of the result depends on every one of the number.
        let product = u128::from(self.0 ^ n) * u128::from(0xf39c_c060_5ced_c835_u64);
        #[allow(clippy::cast_possible_truncation, reason = "the halves are what is wanted")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.0 = low ^ high;
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mix(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.mix(u64::from(n));
    }

    fn write_i32(&mut self, n: i32) {
        self.mix(u64::from(n.cast_unsigned()));
    }

    fn write_u64(&mut self, n: u64) {
        self.mix(n);
    }
}
