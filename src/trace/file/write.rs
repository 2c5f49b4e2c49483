//! Records into JSON.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use bitflags::Flags;

use super::Header;
use super::lines::{Format, Lines};
use super::names::{Constant, bits_of};
use crate::record::{Addr, Call, Fd, Maker, PairType, Policy, Record, Ret};

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

/// Where the line stands; says how to go on and how to end it.
#[derive(Debug, Default)]
enum Json {
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
        write!(line, r#"{{"seq":{seq},"t_ns":{t},"tid":{tid},"call":""#)?;
        line.push_str(call.name());
        line.push('"');
        fields(line, call)?;
        *self = Self::Fields;
        if let Call::EpollWait { ret, .. } = call
            && ret.ok().is_some()
        {
            line.push_str(r#","events":["#);
            *self = Self::Events { first: true };
        }
        Ok(())
    }

    fn part(&mut self, line: &mut String, part: &Record) -> fmt::Result {
        match part.call {
            Call::Event { fd, ready, .. } => {
                if !matches!(self, Self::Events { first: true }) {
                    line.push(',');
                }
                *self = Self::Events { first: false };
                write!(line, r#"{{"fd":{fd}"#)?;
                mask(line, "events", &ready)?;
                line.push('}');
            }
            Call::Data { chunk, .. } => {
                if !matches!(self, Self::Bytes) {
                    line.push_str(r#","data":""#);
                }
                *self = Self::Bytes;
                bytes(line, chunk.bytes());
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, line: &mut String) -> fmt::Result {
        line.push_str(match self {
            Self::Fields => "}",
            Self::Events { .. } => "]}",
            Self::Bytes => "\"}",
        });
        Ok(())
    }
}

fn fields(line: &mut String, call: &Call) -> fmt::Result {
    match *call {
        Call::EpollCreate1 { ret: result } | Call::Socket { ret: result } | Call::Fork { ret: result } => {
            ret(line, result)
        }
        Call::EpollCtl { epfd, op, fd, interest, ret: result } => {
            write!(line, r#","epfd":{epfd},"op":"{}","fd":{fd}"#, op.name())?;
            mask(line, "events", &interest)?;
            ret(line, result)
        }
        Call::EpollWaitEnter { epfd, max_events, timeout } => {
            write!(line, r#","phase":"enter","epfd":{epfd},"maxevents":{max_events},"timeout":{timeout}"#)
        }
        Call::EpollWait { epfd, ret: result } => {
            write!(line, r#","epfd":{epfd}"#)?;
            ret(line, result)
        }
        Call::Event { epfd, fd, ready } => {
            write!(line, r#","epfd":{epfd},"fd":{fd}"#)?;
            mask(line, "events", &ready)
        }
        Call::Setsockopt { fd, option, value, ret: result } => {
            write!(line, r#","fd":{fd},"option":"{}","value":{value}"#, option.name())?;
            ret(line, result)
        }
        Call::Bind { fd, addr, ret: result }
        | Call::Getsockname { fd, addr, ret: result }
        | Call::Connect { fd, addr, ret: result }
        | Call::Accept4 { fd, peer: addr, ret: result } => {
            address(line, fd, addr)?;
            ret(line, result)
        }
        Call::Listen { fd, backlog, ret: result } => {
            write!(line, r#","fd":{fd},"backlog":{backlog}"#)?;
            ret(line, result)
        }
        Call::Recvfrom { fd, len, oob, ret: result } | Call::Sendto { fd, len, oob, ret: result } => {
            let flags = if oob { r#","flags":["MSG_OOB"]"# } else { "" };
            write!(line, r#","fd":{fd},"len":{len}{flags}"#)?;
            ret(line, result)
        }
        Call::Data { fd, dir, chunk } => {
            write!(line, r#","fd":{fd},"dir":"{}","data":""#, dir.name())?;
            bytes(line, chunk.bytes());
            line.push('"');
            Ok(())
        }
        Call::Read { fd, len, ret: result } | Call::Write { fd, len, ret: result } => {
            write!(line, r#","fd":{fd},"len":{len}"#)?;
            ret(line, result)
        }
        Call::Shutdown { fd, how, ret: result } => {
            write!(line, r#","fd":{fd},"how":"{}""#, how.name())?;
            ret(line, result)
        }
        Call::Dup { fd, ret: result } | Call::Close { fd, ret: result } => {
            write!(line, r#","fd":{fd}"#)?;
            ret(line, result)
        }
        Call::CloseRange { first, ret: result } => {
            write!(line, r#","first":{first}"#)?;
            ret(line, result)
        }
        Call::Sample { fd, unread, unsent, ready } => {
            write!(line, r#","fd":{fd},"unread":{unread},"unsent":{unsent}"#)?;
            mask(line, "ready", &ready)
        }
        Call::Backlog { fd, pending, limit } => {
            write!(line, r#","fd":{fd},"pending":{pending},"limit":{limit}"#)
        }
        Call::Poll { epfd, ready } => write!(line, r#","epfd":{epfd},"ready":{ready}"#),
        Call::Fdinfo { epfd, fd, interest } => {
            write!(line, r#","epfd":{epfd},"fd":{fd}"#)?;
            mask(line, "events", &interest)
        }
        Call::Policy(policy) => policy_fields(line, &policy),
        Call::Lost { count } => write!(line, r#","count":{count}"#),
        Call::Make { .. }
        | Call::TimerfdSettime { .. }
        | Call::Fcntl { .. }
        | Call::Tgkill { .. }
        | Call::Wait4 { .. } => object_fields(line, call),
    }
}

/// Of the calls on fds of other kinds than epoll objects and TCP sockets, and on processes.
fn object_fields(line: &mut String, call: &Call) -> fmt::Result {
    match *call {
        Call::Make { by, fd, other, ret: result } => {
            let kind = match by {
                Maker::Socketpair(kind) => Some(kind),
                Maker::UdpSocket => Some(PairType::Dgram),
                _ => None,
            };
            if let Some(kind) = kind {
                write!(line, r#","type":"{}""#, kind.name())?;
            }
            if result.ok().is_some() {
                write!(line, r#","fd":{fd}"#)?;
                if by.makes_two() {
                    write!(line, r#","other":{other}"#)?;
                }
            }
            ret(line, result)
        }
        Call::TimerfdSettime { fd, first_ms, every_ms, ret: result } => {
            write!(line, r#","fd":{fd},"first_ms":{first_ms},"every_ms":{every_ms}"#)?;
            ret(line, result)
        }
        Call::Fcntl { fd, cmd, value, ret: result } => {
            write!(line, r#","fd":{fd},"cmd":"{}","value":{value}"#, cmd.name())?;
            ret(line, result)
        }
        Call::Tgkill { to, ret: result } => {
            write!(line, r#","to":{to},"signal":"SIGUSR2""#)?;
            ret(line, result)
        }
        Call::Wait4 { pid, ret: result } => {
            write!(line, r#","pid":{pid}"#)?;
            ret(line, result)
        }
        _ => Ok(()),
    }
}

fn ret(line: &mut String, ret: Ret) -> fmt::Result {
    match ret.errno() {
        None => write!(line, r#","ret":{}"#, ret.raw()),
        Some(nix::errno::Errno::UnknownErrno) => write!(line, r#","errno":{}"#, -ret.raw()),
        Some(errno) => write!(line, r#","errno":"{errno:?}""#),
    }
}

fn mask<F: Flags<Bits = u32>>(line: &mut String, key: &str, mask: &F) -> fmt::Result {
    line.push_str(",\"");
    line.push_str(key);
    line.push_str("\":[");
    let (names, rest) = bits_of(mask);
    let mut comma = "";
    for name in names {
        write!(line, r#"{comma}"EPOLL{name}""#)?;
        comma = ",";
    }
    if rest != 0 {
        write!(line, r#"{comma}"{rest:#x}""#)?;
    }
    line.push(']');
    Ok(())
}

fn address(line: &mut String, fd: Fd, addr: Addr) -> fmt::Result {
    match addr.socket_addr() {
        Some(addr) => write!(line, r#","fd":{fd},"addr":"{addr}""#),
        None => write!(line, r#","fd":{fd},"addr":null"#),
    }
}

/// The bytes in the escaping of [`slice::escape_ascii`], and that in the escaping of a JSON string.
fn bytes(line: &mut String, bytes: &[u8]) {
    for byte in bytes.escape_ascii() {
        if matches!(byte, b'"' | b'\\') {
            line.push('\\');
        }
        line.push(char::from(byte));
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
    use crate::record::{Chunk, CtlOp, Dir, Interest, Nanos, Ready, Seq, Tid, Timeout};

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
