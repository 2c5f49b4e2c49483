//! A recording's records in batches, each of which can be read again from its file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;

use super::error::{TraceError, Unknown};
use super::header::Header;
use super::read::{Place, Reader};
use crate::record::{Call, Record, Seq};

/// What was read from one or more lines.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) start: Option<Start>,
    pub(crate) records: Vec<Record>,
    pub(crate) errors: Vec<TraceError>,
    /// How many numbers no line had.
    pub(crate) missing: u64,
    /// The number of the recording's first record, if it is in here.
    pub(crate) begins_at: Option<Seq>,
    /// The lines of unknown calls up to here.
    pub(crate) unknown: Option<Unknown>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.errors.is_empty() && self.unknown.is_none()
    }
}

/// Where a batch starts: all that is needed to read it again.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) place: Place,
    pub(crate) gap: Gap,
}

/// What came between the last record and the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gap {
    last: Option<Seq>,
    wrong: bool,
    unknown: bool,
}

/// Reads batches. In the place of records that are missing it puts a [`Call::Lost`], which says how many.
pub(crate) struct Batches<R> {
    pub(crate) reader: Reader<R>,
    gap: Gap,
    unknown: u64,
}

impl<R: Read> Batches<BufReader<R>> {
    pub(crate) fn new(reader: Reader<BufReader<R>>) -> Self {
        Self { reader, gap: Gap::default(), unknown: 0 }
    }

    /// Continues with the next line of `reader`, before which there is this `gap`.
    pub(crate) fn resume(reader: Reader<BufReader<R>>, gap: Gap) -> Self {
        Self { gap, ..Self::new(reader) }
    }

    pub(crate) fn batch(&self) -> Batch {
        let start = self.reader.place().map(|place| Start { place, gap: self.gap });
        Batch { start, ..Batch::default() }
    }

    /// Reads one record or wrong line; `false` at the end.
    pub(crate) fn read_into(&mut self, batch: &mut Batch) -> bool {
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
        // The numbers of what was counted instead of written are no gap.
        let last = match record.call {
            Call::Repeated { count, .. } => Seq(record.seq.0.saturating_add(count.saturating_sub(1))),
            _ => record.seq,
        };
        let gap = std::mem::replace(&mut self.gap, Gap { last: Some(last), ..Gap::default() });
        let Some(Seq(last)) = gap.last else {
            batch.begins_at = Some(record.seq);
            return batch.records.push(record);
        };
        let count = record.seq.0.saturating_sub(last + 1);
        // Unknown calls have numbers too, so a gap with one of them in it need not mean that anything is missing.
        if count > 0 && (gap.wrong || !gap.unknown) {
            batch.missing += count;
            batch.records.push(Record { call: Call::Lost { count }, ..record });
        }
        batch.records.push(record);
    }
}

#[derive(Debug)]
pub(crate) struct RecordingFile {
    pub(crate) name: String,
    pub(crate) header: Header,
    pub(crate) file: File,
    /// Where the recording begins in it: standard input may have been read from before.
    pub(crate) begins: u64,
}

impl RecordingFile {
    /// The `len` records from `start` on. Where the file has changed since, `gone` stands for each that is not there.
    pub(crate) fn records(&self, start: &Start, len: usize, gone: Record) -> Vec<Record> {
        let input =
            BufReader::with_capacity(1 << 16, From { file: &self.file, offset: self.begins + start.place.offset });
        let reader = Reader::resume(self.name.clone(), input, self.header.clone(), start.place.clone());
        let mut lines = Batches::resume(reader, start.gap);
        let mut batch = lines.batch();
        while batch.records.len() < len && lines.read_into(&mut batch) {}
        let mut records = batch.records;
        records.resize(len, gone);
        records
    }
}

/// A file from `offset` on; it has no position, so others may read it at the same time.
struct From<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for From<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
