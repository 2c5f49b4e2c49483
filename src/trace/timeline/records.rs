//! Going through a timeline's records, from either end.

use std::ops::{Deref, Range};
use std::sync::Arc;

use super::segment::Segment;
use super::store::Timeline;
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
        self.pieces(from, to).flat_map(|piece| (0..piece.len()).map(move |i| piece[i]))
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
