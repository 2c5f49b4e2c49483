//! Records as lines of text, readable and aligned, like a good strace(1):
//!
//! ```text
//!    0.000161  epoll_ctl(4, EPOLL_CTL_ADD, 3, EPOLLIN|EPOLLET)    = 0
//!    0.000170  epoll_wait(4, max 64, timeout -1) …
//!    1.203381  epoll_wait(4)                                      = 1  [5 EPOLLIN|EPOLLRDHUP]
//!    1.203402  recvfrom(5, "abc\n", 1024)                         = 4
//!    1.203420  recvfrom(5, 1024)                                  = -1 EAGAIN (Resource temporarily unavailable)
//! ```
//!
//! The time is in seconds since the start. What came back through a pointer stands in brackets after the result. Bytes
//! are escaped, so no peer can move the cursor or set a colour. Lines of the instrument begin with `---`, or with `#` if it
//! asked the kernel.

use std::fmt::{self, Write as _};
use std::io::Write;

use nix::errno::Errno;

use super::file::lines::{Format, Lines};
use crate::i18n::{Lang, words};
use crate::record::{Annotation, Call, Chunk, Group, Nanos, Record, Ret, Row as _, Tid, errno_name};
use crate::sys::describe_raw;

const MAX_BYTES: usize = 32;

const ALIGNED: usize = 50;

const MAX_EVENTS: u32 = 32;

/// The call with its arguments, as it stands before its result is known: `recvfrom(5, 1024)`, `accept4(3)`,
/// `epoll_wait(4, max 64, timeout -1)`. Records that are not system calls are described in words.
pub fn call(call: &Call, lang: Lang) -> String {
    Shown { call, bytes: "", lang }.to_string()
}

/// The result as strace writes it: `= 4`, `= -1 EAGAIN (Resource temporarily unavailable)`. What the C library says of an
/// error is English, so it is left out in other languages.
pub fn result(ret: Ret, lang: Lang) -> String {
    let number = -ret.raw();
    match ret.errno() {
        None => format!("= {}", ret.raw()),
        Some(errno) if lang != Lang::En && errno != Errno::UnknownErrno => format!("= -1 {}", errno_name(number)),
        Some(_) => format!("= -1 {} ({})", errno_name(number), describe_raw(number)),
    }
}

/// One record as a line, without a newline; its few words are in `lang`. The events of an epoll_wait and the bytes of a
/// transfer are other records; [`TextWriter`] puts them into the line of their call.
pub fn line(record: &Record, lang: Lang) -> String {
    let mut line = String::new();
    // Writing into a String does not fail.
    let _ = Open::of(record).write(&mut line, None, lang);
    line
}

/// The same for use within a sentence: without the time, and not aligned.
pub fn brief(record: &Record, lang: Lang) -> String {
    let mut brief = String::new();
    // Writing into a String does not fail.
    let _ = Open::of(record).write_call(&mut brief, "", 0, lang);
    brief
}

/// The system calls among `records`, each with its text as in [`brief`] and its events. A wait that has returned is one; a
/// line says where turns of a spin are left out.
pub fn calls(records: impl Iterator<Item = Record>, lang: Lang) -> Vec<(Record, String)> {
    let mut open: Vec<Open> = Vec::new();
    for record in records {
        match (record.call.plain(), open.last_mut()) {
            (Call::EpollWait { .. }, Some(last)) if matches!(last.record.call.plain(), Call::EpollWaitEnter { .. }) => {
                *last = Open::of(&record);
            }
            // Writing into a String does not fail.
            (Call::Event { .. }, Some(last)) => {
                let _ = last.add(&record.call);
            }
            (call, _) if call.is_syscall() || matches!(call, Call::Repeated { .. }) => open.push(Open::of(&record)),
            _ => {}
        }
    }
    let told = |open: &Open| {
        let mut told = String::new();
        let _ = open.write_call(&mut told, "", 0, lang);
        (open.record, told)
    };
    open.iter().map(told).collect()
}

/// Writes records as text. A call waits for its parts as in [`Writer`](super::Writer). Samples, and whatever else the
/// instrument asked, are left out: the text is about the calls that the server made.
///
/// A call of another thread than the first in the stream has the thread's number before it, `[1234]`.
pub type TextWriter<W> = Lines<W, Text>;

impl<W: Write> TextWriter<W> {
    /// A writer to `out`, which gets each line with one write as soon as it is complete.
    pub fn new(out: W) -> Self {
        Self::in_lang(out, Lang::En)
    }

    /// The same, with the few words of a line in a language.
    pub fn in_lang(out: W, lang: Lang) -> Self {
        Self::of(out, Text { lang, ..Text::default() })
    }

    /// A writer that also shows what the instrument asked, on lines that begin with `#`.
    pub fn with_samples(out: W) -> Self {
        Self::of(out, Text { samples: true, ..Text::default() })
    }
}

/// The lines of a text.
#[derive(Debug, Default)]
pub struct Text {
    samples: bool,
    lang: Lang,
    first: Option<Tid>,
    open: Option<Open>,
    /// Where the next call is made, if a record said so, and by which thread.
    line: Option<(Tid, Chunk)>,
}

