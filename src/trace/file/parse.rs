//! One line of text into the records that it stands for.
//!
//! Every line is read twice: first for what all lines have, then for the fields of its call. That keeps serde's exact
//! messages, and what one call's field is called does not bind another's.

use std::borrow::Cow;
use std::collections::VecDeque;

use serde::Deserialize;

use super::error::{LineError, printable};
use super::fields::{
    Backlog, CloseRange, Ctl, Died, Event, Fcntl, Fdinfo, Inside, Listen, Lost, Make, Name, OnFd, Poll, Reading,
    Reported, Rest, Sample, Setsockopt, Settime, Shutdown, Stray, Tgkill, Transfer, Wait, Wait4, WaitEnter, WithAddr,
};
use super::names::Constant;
use super::wire::{Address, Bytes, Failure, Mask, Named, Success};
use crate::record::{
    Annotation, Call, Chunk, CtlOp, Dir, Fd, FdKind, Interest, Nanos, PairType, Policy, Record, Ret, Seq, Tid, Timeout,
};

/// What a line has in every version, whatever it calls the rest.
#[derive(Deserialize)]
struct Stub<'a> {
    seq: u64,
    #[serde(borrow)]
    call: Cow<'a, str>,
}

/// What every line has.
#[derive(Deserialize)]
struct Head<'a> {
    seq: u64,
    t_ns: u64,
    tid: u32,
    #[serde(borrow)]
    call: Cow<'a, str>,
    phase: Option<Named<Enter>>,
    ret: Option<Success>,
    errno: Option<Failure>,
}

impl Head<'_> {
    /// The result, for calls that have one.
    fn result(&self) -> Result<Ret, LineError> {
        match (&self.ret, &self.errno) {
            (Some(Success(ret)), None) | (None, Some(Failure(ret))) => Ok(*ret),
            (None, None) => Err(LineError::new("neither `ret` nor `errno`, expected one of them")),
            (Some(_), Some(_)) => Err(LineError::new("both `ret` and `errno`, expected one of them")),
        }
    }
}

/// The phase `"enter"`; a line without a phase is of a call that has returned.
#[derive(Clone, Copy)]
struct Enter;

impl Constant for Enter {
    const WHAT: &'static str = "a phase";
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> &'static str {
        "enter"
    }
}

/// What a line turned out to be.
#[derive(Debug)]
pub(super) enum Parsed {
    /// Its records were appended; the first has this number.
    Records(Seq),
    /// A call of this name, which this version does not know.
    Unknown(Seq, String),
}

/// Appends the records of a line to `records`. After a mistake, what was appended is without meaning.
pub(super) fn line(text: &str, records: &mut VecDeque<Record>) -> Result<Parsed, LineError> {
    // serde would take an array for a struct.
    if !text.trim_ascii_start().starts_with('{') {
        let what = "this is no JSON object, expected one such as {\"seq\":7,…}".to_owned();
        return Err(LineError { column: Some(1), what, broken: true });
    }
    let head: Result<Head<'_>, LineError> = from(text);
    // An unknown call's fields may mean something else, so nothing is expected of them.
    let known = head.as_ref().is_ok_and(|head| KNOWN.contains(&&*head.call));
    if !known
        && let Ok(Stub { seq, call }) = from::<Stub<'_>>(text)
        && !KNOWN.contains(&&*call)
    {
        return Ok(Parsed::Unknown(Seq(seq), printable(&call)));
    }
    let head = head?;
    let seq = Seq(head.seq);
    let mut parts = Parts::new(seq, Nanos(head.t_ns), Tid(head.tid), records);
    match &*head.call {
        "epoll_wait" if head.phase.is_none() => {
            let Wait { epfd, events } = from(text)?;
            let epfd = Fd(epfd);
            parts.add(Call::EpollWait { epfd, ret: head.result()? })?;
            for Reported { fd, events: Mask(ready) } in events {
                parts.add(Call::Event { epfd, fd: Fd(fd), ready })?;
            }
        }
        "recvfrom" => {
            let Transfer { fd, len, flags, data } = from(text)?;
            parts.add(Call::Recvfrom { fd: Fd(fd), len, oob: flags.oob, ret: head.result()? })?;
            parts.add_bytes(Fd(fd), Dir::In, data.as_ref())?;
        }
        "sendto" => {
            let Transfer { fd, len, flags, data } = from(text)?;
            parts.add(Call::Sendto { fd: Fd(fd), len, oob: flags.oob, ret: head.result()? })?;
            parts.add_bytes(Fd(fd), Dir::Out, data.as_ref())?;
        }
        _ => parts.add(call(text, &head)?)?,
    }
    Ok(Parsed::Records(seq))
}

