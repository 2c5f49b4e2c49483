//! Tables that cost little to copy: a copy of the world shares with it all that has not changed since, so that a moment
//! kept for later costs what is new in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Bound;
use std::sync::Arc;

use super::file::{File, FileId, Kind, Table};
use super::report::Item;
use crate::record::{Chunk, Fd};

/// What stands in a table: it knows its key.
pub(super) trait Row: Clone {
    /// What it is known by.
    type Key: Copy + Ord;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// The place of `key`. Keys that are in use together have neighbouring places, and seldom the same.
    fn place(key: Self::Key) -> u64;
}

/// Rows by their places, in pages that copies share until one of them changes something there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paged<R: Row> {
    /// The first pages, found without a search; and the others.
    near: Vec<Option<Arc<Page<R>>>>,
    far: HashMap<usize, Arc<Page<R>>, Quick>,
    /// Rows whose place another one has.
    beside: BTreeMap<R::Key, R>,
    len: usize,
}

/// So many places are in a page.
const PLACES: usize = 16;

/// So many pages are near.
const NEAR: usize = 1024;

type Page<R> = [Option<R>; PLACES];

impl<R: Row> Default for Paged<R> {
    fn default() -> Self {
        Self { near: Vec::new(), far: HashMap::default(), beside: BTreeMap::new(), len: 0 }
    }
}

impl<R: Row> Paged<R> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn contains_key(&self, key: R::Key) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn get(&self, key: R::Key) -> Option<&R> {
        self.at(R::place(key)).filter(|row| row.key() == key).or_else(|| self.beside.get(&key))
    }

    /// The row to be changed, which parts its page from other copies; so ask for it only then.
    pub(super) fn get_mut(&mut self, key: R::Key) -> Option<&mut R> {
        let (page, place) = split(R::place(key));
        let page = page_mut(&mut self.near, &mut self.far, page);
        match page.filter(|page| page[place].as_ref().is_some_and(|row| row.key() == key)) {
            Some(page) => Arc::make_mut(page)[place].as_mut(),
            None => self.beside.get_mut(&key),
        }
    }

    pub(super) fn insert(&mut self, row: R) {
        let key = row.key();
        if let Some(old) = self.get_mut(key) {
            *old = row;
            return;
        }
        self.len += 1;
        let (page, place) = split(R::place(key));
        let page = if page < NEAR {
            self.near.resize_with(self.near.len().max(page + 1), Option::default);
            self.near[page].get_or_insert_default()
        } else {
            self.far.entry(page).or_default()
        };
        let place = &mut Arc::make_mut(page)[place];
        if place.is_none() {
            *place = Some(row);
        } else {
            self.beside.insert(key, row);
        }
    }

    pub(super) fn remove(&mut self, key: R::Key) -> Option<R> {
        let (at, place) = split(R::place(key));
        let page = page_mut(&mut self.near, &mut self.far, at);
        let page = page.filter(|page| page[place].as_ref().is_some_and(|row| row.key() == key));
        let removed = match page {
            None => self.beside.remove(&key),
            Some(page) => {
                let page = Arc::make_mut(page);
                let removed = page[place].take();
                if page.iter().all(Option::is_none) {
                    self.let_go(at);
                }
                removed
            }
        };
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// The row at a place that one has to itself, since all have.
    fn alone(&self, place: u64) -> Option<Option<&R>> {
        self.beside.is_empty().then(|| self.at(place))
    }

    fn at(&self, place: u64) -> Option<&R> {
        let (page, place) = split(place);
        let page = if page < NEAR { self.near.get(page)?.as_ref() } else { self.far.get(&page) };
        page?[place].as_ref()
    }

    fn let_go(&mut self, page: usize) {
        if page >= NEAR {
            self.far.remove(&page);
        } else if let Some(page) = self.near.get_mut(page) {
            *page = None;
        }
    }

    fn pages(&self) -> impl Iterator<Item = &Arc<Page<R>>> + '_ {
        self.near.iter().flatten().chain(self.far.values())
    }

    /// All of them, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &R> + '_ {
        self.pages().flat_map(|page| page.iter().flatten()).chain(self.beside.values())
    }

    /// Changes those that are to be changed.
    pub(super) fn change_all(&mut self, wanted: impl Fn(&R) -> bool, change: impl Fn(&mut R)) {
        let pages = self.near.iter_mut().flatten().chain(self.far.values_mut());
        for page in pages.filter(|page| page.iter().flatten().any(&wanted)) {
            Arc::make_mut(page).iter_mut().flatten().filter(|row| wanted(row)).for_each(&change);
        }
        self.beside.values_mut().filter(|row| wanted(row)).for_each(change);
    }

    /// About how many bytes a copy takes, without the pages.
    pub(super) fn frame(&self) -> usize {
        let far = self.far.capacity() * (size_of::<(usize, Arc<Page<R>>)>() + 1) * 8 / 7;
        far + self.near.len() * size_of::<Arc<Page<R>>>() + self.beside.len() * size_of::<(R::Key, R)>() * 3 / 2
    }

    /// About how many bytes those pages take that no copy has, with what their rows hold `beside` them.
    pub(super) fn own(&self, beside: impl Fn(&R) -> usize) -> usize {
        let own = self.pages().filter(|page| Arc::strong_count(page) == 1);
        own.map(|page| HEAP + size_of_val(&**page) + page.iter().flatten().map(&beside).sum::<usize>()).sum()
    }
}

