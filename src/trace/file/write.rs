//! Records into JSON.

use std::fmt;
use std::io::{self, Write};

use super::lines::{Format, Lines};
use super::{put, twin};
use crate::record::{Annotation, Call, FdKind, PairType, Policy, Record};
use crate::trace::Header;

/// Writes a recording. Each line goes to `W` as soon as it is complete, with one write; give it a
/// [`BufWriter`](io::BufWriter) unless every line is to be seen at once.
///
/// Call [`Writer::finish`] at the end: a call whose events or bytes have not all come yet is kept until then.
#[derive(Debug)]
pub struct Writer<W> {
    lines: Lines<W, Json>,
}

impl<W: Write> Writer<W> {
    /// A recording that begins with `header`, which is written at once.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        let mut line = header.to_line()?;
        line.push('\n');
        out.write_all(line.as_bytes())?;
        Ok(Self { lines: Lines::new(out, Json::default()) })
    }

    /// Lines that go on with a file of several servers, as the records of `twin`; its header is written already.
    pub fn of_twin(out: W, twin: &str) -> Self {
        Self { lines: Lines::new(out, Json { twin: Some(twin.to_owned()), at: At::Fields }) }
    }

    /// Writes one record. A return of epoll_wait is kept until its events have come, a transfer until its bytes have
    /// come, or until another record shows that they do not come.
    ///
    /// # Errors
    /// Those of `W`. The line that could not be written is given up.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        self.lines.write(record)
    }

    /// Flushes `W`. A call that still waits for its events or bytes stays where it is, so that its line is not broken.
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

/// Says how a line goes on and how it ends.
#[derive(Debug, Default)]
struct Json {
    /// Whose lines they are, where they say so.
    twin: Option<String>,
    at: At,
}

/// Where the line stands.
#[derive(Debug, Default)]
enum At {
    /// After the call's own fields.
    #[default]
    Fields,
    /// In the event list, before its first or a further entry.
    Events { first: bool },
    /// In the string of bytes.
    Bytes,
}

