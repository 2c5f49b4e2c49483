//! What makes fds of other kinds than epoll objects and TCP sockets: the one row that is written by hand, since the name
//! of the call follows from what it makes.

use std::fmt::{self, Display};

use super::call::Call;
use super::constant::{Access, Family, NewFlag, Opened, PairType};
use super::field::{Each, Field, Source};
use super::ret::Ret;
use super::table::{Group, Returns, Row};
use super::types::{Fd, Tid};
use crate::i18n::Lang;

/// A call that made an fd of this kind, or two that are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFd {
    pub kind: FdKind,
    /// What it made; -1 where it failed.
    pub fd: Fd,
    /// The other end, or another fd of the FIFO that was opened again; -1 where there is none.
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
    /// pipe2(2) with `O_DIRECT`: each write is a packet.
    PacketPipe,
    /// eventfd2(2) with `EFD_SEMAPHORE`: a read takes 1 off the counter.
    Semaphore,
    /// socket(2) of `AF_UNIX`, with this type; not connected.
    UnixSocket(PairType),
    /// openat(2) of `/dev/null`.
    Null,
    /// openat(2) of a folder with `O_PATH`.
    Path,
    /// openat(2) of a FIFO.
    Fifo(Access),
    /// memfd_create(2).
    MemfdCreate,
    /// inotify_init1(2) and inotify_add_watch(2), on the scene's folder.
    InotifyInit1,
    /// pidfd_open(2) of this process.
    PidfdOpen(Tid),
    /// openpty(3), in raw mode: `fd` is the terminal's side, `other` the program's.
    Openpty,
    /// socket(2) as another program made it; its file is that of [`FdKind::UdpSocket`] or of a TCP socket.
    Socket(Family, PairType, NewFlags),
    /// signalfd4(2) of another program, for the first 32 of the signals in this mask.
    SignalfdOf(u32),
    /// epoll_create1(2) without `EPOLL_CLOEXEC`.
    EpollCreate1,
}

bitflags::bitflags! {
    /// The flags with which a program of its own makes a socket.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct NewFlags: u8 {
        const NONBLOCK = 1;
        const CLOEXEC = 2;
    }
}

impl FdKind {
    /// One kind for each system call.
    const ALL: [Self; 12] = [
        Self::Pipe2,
        Self::Socketpair(PairType::Stream),
        Self::Eventfd2,
        Self::TimerfdCreate,
        Self::Openat,
        Self::UdpSocket,
        Self::Signalfd4,
        Self::MemfdCreate,
        Self::InotifyInit1,
        Self::PidfdOpen(Tid(0)),
        Self::Openpty,
        Self::EpollCreate1,
    ];

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Pipe2 | Self::PacketPipe => ("pipe2", "pipe"),
            Self::Socketpair(_) => ("socketpair", "socketpair"),
            Self::Eventfd2 | Self::Semaphore => ("eventfd2", "eventfd"),
            Self::TimerfdCreate => ("timerfd_create", "timerfd"),
            Self::Openat => ("openat", "file"),
            Self::UdpSocket => ("socket", "udp"),
            Self::Signalfd4 | Self::SignalfdOf(_) => ("signalfd4", "signalfd"),
            Self::UnixSocket(_) => ("socket", "unix"),
            Self::Null => ("openat", "null"),
            Self::Path => ("openat", "path"),
            Self::Fifo(_) => ("openat", "fifo"),
            Self::MemfdCreate => ("memfd_create", "memfd"),
            Self::InotifyInit1 => ("inotify_init1", "inotify"),
            Self::PidfdOpen(_) => ("pidfd_open", "pidfd"),
            Self::Openpty => ("openpty", "pty"),
            Self::Socket(..) => ("socket", "socket"),
            Self::EpollCreate1 => ("epoll_create1", "epoll"),
        }
    }

    /// What it makes, in a word.
    pub fn noun(self) -> &'static str {
        self.names().1
    }

    pub fn makes_two(self) -> bool {
        matches!(self, Self::Pipe2 | Self::PacketPipe | Self::Socketpair(_) | Self::Openpty)
    }
}

impl NewFd {
    const NONE: Fd = Fd(-1);

    /// The call that the built-in server, or a lab, would make for the same.
    pub(super) fn plain(self) -> Call {
        let ret = self.ret;
        match self.kind {
            FdKind::EpollCreate1 => Call::EpollCreate1 { ret },
            FdKind::Socket(Family::Inet | Family::Inet6, PairType::Stream, _) => Call::Socket { ret },
            FdKind::Socket(Family::Unix, kind, _) => Call::NewFd(Self { kind: FdKind::UnixSocket(kind), ..self }),
            FdKind::Socket(..) => Call::NewFd(Self { kind: FdKind::UdpSocket, ..self }),
            FdKind::SignalfdOf(_) => Call::NewFd(Self { kind: FdKind::Signalfd4, ..self }),
            _ => Call::NewFd(self),
        }
    }

    /// The call before it is made.
    pub fn before(kind: FdKind) -> Self {
        Self { kind, fd: Self::NONE, other: Self::NONE, ret: Ret::OK }
    }
}

