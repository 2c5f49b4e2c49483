//! A call with what belongs to it: the events of a wait, the bytes of a transfer.

use super::counts::Counts;
use crate::record::{Call, Policy, Record};
use crate::trace::file::lines::Parts;
use crate::trace::text::TextWriter;

/// A call and its parts. There is always a first record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub(super) records: Vec<Record>,
}

impl Unit {
    pub fn record(&self) -> &Record {
        &self.records[0]
    }

    pub fn line(&self) -> String {
        let mut text = TextWriter::with_samples(Vec::new());
        // A vector takes all.
        let _ = self.records.iter().try_for_each(|record| text.write(record));
        String::from_utf8_lossy(&text.finish().unwrap_or_default()).trim_end_matches('\n').to_owned()
    }
}

/// A call of one side, and what it is compared by.
pub(super) struct Taken {
    pub(super) unit: Unit,
    pub(super) plain: Vec<Call>,
    /// How much was unread in its file before it.
    pub(super) depth: Option<u64>,
}

/// Records grouped into units; those that do not count are only shown to `look`.
pub(super) struct Units<'a, I> {
    records: I,
    counts: &'a Counts,
    next: Option<Record>,
}

impl<'a, I: Iterator<Item = Record>> Units<'a, I> {
    pub(super) fn new(records: I, counts: &'a Counts) -> Self {
        Self { records, counts, next: None }
    }

    /// The next unit; `look` sees each record that is read for it, and whether it is the unit's first. A record that
    /// shows that the unit is complete is seen with the next one.
    pub(super) fn next(&mut self, mut look: impl FnMut(&Record, bool)) -> Option<Unit> {
        let first = loop {
            let record = self.next.take().or_else(|| self.records.next())?;
            let counts = self.counts.takes(&record.call);
            look(&record, counts);
            if counts {
                break record;
            }
        };
        let mut unit = Unit { records: vec![first] };
        let mut parts = Parts::awaited_by(&first);
        // No list of events is longer, and no line of a recording holds more bytes.
        while let Some(awaited) = parts.as_mut().filter(|_| unit.records.len() <= Policy::MAX_EVENTS as usize) {
            let Some(record) = self.records.next() else { break };
            if !awaited.take(&record) {
                self.next = Some(record);
                break;
            }
            look(&record, false);
            if self.counts.takes(&record.call) {
                unit.records.push(record);
            }
            if awaited.are_complete() {
                parts = None;
            }
        }
        Some(unit)
    }
}
