//! What a timeline keeps: records, checkpoints, and the world after all of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::segment::Segment;
use crate::record::{Record, Seq};
use crate::trace::file::{Batch, Header, RecordingFile, Start};
use crate::trace::world::World;

/// Records in order, with the fold over all of them, and checkpoints from which the fold over the first `k` is reached
/// quickly.
///
/// Positions count records from the stream's beginning: position `k` is the moment after the first `k`. When more
/// records have come than are kept, the oldest are dropped; [`Timeline::first`] tells how many.
#[derive(Debug)]
pub struct Timeline {
    pub(super) segments: VecDeque<Segment>,
    /// The records after the last segment.
    pub(super) open: Vec<Record>,
    pub(super) first: u64,
    keep: usize,
    /// The world at `first`, then at later positions; ordered, all at the beginning of a segment.
    pub(super) checkpoints: VecDeque<(u64, World)>,
    /// How many bytes the next checkpoint may take, and how many it will take at least.
    credit: usize,
    price: usize,
    now: World,
    /// The file to read released segments from, for a recording that is too long to be held.
    file: Option<RecordingFile>,
    /// The bytes that segments may take, and again that checkpoints may, where there is a file.
    most: usize,
    /// The bytes of the segments that are held, and how many segments before them are not.
    held: usize,
    released: usize,
    /// The bytes of the checkpoints, and the fewest records between two.
    copies: usize,
    spacing: u64,
    /// The released segments that were looked at last.
    reread: Mutex<VecDeque<Numbered>>,
}

pub(super) type Numbered = (u64, Arc<[Record]>);

impl Default for Timeline {
    fn default() -> Self {
        Self::keeping(Self::KEEP)
    }
}

impl Timeline {
    /// How many records are kept unless said otherwise: 96 MiB of them at most, with their checkpoints.
    pub const KEEP: usize = 1 << 20;
    const SPACING: u64 = 4096;
    /// The bytes that the records of a file may take, unless said otherwise, and again that its checkpoints may.
    pub const HELD: usize = 64 << 20;
    const SEGMENT: usize = 1024;
    /// The most segments that are kept after they were read again. A screen asks for the same records at each redraw, and
    /// the scope's horizon is about so long.
    const REREAD: usize = 64;
    /// The bytes that a record and its share of the checkpoints may take. The allocator takes some more: a record costs at
    /// most 96 bytes of memory.
    const BUDGET: usize = 88;
    /// The most bytes that small checkpoints leave to later ones; also what there is at first, when much is created.
    const SPARE: usize = 4 << 20;

