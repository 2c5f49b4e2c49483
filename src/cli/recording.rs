//! `--record FILE`: every record, in the trace format.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _};
use std::path::{Path, PathBuf};

use super::messages::create;
use crate::error::Failure;
use crate::i18n::{message, shown};
use crate::record::{Record, Seq};
use crate::trace::{Header, Writer};

/// Bytes that are written to the file at once.
const BLOCK: usize = 1 << 16;

/// A recording, or none. Open it before anything else starts, and begin it when it is known what is recorded. A stream
/// that starts over, such as that of a restarted lesson, overwrites the file.
pub(super) struct Recording {
    path: PathBuf,
    /// Open, and nothing in it yet.
    file: Option<File>,
    source: String,
    writer: Option<Writer<BufWriter<File>>>,
    last: Seq,
}

impl Recording {
    /// Opens `path` early, so that an error shows before anything else starts; overwrites an existing file.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let file = path.map(|path| create(path, ("cannot record to", "无法录制到"), "--record")).transpose()?;
        let path = path.unwrap_or(Path::new("")).to_owned();
        Ok(Self { path, file, source: String::new(), writer: None, last: Seq(0) })
    }

    pub(super) fn is_on(&self) -> bool {
        self.file.is_some() || self.writer.is_some()
    }

    /// Begins the recording of `source`, which its header names: `serve 127.0.0.1:9292`.
    pub(super) fn begin(&mut self, source: impl Into<String>) -> Result<(), Failure> {
        let Some(file) = self.file.take() else { return Ok(()) };
        self.source = source.into();
        self.begin_in(file).map_err(|error| self.failed(error))
    }

    fn begin_in(&mut self, file: File) -> io::Result<()> {
        self.writer = Some(Writer::new(BufWriter::with_capacity(BLOCK, file), &Header::now(&*self.source))?);
        Ok(())
    }

    #[inline]
    pub(super) fn write(&mut self, record: &Record) -> io::Result<()> {
        if self.writer.is_none() {
            return Ok(());
        }
        if record.seq <= self.last {
            self.begin_anew()?;
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        self.last = record.seq;
        writer.write(record)
    }

    /// Takes a record where a failure can only be told later: after one, no more are written.
    pub(super) fn note(&mut self, record: &Record, noted: &mut io::Result<()>) {
        if noted.is_ok() {
            *noted = self.write(record);
        }
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let mut file = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.set_len(0)?;
        file.rewind()?;
        self.begin_in(file)
    }

    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let written = writer.finish().and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
        written.map(drop).map_err(|error| self.failed(error))
    }

    pub(super) fn failed(&self, error: io::Error) -> Failure {
        let error = anyhow::Error::new(error);
        Failure::refused(error.context(message!(
            "the recording {} is incomplete from here on",
            "录制文件 {} 在这里中断",
            shown(&self.path)
        )))
    }
}
