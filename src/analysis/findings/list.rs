//! The findings over a stream of records, and where they stand in it.

use super::finding::Finding;
use super::found::Found;
use super::lints::Watch;
use crate::record::Record;
use crate::trace::World;

/// The findings over a stream of records.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    watch: Watch,
    pub(super) found: Found,
}

impl Findings {
    /// The most findings that are kept; the oldest go first.
    pub const KEPT: usize = Found::KEPT;

    /// Takes in the next record, that led to `world`.
    #[inline]
    pub fn apply(&mut self, record: &Record, world: &World) {
        self.watch.look(record, world, &mut self.found);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Finding> + ExactSizeIterator + '_ {
        self.found.list.iter()
    }

    pub fn len(&self) -> usize {
        self.found.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.found.list.is_empty()
    }

    /// How many were dropped, since there were too many.
    pub fn dropped(&self) -> u64 {
        self.found.dropped
    }

    /// Whether the program spins now.
    pub fn spins(&self) -> bool {
        self.watch.spins()
    }

    pub fn after(&self, k: u64) -> Option<&Finding> {
        self.found.list.get(self.known_at(k))
    }

    pub fn before(&self, k: u64) -> Option<&Finding> {
        self.found.list.get(self.found.list.partition_point(|finding| finding.position() < k).checked_sub(1)?)
    }

    /// How many of those that are kept are known at position `k`.
    pub fn known_at(&self, k: u64) -> usize {
        self.found.list.partition_point(|finding| finding.position() <= k)
    }

    /// Those that are known at position `k`, in order.
    pub fn until(&self, k: u64) -> impl DoubleEndedIterator<Item = &Finding> + ExactSizeIterator + '_ {
        self.found.list.range(..self.known_at(k))
    }
}