/// The page of a place, and which of it.
fn split(place: u64) -> (usize, usize) {
    #[allow(clippy::cast_possible_truncation, reason = "no place but a key's, which the row itself tells apart")]
    let place = place as usize;
    (place / PLACES, place % PLACES)
}

fn page_mut<'a, P>(
    near: &'a mut [Option<Arc<P>>],
    far: &'a mut HashMap<usize, Arc<P>, Quick>,
    page: usize,
) -> Option<&'a mut Arc<P>> {
    if page < NEAR { near.get_mut(page)?.as_mut() } else { far.get_mut(&page) }
}

/// What a number stands for in a file table.
pub(super) type Entry = ((Table, Fd), FileId);

impl Row for Entry {
    type Key = (Table, Fd);

    fn key(&self) -> Self::Key {
        self.0
    }

    fn place((table, fd): Self::Key) -> u64 {
        u64::from(table.0) << 32 | u64::from(fd.0.cast_unsigned())
    }
}

/// What the program calls a number.
pub(super) type Name = ((Table, Fd), Chunk);

impl Row for Name {
    type Key = (Table, Fd);

    fn key(&self) -> Self::Key {
        self.0
    }

    fn place(key: Self::Key) -> u64 {
        Entry::place(key)
    }
}

/// An end that connected, by the order of connecting.
pub(super) type Client = (u32, FileId);

impl Row for Client {
    type Key = u32;

    fn key(&self) -> u32 {
        self.0
    }

    fn place(ordinal: u32) -> u64 {
        ordinal.into()
    }
}

impl Row for File {
    type Key = FileId;

    fn key(&self) -> FileId {
        self.id
    }

    fn place(id: FileId) -> u64 {
        id.place()
    }
}

impl Row for Item {
    type Key = Key;

    fn key(&self) -> Key {
        (self.fd, self.file)
    }

    fn place((fd, _): Key) -> u64 {
        fd.0.cast_unsigned().into()
    }
}

/// All files: each has a place that no other has while it is open.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Files {
    of: Paged<File>,
    free: Vec<u64>,
    /// How many places were given.
    places: u64,
}

impl Files {
    /// An id for a file that the record numbered `seq` opens.
    pub(super) fn new_id(&mut self, seq: u64) -> FileId {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places += 1;
            self.places - 1
        });
        FileId::new(seq, place)
    }

    pub(super) fn contains_key(&self, id: &FileId) -> bool {
        self.of.contains_key(*id)
    }

    pub(super) fn get(&self, id: &FileId) -> Option<&File> {
        self.of.get(*id)
    }

    /// See [`Paged::get_mut`].
    pub(super) fn get_mut(&mut self, id: &FileId) -> Option<&mut File> {
        self.of.get_mut(*id)
    }

    pub(super) fn insert(&mut self, file: File) {
        self.of.insert(file);
    }

    pub(super) fn remove(&mut self, id: &FileId) -> Option<File> {
        let removed = self.of.remove(*id)?;
        if *id != FileId::CROWD {
            self.free.push(id.place());
        }
        Some(removed)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &File> + '_ {
        self.of.iter()
    }

    /// See [`Paged::change_all`].
    pub(super) fn change_all(&mut self, wanted: impl Fn(&File) -> bool, change: impl Fn(&mut File)) {
        self.of.change_all(wanted, change);
    }

    /// About how many bytes a copy takes that shares nothing which has changed.
    pub(super) fn price(&self) -> usize {
        self.of.own(|file| file.watched_by.beside() + own_ends(file))
    }

    /// The least that a copy takes beside.
    pub(super) fn frame(&self) -> usize {
        self.of.frame() + self.free.len() * size_of::<u64>()
    }
}