impl Format for Json {
    fn begin(&mut self, line: &mut String, record: &Record) -> fmt::Result {
        let Record { seq, t, tid, call } = record;
        match &self.twin {
            None => line.push('{'),
            Some(twin) => twin::begin(line, twin)?,
        }
        line.push_str("\"seq\":");
        put::digits(line, seq.0);
        line.push_str(",\"t_ns\":");
        put::digits(line, t.0);
        line.push_str(",\"tid\":");
        put::digits(line, tid.0.into());
        line.push_str(",\"call\":\"");
        line.push_str(call.name());
        line.push('"');
        fields(line, call)?;
        if let Some(ret) = call.ret() {
            put::ret(line, ret);
        }
        self.at = At::Fields;
        if let Call::EpollWait { ret, .. } = call
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
                put::signed(line, fd.0);
                put::mask(line, "events", &ready);
                line.push('}');
            }
            Call::Data { chunk, .. } => {
                if !matches!(self.at, At::Bytes) {
                    line.push_str(r#","data":""#);
                }
                self.at = At::Bytes;
                put::bytes(line, chunk.bytes());
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

/// The call's arguments; its result comes behind them.
fn fields(line: &mut String, call: &Call) -> fmt::Result {
    match *call {
        Call::EpollCreate1 { .. } | Call::Socket { .. } | Call::Fork { .. } => {}
        Call::EpollCtl { epfd, op, fd, interest, .. } => {
            put::number(line, "epfd", epfd.0);
            put::constant(line, "op", op);
            put::number(line, "fd", fd.0);
            put::mask(line, "events", &interest);
        }
        Call::EpollWaitEnter { epfd, max_events, timeout } => {
            line.push_str(r#","phase":"enter""#);
            put::number(line, "epfd", epfd.0);
            put::number(line, "maxevents", max_events);
            put::number(line, "timeout", timeout.0);
        }
        Call::EpollWait { epfd, .. } => put::number(line, "epfd", epfd.0),
        Call::Event { epfd, fd, ready } => {
            put::number(line, "epfd", epfd.0);
            put::number(line, "fd", fd.0);
            put::mask(line, "events", &ready);
        }
        Call::Setsockopt { fd, option, value, .. } => {
            put::number(line, "fd", fd.0);
            put::constant(line, "option", option);
            put::number(line, "value", value);
        }
        Call::Bind { fd, addr, .. }
        | Call::Getsockname { fd, addr, .. }
        | Call::Connect { fd, addr, .. }
        | Call::Accept4 { fd, peer: addr, .. } => {
            put::number(line, "fd", fd.0);
            put::address(line, addr);
        }
        Call::Listen { fd, backlog, .. } => {
            put::number(line, "fd", fd.0);
            put::number(line, "backlog", backlog);
        }
        Call::Recvfrom { fd, len, oob, .. } | Call::Sendto { fd, len, oob, .. } => {
            put::number(line, "fd", fd.0);
            put::number(line, "len", len);
            line.push_str(if oob { r#","flags":["MSG_OOB"]"# } else { "" });
        }
        Call::Data { fd, dir, chunk } => {
            put::number(line, "fd", fd.0);
            put::constant(line, "dir", dir);
            put::string(line, "data", chunk.bytes());
        }
        Call::Read { fd, len, .. } | Call::Write { fd, len, .. } => {
            put::number(line, "fd", fd.0);
            put::number(line, "len", len);
        }
        Call::Shutdown { fd, how, .. } => {
            put::number(line, "fd", fd.0);
            put::constant(line, "how", how);
        }
        Call::Dup { fd, .. } | Call::Close { fd, .. } => put::number(line, "fd", fd.0),
        Call::CloseRange { first, .. } => put::number(line, "first", first.0),
        Call::Sample { fd, unread, unsent, ready } => {
            put::number(line, "fd", fd.0);
            put::number(line, "unread", unread);
            put::number(line, "unsent", unsent);
            put::mask(line, "ready", &ready);
        }
        Call::Backlog { fd, pending, limit } => {
            put::number(line, "fd", fd.0);
            put::number(line, "pending", pending);
            put::number(line, "limit", limit);
        }
        Call::Poll { epfd, ready } => {
            put::number(line, "epfd", epfd.0);
            line.push_str(if ready { r#","ready":true"# } else { r#","ready":false"# });
        }
        Call::Fdinfo { epfd, fd, interest } => {
            put::number(line, "epfd", epfd.0);
            put::number(line, "fd", fd.0);
            put::mask(line, "events", &interest);
        }
        Call::Name { fd, name } => {
            put::number(line, "fd", fd.0);
            put::string(line, "name", name.bytes());
        }
        Call::Lost { count } => {
            line.push_str(r#","count":"#);
            put::digits(line, count);
        }
        Call::Policy(policy) | Call::Annotation(Annotation::Follow(policy)) => policy_fields(line, &policy)?,
        Call::Annotation(told) => told_fields(line, told),
        Call::Make { .. }
        | Call::TimerfdSettime { .. }
        | Call::Fcntl { .. }
        | Call::Tgkill { .. }
        | Call::Wait4 { .. } => object_fields(line, call),
    }
    Ok(())
}

/// Of the calls on fds of other kinds than epoll objects and TCP sockets, and on processes.
fn object_fields(line: &mut String, call: &Call) {
    match *call {
        Call::Make { by, fd, other, ret } => {
            match by {
                FdKind::Socketpair(kind) => put::constant(line, "type", kind),
                FdKind::UdpSocket => put::constant(line, "type", PairType::Dgram),
                _ => {}
            }
            if ret.ok().is_some() {
                put::number(line, "fd", fd.0);
                if by.makes_two() {
                    put::number(line, "other", other.0);
                }
            }
        }
        Call::TimerfdSettime { fd, first_ms, every_ms, .. } => {
            put::number(line, "fd", fd.0);
            put::number(line, "first_ms", first_ms);
            put::number(line, "every_ms", every_ms);
        }
        Call::Fcntl { fd, cmd, value, .. } => {
            put::number(line, "fd", fd.0);
            put::constant(line, "cmd", cmd);
            put::number(line, "value", value);
        }
        Call::Tgkill { to, .. } => {
            put::number(line, "to", to.0);
            line.push_str(r#","signal":"SIGUSR2""#);
        }
        Call::Wait4 { pid, .. } => put::number(line, "pid", pid.0),
        _ => {}
    }
}

fn told_fields(line: &mut String, told: Annotation) {
    match told {
        Annotation::Reading { fd, on } => {
            put::number(line, "fd", fd.0);
            line.push_str(if on { r#","on":true"# } else { r#","on":false"# });
        }
        Annotation::Inside { fd, dir, len } => {
            put::number(line, "fd", fd.0);
            put::constant(line, "dir", dir);
            put::number(line, "len", len);
        }
        Annotation::Died { call, fd, ret } => {
            put::constant(line, "of", call);
            put::number(line, "fd", fd.0);
            put::ret(line, ret);
        }
        Annotation::FinAcked { fd } => put::number(line, "fd", fd.0),
        Annotation::Rest { server, epfd, max_events, timeout } => {
            put::number(line, "server", server.0);
            put::number(line, "epfd", epfd.0);
            put::number(line, "maxevents", max_events);
            put::number(line, "timeout", timeout.0);
        }
        // The policy's fields are written as a policy's are.
        Annotation::Follow(_) | Annotation::Stop => {}
    }
}

/// The policy as serde writes it, its fields next to those of the record.
fn policy_fields(line: &mut String, policy: &Policy) -> fmt::Result {
    let object = serde_json::to_string(policy).map_err(|_| fmt::Error)?;
    let fields = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or(fmt::Error)?;
    line.push(',');
    line.push_str(fields);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Addr, Chunk, CtlOp, Dir, Fd, Interest, Nanos, Ready, Ret, Seq, Tid, Timeout};

    fn record(seq: u64, call: Call) -> Record {
        Record { seq: Seq(seq), t: Nanos(seq * 10), tid: Tid(7), call }
    }

    #[test]
    fn the_lines_are_as_documented() {
        let (epfd, fd) = (Fd(4), Fd(5));
        let recv = |ret| Call::Recvfrom { fd, len: 1024, oob: false, ret };
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
