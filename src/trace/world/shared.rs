//! Tables that cost little to copy. A copy of the world shares all pages that have not changed since, so a checkpoint
//! costs what is new in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

/// A row of a table: it knows its key.
pub(super) trait Row: Clone {
    type Key: Copy + Ord;

    fn key(&self) -> Self::Key;

    /// The place of `key`. Keys that are in use at the same time should have places close together, and not the same one.
    fn place(key: Self::Key) -> u64;
}

/// Rows by their places, in pages that copies share until one of them is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paged<R: Row> {
    /// Where places are counted from. The place of an fd has its file table in the upper half; counted from the table of the
    /// first row, most places are small.
    home: u64,
    /// The first pages from there, by number, and all others by hash.
    near: Vec<Option<Arc<Page<R>>>>,
    far: HashMap<usize, Arc<Page<R>>, RandomState>,
    /// Rows whose place is taken by another.
    beside: BTreeMap<R::Key, R>,
    len: usize,
}

/// Places in a page.
const PLACES: usize = 16;

/// Pages that are near.
const NEAR: usize = 1024;

/// The part of a place in which neighbours differ: the number of an fd, and not whose it is.
const HOME: u64 = 0xffff_ffff;

type Page<R> = [Option<R>; PLACES];

impl<R: Row> Default for Paged<R> {
    fn default() -> Self {
        Self { home: 0, near: Vec::new(), far: HashMap::default(), beside: BTreeMap::new(), len: 0 }
    }
}

impl<R: Row> Paged<R> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn contains_key(&self, key: R::Key) -> bool {
        self.get(key).is_some()
    }

    #[inline]
    pub(super) fn get(&self, key: R::Key) -> Option<&R> {
        self.at(R::place(key)).filter(|row| row.key() == key).or_else(|| self.beside.get(&key))
    }

    /// The row, to be changed. This copies its page if another table shares it, so to read only, use [`Paged::get`].
    #[inline]
    pub(super) fn get_mut(&mut self, key: R::Key) -> Option<&mut R> {
        let (page, place) = self.split(R::place(key));
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
        if self.len == 0 {
            self.home = R::place(key) & !HOME;
        }
        self.len += 1;
        let (page, place) = self.split(R::place(key));
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
        let (at, place) = self.split(R::place(key));
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

    /// Whether every row has its place to itself.
    pub(super) fn is_plain(&self) -> bool {
        self.beside.is_empty()
    }

    /// The row at a place.
    #[inline]
    pub(super) fn at(&self, place: u64) -> Option<&R> {
        let (page, place) = self.split(place);
        let page = if page < NEAR { self.near.get(page)?.as_ref() } else { self.far.get(&page) };
        page?[place].as_ref()
    }

    /// The page of a place, and which of it.
    #[inline]
    fn split(&self, place: u64) -> (usize, usize) {
        #[allow(clippy::cast_possible_truncation, reason = "no place but a key's, which the row itself tells apart")]
        let place = (place ^ self.home) as usize;
        (place / PLACES, place % PLACES)
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

    /// Changes the rows that are `wanted`; no other page is copied.
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

#[inline]
fn page_mut<'a, P>(
    near: &'a mut [Option<Arc<P>>],
    far: &'a mut HashMap<usize, Arc<P>, RandomState>,
    page: usize,
) -> Option<&'a mut Arc<P>> {
    if page < NEAR { near.get_mut(page)?.as_mut() } else { far.get_mut(&page) }
}

/// What an allocation with its counts takes beside its value.
pub(super) const HEAP: usize = 32;
