//! Lines into batches of records, with a word in the place of each stretch that is missing.

use std::io::{BufReader, Read};

use crate::record::{Call, Record, Seq};
use crate::trace::file::Place;
use crate::trace::{Reader, TraceError, Unknown};

/// What was read from one or more lines.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Where the first line begins.
    pub(crate) start: Option<Start>,
    pub(crate) records: Vec<Record>,
    pub(super) errors: Vec<TraceError>,
    /// How many numbers no line had.
    pub(super) missing: u64,
    /// The number of the recording's first record, if it is in here.
    pub(super) begins_at: Option<Seq>,
    /// The lines of unknown calls up to here.
    pub(super) unknown: Option<Unknown>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.errors.is_empty() && self.unknown.is_none()
    }
}

/// Where a batch starts: enough to read it once more.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(super) place: Place,
    pub(super) gap: Gap,
}

/// What lies between the last record and the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    /// The number of the last record.
    last: Option<Seq>,
    /// A line was wrong since.
    wrong: bool,
    /// A line was of an unknown call since.
    unknown: bool,
}

/// Reads batches.
pub(super) struct Lines<R> {
    reader: Reader<R>,
    gap: Gap,
    /// How many lines of unknown calls there were.
    unknown: u64,
}

impl<R: Read> Lines<BufReader<R>> {
    pub(super) fn new(reader: Reader<BufReader<R>>) -> Self {
        Self { reader, gap: Gap::default(), unknown: 0 }
    }

    /// Goes on at what lies before `reader`'s next line.
    pub(super) fn resume(reader: Reader<BufReader<R>>, gap: Gap) -> Self {
        Self { gap, ..Self::new(reader) }
    }

    /// An empty batch that starts here.
    pub(super) fn batch(&self) -> Batch {
        let start = self.reader.place().map(|place| Start { place, gap: self.gap });
        Batch { start, ..Batch::default() }
    }

    /// Whether the last line is used up.
    pub(super) fn at_line(&self) -> bool {
        self.reader.is_at_line()
    }

    /// See [`Reader::would_wait`].
    pub(super) fn would_wait(&self) -> bool {
        self.reader.would_wait()
    }

    /// Reads on by a record or a wrong line; `false` at the end.
    pub(super) fn read_into(&mut self, batch: &mut Batch) -> bool {
        let read = self.reader.next();
        if let Some(unknown) = self.reader.unknown().filter(|unknown| unknown.count > self.unknown) {
            self.unknown = unknown.count;
            self.gap.unknown = true;
            batch.unknown = Some(unknown.clone());
        }
        match read {
            Some(Ok(record)) => self.take(record, batch),
            Some(Err(error)) => {
                self.gap.wrong = true;
                batch.errors.push(error);
            }
            None => return false,
        }
        true
    }

    fn take(&mut self, record: Record, batch: &mut Batch) {
        let gap = std::mem::replace(&mut self.gap, Gap { last: Some(record.seq), ..Gap::default() });
        let Some(Seq(last)) = gap.last else {
            batch.begins_at = Some(record.seq);
            return batch.records.push(record);
        };
        let count = record.seq.0.saturating_sub(last + 1);
        // The numbers of unknown calls belong to nothing that is missing.
        if count > 0 && (gap.wrong || !gap.unknown) {
            batch.missing += count;
            batch.records.push(Record { call: Call::Lost { count }, ..record });
        }
        batch.records.push(record);
    }
}