fn from<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, LineError> {
    serde_json::from_str(text).map_err(LineError::from)
}

/// The records of one line, numbered from the line's own `seq`.
struct Parts<'a> {
    next: Option<u64>,
    t: Nanos,
    tid: Tid,
    records: &'a mut VecDeque<Record>,
}

impl<'a> Parts<'a> {
    fn new(Seq(seq): Seq, t: Nanos, tid: Tid, records: &'a mut VecDeque<Record>) -> Self {
        Self { next: Some(seq), t, tid, records }
    }

    fn add(&mut self, call: Call) -> Result<(), LineError> {
        let seq =
            self.next.ok_or_else(|| LineError::new("`seq` is too high to count on, expected a smaller number"))?;
        self.next = seq.checked_add(1);
        self.records.push_back(Record { seq: Seq(seq), t: self.t, tid: self.tid, call });
        Ok(())
    }

    fn add_bytes(&mut self, fd: Fd, dir: Dir, data: Option<&Bytes>) -> Result<(), LineError> {
        data.into_iter()
            .flat_map(|Bytes(bytes)| bytes.chunks(Chunk::MAX))
            .try_for_each(|chunk| self.add(Call::Data { fd, dir, chunk: Chunk::new(chunk) }))
    }
}

/// A line that is one record.
fn call(text: &str, head: &Head<'_>) -> Result<Call, LineError> {
    Ok(match &*head.call {
        "epoll_create1" => Call::EpollCreate1 { ret: head.result()? },
        "epoll_ctl" => {
            let Ctl { epfd, op: Named(op), fd, events } = from(text)?;
            let interest = match events {
                Some(Mask(interest)) => interest,
                None if op == CtlOp::Del => Interest::empty(),
                None => {
                    return Err(LineError::new(format!("missing field `events`, expected the mask of {}", op.name())));
                }
            };
            Call::EpollCtl { epfd: Fd(epfd), op, fd: Fd(fd), interest, ret: head.result()? }
        }
        "epoll_wait" => {
            let WaitEnter { epfd, maxevents, timeout } = from(text)?;
            Call::EpollWaitEnter { epfd: Fd(epfd), max_events: maxevents, timeout: Timeout(timeout) }
        }
        "event" => {
            let Event { epfd, fd, events: Mask(ready) } = from(text)?;
            Call::Event { epfd: Fd(epfd), fd: Fd(fd), ready }
        }
        "socket" => match from::<Make>(text)?.kind {
            Some(Named(PairType::Dgram)) => make(FdKind::UdpSocket, text, head)?,
            _ => Call::Socket { ret: head.result()? },
        },
        "setsockopt" => {
            let Setsockopt { fd, option: Named(option), value } = from(text)?;
            Call::Setsockopt { fd: Fd(fd), option, value, ret: head.result()? }
        }
        "bind" => {
            let WithAddr { fd, addr: Address(addr) } = from(text)?;
            Call::Bind { fd: Fd(fd), addr, ret: head.result()? }
        }
        "listen" => {
            let Listen { fd, backlog } = from(text)?;
            Call::Listen { fd: Fd(fd), backlog, ret: head.result()? }
        }
        "getsockname" => {
            let WithAddr { fd, addr: Address(addr) } = from(text)?;
            Call::Getsockname { fd: Fd(fd), addr, ret: head.result()? }
        }
        "connect" => {
            let WithAddr { fd, addr: Address(addr) } = from(text)?;
            Call::Connect { fd: Fd(fd), addr, ret: head.result()? }
        }
        "accept4" => {
            let WithAddr { fd, addr: Address(peer) } = from(text)?;
            Call::Accept4 { fd: Fd(fd), peer, ret: head.result()? }
        }
        "data" => {
            let Stray { fd, dir: Named(dir), data: Bytes(bytes) } = from(text)?;
            Call::Data { fd: Fd(fd), dir, chunk: chunk("data", &bytes, "without their call")? }
        }
        "shutdown" => {
            let Shutdown { fd, how: Named(how) } = from(text)?;
            Call::Shutdown { fd: Fd(fd), how, ret: head.result()? }
        }
        "dup" => Call::Dup { fd: Fd(from::<OnFd>(text)?.fd), ret: head.result()? },
        "close" => Call::Close { fd: Fd(from::<OnFd>(text)?.fd), ret: head.result()? },
        "close_range" => Call::CloseRange { first: Fd(from::<CloseRange>(text)?.first), ret: head.result()? },
        "sample" => {
            let Sample { fd, unread, unsent, ready: Mask(ready) } = from(text)?;
            Call::Sample { fd: Fd(fd), unread, unsent, ready }
        }
        "backlog" => {
            let Backlog { fd, pending, limit } = from(text)?;
            Call::Backlog { fd: Fd(fd), pending, limit }
        }
        "fdinfo" => {
            let Fdinfo { epfd, fd, events: Mask(interest) } = from(text)?;
            Call::Fdinfo { epfd: Fd(epfd), fd: Fd(fd), interest }
        }
        "poll" => {
            let Poll { epfd, ready } = from(text)?;
            Call::Poll { epfd: Fd(epfd), ready }
        }
        "policy" => Call::Policy(policy(text)?),
        "follow" | "reading" | "inside" | "rest" | "fin_acked" | "stop" | "died" => Call::Annotation(told(text, head)?),
        "lost" => Call::Lost { count: from::<Lost>(text)?.count },
        _ => return object_call(text, head),
    })
}

