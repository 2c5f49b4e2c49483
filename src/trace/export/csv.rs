//! A table of waits, as RFC 4180 has it: one row for each epoll_wait.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::MAX_THREADS;
use crate::i18n::Lang;
use crate::record::{Call, Fd, Nanos, Record, Ret, Tid, Timeout, errno_name};
use crate::trace::file::Header;
use crate::trace::file::lines::{Format, Lines};
use crate::trace::text as records;
use crate::trace::world::World;

const HEADS: &str = "wait,thread,epfd,entered_s,returned_s,waited_us,timeout_ms,maxevents,returned,error,events";

/// The most characters of a cell: spreadsheets cut what is longer than 32,767.
const MAX_CELL: usize = 32_000;

/// Writes the table, a row as soon as the wait has returned; those that have not, at the end.
///
/// The number of a wait is its number on its epoll, as on the screen. A cell is empty if the recording does not say.
#[derive(Debug)]
pub struct Waits<W> {
    lines: Lines<W, Rows>,
}

impl<W: Write> Waits<W> {
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        write!(out, "{HEADS}\r\n")?;
        let rows = Rows { world: World::recorded(header), ..Rows::default() };
        Ok(Self { lines: Lines::of(out, rows) })
    }

    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        self.lines.write(record)
    }

    /// Ends the table and gives back where it went, and how many rows it has, without the heads.
    pub fn finish(self) -> io::Result<(W, u64)> {
        let (mut out, rows) = self.lines.finish_with_format()?;
        for (tid, wait) in &rows.waiting {
            let mut row = String::new();
            wait.row(&mut row, *tid, None, "");
            write!(out, "{row}\r\n")?;
        }
        out.flush()?;
        Ok((out, rows.written + rows.waiting.len() as u64))
    }
}

#[derive(Clone, Copy, Debug)]
struct Entered {
    number: u32,
    epfd: Fd,
    at: Option<Nanos>,
    timeout: Option<Timeout>,
    max_events: Option<u32>,
}

#[derive(Debug, Default)]
struct Rows {
    world: World,
    waiting: BTreeMap<Tid, Entered>,
    /// The wait that has returned and whose events are coming in.
    open: Option<(Tid, Entered, Nanos, Ret)>,
    events: String,
    more: u64,
    written: u64,
}

impl Format for Rows {
    fn begin(&mut self, line: &mut String, record: &Record) -> fmt::Result {
        self.world.apply(record);
        let Record { t, tid, call, .. } = *record;
        match call.plain() {
            Call::EpollWaitEnter { epfd, max_events, timeout } => {
                let number = self.world.epoll_at(tid, epfd).map_or(0, |epoll| epoll.wait_count);
                let wait = Entered { number, epfd, at: Some(t), timeout: Some(timeout), max_events: Some(max_events) };
                if self.waiting.len() < MAX_THREADS || self.waiting.contains_key(&tid) {
                    // The return of the one before is not in the recording.
                    if let Some(before) = self.waiting.insert(tid, wait) {
                        before.row(line, tid, None, "");
                    }
                }
            }
            Call::EpollWait { epfd, ret } => {
                let unseen = Entered { number: 0, epfd, at: None, timeout: None, max_events: None };
                self.open = Some((tid, self.waiting.remove(&tid).unwrap_or(unseen), t, ret));
            }
            // A row of its own, with nothing but the remark.
            Call::Repeated { .. } => {
                let number = self.world.epoll().map_or(0, |epoll| epoll.wait_count);
                let epfd = self.world.epoll().map_or(Fd(-1), |epoll| epoll.fd);
                let last = Entered { number, epfd, at: None, timeout: None, max_events: None };
                last.row(line, tid, None, &records::call(&call, Lang::En));
            }
            _ => {}
        }
        Ok(())
    }

    fn part(&mut self, _: &mut String, part: &Record) -> fmt::Result {
        self.world.apply(part);
        let Call::Event { epfd, fd, ready } = part.call else { return Ok(()) };
        if self.events.len() > MAX_CELL {
            self.more += 1;
            return Ok(());
        }
        let item = self.world.epoll_at(part.tid, epfd).and_then(|epoll| epoll.item(fd));
        // An epoll that was closed while this thread waited in it keeps its waits.
        let closed = || self.world.last_epoll().filter(|epoll| epoll.fd == epfd)?.waits().next_back();
        let reported =
            || closed()?.reports.last().filter(|report| report.fd == fd).map(|report| report.who.name(Lang::En));
        let who =
            item.map(|item| self.world.name_of(item, Lang::En)).or_else(reported).unwrap_or_else(|| "?".to_owned());
        let before = if self.events.is_empty() { "" } else { "; " };
        write!(self.events, "{before}fd {fd} {who} {ready}")
    }

    fn end(&mut self, line: &mut String) -> fmt::Result {
        if let Some((tid, wait, t, ret)) = self.open.take() {
            let mut events = std::mem::take(&mut self.events);
            match std::mem::take(&mut self.more) {
                0 => {}
                more => write!(events, "; … {more} more")?,
            }
            wait.row(line, tid, Some((t, ret)), &events);
        }
        if !line.is_empty() {
            self.written += 1;
            line.push('\r');
        }
        Ok(())
    }
}

impl Entered {
    fn row(&self, line: &mut String, tid: Tid, returned: Option<(Nanos, Ret)>, events: &str) {
        let Self { number, epfd, at, timeout, max_events } = *self;
        let (t, ret) = (returned.map(|(t, _)| t), returned.map(|(_, ret)| ret));
        let waited = at.zip(t).map(|(Nanos(from), Nanos(to))| to.saturating_sub(from));
        let cells = [
            cell((number > 0).then_some(number)),
            tid.to_string(),
            epfd.to_string(),
            cell(at.map(seconds)),
            cell(t.map(seconds)),
            cell(waited.map(|ns| format!("{}.{:03}", ns / 1_000, ns % 1_000))),
            cell(timeout),
            cell(max_events),
            cell(ret.and_then(Ret::ok)),
            cell(ret.filter(|ret| ret.raw() < 0).map(|ret| errno_name(-ret.raw()))),
            text(events),
        ];
        line.push_str(&cells.join(","));
    }
}

fn cell(value: Option<impl fmt::Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn seconds(Nanos(t): Nanos) -> String {
    format!("{}.{:09}", t / 1_000_000_000, t % 1_000_000_000)
}

/// A cell of text: in quotes where it needs them, and behind an apostrophe where a spreadsheet would compute it.
fn text(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_breaks_the_table_or_is_computed() {
        assert_eq!(text("fd 5 a IN"), "fd 5 a IN");
        assert_eq!(text("a,b"), "\"a,b\"");
        assert_eq!(text("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
        for formula in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert!(text(formula).starts_with('\''), "{formula}");
        }
    }
}
