//! Records into JSON.

use std::fmt;
use std::io::{self, Write};

use super::header::Header;
use super::lines::{Format, Lines};
use super::variant;
use crate::record::{Call, Field as _, Record, Returns, Row as _, json};

/// Writes a recording. Each line goes to `W` as soon as it is complete, with one write; use a [`BufWriter`](io::BufWriter)
/// unless every line must be visible at once.
///
/// Call [`Writer::finish`] at the end: a call whose events or bytes have not all come yet is kept until then.
#[derive(Debug)]
pub struct Writer<W> {
    lines: Lines<W, Json>,
}

impl<W: Write> Writer<W> {
    /// Begins a recording: writes `header`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        let mut line = header.to_line()?;
        line.push('\n');
        out.write_all(line.as_bytes())?;
        Ok(Self { lines: Lines::new(out, Json::default()) })
    }

    /// Continues a file of several servers, whose header is already written, with the records of `variant`.
    pub fn of_variant(out: W, variant: &str) -> Self {
        Self { lines: Lines::new(out, Json { variant: Some(variant.to_owned()), at: At::Fields }) }
    }

    /// Writes one record. A return of epoll_wait is kept until its events have come, and a transfer until its bytes have
    /// come, or until another record shows that there are none.
    ///
    /// # Errors
    /// Those of `W`. The line that could not be written is dropped.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        self.lines.write(record)
    }

    /// Flushes `W`. A call that still waits for its events or bytes is kept, so that its line is not broken.
    ///
    /// # Errors
    /// Those of `W`.
    pub fn flush(&mut self) -> io::Result<()> {
        self.lines.flush()
    }

    /// Writes what was kept, flushes `W` and gives it back.
    ///
    /// # Errors
    /// Those of `W`.
    pub fn finish(self) -> io::Result<W> {
        self.lines.finish()
    }
}

/// A line of JSON.
#[derive(Debug, Default)]
struct Json {
    /// The server whose lines they are, in a file of several.
    variant: Option<String>,
    at: At,
}

/// How far the line is written.
#[derive(Debug, Default)]
enum At {
    /// After the call's fields.
    #[default]
    Fields,
    /// In the event list; `first` if it has no entry yet.
    Events { first: bool },
    /// In the string of bytes.
    Bytes,
}

