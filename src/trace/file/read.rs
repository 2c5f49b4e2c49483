//! Lines into records, from an untrusted file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter::FusedIterator;
use std::path::Path;
use std::sync::Arc;

use super::error::{LineError, TraceError, Unknown};
use super::header::Header;
use super::lines::MAX_LINE;
use super::parse::Parsed;
use super::{parse, variant};
use crate::i18n::shown;
use crate::record::{Record, Seq};

/// Reads a recording: an iterator of its records in the order of their numbers.
///
/// After an error in a line, `next` continues with the line after it, so the caller decides whether to go on. An I/O error
/// and a last line that was cut off are followed by the end.
#[derive(Debug)]
pub struct Reader<R> {
    file: String,
    input: R,
    header: Header,
    /// The number of the last line that was read, from 1, the header's.
    line: u64,
    text: Vec<u8>,
    /// The records of the last line that were not given out yet.
    records: VecDeque<Record>,
    last: Option<Seq>,
    unknown: Option<Unknown>,
    offset: u64,
    /// The server whose lines are read, in a file of several; see [`variant`](super::variant).
    variant: Option<Arc<str>>,
    /// The rest of the last line is still to be skipped.
    in_long_line: bool,
    /// A first line that is no header is still to be read, and may have its newline.
    held: Option<bool>,
    over: bool,
}

/// What some editors put before the first line of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a file is instead of a recording, with the command that helps, judged by its first line.
fn foreign(line: &[u8]) -> Option<String> {
    let compressed = [
        (&b"\x1f\x8b"[..], "gzip", "gunzip"),
        (&b"\x28\xb5\x2f\xfd"[..], "zstd", "unzstd"),
        (&b"\xfd7zXZ"[..], "xz", "unxz"),
    ];
    if let Some((_, by, command)) = compressed.into_iter().find(|(begins, ..)| line.starts_with(begins)) {
        return Some(format!("it is compressed by {by}; `{command} -c FILE | epollscope replay -` reads it"));
    }
    if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") {
        return Some("it is text in UTF-16; `iconv -f UTF-16 -t UTF-8 FILE` makes UTF-8 of it".to_owned());
    }
    let line = line.trim_ascii();
    if line == b"{" || line == b"[" {
        return Some("its JSON is spread over several lines; `jq -c . FILE` puts each call on one line".to_owned());
    }
    // `epoll_wait(3, [], 64, 0) = 0`, with a process id or a time before it.
    let text = String::from_utf8_lossy(line);
    let (call, result) = text.rsplit_once(')').unwrap_or_default();
    (call.contains('(') && !call.starts_with('{') && result.trim_start().starts_with("= "))
        .then(|| "it looks like the output of strace; make a recording with --record instead".to_owned())
}

/// Whether a line is one call, as a recording has them behind its header.
fn is_call(line: &[u8]) -> bool {
    let mut text = line.to_vec();
    variant::take(&mut text);
    std::str::from_utf8(&text).is_ok_and(|line| parse::line(line, &mut VecDeque::new()).is_ok())
}

/// The beginning of a line, and what must be known of the lines before it to continue reading there.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    line: u64,
    last: Option<Seq>,
    variant: Option<Arc<str>>,
}

/// What was read. A line that is too long is not read to its end; another is in the buffer, without its newline, and
/// `whole` if it had one.
enum Next {
    End,
    TooLong,
    Line { whole: bool },
}

impl Reader<BufReader<File>> {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`TraceError::Missing`], [`TraceError::Directory`], and those of [`Reader::new`].
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let name = shown(path);
        let file = File::open(path).map_err(|error| TraceError::io(&name, error))?;
        Self::new(name, BufReader::with_capacity(1 << 16, file))
    }
}

impl<R: Read> Reader<BufReader<R>> {
    /// Whether the next record may have to be waited for: no whole line is in memory.
    pub(crate) fn would_wait(&self) -> bool {
        self.records.is_empty() && !self.input.buffer().contains(&b'\n')
    }

