//! `--record FILE`: every record, in the trace format.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use anyhow::Context as _;

use crate::cli::ServerArgs;
use crate::error::Failure;
use crate::record::Record;
use crate::trace::{Header, Writer};

/// A recording, or none.
pub(super) struct Recording {
    path: PathBuf,
    writer: Option<Writer<BufWriter<File>>>,
}

impl Recording {
    /// Opens what `args` ask for. An existing file is written anew.
    pub(super) fn open(args: &ServerArgs, command: &str) -> Result<Self, Failure> {
        let Some(path) = args.record.clone() else { return Ok(Self { path: PathBuf::new(), writer: None }) };
        let writer = File::create(&path)
            .and_then(|file| Writer::new(BufWriter::new(file), &Header::now(format!("{command} {}", args.listen))))
            .with_context(|| format!("cannot record to {}; choose another file with --record", path.display()))
            .map_err(Failure::refused)?;
        Ok(Self { path, writer: Some(writer) })
    }

    /// Whether anything is recorded.
    pub(super) fn is_on(&self) -> bool {
        self.writer.is_some()
    }

    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write(record))
    }

    /// Ends the recording.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let written = writer.finish().and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
        written.map(drop).map_err(|error| self.failed(error))
    }

    /// A write failed.
    pub(super) fn failed(&self, error: io::Error) -> Failure {
        let error = anyhow::Error::new(error);
        Failure::refused(error.context(format!("the recording {} is cut off here", self.path.display())))
    }
}
