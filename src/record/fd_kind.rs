//! What makes fds of other kinds than epoll objects and TCP sockets: the one row that is written by hand, since the name
//! of the call follows from what it makes.

use std::fmt;
use std::mem::discriminant;

use super::constant::PairType;
use super::field::{Each, Field, Source};
use super::ret::Ret;
use super::table::{Group, Returns, Row};
use super::types::Fd;
use crate::i18n::Lang;

/// A call that made an fd of this kind, or two that are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFd {
    pub kind: FdKind,
    /// What it made; -1 where it failed.
    pub fd: Fd,
    /// The other end; -1 where there is none.
    pub other: Fd,
    pub ret: Ret,
}

/// A kind of file: what made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FdKind {
    /// pipe2(2): `fd` reads, `other` writes.
    Pipe2,
    /// socketpair(2) of `AF_UNIX`, with this type.
    Socketpair(PairType),
    /// eventfd2(2).
    Eventfd2,
    /// timerfd_create(2), on `CLOCK_MONOTONIC`.
    TimerfdCreate,
    /// openat(2), with `O_TMPFILE`: a regular file.
    Openat,
    /// socket(2) of `AF_INET` and `SOCK_DGRAM`: UDP.
    UdpSocket,
    /// signalfd4(2), for `SIGUSR2`.
    Signalfd4,
}

impl FdKind {
    /// Each kind, with the name of the system call and what it makes, in a word. A socketpair is here with one of its types.
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Pipe2, "pipe2", "pipe"),
        (Self::Socketpair(PairType::Stream), "socketpair", "socketpair"),
        (Self::Eventfd2, "eventfd2", "eventfd"),
        (Self::TimerfdCreate, "timerfd_create", "timerfd"),
        (Self::Openat, "openat", "file"),
        (Self::UdpSocket, "socket", "udp"),
        (Self::Signalfd4, "signalfd4", "signalfd"),
    ];

    fn names(self) -> (&'static str, &'static str) {
        let same = |kind| discriminant(kind) == discriminant(&self);
        Self::ALL.iter().find(|(kind, ..)| same(kind)).map_or(("", ""), |(_, call, noun)| (*call, *noun))
    }

    /// What it makes, in a word.
    pub fn noun(self) -> &'static str {
        self.names().1
    }

    pub fn makes_two(self) -> bool {
        matches!(self, Self::Pipe2 | Self::Socketpair(_))
    }
}

impl NewFd {
    const NONE: Fd = Fd(-1);

    /// The call before it is made.
    pub fn before(kind: FdKind) -> Self {
        Self { kind, fd: Self::NONE, other: Self::NONE, ret: Ret::OK }
    }
}

impl Row for NewFd {
    fn names() -> Vec<(&'static str, Group)> {
        FdKind::ALL.map(|(_, call, _)| (call, Group::Syscall)).to_vec()
    }

    fn name(&self) -> &'static str {
        self.kind.names().0
    }

    fn group(&self) -> Group {
        Group::Syscall
    }

    fn returned(&self) -> Option<(Returns, Ret)> {
        Some((Returns::Ret, self.ret))
    }

    fn fd(&self) -> Option<Fd> {
        Some(self.fd)
    }

    fn put(&self, line: &mut String) {
        match self.kind {
            FdKind::Socketpair(kind) => kind.put("type", line),
            FdKind::UdpSocket => PairType::Dgram.put("type", line),
            _ => {}
        }
        if self.ret.ok().is_some() {
            self.fd.put("fd", line);
            if self.kind.makes_two() {
                self.other.put("other", line);
            }
        }
        self.ret.put(line);
    }

    fn take<S: Source>(name: &str, line: &mut S) -> Result<Option<Self>, S::Error> {
        let Some((mut kind, ..)) = FdKind::ALL.into_iter().find(|(_, call, _)| *call == name) else { return Ok(None) };
        match &mut kind {
            FdKind::Socketpair(kind) => *kind = line.required("type")?,
            // Without a type it is a TCP socket, which has a row in the table.
            FdKind::UdpSocket if line.optional("type")? != Some(PairType::Dgram) => return Ok(None),
            _ => {}
        }
        let mut fd = |key| Ok(line.optional(key)?.unwrap_or(Self::NONE));
        let (fd, other) = (fd("fd")?, fd("other")?);
        let ret = Ret::take(line)?;
        if ret.ok().is_some() && (fd.0 < 0 || kind.makes_two() && other.0 < 0) {
            return Err(line.wrong(format!("missing `fd` or `other`, expected what {name} made")));
        }
        Ok(Some(Self { kind, fd, other, ret }))
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, _: &str, _: Lang) -> fmt::Result {
        match self.kind {
            FdKind::Socketpair(kind) => write!(f, "AF_UNIX, {kind}"),
            FdKind::UdpSocket => f.write_str("SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC"),
            FdKind::Signalfd4 => f.write_str("SIGUSR2"),
            _ => Ok(()),
        }
    }

    fn came_back(&self) -> Vec<String> {
        let both = self.kind.makes_two() && self.ret.ok().is_some();
        if both { vec![self.fd.to_string(), self.other.to_string()] } else { Vec::new() }
    }

    /// Where it failed, no fd is there; and where it made one, that is what it returned.
    fn visit(&mut self, each: &mut impl Each) {
        if self.ret.ok().is_none() {
            return;
        }
        each.new_fd(&mut self.fd);
        if self.kind.makes_two() {
            each.new_fd(&mut self.other);
        } else {
            self.ret = Ret::value(usize::try_from(self.fd.0).unwrap_or(0));
        }
    }
}