/// A line that is one call on an fd of any kind, or makes one of another than epoll objects and TCP sockets.
fn object_call(text: &str, head: &Head<'_>) -> Result<Call, LineError> {
    Ok(match &*head.call {
        "read" | "write" => {
            let Transfer { fd, len, .. } = from(text)?;
            let (fd, ret) = (Fd(fd), head.result()?);
            if head.call == "read" { Call::Read { fd, len, ret } } else { Call::Write { fd, len, ret } }
        }
        "timerfd_settime" => {
            let Settime { fd, first_ms, every_ms } = from(text)?;
            Call::TimerfdSettime { fd: Fd(fd), first_ms, every_ms, ret: head.result()? }
        }
        "fcntl" => {
            let Fcntl { fd, cmd: Named(cmd), value } = from(text)?;
            Call::Fcntl { fd: Fd(fd), cmd, value, ret: head.result()? }
        }
        "tgkill" => Call::Tgkill { to: Tid(from::<Tgkill>(text)?.to), ret: head.result()? },
        "fork" => Call::Fork { ret: head.result()? },
        "wait4" => Call::Wait4 { pid: Tid(from::<Wait4>(text)?.pid), ret: head.result()? },
        "signalfd4" => make(FdKind::Signalfd4, text, head)?,
        "pipe2" => make(FdKind::Pipe2, text, head)?,
        "eventfd2" => make(FdKind::Eventfd2, text, head)?,
        "timerfd_create" => make(FdKind::TimerfdCreate, text, head)?,
        "openat" => make(FdKind::Openat, text, head)?,
        "socketpair" => {
            let Some(Named(kind)) = from::<Make>(text)?.kind else {
                return Err(LineError::new("missing field `type`, expected SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET"));
            };
            make(FdKind::Socketpair(kind), text, head)?
        }
        "name" => {
            let Name { fd, name: Bytes(name) } = from(text)?;
            Call::Name { fd: Fd(fd), name: chunk("name", &name, "in a name")? }
        }
        // `line` has asked whether it is known.
        unknown => return Err(LineError::new(format!("unknown call {unknown:?}"))),
    })
}