impl Row for NewFd {
    fn names() -> Vec<(&'static str, Group)> {
        FdKind::ALL.map(|kind| (kind.names().0, Group::Syscall)).to_vec()
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
            FdKind::UnixSocket(kind) => {
                Family::Unix.put("domain", line);
                kind.put("type", line);
            }
            FdKind::PacketPipe => NewFlag::Direct.put("flags", line),
            FdKind::Semaphore => NewFlag::Semaphore.put("flags", line),
            FdKind::Null => Opened::Null.put("path", line),
            FdKind::Path => {
                Opened::Folder.put("path", line);
                NewFlag::Path.put("flags", line);
            }
            FdKind::Fifo(access) => {
                Opened::Fifo.put("path", line);
                access.put("flags", line);
            }
            FdKind::PidfdOpen(pid) => pid.put("pid", line),
            FdKind::Socket(family, kind, flags) => {
                family.put("domain", line);
                kind.put("type", line);
                flags.contains(NewFlags::NONBLOCK).put("nonblock", line);
                flags.contains(NewFlags::CLOEXEC).put("cloexec", line);
            }
            FdKind::SignalfdOf(mask) => mask.put("mask", line),
            FdKind::EpollCreate1 => false.put("cloexec", line),
            _ => {}
        }
        if self.ret.ok().is_some() {
            self.fd.put("fd", line);
            if self.other != Self::NONE {
                self.other.put("other", line);
            }
        }
        self.ret.put(line);
    }

    fn take<S: Source>(name: &str, line: &mut S) -> Result<Option<Self>, S::Error> {
        let Some(kind) = FdKind::ALL.into_iter().find(|kind| kind.names().0 == name) else { return Ok(None) };
        let kind = match kind {
            FdKind::Socketpair(_) => FdKind::Socketpair(line.required("type")?),
            FdKind::UdpSocket => match (line.optional("domain")?, line.optional("type")?) {
                (Some(Family::Unix), Some(kind)) => FdKind::UnixSocket(kind),
                (None, Some(PairType::Dgram)) => FdKind::UdpSocket,
                (Some(family), Some(kind)) => {
                    let (nonblock, cloexec) = (line.required("nonblock")?, line.required("cloexec")?);
                    let flag = |flag, is_set: bool| if is_set { flag } else { NewFlags::empty() };
                    let flags = flag(NewFlags::NONBLOCK, nonblock) | flag(NewFlags::CLOEXEC, cloexec);
                    FdKind::Socket(family, kind, flags)
                }
                // Without a type it is a TCP socket, which has a row in the table.
                _ => return Ok(None),
            },
            FdKind::Pipe2 if line.optional("flags")? == Some(NewFlag::Direct) => FdKind::PacketPipe,
            FdKind::Eventfd2 if line.optional("flags")? == Some(NewFlag::Semaphore) => FdKind::Semaphore,
            FdKind::Openat => match line.optional("path")? {
                Some(Opened::Null) => FdKind::Null,
                Some(Opened::Folder) => FdKind::Path,
                Some(Opened::Fifo) => FdKind::Fifo(line.required("flags")?),
                None => FdKind::Openat,
            },
            FdKind::PidfdOpen(_) => FdKind::PidfdOpen(line.required("pid")?),
            FdKind::Signalfd4 => line.optional("mask")?.map_or(FdKind::Signalfd4, FdKind::SignalfdOf),
            // With EPOLL_CLOEXEC it has a row in the table.
            FdKind::EpollCreate1 if line.optional::<bool>("cloexec")?.is_none() => return Ok(None),
            kind => kind,
        };
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
            FdKind::UdpSocket => f.write_str("SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC"),
            FdKind::Signalfd4 => f.write_str("SIGUSR2"),
            FdKind::Socketpair(kind) | FdKind::UnixSocket(kind) => write!(f, "AF_UNIX, {kind}"),
            FdKind::PacketPipe => NewFlag::Direct.fmt(f),
            FdKind::Semaphore => NewFlag::Semaphore.fmt(f),
            FdKind::Null => Opened::Null.fmt(f),
            FdKind::Path => write!(f, "{}, {}", Opened::Folder, NewFlag::Path),
            FdKind::Fifo(access) => write!(f, "{}, {access}", Opened::Fifo),
            FdKind::PidfdOpen(pid) => pid.fmt(f),
            FdKind::Socket(family, kind, flags) => {
                let [nonblock, cloexec] =
                    [(NewFlags::NONBLOCK, "|SOCK_NONBLOCK"), (NewFlags::CLOEXEC, "|SOCK_CLOEXEC")]
                        .map(|(flag, name)| if flags.contains(flag) { name } else { "" });
                write!(f, "{family}, {kind}{nonblock}{cloexec}")
            }
            FdKind::SignalfdOf(mask) => write!(f, "{mask:#x}"),
            FdKind::EpollCreate1 => f.write_str("0"),
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
            if self.other != Self::NONE {
                each.fd(&mut self.other);
            }
            if let FdKind::PidfdOpen(pid) = &mut self.kind {
                each.tid(pid);
            }
            self.ret = Ret::value(usize::try_from(self.fd.0).unwrap_or(0));
        }
    }
}