impl Format for Json {
    fn begin(&mut self, line: &mut String, record: &Record) -> fmt::Result {
        let Record { seq, t, tid, call } = record;
        match &self.variant {
            None => line.push('{'),
            Some(variant) => variant::begin(line, variant)?,
        }
        line.push_str("\"seq\":");
        json::digits(line, seq.0);
        line.push_str(",\"t_ns\":");
        json::digits(line, t.0);
        line.push_str(",\"tid\":");
        json::digits(line, tid.0.into());
        line.push_str(",\"call\":\"");
        line.push_str(call.name());
        line.push('"');
        call.put(line);
        self.at = At::Fields;
        if let Some((Returns::Events, ret)) = call.returned()
            && ret.ok().is_some()
        {
            line.push_str(r#","events":["#);
            self.at = At::Events { first: true };
        }
        Ok(())
    }

    fn part(&mut self, line: &mut String, part: &Record) -> fmt::Result {
        match part.call {
            Call::Event { fd, ready, .. } => {
                if !matches!(self.at, At::Events { first: true }) {
                    line.push(',');
                }
                self.at = At::Events { first: false };
                line.push_str("{\"fd\":");
                json::signed(line, fd.0.into());
                ready.put("events", line);
                line.push('}');
            }
            Call::Data { chunk, .. } => {
                if !matches!(self.at, At::Bytes) {
                    line.push_str(r#","data":""#);
                }
                self.at = At::Bytes;
                json::bytes(line, chunk.bytes());
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, line: &mut String) -> fmt::Result {
        line.push_str(match self.at {
            At::Fields => "}",
            At::Events { .. } => "]}",
            At::Bytes => "\"}",
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, Chunk, CtlOp, Dir, Fd, Interest, MsgFlags, Nanos, Ready, Ret, Seq, Tid, Timeout};

    fn record(seq: u64, call: Call) -> Record {
        Record { seq: Seq(seq), t: Nanos(seq * 10), tid: Tid(7), call }
    }

    #[test]
    fn the_lines_are_as_documented() {
        let (epfd, fd) = (Fd(4), Fd(5));
        let recv = |ret| Call::Recvfrom { fd, len: 1024, flags: MsgFlags::empty(), ret };
        let records = [
            record(1, Call::EpollCtl { epfd, op: CtlOp::Add, fd, interest: Interest::IN | Interest::ET, ret: Ret::OK }),
            record(2, Call::EpollWaitEnter { epfd, max_events: 64, timeout: Timeout::NONE }),
            record(3, Call::EpollWait { epfd, ret: Ret::value(1) }),
            record(4, Call::Event { epfd, fd, ready: Ready::from_bits_retain(0x41) }),
            record(5, recv(Ret::value(5))),
            record(6, Call::Data { fd, dir: Dir::In, chunk: Chunk::new(b"\"\\\n\x1b\xff") }),
            record(7, recv(Ret::from_raw(-libc::EAGAIN))),
            record(8, Call::Accept4 { fd: Fd(3), peer: Addr::NONE, ret: Ret::from_raw(-4000) }),
            record(9, Call::Lost { count: 2 }),
        ];
        let expected = r#"
{"seq":1,"t_ns":10,"tid":7,"call":"epoll_ctl","epfd":4,"op":"EPOLL_CTL_ADD","fd":5,"events":["EPOLLIN","EPOLLET"],"ret":0}
{"seq":2,"t_ns":20,"tid":7,"call":"epoll_wait","phase":"enter","epfd":4,"maxevents":64,"timeout":-1}
{"seq":3,"t_ns":30,"tid":7,"call":"epoll_wait","epfd":4,"ret":1,"events":[{"fd":5,"events":["EPOLLIN","0x40"]}]}
{"seq":5,"t_ns":50,"tid":7,"call":"recvfrom","fd":5,"len":1024,"ret":5,"data":"\\\"\\\\\\n\\x1b\\xff"}
{"seq":7,"t_ns":70,"tid":7,"call":"recvfrom","fd":5,"len":1024,"errno":"EAGAIN"}
{"seq":8,"t_ns":80,"tid":7,"call":"accept4","fd":3,"addr":null,"errno":4000}
{"seq":9,"t_ns":90,"tid":7,"call":"lost","count":2}
"#;
        let mut writer = Writer::new(Vec::new(), &Header::now("test")).expect("a vector takes all");
        for record in &records {
            writer.write(record).expect("a vector takes all");
        }
        let file = String::from_utf8(writer.finish().expect("a vector takes all")).expect("text");
        assert_eq!(file.split_once('\n').expect("a header").1, expected.trim_start());
    }

    #[test]
    fn a_flush_does_not_break_an_event_list() {
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file, &Header::now("test")).expect("a vector takes all");
        let event = |fd| Call::Event { epfd: Fd(4), fd: Fd(fd), ready: Ready::IN };
        for (seq, call) in [(1, Call::EpollWait { epfd: Fd(4), ret: Ret::value(2) }), (2, event(5)), (3, event(6))] {
            writer.write(&record(seq, call)).expect("a vector takes all");
            writer.flush().expect("a vector takes all");
        }
        let line = "{\"seq\":1,\"t_ns\":10,\"tid\":7,\"call\":\"epoll_wait\",\"epfd\":4,\"ret\":2,";
        drop(writer);
        let written = String::from_utf8(file).expect("text");
        assert!(written.contains(line), "it is complete, so it needs no finish: {written}");
        assert!(written.ends_with("{\"fd\":6,\"events\":[\"EPOLLIN\"]}]}\n"), "{written}");
    }
}
