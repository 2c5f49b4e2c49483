//! What is known of the fds of a watched process: enough to leave out calls on regular files, to tell which fd an event is
//! about, and to ask how deep a queue is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::rc::Rc;

use nix::sys::socket::{SockaddrStorage, getpeername, getsockname};

use crate::record::{Addr, Call, Fd, SockOpt, Tid};
use crate::sys::{self, Errno, ptrace};

/// A kind of file, as far as it matters for what is recorded and asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A TCP socket, or a socket that the program has not made; it becomes a listener with listen(2).
    Tcp,
    Listener,
    Epoll,
    /// Of another kind, made by a call that was recorded.
    Made,
    /// It came with the program, or by a call that is not recorded: its calls are recorded, and nothing is asked of it.
    Inherited,
    /// A regular file or the like, which no epoll takes: calls on it are left out.
    File,
}

/// For each `data` that was given to epoll_ctl(2): the fd that it was given for.
type Data = Rc<RefCell<HashMap<u64, Fd>>>;

/// A file table.
#[derive(Debug)]
pub(super) struct Table {
    /// A process that has it.
    pub(super) process: Tid,
    kinds: HashMap<Fd, Kind>,
    data: HashMap<Fd, Data>,
    pidfd: Option<OwnedFd>,
    /// Threads that are inside close(2), each with the fd.
    pub(super) closing: Vec<(Fd, Tid)>,
}

impl Table {
    pub(super) fn of(process: Tid) -> Self {
        Self { process, kinds: HashMap::new(), data: HashMap::new(), pidfd: None, closing: Vec::new() }
    }

    /// The table of a child, which has the same files.
    pub(super) fn forked(&self, process: Tid) -> Self {
        Self { kinds: self.kinds.clone(), data: self.data.clone(), ..Self::of(process) }
    }

    pub(super) fn kind(&mut self, fd: Fd) -> Kind {
        if let Some(kind) = self.kinds.get(&fd) {
            return *kind;
        }
        let kind = self.found(fd);
        // What is not open yet may be anything later.
        if let Some(kind) = kind {
            self.kinds.insert(fd, kind);
        }
        kind.unwrap_or(Kind::Inherited)
    }

    /// What the kernel says that an fd is.
    fn found(&mut self, fd: Fd) -> Option<Kind> {
        let link = fs::read_link(format!("/proc/{}/fd/{fd}", self.process)).ok()?;
        let name = link.to_string_lossy();
        if name.starts_with("socket:") {
            return Some(self.kind_of_socket(fd).unwrap_or(Kind::Inherited));
        }
        Some(match &*name {
            "anon_inode:[eventpoll]" => Kind::Epoll,
            name if Self::is_file(name) => Kind::File,
            _ => Kind::Inherited,
        })
    }

    /// Whether this is what `/proc/PID/fd` calls a regular file or the like.
    pub(super) fn is_file(name: &str) -> bool {
        name.starts_with('/') && !["/dev/pts/", "/dev/tty"].iter().any(|path| name.starts_with(path))
    }

    fn kind_of_socket(&mut self, fd: Fd) -> Option<Kind> {
        let copy = self.copy(fd).ok()?;
        if sys::listener_backlog(Fd(copy.as_raw_fd())).is_err() {
            return None;
        }
        let listens = sys::option(copy.as_fd(), SockOpt::AcceptConn) == Ok(1);
        Some(if listens { Kind::Listener } else { Kind::Tcp })
    }

    /// A call gave the process a new fd, or made it another kind.
    pub(super) fn opened(&mut self, fd: Fd, kind: Kind) {
        self.kinds.insert(fd, kind);
        if kind == Kind::Epoll {
            self.data.insert(fd, Data::default());
        }
    }

    pub(super) fn duplicated(&mut self, fd: Fd, copy: Fd) {
        if fd == copy {
            return;
        }
        let kind = self.kind(fd);
        self.closed(copy);
        self.kinds.insert(copy, kind);
        if let Some(data) = self.data.get(&fd).cloned() {
            self.data.insert(copy, data);
        }
    }

    pub(super) fn closed(&mut self, fd: Fd) {
        self.kinds.remove(&fd);
        self.data.remove(&fd);
    }

    /// The fds that were closed all at once, by exec or close_range.
    pub(super) fn closed_meanwhile(&mut self) -> Vec<Fd> {
        let folder = format!("/proc/{}/fd", self.process);
        let is_open = |fd: &Fd| fs::symlink_metadata(format!("{folder}/{fd}")).is_ok();
        let mut closed: Vec<Fd> = self.kinds.keys().copied().filter(|fd| !is_open(fd)).collect();
        closed.sort_unstable();
        for fd in &closed {
            self.closed(*fd);
        }
        closed
    }

    /// epoll_ctl(2) gave `data` for `fd`.
    pub(super) fn registered(&mut self, epfd: Fd, fd: Fd, data: u64) {
        self.data.entry(epfd).or_default().borrow_mut().insert(data, fd);
    }

    /// The fd that an event with this `data` is about. Where it was registered unseen, the lower half is the best guess.
    pub(super) fn fd_of(&self, epfd: Fd, data: u64) -> Fd {
        let known = self.data.get(&epfd).and_then(|known| known.borrow().get(&data).copied());
        #[allow(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
        known.unwrap_or(Fd(data as i32))
    }

    /// A copy of an fd. Let go of it at once: while it is open, a close in the program ends nothing.
    pub(super) fn copy(&mut self, fd: Fd) -> Result<OwnedFd, Errno> {
        if self.pidfd.is_none() {
            self.pidfd = Some(sys::pidfd_open(self.process)?);
        }
        let pidfd = self.pidfd.as_ref().ok_or(Errno::EBADF)?;
        ptrace::pidfd_getfd(pidfd.as_fd(), fd)
    }

    /// The address that a socket of the internet has itself.
    pub(super) fn local(&mut self, fd: Fd) -> Option<Addr> {
        let copy = self.copy(fd).ok()?;
        internet(&getsockname::<SockaddrStorage>(copy.as_raw_fd()).ok()?)
    }

    /// The address of its peer.
    pub(super) fn peer(&mut self, fd: Fd) -> Option<Addr> {
        let copy = self.copy(fd).ok()?;
        internet(&getpeername::<SockaddrStorage>(copy.as_raw_fd()).ok()?)
    }

    /// How a file stands: the answers of the kernel, by the program's number for it.
    pub(super) fn asked(&mut self, fd: Fd) -> Result<Vec<Call>, Errno> {
        let kind = self.kind(fd);
        if !matches!(kind, Kind::Tcp | Kind::Listener | Kind::Made) {
            return Ok(Vec::new());
        }
        let copy = self.copy(fd)?;
        let own = Fd(copy.as_raw_fd());
        let mut said = Vec::new();
        if kind == Kind::Listener {
            if let Ok(Call::Backlog { pending, limit, .. }) = sys::listener_backlog(own) {
                said.push(Call::Backlog { fd, pending, limit });
            }
            if let Ok(count @ 1..) = sys::drops(copy.as_fd()) {
                said.push(Call::Drops { fd, count });
            }
        } else if let Ok(Call::Sample { unread, unsent, ready, .. }) = sys::sample(own) {
            said.push(Call::Sample { fd, unread, unsent, ready });
        }
        Ok(said)
    }
}

/// An address of the internet.
pub(super) fn internet(addr: &SockaddrStorage) -> Option<Addr> {
    let v4 = addr.as_sockaddr_in().map(|v4| SocketAddr::from(SocketAddrV4::from(*v4)));
    v4.or_else(|| addr.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into())).map(Addr::from)
}
