//! The Trace Event Format, as Chrome and Perfetto read it: a thread a track, calls as slices, unread bytes as counters.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde_json::json;

use super::MAX_THREADS;
use crate::i18n::Lang;
use crate::record::{Call, Nanos, Record, Ret, Tid};
use crate::trace::file::Header;
use crate::trace::text;
use crate::trace::world::{FileId, Kind, World};

/// What the times of slices mean, for the readers of the trace.
const NOTE: &str = "epoll_wait lasts from its entry to its return. Of every other call a recording has one time stamp, \
                    so its slice has no duration: that of the entry for connect, sendto, shutdown and close, that of \
                    the return for all others.";

/// Everything is one process here.
const PID: u32 = 1;

/// Writes a Chrome trace, an event a line.
///
/// Entering and leaving epoll_wait are a slice with its duration; every other call is one without, since a record has
/// one time stamp. Reports are instant events. The bytes unread in each registered file, and the connections that wait at a
/// listener, are counters. Time does not go back in a thread: a stamp that is earlier than the one before is moved to it.
#[derive(Debug)]
pub struct Perfetto<W> {
    out: W,
    world: World,
    threads: BTreeMap<Tid, Thread>,
    counters: HashMap<FileId, Counter>,
    left_out: u64,
}

#[derive(Debug, Default)]
struct Thread {
    last: Nanos,
    waits: bool,
}

#[derive(Clone, Debug)]
struct Counter {
    name: String,
    of: &'static str,
    shown: u64,
}

