//! Which records make up one line, whatever the line looks like: a call and the parts that follow it.

use std::fmt;
use std::io::{self, Write};

use crate::record::{Call, Chunk, Dir, Fd, Record, Returns, Row as _, Seq, Tid};

/// The longest line that is written or read, in bytes, its newline not counted.
pub(super) const MAX_LINE: usize = 1 << 20;

// The shortest event with its comma bounds what a line can hold.
const _: () = assert!(MAX_LINE / r#"{"fd":0,"events":[]},"#.len() < crate::record::Policy::MAX_EVENTS as usize);

/// How a line looks.
pub trait Format {
    /// Starts the line of a record that is no part of the one before. To leave the record out, write nothing.
    fn begin(&mut self, line: &mut String, record: &Record) -> fmt::Result;

    /// Adds a part, a [`Call::Event`] or a [`Call::Data`].
    fn part(&mut self, line: &mut String, part: &Record) -> fmt::Result;

    fn end(&mut self, line: &mut String) -> fmt::Result;
}

/// Up to this length a line takes a further part: with the longest part and its end it still fits into [`MAX_LINE`].
const ROOM: usize = MAX_LINE - 512;

/// Writes records as lines to `W`, each as soon as it is complete, with one write.
///
/// Call [`Lines::finish`] at the end: a call whose events or bytes have not all come yet is kept until then.
#[derive(Debug)]
pub struct Lines<W, F> {
    out: W,
    format: F,
    line: String,
    awaited: Option<Parts>,
}

impl<W: Write, F: Format> Lines<W, F> {
    pub(crate) fn of(out: W, format: F) -> Self {
        Self { out, format, line: String::new(), awaited: None }
    }

    /// Writes one record. A return of epoll_wait is kept until its events have come, and a transfer until its bytes have
    /// come, or until another record shows that there are none.
    ///
    /// # Errors
    /// Those of `W`. The line that could not be written is dropped.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        if let Some(parts) = &mut self.awaited {
            if self.line.len() < ROOM && parts.take(record) {
                let complete = parts.are_complete();
                self.format.part(&mut self.line, record).map_err(io::Error::other)?;
                return if complete { self.end() } else { Ok(()) };
            }
            self.end()?;
        }
        self.line.clear();
        self.format.begin(&mut self.line, record).map_err(io::Error::other)?;
        self.awaited = Parts::awaited_by(record);
        if self.awaited.is_none() { self.end() } else { Ok(()) }
    }

    /// Writes lines of another kind between those of the records.
    ///
    /// # Errors
    /// Those of `W`.
    pub(crate) fn write_between(&mut self, lines: &str) -> io::Result<()> {
        if self.awaited.is_some() {
            self.end()?;
        }
        self.out.write_all(lines.as_bytes())
    }

    /// Flushes `W`. A call that still waits for its events or bytes is kept, so that its line is not broken.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes what was kept, flushes `W` and gives it back.
    pub fn finish(self) -> io::Result<W> {
        self.finish_with_format().map(|(out, _)| out)
    }

    /// The same, with the format and what it has kept.
    pub(crate) fn finish_with_format(mut self) -> io::Result<(W, F)> {
        if self.awaited.is_some() {
            self.end()?;
        }
        self.out.flush()?;
        Ok((self.out, self.format))
    }

    fn end(&mut self) -> io::Result<()> {
        self.awaited = None;
        self.format.end(&mut self.line).map_err(io::Error::other)?;
        if self.line.is_empty() {
            return Ok(());
        }
        self.line.push('\n');
        let written = self.out.write_all(self.line.as_bytes());
        self.line.clear();
        written
    }
}

/// The parts that the line of a call still waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// The number of the next part: a gap, or another record in between, ends the line.
    next: Option<Seq>,
    tid: Tid,
    of: Of,
}

#[derive(Clone, Copy, Debug)]
enum Of {
    /// As many events as epoll_wait returned.
    Wait { epfd: Fd, left: u32 },
    /// At most as many bytes as were moved. Fewer may have been kept: a chunk that is not full is the last.
    Transfer { fd: Fd, dir: Dir, left: usize },
}

impl Parts {
    pub(crate) fn awaited_by(record: &Record) -> Option<Self> {
        let (returns, ret) = record.call.returned()?;
        let (fd, left) = (record.call.fd()?, ret.ok()?);
        let of = match returns {
            Returns::Events => Of::Wait { epfd: fd, left },
            Returns::Received => Of::Transfer { fd, dir: Dir::In, left: left as usize },
            Returns::Sent => Of::Transfer { fd, dir: Dir::Out, left: left as usize },
            Returns::Ret | Returns::Fd | Returns::Tid => return None,
        };
        let parts = Self { next: after(record.seq), tid: record.tid, of };
        (!parts.are_complete()).then_some(parts)
    }

    /// Takes `record` if it is the next part.
    pub(crate) fn take(&mut self, record: &Record) -> bool {
        if self.next != Some(record.seq) || self.tid != record.tid {
            return false;
        }
        match (&mut self.of, &record.call) {
            (Of::Wait { epfd, left }, Call::Event { epfd: of, .. }) if epfd == of => *left -= 1,
            (Of::Transfer { fd, dir, left }, Call::Data { fd: of, dir: way, chunk }) if fd == of && dir == way => {
                let len = chunk.bytes().len();
                if len == 0 || len > *left {
                    return false;
                }
                *left = if len < Chunk::MAX { 0 } else { *left - len };
            }
            _ => return false,
        }
        self.next = after(record.seq);
        true
    }

    pub(crate) fn are_complete(&self) -> bool {
        match self.of {
            Of::Wait { left, .. } => left == 0,
            Of::Transfer { left, .. } => left == 0,
        }
    }
}

fn after(seq: Seq) -> Option<Seq> {
    seq.0.checked_add(1).map(Seq)
}
