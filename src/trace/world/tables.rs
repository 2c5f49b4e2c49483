//! The tables of the world: fds and their names, files, clients, and the interest list of an epoll.

use std::sync::Arc;

use super::file::{File, FileId, Key, Kind, Table};
use super::order::Order;
use super::report::Item;
use super::shared::{HEAP, Paged, Row};
use crate::record::{Chunk, Fd};

/// The file behind an fd in a file table.
pub(super) type Entry = ((Table, Fd), FileId);

impl Row for Entry {
    type Key = (Table, Fd);

    #[inline]
    fn key(&self) -> Self::Key {
        self.0
    }

    #[inline]
    fn place((table, fd): Self::Key) -> u64 {
        u64::from(table.0) << 32 | u64::from(fd.0.cast_unsigned())
    }
}

/// What the program calls an fd.
pub(super) type Name = ((Table, Fd), Chunk);

impl Row for Name {
    type Key = (Table, Fd);

    #[inline]
    fn key(&self) -> Self::Key {
        self.0
    }

    #[inline]
    fn place(key: Self::Key) -> u64 {
        Entry::place(key)
    }
}

/// An end that connected, by the order of connecting.
pub(super) type Client = (u32, FileId);

impl Row for Client {
    type Key = u32;

    #[inline]
    fn key(&self) -> u32 {
        self.0
    }

    #[inline]
    fn place(ordinal: u32) -> u64 {
        ordinal.into()
    }
}

impl Row for File {
    type Key = FileId;

    #[inline]
    fn key(&self) -> FileId {
        self.id
    }

    #[inline]
    fn place(id: FileId) -> u64 {
        id.place()
    }
}

impl Row for Item {
    type Key = Key;

    #[inline]
    fn key(&self) -> Key {
        (self.fd, self.file)
    }

    #[inline]
    fn place((fd, _): Key) -> u64 {
        fd.0.cast_unsigned().into()
    }
}

/// All files: each has a place that no other has while it is open, so that it is found by place.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Files {
    of: Paged<File>,
    free: Vec<u64>,
    /// How many places there are, the free ones included.
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

    #[inline]
    pub(super) fn contains_key(&self, id: FileId) -> bool {
        self.of.contains_key(id)
    }

    #[inline]
    pub(super) fn get(&self, id: FileId) -> Option<&File> {
        self.of.get(id)
    }

    /// See [`Paged::get_mut`].
    #[inline]
    pub(super) fn get_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.of.get_mut(id)
    }

    pub(super) fn insert(&mut self, file: File) {
        self.of.insert(file);
    }

    pub(super) fn remove(&mut self, id: FileId) -> Option<File> {
        let removed = self.of.remove(id)?;
        if id != FileId::CROWD {
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

    /// A lower bound of that.
    pub(super) fn frame(&self) -> usize {
        self.of.frame() + self.free.len() * size_of::<u64>()
    }
}

/// About how many bytes the ends of a connection take, if no copy shares them.
fn own_ends(file: &File) -> usize {
    match &file.kind {
        Kind::Stream(stream) if Arc::strong_count(&stream.ends) == 1 => HEAP + size_of_val(&*stream.ends),
        _ => 0,
    }
}

/// An interest list: its registrations, and their order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Items {
    of: Paged<Item>,
    /// It changes seldom: only with ADD, DEL and close.
    order: Order,
}

impl Items {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<&Item> {
        self.of.get(*key)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Item> {
        self.of.get_mut(*key)
    }

    pub(super) fn insert(&mut self, item: Item) {
        self.order.insert(item.key());
        self.of.insert(item);
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Item> {
        let removed = self.of.remove(*key);
        if removed.is_some() {
            self.order.remove(*key);
        }
        removed
    }

    /// By fd; of several under one fd the oldest first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &Item> + '_ {
        self.order.iter().filter_map(|key| self.of.get(*key))
    }

    /// See [`Epoll::around`](super::Epoll::around).
    pub(super) fn around(&self, key: Option<Key>, rows: usize) -> (usize, impl Iterator<Item = &Item> + '_) {
        let before = key.map_or(0, |key| self.order.up_to(key).saturating_sub(rows));
        (before, self.order.from(before).take(rows).filter_map(|key| self.of.get(*key)))
    }

    /// See [`Epoll::beside`](super::Epoll::beside).
    pub(super) fn beside(&self, key: Option<Key>, by: isize) -> Option<&Item> {
        let last = self.len().checked_sub(1)?;
        let place = match key {
            Some(key) => self.order.up_to(key).saturating_sub(1).saturating_add_signed(by).min(last),
            None if by < 0 => last,
            None => 0,
        };
        self.nth(place)
    }

    fn nth(&self, n: usize) -> Option<&Item> {
        self.order.from(n).next().and_then(|key| self.of.get(*key))
    }

    /// The latest under `fd`.
    #[inline]
    pub(super) fn latest(&self, fd: Fd) -> Option<&Item> {
        if self.are_plain() {
            return self.of.at(Item::place((fd, FileId::FIRST)));
        }
        let key = self.order.last_up_to((fd, FileId::CROWD)).filter(|key| key.0 == fd);
        key.and_then(|key| self.of.get(*key))
    }

    /// Whether no two have the same fd.
    pub(super) fn are_plain(&self) -> bool {
        self.of.is_plain()
    }

    /// About how many bytes a copy takes that shares nothing which has changed.
    pub(super) fn price(&self) -> usize {
        self.frame() + self.of.own(|_| 0) + self.order.price()
    }

    /// A lower bound of that.
    pub(super) fn frame(&self) -> usize {
        self.of.frame() + self.order.frame()
    }
}

/// Takes items off the ready list. Where a wait found them not ready, that says something of their `files`.
pub(super) fn vanish(items: &mut Items, mut files: Option<&mut Files>, keys: impl IntoIterator<Item = Key>) {
    for key in keys {
        let Some(item) = items.get_mut(&key) else { continue };
        item.queued = None;
        if let Some(files) = files.as_mut().filter(|_| item.tells_idle()) {
            files.found_idle(item.file);
        }
    }
}
