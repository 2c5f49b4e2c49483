//! A recording that is being read, or has been.
//!
//! A thread of its own reads, so that the beginning is there at once and a stream may never end. The caller takes in what
//! the thread has read with [`Playback::pump`], a bounded piece a call, and sleeps in poll(2) on the playback's fd meanwhile.

use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use super::reading;
use crate::i18n::shown;
use crate::record::{Record, Seq};
use crate::sys::Notifier;
use crate::trace::file::{Batch, Header, Reader, RecordingFile, TraceError, Unknown};
use crate::trace::timeline::Timeline;
use crate::trace::world::World;

/// A recording that is being read, or has been.
#[derive(Debug)]
pub struct Playback {
    header: Header,
    begins_at: Option<Seq>,
    problems: Problems,
    /// `None` when all has been taken in.
    incoming: Option<Receiver<Batch>>,
    notifier: Arc<Notifier>,
}

/// What was wrong with a recording, as far as it was read. All that can be read is kept.
#[derive(Debug, Default)]
pub struct Problems {
    /// The first lines that were wrong, at most [`Problems::KEPT`].
    pub lines: Vec<TraceError>,
    pub count: u64,
    /// Why it ended before its end: [`TraceError::Cut`], or the system refused to go on.
    pub end: Option<TraceError>,
    /// How many records are missing: no line had their numbers, though later lines had higher ones. In the place of each
    /// such gap there is a [`Call::Lost`](crate::record::Call::Lost).
    pub missing: u64,
    /// Lines of calls that this version does not know, if there were any: a newer version wrote the recording.
    pub unknown: Option<Unknown>,
}

impl Problems {
    pub const KEPT: usize = 64;

    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.end.is_none() && self.missing == 0 && self.unknown.is_none()
    }

    fn take(&mut self, error: TraceError) {
        if matches!(error, TraceError::Line { .. } | TraceError::TooLong { .. }) {
            self.count += 1;
            if self.lines.len() < Self::KEPT {
                self.lines.push(error);
            }
        } else {
            self.end = Some(error);
        }
    }
}

impl Playback {
    /// The most batches that one [`Playback::pump`] takes in.
    const AT_ONCE: usize = 16;

    /// Opens a recording and reads its header. Every moment of a regular file can be reached; of a stream, such as a FIFO,
    /// the last [`Timeline::KEEP`] records are kept.
    ///
    /// The timeline that comes with it is empty: [`Playback::pump`] fills it.
    ///
    /// To open a FIFO takes until somebody writes to it, and the header must have come. So call this before signals are
    /// blocked.
    ///
    /// # Errors
    /// Those of [`Reader::open`]; also [`TraceError::Io`] if no thread or fd is free.
    pub fn open(path: &Path) -> Result<(Self, Timeline), TraceError> {
        Self::open_variant(path, None)
    }

    /// The same of one server in a recording of several; without a name, of the first.
    pub fn open_variant(path: &Path, variant: Option<&str>) -> Result<(Self, Timeline), TraceError> {
        let name = shown(path);
        let file = File::open(path).map_err(|error| TraceError::io(&name, error))?;
        Self::of_file(&name, file, variant, Timeline::HELD)
    }

    /// Reads a recording from standard input. The rest is as with [`Playback::open_variant`].
    pub fn stdin(variant: Option<&str>) -> Result<(Self, Timeline), TraceError> {
        let name = "standard input";
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(|error| TraceError::io(name, error))?;
        Self::of_file(name, input.into(), variant, Timeline::HELD)
    }

    /// Reads a recording from where `file` stands; `name` is what errors call it. The records of a regular file that take
    /// more than `most` bytes of memory are not held, and are read again when they are looked at.
    pub fn of_file(
        name: &str,
        mut file: File,
        variant: Option<&str>,
        most: usize,
    ) -> Result<(Self, Timeline), TraceError> {
        let system = |error: io::Error| TraceError::io(name, error);
        let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let again = regular.then(|| file.try_clone()).transpose().map_err(system)?;
        let begins = if regular { file.stream_position().map_err(system)? } else { 0 };
        let mut reader = Reader::new(name, BufReader::with_capacity(1 << 16, file))?;
        if let Some(variant) = variant {
            reader.pick(variant);
        }
        let header = reader.header().clone();
        let notifier = Arc::new(Notifier::new().map_err(|errno| system(errno.into()))?);
        let incoming = reading::spawn(reader, !regular, &notifier).map_err(system)?;
        let file = again.map(|file| RecordingFile { name: name.to_owned(), header: header.clone(), file, begins });
        let timeline = file.map_or_else(Timeline::default, |file| Timeline::of_file(file, most)).recorded(&header);
        let problems = Problems::default();
        Ok((Self { header, begins_at: None, problems, incoming: Some(incoming), notifier }, timeline))
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The number of the first record in the recording: higher than 1 where it starts midway. `None` before there is one.
    pub fn begins_at(&self) -> Option<Seq> {
        self.begins_at
    }

    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    pub fn is_over(&self) -> bool {
        self.incoming.is_none()
    }

    /// Moves what has been read into `timeline`, a few milliseconds' worth at most, and returns whether there was anything
    /// new; the end is. Where there is more, the fd stays readable. Gives each record to `each`, with the world that it led
    /// to.
    pub fn pump(&mut self, timeline: &mut Timeline, mut each: impl FnMut(&Record, &World)) -> bool {
        let Some(incoming) = &self.incoming else { return false };
        self.notifier.awake();
        for taken in 0..Self::AT_ONCE {
            match incoming.try_recv() {
                Ok(mut batch) => {
                    self.begins_at = self.begins_at.or(batch.begins_at);
                    self.problems.missing += batch.missing;
                    batch.errors.drain(..).for_each(|error| self.problems.take(error));
                    self.problems.unknown = batch.unknown.take().or(self.problems.unknown.take());
                    timeline.extend(batch, &mut each);
                }
                Err(TryRecvError::Empty) => return taken > 0,
                Err(TryRecvError::Disconnected) => {
                    self.incoming = None;
                    return true;
                }
            }
        }
        self.notifier.notify();
        true
    }
}

/// Readable while there may be something to take in.
impl AsFd for Playback {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.notifier.as_fd()
    }
}
