//! `--record FILE`: every record, in the trace format.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::error::Failure;
use crate::i18n::message;
use crate::record::{Record, Seq};
use crate::trace::{Header, Writer};

/// Bytes that are written to the file at once.
const BLOCK: usize = 1 << 16;

/// A recording, or none.
///
/// Open it before anything else is begun, begin it when it is known what is recorded, give it every record, and finish
/// it. A stream that begins anew, as that of a lesson's scene that is played again, begins the file anew.
pub(super) struct Recording {
    path: PathBuf,
    /// Open, and nothing in it yet.
    file: Option<File>,
    source: String,
    writer: Option<Writer<BufWriter<File>>>,
    last: Seq,
}

impl Recording {
    /// Opens `path`, so that what cannot be written is known before anything else is begun; without one nothing is
    /// recorded. An existing file is written anew.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let file = path.map(File::create).transpose();
        let path = path.unwrap_or(Path::new("")).to_owned();
        let file = file
            .with_context(|| {
                message!(
                    "cannot record to {}; choose another file with --record",
                    "无法录制到 {}；请用 --record 指定另一个文件",
                    path.display()
                )
            })
            .map_err(Failure::refused)?;
        Ok(Self { path, file, source: String::new(), writer: None, last: Seq(0) })
    }

    /// Whether anything is recorded.
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

    /// Takes a record.
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

    /// Ends the recording.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let written = writer.finish().and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
        written.map(drop).map_err(|error| self.failed(error))
    }

    /// A write failed.
    pub(super) fn failed(&self, error: io::Error) -> Failure {
        let error = anyhow::Error::new(error);
        Failure::refused(error.context(message!(
            "the recording {} is incomplete from here on",
            "录制文件 {} 在这里中断",
            self.path.display()
        )))
    }
}
