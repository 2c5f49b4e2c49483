//! All records so far, and the world after any number of them.

mod page;
mod records;
mod walks;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use page::{Desk, Page};
pub use records::Piece;
use records::Records;

use super::World;
use super::playback::{Start, Text};
use crate::analysis::Findings;
use crate::record::{Record, Seq};

/// Records in order, with the fold over all of them, and checkpoints from which the fold over the first `k` is reached
/// quickly.
///
/// Positions count records from the stream's beginning: position `k` is the moment after the first `k`. When more
/// records have come than are kept, the oldest are dropped; [`Timeline::first`] tells how many.
#[derive(Debug)]
pub struct Timeline {
    pages: VecDeque<Page>,
    /// What is not in a page yet.
    open: Vec<Record>,
    desk: Desk,
    first: u64,
    keep: usize,
    /// The world at `first`, then at later positions; ordered, all at the beginning of a page.
    checkpoints: VecDeque<(u64, World)>,
    /// How many bytes the next checkpoint may take, and how many it will take at least.
    credit: usize,
    price: usize,
    now: World,
    findings: Findings,
    /// What pages are read from that are not held, for all cannot be.
    text: Option<Text>,
    /// The bytes that pages may take, and again that checkpoints may, where there is a text.
    most: usize,
    /// The bytes of the pages that are held, and how many before them are not.
    held: usize,
    released: usize,
    /// The bytes of the checkpoints, and the fewest records between two.
    copies: usize,
    spacing: u64,
    unpacked: Mutex<VecDeque<Unpacked>>,
}

/// The records of a page, from its position on.
type Unpacked = (u64, Arc<[Record]>);

impl Default for Timeline {
    fn default() -> Self {
        Self::keeping(Self::KEEP)
    }
}

impl Timeline {
    /// How many records are kept unless said otherwise: 64 MiB of them at most, with their checkpoints.
    pub const KEEP: usize = 1 << 20;
    /// The fewest records between two checkpoints.
    const SPACING: u64 = 4096;
    /// The bytes that the pages of a file may take, unless said otherwise, and again that its checkpoints may.
    pub(super) const HELD: usize = 64 << 20;
    /// The records of a page.
    const PAGE: usize = 1024;
    /// So many pages are kept unpacked, for whoever goes on where he looked last: about the scope's horizon.
    const UNPACKED: usize = 64;
    /// The bytes that a record may take with its share of the checkpoints.
    const BUDGET: usize = 57;
    /// The most that small checkpoints leave to large ones, and what there is at first, when all comes into being.
    const SPARE: usize = 4 << 20;

    /// An empty timeline that keeps the last `keep` records, or somewhat more.
    pub fn keeping(keep: usize) -> Self {
        Self {
            pages: VecDeque::new(),
            open: Vec::new(),
            desk: Desk::default(),
            first: 0,
            keep,
            checkpoints: VecDeque::from([(0, World::default())]),
            credit: Self::SPARE,
            price: 0,
            now: World::default(),
            findings: Findings::default(),
            text: None,
            most: 0,
            held: 0,
            released: 0,
            copies: 0,
            spacing: Self::SPACING,
            unpacked: Mutex::default(),
        }
    }

    /// Adds the next record, numbered by its position. What a gap left out counts as passed.
    #[inline]
    pub fn push(&mut self, record: Record) {
        self.push_numbered(&Record { seq: Seq(self.len() + 1), ..record });
    }

    /// The same of one that has its number.
    #[inline]
    pub(crate) fn push_numbered(&mut self, record: &Record) {
        debug_assert_eq!(record.seq.0, self.len() + 1, "it is numbered by its position");
        self.now.apply(record);
        self.findings.apply(record, &self.now);
        self.open.push(*record);
        if self.open.len() >= Self::PAGE && self.text.is_none() {
            self.close_page(None);
        }
    }

    /// An empty timeline of the recording that `text` is: all of it can be reached, however long it is, and what takes
    /// more than `most` is read again when it is looked at.
    pub(super) fn of_text(text: Text, most: usize) -> Self {
        Self { text: Some(text), most, ..Self::keeping(usize::MAX) }
    }

    /// Adds the next records, which stand in the text from `start` on.
    pub(super) fn extend(&mut self, records: Vec<Record>, start: Option<Start>) {
        for record in records {
            self.push(record);
        }
        if self.text.is_some() && !self.open.is_empty() {
            self.close_page(start);
        }
    }

    fn close_page(&mut self, start: Option<Start>) {
        let page = Page::new(self.paged(), &self.open, start, &mut self.desk);
        self.open.clear();
        self.credit += (Self::BUDGET * page.len as usize).saturating_sub(page.size());
        self.held += page.size();
        self.pages.push_back(page);
        self.release();
        let last = self.checkpoints.back().map_or(0, |(at, _)| *at);
        // To know what a copy takes is itself some work, so it is asked only when it may be little enough.
        if self.len() - last < self.spacing || self.credit < self.price {
            return;
        }
        self.price = self.now.price();
        if self.credit >= self.price {
            self.credit = (self.credit - self.price).min(Self::SPARE);
            self.checkpoints.push_back((self.len(), self.now.clone()));
            self.copies += self.price;
            self.price = self.now.least_price();
            self.drop_oldest();
            self.thin_out();
        }
    }

    /// Lets go of the first pages that can be read again, while all take too much.
    fn release(&mut self) {
        while self.text.is_some() && self.held > self.most && self.released < self.pages.len() {
            self.held -= self.pages[self.released].release();
            self.released += 1;
        }
    }

