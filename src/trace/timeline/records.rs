//! Going through a timeline's records, from either end.

use std::ops::{Deref, Range};
use std::sync::Arc;

use super::segment::Segment;
use super::store::{Numbered, Timeline};
use crate::record::Record;

impl Timeline {
    /// The record that leads from position `k` to `k + 1`.
    pub fn get(&self, k: u64) -> Option<Record> {
        self.range(k, k + 1).next()
    }

    /// Two positions, moved to the nearest that exist.
    fn within(&self, from: u64, to: u64) -> (u64, u64) {
        (from.clamp(self.first, self.len()), to.clamp(self.first, self.len()))
    }

    /// The records between two positions, oldest first.
    pub fn range(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Record> + '_ {
        let (from, to) = self.within(from, to);
        Records::new(self, from, to)
    }

    /// The same in pieces: to go through many records takes a fraction of the time.
    pub fn pieces(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Piece<'_>> + '_ {
        let (from, to) = self.within(from, to);
        pieces(self, from, to, |_| true)
    }

    /// The same without segments in which no bytes were kept.
    pub fn pieces_with_bytes(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Piece<'_>> + '_ {
        let (from, to) = self.within(from, to);
        pieces(self, from, to, |segment| segment.has_bytes)
    }
}

/// Consecutive records of a timeline, borrowed or shared.
pub enum Piece<'a> {
    /// Of a segment.
    Segment(Arc<[Record]>, Range<usize>),
    /// Those after the last segment.
    Open(&'a [Record]),
}

impl Deref for Piece<'_> {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        match self {
            Self::Segment(records, range) => records.get(range.clone()).unwrap_or_default(),
            Self::Open(records) => records,
        }
    }
}

/// The records between two positions of `timeline`, in pieces; only segments that have `some` of what is looked for.
fn pieces(
    timeline: &Timeline,
    from: u64,
    to: u64,
    some: fn(&Segment) -> bool,
) -> impl DoubleEndedIterator<Item = Piece<'_>> {
    let within = move |first: u64, len: usize| {
        let at = |k: u64| usize::try_from(k.saturating_sub(first)).unwrap_or(usize::MAX).min(len);
        at(from)..at(to)
    };
    let (first, after) = if from < to { (timeline.segment_at(from), timeline.segment_at(to - 1) + 1) } else { (0, 0) };
    let segments = timeline.segments.range(first..after.min(timeline.segments.len()));
    let segments = segments.filter(move |segment| some(segment)).filter_map(move |segment| {
        let (first, records) = timeline.look_up(segment.from)?;
        let range = within(first, records.len());
        Some(Piece::Segment(records, range))
    });
    let open = timeline.open.get(within(timeline.closed(), timeline.open.len())).unwrap_or_default();
    segments.chain(std::iter::once(Piece::Open(open)))
}

struct Records<'a> {
    timeline: &'a Timeline,
    from: u64,
    to: u64,
    /// The segments that each end is in.
    front: Numbered,
    back: Numbered,
}

impl<'a> Records<'a> {
    fn new(timeline: &'a Timeline, from: u64, to: u64) -> Self {
        let none = || (0, Arc::default());
        Self { timeline, from, to, front: none(), back: none() }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    #[inline]
    fn next(&mut self) -> Option<Record> {
        if self.from >= self.to {
            return None;
        }
        let record = record(self.timeline, self.from, &mut self.front);
        self.from += 1;
        record
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.to.saturating_sub(self.from)).unwrap_or(usize::MAX);
        (0, Some(left))
    }
}

impl DoubleEndedIterator for Records<'_> {
    fn next_back(&mut self) -> Option<Record> {
        if self.from >= self.to {
            return None;
        }
        self.to -= 1;
        record(self.timeline, self.to, &mut self.back)
    }
}

/// The record at position `k`, most likely out of `segment`.
#[inline]
fn record(timeline: &Timeline, k: u64, segment: &mut Numbered) -> Option<Record> {
    let within = |from: u64| usize::try_from(k.checked_sub(from)?).ok();
    if let Some(record) = within(segment.0).and_then(|n| segment.1.get(n)) {
        return Some(*record);
    }
    if let Some(n) = within(timeline.closed()) {
        return timeline.open.get(n).copied();
    }
    *segment = timeline.look_up(k)?;
    within(segment.0).and_then(|n| segment.1.get(n)).copied()
}
