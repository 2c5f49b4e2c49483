//! `--record FILE`: every record, in the trace format.

use std::fs::File;
use std::io::{self, BufWriter};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::ServerArgs;
use crate::error::Failure;
use crate::record::Record;
use crate::trace::{Header, Writer};

/// A recording, or none.
pub(super) struct Recording {
    path: PathBuf,
    /// Open, and nothing in it yet.
    file: Option<File>,
    writer: Option<Writer<BufWriter<File>>>,
}

impl Recording {
    /// Opens what `args` ask for, so that what cannot be written is known before anything else is begun. An existing
    /// file is written anew.
    pub(super) fn open(args: &ServerArgs) -> Result<Self, Failure> {
        Self::to(args.record.as_deref())
    }

    /// The same for `path`.
    pub(super) fn to(path: Option<&Path>) -> Result<Self, Failure> {
        let file = path.map(File::create).transpose();
        let path = path.map(Path::to_path_buf).unwrap_or_default();
        let file = file
            .with_context(|| format!("cannot record to {}; choose another file with --record", path.display()))
            .map_err(Failure::refused)?;
        Ok(Self { path, file, writer: None })
    }

    /// Whether anything is recorded.
    pub(super) fn is_on(&self) -> bool {
        self.file.is_some() || self.writer.is_some()
    }

    /// Begins the recording of what `command` does, listening on `addr`.
    pub(super) fn begin(&mut self, command: &str, addr: SocketAddr) -> Result<(), Failure> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let writer = Writer::new(BufWriter::new(file), &Header::now(format!("{command} {addr}")));
        self.writer = Some(writer.map_err(|error| self.failed(error))?);
        Ok(())
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