/// What no call tells.
fn told(text: &str, head: &Head<'_>) -> Result<Annotation, LineError> {
    Ok(match &*head.call {
        "follow" => Annotation::Follow(policy(text)?),
        "reading" => {
            let Reading { fd, on } = from(text)?;
            Annotation::Reading { fd: Fd(fd), on }
        }
        "inside" => {
            let Inside { fd, dir: Named(dir), len } = from(text)?;
            Annotation::Inside { fd: Fd(fd), dir, len }
        }
        "rest" => {
            let Rest { server, epfd, maxevents: max_events, timeout } = from(text)?;
            Annotation::Rest { server: Tid(server), epfd: Fd(epfd), max_events, timeout: Timeout(timeout) }
        }
        "fin_acked" => Annotation::FinAcked { fd: Fd(from::<OnFd>(text)?.fd) },
        "died" => {
            let Died { of: Named(call), fd } = from(text)?;
            Annotation::Died { call, fd: Fd(fd), ret: head.result()? }
        }
        _ => Annotation::Stop,
    })
}

fn chunk(field: &str, bytes: &[u8], place: &str) -> Result<Chunk, LineError> {
    let (len, most) = (bytes.len(), Chunk::MAX);
    if len > most {
        return Err(LineError::new(format!("`{field}` has {len} bytes, expected at most {most} {place}")));
    }
    Ok(Chunk::new(bytes))
}

fn make(by: FdKind, text: &str, head: &Head<'_>) -> Result<Call, LineError> {
    let Make { fd, other, .. } = from(text)?;
    let ret = head.result()?;
    if ret.ok().is_some() && (fd < 0 || by.makes_two() && other < 0) {
        return Err(LineError::new(format!("missing `fd` or `other`, expected what {} made", by.name())));
    }
    Ok(Call::Make { by, fd: Fd(fd), other: Fd(other), ret })
}

/// The server may trust a policy's numbers, so they are held to what [`Policy`] promises.
fn policy(text: &str) -> Result<Policy, LineError> {
    let policy: Policy = from(text)?;
    for (field, value, most) in
        [("read_size", policy.read_size, Policy::MAX_READ_SIZE), ("max_events", policy.max_events, Policy::MAX_EVENTS)]
    {
        if !(1..=most).contains(&value) {
            return Err(LineError::new(format!("`{field}` is {value}, expected 1 to {most}")));
        }
    }
    Ok(policy)
}

/// Every call that a line may have.
pub(crate) const KNOWN: [&str; 45] = [
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "event",
    "socket",
    "setsockopt",
    "bind",
    "listen",
    "getsockname",
    "connect",
    "accept4",
    "recvfrom",
    "sendto",
    "data",
    "read",
    "write",
    "timerfd_settime",
    "pipe2",
    "socketpair",
    "eventfd2",
    "timerfd_create",
    "openat",
    "signalfd4",
    "fcntl",
    "tgkill",
    "fork",
    "wait4",
    "shutdown",
    "dup",
    "close",
    "close_range",
    "sample",
    "backlog",
    "fdinfo",
    "poll",
    "policy",
    "follow",
    "reading",
    "inside",
    "rest",
    "fin_acked",
    "stop",
    "died",
    "name",
    "lost",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_read() {
        for name in KNOWN {
            let text = format!(r#"{{"seq":1,"t_ns":2,"tid":3,"call":"{name}"}}"#);
            match line(&text, &mut VecDeque::new()) {
                // A policy that says nothing is the usual one.
                Ok(Parsed::Records(Seq(1))) => assert!(["policy", "follow", "stop"].contains(&name), "{name}"),
                Ok(other) => panic!("{name}: {other:?}"),
                Err(mistake) => assert!(!mistake.what.contains("unknown call"), "{name}: {}", mistake.what),
            }
        }
    }
}
