//! The recording's file, from which a stretch of records is read once more when it is looked at.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;

use super::{Start, lines::Lines};
use crate::record::Record;
use crate::trace::{Header, Reader};

/// A regular file that holds a recording.
#[derive(Debug)]
pub(crate) struct Text {
    pub(super) name: String,
    pub(super) header: Header,
    pub(super) file: File,
    /// Where the recording begins in it: standard input may have been read from before.
    pub(super) begins: u64,
}

impl Text {
    /// The `len` records from `start` on. Where the file has become another since, each that is not there is `gone`.
    pub(crate) fn records(&self, start: &Start, len: usize, gone: Record) -> Vec<Record> {
        let input =
            BufReader::with_capacity(1 << 16, From { file: &self.file, offset: self.begins + start.place.offset });
        let reader = Reader::resume(self.name.clone(), input, self.header.clone(), start.place.clone());
        let mut lines = Lines::resume(reader, start.gap);
        let mut batch = lines.batch();
        while batch.records.len() < len && lines.read_into(&mut batch) {}
        let mut records = batch.records;
        records.resize(len, gone);
        records
    }
}

/// A file from `offset` on, whoever else reads it.
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