/// About how many bytes the ends of a connection take that no copy has.
fn own_ends(file: &File) -> usize {
    match &file.kind {
        Kind::Stream(stream) if Arc::strong_count(&stream.ends) == 1 => HEAP + size_of_val(&*stream.ends),
        _ => 0,
    }
}

/// What an allocation with its counts takes beside its value.
pub(super) const HEAP: usize = 32;

/// What a registration is known by.
pub(super) type Key = (Fd, FileId);

/// An interest list: its registrations, and their order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Items {
    of: Paged<Item>,
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
        self.of.get(*key)
    }

    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Item> {
        self.of.get_mut(*key)
    }

    pub(super) fn insert(&mut self, item: Item) {
        let key = (item.fd, item.file);
        Arc::make_mut(&mut self.order).insert(key);
        self.of.insert(item);
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Item> {
        let removed = self.of.remove(*key);
        if removed.is_some() {
            Arc::make_mut(&mut self.order).remove(key);
        }
        removed
    }

    /// By fd; of several under one number the oldest first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &Item> + '_ {
        self.order.iter().filter_map(|key| self.of.get(*key))
    }

    /// The `rows` of them that keep `key` in sight, and how many come before them: the first, or those up to `key`.
    pub(super) fn around(&self, key: Option<Key>, rows: usize) -> (usize, impl Iterator<Item = &Item> + '_) {
        let end = key.filter(|key| self.order.range(..=*key).nth(rows).is_some());
        let first = end.and_then(|key| self.order.range(..=key).rev().nth(rows.saturating_sub(1)));
        let from = first.map_or(Bound::Unbounded, Bound::Included);
        let before = first.map_or(0, |key| self.order.range(..key).count());
        (before, self.order.range((from, Bound::Unbounded)).take(rows).filter_map(|key| self.of.get(*key)))
    }

    /// So many places after `key`, or before it, or as far as there are any; without a key the first of all, or the last.
    pub(super) fn beside(&self, key: Option<Key>, by: isize) -> Option<&Item> {
        let far = by.unsigned_abs().saturating_add(1);
        let found = match (key, by < 0) {
            (Some(key), false) => self.order.range(key..).take(far).last(),
            (Some(key), true) => self.order.range(..=key).rev().take(far).last(),
            (None, false) => self.order.first(),
            (None, true) => self.order.last(),
        };
        found.and_then(|key| self.of.get(*key))
    }

    /// The youngest under `fd`.
    pub(super) fn youngest(&self, fd: Fd) -> Option<&Item> {
        self.alone(fd).unwrap_or_else(|| {
            let key = self.order.range((fd, FileId::FIRST)..=(fd, FileId::CROWD)).next_back();
            key.and_then(|key| self.of.get(*key))
        })
    }

    /// The registration under `fd`, where no two have one number.
    pub(super) fn alone(&self, fd: Fd) -> Option<Option<&Item>> {
        self.of.alone(Item::place((fd, FileId::FIRST)))
    }

    /// About how many bytes a copy takes that shares nothing which has changed.
    pub(super) fn price(&self) -> usize {
        let order = if Arc::strong_count(&self.order) == 1 { self.len() * size_of::<Key>() * 3 / 2 } else { 0 };
        self.of.frame() + self.of.own(|_| 0) + order
    }

    /// The least that a copy takes.
    pub(super) fn frame(&self) -> usize {
        self.of.frame()
    }
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

    fn write_usize(&mut self, n: usize) {
        self.mix(n as u64);
    }
}
