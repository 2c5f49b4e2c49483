//! Recordings from files or standard input, whose mistakes are told while the rest is read.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::tell;
use crate::error::Failure;
use crate::record::Record;
use crate::trace::{Header, Reader, TraceError};

/// The most mistakes of one recording that are told one by one.
const TOLD: u64 = 10;

/// A recording that is read.
pub(super) struct Recorded {
    name: String,
    reader: Reader<Box<dyn BufRead>>,
    wrong: u64,
    lines: u64,
}

impl Recorded {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let (name, input): (String, Box<dyn BufRead>) = if path == Path::new("-") {
            ("standard input".to_owned(), Box::new(BufReader::new(io::stdin())))
        } else {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| Failure::refused(TraceError::io(&name, error)))?;
            (name, Box::new(BufReader::with_capacity(1 << 16, file)))
        };
        let reader = Reader::new(&*name, input).map_err(Failure::refused)?;
        Ok(Self { name, reader, wrong: 0, lines: 0 })
    }

    /// What errors call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says of itself.
    pub(super) fn header(&self) -> &Header {
        self.reader.header()
    }

    fn wrong(&mut self, what: &impl Display) {
        self.wrong += 1;
        if self.wrong <= TOLD {
            tell(what);
        }
    }

    /// Tells at the end what was not told yet; how many lines were wrong, one that was cut off aside.
    pub(super) fn close(self) -> u64 {
        if self.wrong > TOLD {
            tell(&format_args!("{}: {} mistakes more", self.name, self.wrong - TOLD));
        }
        if let Some(unknown) = self.reader.unknown() {
            tell(unknown);
        }
        self.lines
    }
}

/// The records; mistakes are told, and cost their line.
impl Iterator for Recorded {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            match self.reader.next()? {
                Ok(record) => return Some(record),
                Err(error) => {
                    self.lines += u64::from(!matches!(error, TraceError::Cut { .. }));
                    self.wrong(&error);
                }
            }
        }
    }
}