    pub(crate) fn resume(file: String, input: BufReader<R>, header: Header, place: Place) -> Self {
        let Place { offset, line, last, variant } = place;
        Self { line, last, offset, variant, ..Self::after_header(file, input, header, Vec::new()) }
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads the header of a recording that comes from `input`; `name` is what errors call it.
    ///
    /// # Errors
    /// [`TraceError::Empty`], [`TraceError::NotATrace`], [`TraceError::Version`] and [`TraceError::Io`];
    /// [`TraceError::Line`] where the header lacks something, [`TraceError::Cut`] where it is not whole.
    pub fn new(name: impl Into<String>, mut input: R) -> Result<Self, TraceError> {
        let (file, mut text) = (name.into(), Vec::new());
        let whole = match next_line(&mut input, &mut text).map_err(|error| TraceError::io(&file, error))? {
            Next::End => return Err(TraceError::Empty { file }),
            Next::TooLong => {
                return Err(TraceError::NotATrace { file, what: "its first line is longer than 1 MiB".to_owned() });
            }
            Next::Line { whole } => whole,
        };
        let offset = text.len() as u64 + u64::from(whole);
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len());
        }
        // A first line that does not parse may be that of any file; one that begins like a header was cut off.
        let begins_well = text.starts_with(b"{\"format\":\"epollscope-trace\"");
        let other = |what| Err(TraceError::NotATrace { file: file.clone(), what });
        let header = match (foreign(&text), std::str::from_utf8(&text)) {
            (Some(what), _) => other(what),
            (None, Ok(line)) => Header::parse(line, &file),
            (None, Err(_)) => other("its first line is not text".to_owned()),
        };
        match header {
            Err(TraceError::NotATrace { file, .. }) if begins_well && !whole => Err(TraceError::Cut { file, line: 1 }),
            // Its first line is gone: a recording that starts midway.
            Err(TraceError::NotATrace { .. }) if is_call(&text) => {
                let offset = offset - text.len() as u64 - u64::from(whole);
                let reader = Self::after_header(file, input, Header::none(), text);
                Ok(Self { line: 0, offset, held: Some(whole), ..reader })
            }
            header => Ok(Self { offset, ..Self::after_header(file, input, header?, text) }),
        }
    }

    fn after_header(file: String, input: R, header: Header, text: Vec<u8>) -> Self {
        Self {
            file,
            input,
            header,
            line: 1,
            text,
            records: VecDeque::new(),
            last: None,
            unknown: None,
            offset: 0,
            variant: None,
            in_long_line: false,
            held: None,
            over: false,
        }
    }

    /// Whether all records of the last line were given out.
    pub(crate) fn is_at_line(&self) -> bool {
        self.records.is_empty() && !self.in_long_line
    }

    /// Where the next line begins; `None` within a line.
    pub(crate) fn place(&self) -> Option<Place> {
        let Self { offset, line, last, .. } = *self;
        self.is_at_line().then(|| Place { offset, line, last, variant: self.variant.clone() })
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The lines that were skipped so far, because their calls are unknown here: a later version wrote them.
    pub fn unknown(&self) -> Option<&Unknown> {
        self.unknown.as_ref()
    }

    /// Reads the lines of this server, in a file of several; otherwise those of the first.
    pub fn pick(&mut self, variant: impl Into<Arc<str>>) {
        self.variant = Some(variant.into());
    }

    /// The server whose lines are read: the one that was picked, else the first in the file.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    fn is_anothers(&mut self) -> bool {
        let Some(variant) = variant::take(&mut self.text) else { return false };
        **self.variant.get_or_insert_with(|| variant.as_str().into()) != *variant
    }

    /// Reads the next line that is not blank into `self.records`; `None` at the end.
    fn read_line(&mut self) -> Option<Result<(), TraceError>> {
        loop {
            let next = self.next_line();
            self.line += 1;
            let whole = match next {
                Ok(Next::End) => return None,
                Ok(Next::TooLong) => {
                    return Some(Err(TraceError::TooLong { file: self.file.clone(), line: self.line }));
                }
                Ok(Next::Line { whole }) => whole,
                Err(error) => {
                    self.over = true;
                    return Some(Err(TraceError::io(&self.file, error)));
                }
            };
            if self.text.trim_ascii().is_empty() || self.is_anothers() {
                continue;
            }
            if self.text.starts_with(b"{\"format\":\"epollscope-trace\"") {
                self.over = true;
                return Some(Err(TraceError::Second { file: self.file.clone(), line: self.line }));
            }
            let mistake = match self.parse() {
                Ok(true) => return Some(Ok(())),
                Ok(false) => continue,
                Err(mistake) => mistake,
            };
            self.records.clear();
            return Some(Err(if mistake.broken && !whole {
                self.over = true;
                TraceError::Cut { file: self.file.clone(), line: self.line }
            } else {
                mistake.at(&self.file, self.line)
            }));
        }
    }

    /// The next line. The rest of a line that was too long is skipped only now, after the error was reported: it may have
    /// no end.
    fn next_line(&mut self) -> io::Result<Next> {
        if std::mem::take(&mut self.in_long_line) {
            self.offset += self.input.skip_until(b'\n')? as u64;
        }
        let next = match self.held.take() {
            Some(whole) => Next::Line { whole },
            None => next_line(&mut self.input, &mut self.text)?,
        };
        self.offset += self.text.len() as u64 + u64::from(matches!(next, Next::Line { whole: true }));
        self.in_long_line = matches!(next, Next::TooLong);
        Ok(next)
    }

    /// Parses the line in the buffer, and gives whether there are records in it.
    fn parse(&mut self) -> Result<bool, LineError> {
        let parsed = parse::line(std::str::from_utf8(&self.text)?, &mut self.records)?;
        let (Parsed::Records(first) | Parsed::Unknown(first, _)) = parsed;
        if self.last.is_some_and(|last| first <= last) || first == Seq(0) {
            let last = self.last.unwrap_or_default();
            return Err(LineError::new(format!("`seq` is {first} after {last}, expected a higher number than that")));
        }
        self.last = self.records.back().map(|record| record.seq).or(Some(first));
        if let Parsed::Unknown(_, call) = parsed {
            let line = self.line;
            self.unknown.get_or_insert_with(|| Unknown { file: self.file.clone(), count: 0, line, call }).count += 1;
            return Ok(false);
        }
        Ok(true)
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Record, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.records.pop_front() {
                return Some(Ok(record));
            }
            if self.over {
                return None;
            }
            match self.read_line() {
                Some(Ok(())) => {}
                Some(Err(error)) => return Some(Err(error)),
                None => self.over = true,
            }
        }
    }
}

impl<R: BufRead> FusedIterator for Reader<R> {}

/// Reads a line into `text`, without its newline. Of a line that is too long it reads no more than the bound.
fn next_line(input: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Next> {
    text.clear();
    let bound = MAX_LINE as u64 + 1;
    if input.by_ref().take(bound).read_until(b'\n', text)? == 0 {
        return Ok(Next::End);
    }
    let whole = text.pop_if(|last| *last == b'\n').is_some();
    Ok(if text.len() > MAX_LINE { Next::TooLong } else { Next::Line { whole } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_be_as_long_as_the_bound_and_no_longer() {
        for (len, fits) in [(MAX_LINE - 1, true), (MAX_LINE, true), (MAX_LINE + 1, false), (3 * MAX_LINE, false)] {
            let mut file = vec![b'x'; len];
            file.extend(b"\nnext");
            let (mut input, mut text) = (&file[..], Vec::new());
            let next = next_line(&mut input, &mut text).expect("a line");
            assert_eq!(matches!(next, Next::Line { whole: true }), fits, "{len}");
            assert_eq!(text.len(), len.min(MAX_LINE + 1));
        }
    }
}