impl Format for Text {
    fn begin(&mut self, _: &mut String, record: &Record) -> fmt::Result {
        if let Call::Annotation(Annotation::Line { at }) = record.call {
            self.line = Some((record.tid, at));
        }
        let asked = marks(&record.call).0 == ASKED;
        self.open = (self.samples || !asked).then(|| Open::of(record));
        Ok(())
    }

    fn part(&mut self, _: &mut String, part: &Record) -> fmt::Result {
        self.open.as_mut().map_or(Ok(()), |open| open.add(&part.call))
    }

    fn end(&mut self, line: &mut String) -> fmt::Result {
        let Some(open) = self.open.take() else { return Ok(()) };
        let tid = open.record.tid;
        let other = *self.first.get_or_insert(tid) != tid;
        open.write(line, other.then_some(tid), self.lang)?;
        let made_at = self.line.take_if(|(of, _)| *of == tid && open.record.call.is_syscall());
        made_at.map_or(Ok(()), |(_, at)| write!(line, "  @ {at}"))
    }
}

/// A record with the parts that have come so far.
#[derive(Debug)]
struct Open {
    record: Record,
    events: String,
    more_events: u32,
    shown_events: u32,
    bytes: Vec<u8>,
}

impl Open {
    fn of(record: &Record) -> Self {
        Self { record: *record, events: String::new(), more_events: 0, shown_events: 0, bytes: Vec::new() }
    }

    /// Adds what belongs to the call: an event that it returned, or bytes that it moved.
    fn add(&mut self, part: &Call) -> fmt::Result {
        let (fd, ready) = match part {
            Call::Event { fd, ready, .. } => (fd, ready),
            Call::Data { chunk, .. } => {
                let room = MAX_BYTES.saturating_sub(self.bytes.len());
                self.bytes.extend(chunk.bytes().iter().take(room));
                return Ok(());
            }
            _ => return Ok(()),
        };
        if self.shown_events == MAX_EVENTS {
            self.more_events += 1;
            return Ok(());
        }
        self.shown_events += 1;
        let comma = if self.events.is_empty() { "" } else { ", " };
        write!(self.events, "{comma}{fd} {ready:#}")
    }

    fn write(&self, line: &mut String, tid: Option<Tid>, lang: Lang) -> fmt::Result {
        let who = tid.map(|tid| format!("[{tid}] ")).unwrap_or_default();
        write!(line, "{:>11}  ", seconds(self.record.t))?;
        self.write_call(line, &who, ALIGNED, lang)
    }

    /// Everything before the result takes at least `width` cells.
    fn write_call(&self, line: &mut String, who: &str, width: usize, lang: Lang) -> fmt::Result {
        let call = &self.record.call;
        let Some(ret) = call.ret() else {
            let (before, after) = marks(call);
            return write!(line, "{who}{before}{}{after}", Shown { call, bytes: "", lang });
        };
        let bytes = &self.bytes(ret);
        write!(line, "{:<width$} {}", format!("{who}{}", Shown { call, bytes, lang }), result(ret, lang))?;
        if !self.events.is_empty() {
            write!(line, "  [{}", self.events)?;
            if self.more_events > 0 {
                let more = self.more_events;
                line.push_str(&words!(lang, ", … {more} more", ", … 还有 {more} 个"));
            }
            line.push(']');
        }
        let came_back = call.came_back();
        if came_back.is_empty() { Ok(()) } else { write!(line, "  [{}]", came_back.join(", ")) }
    }

    /// The bytes as an argument, with an ellipsis where `ret` says that there were more.
    fn bytes(&self, ret: Ret) -> String {
        if self.bytes.is_empty() {
            return String::new();
        }
        let all = ret.ok().is_some_and(|moved| moved as usize <= self.bytes.len());
        format!("\"{}\"{}, ", self.bytes.escape_ascii(), if all { "" } else { "…" })
    }
}

/// Seconds with six digits, rounded down.
fn seconds(Nanos(t): Nanos) -> String {
    format!("{}.{:06}", t / 1_000_000_000, t % 1_000_000_000 / 1_000)
}

/// The mark of lines of what the instrument asked.
const ASKED: &str = "# ";

/// The marks before and after a line without a result.
fn marks(call: &Call) -> (&'static str, &'static str) {
    match call.group() {
        Group::Syscall => ("", " …"),
        Group::Asked | Group::Annotation => (ASKED, ""),
        Group::Part | Group::Said => ("--- ", ""),
    }
}

/// A call with its arguments, and the first of its bytes if they are known; other records in words.
struct Shown<'a> {
    call: &'a Call,
    bytes: &'a str,
    lang: Lang,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, bytes, lang } = self;
        if call.is_syscall() {
            write!(f, "{}(", call.name())?;
            call.show(f, bytes, *lang)?;
            return f.write_str(")");
        }
        call.show(f, bytes, *lang)?;
        match call {
            Call::Annotation(Annotation::Died { ret, .. }) => write!(f, " {}", result(*ret, *lang)),
            _ => Ok(()),
        }
    }
}