    /// An empty timeline that keeps the last `keep` records, or somewhat more.
    pub fn keeping(keep: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            open: Vec::new(),
            first: 0,
            keep,
            checkpoints: VecDeque::from([(0, World::default())]),
            credit: Self::SPARE,
            price: 0,
            now: World::default(),
            file: None,
            most: 0,
            held: 0,
            released: 0,
            copies: 0,
            spacing: Self::SPACING,
            reread: Mutex::default(),
        }
    }

    /// Adds the next record, numbered by its position.
    #[inline]
    pub fn push(&mut self, record: Record) {
        let record = Record { seq: Seq(self.len() + 1), ..record };
        self.now.apply(&record);
        self.open.push(record);
        if self.open.len() >= Self::SEGMENT && self.file.is_none() {
            self.close_segment(None);
        }
    }

    /// An empty timeline of the recording in `file`. All of it can be reached, however long it is: segments beyond `most`
    /// bytes are released, and read again when they are looked at.
    pub(in crate::trace) fn of_file(file: RecordingFile, most: usize) -> Self {
        Self { file: Some(file), most, ..Self::keeping(usize::MAX) }
    }

    /// The same timeline, still empty, of a recording with this header.
    pub(in crate::trace) fn recorded(self, header: &Header) -> Self {
        let world = World::recorded(header);
        Self { checkpoints: VecDeque::from([(0, world.clone())]), now: world, ..self }
    }

    /// Adds what was read of a recording. Gives each record to `each`, numbered, with the world that it led to.
    pub(in crate::trace) fn extend(&mut self, batch: Batch, mut each: impl FnMut(&Record, &World)) {
        for record in batch.records {
            let record = Record { seq: Seq(self.len() + 1), ..record };
            self.push(record);
            each(&record, &self.now);
        }
        if self.file.is_some() && !self.open.is_empty() {
            self.close_segment(batch.start);
        }
    }

    fn close_segment(&mut self, start: Option<Start>) {
        let segment = Segment::new(self.closed(), &self.open, start);
        self.open.clear();
        self.credit += (Self::BUDGET * segment.len).saturating_sub(segment.size());
        self.held += segment.size();
        self.segments.push_back(segment);
        self.release();
        let last = self.checkpoints.back().map_or(0, |(at, _)| *at);
        // To compute the price of a copy takes time, so do it only if a lower bound says that there may be enough credit.
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

    /// Releases the first segments that can be read again, while all take too much memory.
    fn release(&mut self) {
        while self.file.is_some() && self.held > self.most && self.released < self.segments.len() {
            self.held -= self.segments[self.released].release();
            self.released += 1;
        }
    }

    /// Drops every second checkpoint of a file when they take too much memory.
    fn thin_out(&mut self) {
        if self.file.is_none() || self.copies <= self.most {
            return;
        }
        let mut turns = [true, false].into_iter().cycle();
        self.checkpoints.retain(|_| turns.next().unwrap_or(true));
        self.copies /= 2;
        self.spacing *= 2;
    }

    /// The records of a segment, held or not.
    fn records_of(&self, segment: &Segment) -> Arc<[Record]> {
        if let Some(records) = &segment.records {
            return Arc::clone(records);
        }
        let Some((start, file)) = segment.start.as_ref().zip(self.file.as_ref()) else { return Arc::default() };
        let again = file.records(start, segment.len, segment.gone());
        again.into_iter().zip(segment.from + 1..).map(|(record, seq)| Record { seq: Seq(seq), ..record }).collect()
    }

    fn drop_oldest(&mut self) {
        while let Some(&(second, _)) = self.checkpoints.get(1) {
            if self.len() - second < self.keep as u64 {
                break;
            }
            self.segments.drain(..self.segment_at(second));
            self.first = second;
            self.checkpoints.pop_front();
        }
    }

    /// The position after the last record that is in a segment.
    pub(super) fn closed(&self) -> u64 {
        self.segments.back().map_or(self.first, Segment::to)
    }

    /// The index of the segment with the record at position `k`; the number of segments if it is in none.
    pub(super) fn segment_at(&self, k: u64) -> usize {
        self.segments.partition_point(|segment| segment.to() <= k)
    }

    /// The position after the last record.
    #[inline]
    pub fn len(&self) -> u64 {
        self.closed() + self.open.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The earliest position that can still be reached, which is the number of records that were dropped.
    #[inline]
    pub fn first(&self) -> u64 {
        self.first
    }

    pub fn now(&self) -> &World {
        &self.now
    }

    /// The world after the first `k` records, or at the nearest position that exists.
    pub fn at(&self, k: u64) -> World {
        let k = k.clamp(self.first, self.len());
        let from = self.checkpoints.partition_point(|(at, _)| *at <= k).saturating_sub(1);
        let Some((at, world)) = self.checkpoints.get(from) else { return World::default() };
        let mut world = world.clone();
        let mut apply = |records: &[Record]| {
            records.iter().take_while(|record| record.seq.0 <= k).for_each(|record| world.apply(record));
        };
        for segment in self.segments.range(self.segment_at(*at)..).take_while(|segment| segment.from < k) {
            apply(&self.records_of(segment));
        }
        apply(&self.open);
        world
    }

    /// The records of the segment with the one at position `k`. A segment that must be read again is kept for a while.
    pub(super) fn look_up(&self, k: u64) -> Option<Numbered> {
        let segment = self.segments.get(self.segment_at(k))?;
        if segment.records.is_some() {
            return Some((segment.from, self.records_of(segment)));
        }
        let mut reread = self.reread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = reread.iter().find(|(from, _)| *from == segment.from) {
            return Some(known.clone());
        }
        if reread.len() == Self::REREAD {
            reread.pop_front();
        }
        reread.push_back((segment.from, self.records_of(segment)));
        reread.back().cloned()
    }
}