impl<W: Write> Perfetto<W> {
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        let Header { kernel, started, source, .. } = header;
        let mut about = json!({ "source": source, "kernel": kernel, "calls": NOTE });
        if let Some(started) = started {
            about["started"] = json!(started);
        }
        writeln!(out, r#"{{"displayTimeUnit":"ns","otherData":{about},"traceEvents":["#)?;
        let name = json!({ "name": format!("epollscope {source}") });
        write!(out, r#"{{"ph":"M","name":"process_name","pid":{PID},"tid":0,"args":{name}}}"#)?;
        let (threads, counters) = (BTreeMap::new(), HashMap::new());
        Ok(Self { out, world: World::recorded(header), threads, counters, left_out: 0 })
    }

    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        let Record { tid, ref call, .. } = *record;
        if self.threads.len() >= MAX_THREADS && !self.threads.contains_key(&tid) {
            self.left_out += 1;
            return Ok(());
        }
        let thread = self.threads.entry(tid).or_default();
        let t = record.t.max(thread.last);
        thread.last = t;
        let before = self.concerned(record);
        self.world.apply(record);
        match &call.plain() {
            Call::EpollWaitEnter { .. } => {
                self.end_wait(tid, t, None)?;
                self.threads.entry(tid).or_default().waits = true;
                self.event("B", call.name(), tid, t, &with_args(&json!({ "call": text::call(call, Lang::En) })))?;
            }
            Call::EpollWait { ret, .. } if self.threads.get(&tid).is_some_and(|thread| thread.waits) => {
                self.end_wait(tid, t, Some(*ret))?;
            }
            Call::Event { fd, ready, .. } => {
                let who = self.who(tid, *fd);
                let args = json!({ "fd": fd.0, "events": ready.to_string(), "who": who });
                self.event("i", &format!("report fd {fd} {who}: {ready}"), tid, t, &with_args(&args))?;
            }
            Call::Lost { .. } => {
                // The return may be among what is missing.
                self.end_wait(tid, t, None)?;
                self.event("i", &text::call(call, Lang::En), tid, t, r#","s":"g""#)?;
            }
            Call::Policy { .. } | Call::Repeated { .. } => {
                self.event("i", &text::call(call, Lang::En), tid, t, r#","s":"t""#)?;
            }
            call if call.is_syscall() => {
                let result = call.ret().map(|ret| text::result(ret, Lang::En));
                let args = json!({ "call": text::call(call, Lang::En), "result": result });
                self.event("X", call.name(), tid, t, &format!(r#","dur":0{}"#, with_args(&args)))?;
            }
            _ => {}
        }
        for id in before.into_iter().chain(self.concerned(record)).flatten() {
            self.count(id, tid, t)?;
        }
        Ok(())
    }

    /// Ends the file, with the waits that have not returned, and gives back where it went and how many records were
    /// left out, since there were too many threads.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let waiting = self.threads.iter().filter(|(_, thread)| thread.waits);
        for (tid, last) in waiting.map(|(tid, thread)| (*tid, thread.last)).collect::<Vec<_>>() {
            self.end_wait(tid, self.world.time().max(last), None)?;
        }
        for tid in self.threads.keys() {
            let role = if self.world.serves(*tid) { "server" } else { "clients" };
            let role = self.world.thread_name(*tid).map_or_else(|| role.to_owned(), |name| name.to_string());
            let name = json!({ "name": format!("{role} {tid}") });
            write!(
                self.out,
                ",\n{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{PID},\"tid\":{tid},\"args\":{name}}}"
            )?;
        }
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok((self.out, self.left_out))
    }

    /// The file that a record is about, and the other end of it.
    fn concerned(&self, record: &Record) -> [Option<FileId>; 2] {
        let found = record.call.fd().and_then(|fd| self.world.file_of(record.tid, fd));
        let other = found.and_then(|(_, file)| match &file.kind {
            Kind::Stream(stream) => stream.other,
            Kind::Other(other) => other.other,
            _ => None,
        });
        [found.map(|(id, _)| id), other]
    }

    fn who(&self, tid: Tid, fd: crate::record::Fd) -> String {
        let id = self.world.file_of(tid, fd).map(|(id, _)| id);
        id.map_or_else(|| "?".to_owned(), |id| self.world.name(id, Lang::En))
    }

    fn end_wait(&mut self, tid: Tid, t: Nanos, ret: Option<Ret>) -> io::Result<()> {
        let thread = self.threads.entry(tid).or_default();
        if !std::mem::take(&mut thread.waits) {
            return Ok(());
        }
        let result =
            ret.map_or_else(|| "its return is not in the recording".to_owned(), |ret| text::result(ret, Lang::En));
        self.event("E", "epoll_wait", tid, t, &with_args(&json!({ "result": result })))
    }

    /// Writes the depth of `id` if it has changed. While the depth is unknown, the counter keeps its value.
    fn count(&mut self, id: FileId, tid: Tid, t: Nanos) -> io::Result<()> {
        let Some(file) = self.world.file(id) else {
            return match self.counters.remove(&id) {
                Some(counter) if counter.shown > 0 => self.counter(&Counter { shown: 0, ..counter }, tid, t),
                _ => Ok(()),
            };
        };
        let Some(depth) = file.depth() else { return Ok(()) };
        if let Some(counter) = self.counters.get_mut(&id) {
            if std::mem::replace(&mut counter.shown, depth) == depth {
                return Ok(());
            }
        } else if file.is_watched() {
            let (what, of) = match file.kind {
                Kind::Listener(_) => ("waiting", "connections"),
                _ if !file.counts_bytes() => return Ok(()),
                _ => ("unread", "bytes"),
            };
            let name = format!("{what} fd {} {}", file.fd, self.world.name(id, Lang::En));
            self.counters.insert(id, Counter { name, of, shown: depth });
        }
        let Some(counter) = self.counters.get(&id).cloned() else { return Ok(()) };
        self.counter(&counter, tid, t)
    }

    fn counter(&mut self, counter: &Counter, tid: Tid, t: Nanos) -> io::Result<()> {
        self.event("C", &counter.name, tid, t, &with_args(&json!({ counter.of: counter.shown })))
    }

    /// An event; the time is in microseconds.
    fn event(&mut self, kind: &str, name: &str, tid: Tid, Nanos(t): Nanos, rest: &str) -> io::Result<()> {
        let (name, us, ns) = (json!(name), t / 1_000, t % 1_000);
        let scope = if kind == "i" && !rest.starts_with(r#","s""#) { r#","s":"t""# } else { "" };
        write!(
            self.out,
            ",\n{{\"ph\":\"{kind}\",\"name\":{name},\"pid\":{PID},\"tid\":{tid},\"ts\":{us}.{ns:03}{scope}{rest}}}"
        )
    }
}

fn with_args(args: &serde_json::Value) -> String {
    format!(",\"args\":{args}")
}
