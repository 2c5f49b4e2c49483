//! `--record FILE`: every record, in the trace format.

mod disk;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Seek as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use crate::error::Failure;
use crate::i18n::{Lang, message, shown};
use crate::record::{Record, Seq};
use crate::sys::Patient;
use crate::trace::{Header, Reader, TraceError, Turns, Writer};
use crate::tui::Observer;
use disk::Disk;

/// Bytes that are written to the file at once.
const BLOCK: usize = 1 << 16;

/// Where to, and whether that may overwrite what is no recording.
pub(super) type RecordTo<'a> = Option<(&'a Path, bool)>;

/// Opens `path` to record to it, emptied and locked. A recording is overwritten; anything else with `force`.
pub(super) fn create(path: &Path, force: bool) -> Result<File, Failure> {
    let opened = open(path, force);
    let context = || {
        message!(
            "cannot record to {}; choose another file with --record",
            "无法录制到 {}；请用 --record 指定另一个文件",
            shown(path)
        )
    };
    opened.with_context(context).map_err(Failure::refused)
}

fn open(path: &Path, force: bool) -> anyhow::Result<File> {
    let link = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_symlink);
    let own = fs::metadata("/proc/self")?.uid();
    if link.as_ref().is_some_and(|link| link.uid() != own) {
        anyhow::bail!(message!("it is a symbolic link of another user", "它是别的用户的符号链接"));
    }
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let follow = if link.is_some() { 0 } else { libc::O_NOFOLLOW };
    let mut options = OpenOptions::new();
    let file = options.read(is_file).write(true).create(true).truncate(false).custom_flags(follow).open(path)?;
    let metadata = file.metadata()?;
    // A device such as /dev/null takes any number.
    if (metadata.is_file() || metadata.file_type().is_fifo())
        && matches!(file.try_lock(), Err(TryLockError::WouldBlock))
    {
        anyhow::bail!(message!("another epollscope is recording to it", "另一个 epollscope 正在录制到它"));
    }
    if metadata.is_file() && metadata.len() > 0 {
        let read = Reader::new(shown(path), BufReader::new(&file)).map(drop);
        if !force
            && matches!(read, Err(TraceError::NotATrace { .. } | TraceError::Line { .. } | TraceError::TooLong { .. }))
        {
            anyhow::bail!(message!(
                "it exists and is not a recording; --force overwrites it",
                "它已存在，而且不是录制文件；--force 会覆盖它"
            ));
        }
        file.set_len(0)?;
        (&file).rewind()?;
    }
    Ok(file)
}

/// A recording, or none. Open it before anything else starts, and begin it when it is known what is recorded. A stream
/// that starts over, such as that of a restarted lesson, overwrites the file.
pub(super) struct Recording {
    path: PathBuf,
    file: Option<File>,
    source: String,
    /// Once it is begun.
    writer: Option<Writer<BufWriter<Patient>>>,
    /// What a server that spins does again and again is counted.
    turns: Turns,
    last: Seq,
    disk: Disk,
}

impl Observer for Recording {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.write(record)
    }

    fn pass(&mut self, _: Duration) {
        // A failure comes again with the next record, or at the end.
        let _ = self.flush();
    }

    fn warning(&mut self, lang: Lang) -> Option<String> {
        self.disk.look(self.file.as_ref()?, lang)
    }
}

impl Recording {
    /// Opens the file early, so that an error shows before anything else starts. A FIFO is opened when somebody reads from
    /// it: until then signals must end the program, so block them later.
    pub(super) fn open(to: RecordTo<'_>) -> Result<Self, Failure> {
        let file = to.map(|(path, force)| create(path, force)).transpose()?;
        let path = to.map_or_else(PathBuf::new, |(path, _)| path.to_owned());
        let (turns, disk) = (Turns::default(), Disk::new());
        Ok(Self { path, file, source: String::new(), writer: None, turns, last: Seq(0), disk })
    }

    pub(super) fn is_on(&self) -> bool {
        self.file.is_some()
    }

    /// Begins the recording of `source`, which its header names: `serve 127.0.0.1:9292`.
    pub(super) fn begin(&mut self, source: impl Into<String>) -> Result<(), Failure> {
        self.source = source.into();
        self.begin_again().map_err(|error| self.failed(error))
    }

    fn begin_again(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let out = BufWriter::with_capacity(BLOCK, Patient::on(file.as_fd())?);
        self.writer = Some(Writer::new(out, &Header::now(&*self.source))?);
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
        self.turns.take(record, |record| writer.write(record))
    }

    fn write_held(&mut self) -> io::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        self.turns.flush(|record| writer.write(record))
    }

    /// Writes what there is to the file: call it when nothing more comes for now, so that what was quiet is not lost.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write_held()?;
        self.writer.as_mut().map_or(Ok(()), Writer::flush)
    }

    /// Takes a record where a failure can only be told later: after one, no more are written.
    pub(super) fn note(&mut self, record: &Record, noted: &mut io::Result<()>) {
        if noted.is_ok() {
            *noted = self.write(record);
        }
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        self.turns = Turns::default();
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.finish()?;
        if let Some(file) = &mut self.file {
            file.set_len(0)?;
            file.rewind()?;
        }
        self.begin_again()
    }

    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.write_held().map_err(|error| self.failed(error))?;
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.finish().map(drop).map_err(|error| self.failed(error))
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
