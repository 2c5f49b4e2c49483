//! Going through a timeline's records, from either end.

use std::sync::Arc;

use super::{Timeline, Unpacked};
use crate::record::Record;

/// The records between two positions.
pub(super) struct Records<'a> {
    timeline: &'a Timeline,
    from: u64,
    to: u64,
    /// The pages that each end is in.
    front: Unpacked,
    back: Unpacked,
}

impl<'a> Records<'a> {
    /// Both are positions of `timeline`.
    pub(super) fn new(timeline: &'a Timeline, from: u64, to: u64) -> Self {
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

/// The record at position `k`, most likely out of `page`.
#[inline]
fn record(timeline: &Timeline, k: u64, page: &mut Unpacked) -> Option<Record> {
    let within = |from: u64| usize::try_from(k.checked_sub(from)?).ok();
    if let Some(record) = within(page.0).and_then(|n| page.1.get(n)) {
        return Some(*record);
    }
    if let Some(n) = within(timeline.paged()) {
        return timeline.open.get(n).copied();
    }
    *page = timeline.unpack(k)?;
    within(page.0).and_then(|n| page.1.get(n)).copied()
}