    /// Drops every second checkpoint of a file while all take too much.
    fn thin_out(&mut self) {
        if self.text.is_none() || self.copies <= self.most {
            return;
        }
        let mut turns = [true, false].into_iter().cycle();
        self.checkpoints.retain(|_| turns.next().unwrap_or(true));
        self.copies /= 2;
        self.spacing *= 2;
    }

    /// The records of `page`, held or not.
    fn records_of<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = Record> + 'a {
        let again = page.released().zip(self.text.as_ref());
        let again = again.map(|(start, text)| text.records(start, page.len as usize, page.gone()));
        let again = again.into_iter().flatten();
        let numbered = again.zip(page.from + 1..).map(|(record, seq)| Record { seq: Seq(seq), ..record });
        page.records().chain(numbered)
    }

    fn drop_oldest(&mut self) {
        while let Some(&(second, _)) = self.checkpoints.get(1) {
            if self.len() - second < self.keep as u64 {
                break;
            }
            self.pages.drain(..self.page_at(second));
            self.first = second;
            self.checkpoints.pop_front();
        }
    }

    /// The position after the last record that is in a page.
    fn paged(&self) -> u64 {
        self.pages.back().map_or(self.first, Page::to)
    }

    /// The number of the page with the record at position `k`; of pages where it is later.
    fn page_at(&self, k: u64) -> usize {
        self.pages.partition_point(|page| page.to() <= k)
    }

    /// The position after the last record.
    #[inline]
    pub fn len(&self) -> u64 {
        self.paged() + self.open.len() as u64
    }

    /// Whether no record has come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The earliest position that can still be seen: so many records were dropped.
    #[inline]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The world after all records.
    pub fn now(&self) -> &World {
        &self.now
    }

    /// What is worth a look, in all records that ever came.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The world after the first `k` records; after the nearest position that there is, where `k` is not one.
    pub fn at(&self, k: u64) -> World {
        let k = k.clamp(self.first, self.len());
        let from = self.checkpoints.partition_point(|(at, _)| *at <= k).saturating_sub(1);
        let Some((at, world)) = self.checkpoints.get(from) else { return World::default() };
        let mut world = world.clone();
        for page in self.pages.range(self.page_at(*at)..).take_while(|page| page.from < k) {
            self.records_of(page).take_while(|record| record.seq.0 <= k).for_each(|record| world.apply(&record));
        }
        self.open.iter().take_while(|record| record.seq.0 <= k).for_each(|record| world.apply(record));
        world
    }

    /// The record that leads from position `k` to `k + 1`.
    pub fn get(&self, k: u64) -> Option<Record> {
        self.range(k, k + 1).next()
    }

    /// Two positions, or the nearest to them that there are.
    fn within(&self, from: u64, to: u64) -> (u64, u64) {
        (from.clamp(self.first, self.len()), to.clamp(self.first, self.len()))
    }

    /// The records between two positions, oldest first.
    pub fn range(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Record> + '_ {
        let (from, to) = self.within(from, to);
        Records::new(self, from, to)
    }

    /// The same in pieces: for whoever goes through many, which takes a fraction of the time so.
    pub fn pieces(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Piece<'_>> + '_ {
        let (from, to) = self.within(from, to);
        records::pieces(self, from, to, |_| true)
    }

    /// The same without stretches in which no bytes were kept.
    pub fn pieces_with_bytes(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Piece<'_>> + '_ {
        let (from, to) = self.within(from, to);
        records::pieces(self, from, to, |page| page.payload)
    }

    /// The records of the page with the one at position `k`.
    fn unpack(&self, k: u64) -> Option<Unpacked> {
        let mut unpacked = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        let page = self.pages.get(self.page_at(k))?;
        if let Some(known) = unpacked.iter().position(|(from, _)| *from == page.from) {
            return unpacked.get(known).cloned();
        }
        if unpacked.len() == Self::UNPACKED {
            unpacked.pop_front();
        }
        unpacked.push_back((page.from, self.records_of(page).collect()));
        unpacked.back().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Call, Fd, MsgFlags, Nanos, Ret, Tid};

    fn record(n: u64) -> Record {
        let fd = Fd(i32::try_from(n % 7).expect("small"));
        Record {
            seq: Seq(0),
            t: Nanos(n),
            tid: Tid(1),
            call: Call::Recvfrom { fd, len: 9, flags: MsgFlags::empty(), ret: Ret::value(3) },
        }
    }

    #[test]
    fn any_moment_is_the_fold_of_what_came_before() {
        let mut timeline = Timeline::default();
        (0..10_000).for_each(|n| timeline.push(record(n)));
        let mut world = World::default();
        for k in 0..10_000 {
            if k % 997 == 0 {
                assert_eq!(timeline.at(k), world, "at {k}");
            }
            world.apply(&timeline.get(k).expect("a record"));
        }
        assert_eq!(timeline.at(10_000), *timeline.now());
    }

    #[test]
    fn the_oldest_are_dropped_and_the_rest_is_unchanged() {
        let (mut all, mut few) = (Timeline::default(), Timeline::keeping(5_000));
        for n in 0..30_000 {
            all.push(record(n));
            few.push(record(n));
        }
        assert!(few.first() > 0 && few.len() - few.first() >= 5_000, "from {}", few.first());
        assert_eq!(few.at(29_000), all.at(29_000));
        assert_eq!(few.at(0), all.at(few.first()));
        assert_eq!(few.now(), all.now());
    }
}
