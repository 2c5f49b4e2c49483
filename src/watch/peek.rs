//! A look at the epolls of a running process from outside, which stops nothing. proc_pid_fdinfo(5)
//!
//! The kernel tells the registrations and how the queues stand, through copies of the fds that are closed at once. It does
//! not tell which edges are pending; but where a wait would report nothing at all, none is.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::MetadataExt as _;

use nix::sys::socket::{SockaddrStorage, getpeername, getsockname};

use super::fds::Table;
use super::numbers::old;
use super::threads::name_of;
use crate::i18n::{Lang, words};
use crate::record::{Addr, Chunk, Fd, Interest, Ready, Ret, SockOpt, Tid, errno_name};
use crate::sys::{self, Errno};

/// A process with its epolls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    pub pid: Tid,
    pub name: Chunk,
    pub epolls: Vec<PeekedEpoll>,
    /// Why nothing was asked of its files, where the kernel refused it.
    pub refused: Option<Errno>,
}

/// An epoll, as the kernel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeekedEpoll {
    pub fd: Fd,
    /// The threads that are inside a wait on it.
    pub waiting: Vec<Tid>,
    /// Whether a wait would report something now, where that could be asked.
    pub would_report: Option<bool>,
    pub items: Vec<PeekedItem>,
}

/// What a registration stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The file that has the fd now.
    File,
    /// The fd is closed, and a copy keeps the registration alive.
    GhostClosed,
    /// The fd is another file by now.
    GhostReused,
    /// It could not be asked.
    Unknown,
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeekedItem {
    pub fd: Fd,
    pub interest: Interest,
    /// What its fd is, as `/proc/PID/fd` names it: `socket`, `pipe`, `eventfd`.
    pub what: String,
    pub registered: Registered,
    /// Its own address where it listens, else its peer's.
    pub addr: Addr,
    /// Where it listens: how many wait to be accepted, and how many may.
    pub queue: Option<(u32, u32)>,
    /// Bytes unread and unsent, and what poll(2) says.
    pub depths: Option<(u32, u32, Ready)>,
}

impl PeekedItem {
    /// Whether it is armed: a one-shot registration that was reported asks for nothing until EPOLL_CTL_MOD.
    pub fn is_armed(&self) -> bool {
        let asked = Interest::IN | Interest::PRI | Interest::OUT | Interest::RDHUP;
        !self.interest.contains(Interest::ONESHOT) || self.interest.intersects(asked)
    }

    /// Whether something can be read and no report is due, as far as that can be known from outside: it is edge-triggered,
    /// and a wait on its `epoll` would report nothing.
    pub fn is_stranded(&self, epoll: &PeekedEpoll) -> bool {
        let readable = self.queue.is_some_and(|(pending, _)| pending > 0)
            || self.depths.is_some_and(|(unread, _, ready)| unread > 0 && ready.contains(Ready::IN));
        let silent = epoll.would_report == Some(false) && !epoll.waiting.is_empty();
        readable && silent && self.interest.contains(Interest::ET | Interest::IN)
    }
}

/// Why a process can't be looked at; each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeekError {
    NoSuchProcess {
        pid: Tid,
    },
    /// It belongs to another user, or has given up its rights.
    NotAllowed {
        pid: Tid,
    },
    Other {
        pid: Tid,
        errno: Errno,
    },
}

impl PeekError {
    /// The sentence, in a language.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NoSuchProcess { pid } => {
                words!(lang, "there is no process {pid}; `ps -e` lists all", "没有进程 {pid}；`ps -e` 列出全部进程")
            }
            Self::NotAllowed { pid } => words!(
                lang,
                "process {pid} may not be looked at: it runs as another user, or has dropped its rights; try with sudo, and in a container with --cap-add=SYS_PTRACE",
                "不允许查看进程 {pid}：它属于别的用户，或已放弃权限；请用 sudo，在容器里还要 --cap-add=SYS_PTRACE"
            ),
            Self::Other { pid, errno } => {
                let errno = errno_name(-Ret::error(*errno).raw());
                words!(lang, "cannot read /proc/{pid}/fd: {errno}", "无法读取 /proc/{pid}/fd：{errno}")
            }
        }
    }
}

impl fmt::Display for PeekError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

impl std::error::Error for PeekError {}

/// Looks at a process and its children.
///
/// # Errors
/// Where the process is not there, or may not be looked at. Children that may not be are left out.
pub fn peek(pid: Tid) -> Result<Vec<Peeked>, PeekError> {
    let mut peeked = vec![one(pid)?];
    for child in descendants(pid) {
        peeked.extend(one(child).ok().filter(|child| !child.epolls.is_empty()));
    }
    Ok(peeked)
}

/// The children of a process, theirs, and so on.
pub(super) fn descendants(pid: Tid) -> BTreeSet<Tid> {
    let (mut all, mut next) = (BTreeSet::new(), vec![pid]);
    while let Some(parent) = next.pop() {
        for task in threads(parent) {
            let children = fs::read_to_string(format!("/proc/{parent}/task/{task}/children")).unwrap_or_default();
            let children = children.split_whitespace().filter_map(|child| child.parse().ok().map(Tid));
            next.extend(children.filter(|child| all.insert(*child)));
        }
    }
    all
}

pub(super) fn threads(pid: Tid) -> Vec<Tid> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok().map(Tid)).collect()
}

fn one(pid: Tid) -> Result<Peeked, PeekError> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).map_err(|error| match error.kind() {
        ErrorKind::NotFound => PeekError::NoSuchProcess { pid },
        ErrorKind::PermissionDenied => PeekError::NotAllowed { pid },
        _ => PeekError::Other { pid, errno: Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)) },
    })?;
    let fds = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Fd));
    let mut epolls: Vec<Fd> =
        fds.filter(|fd| link(pid, *fd).is_some_and(|link| link.contains("[eventpoll]"))).collect();
    epolls.sort_unstable();
    let mut table = Table::of(pid);
    let mut peeked = Peeked { pid, name: name_of(pid), epolls: Vec::new(), refused: None };
    for epfd in epolls {
        let copy = table.copy(epfd);
        peeked.refused = peeked.refused.or(copy.as_ref().err().copied());
        let would_report = copy.ok().and_then(|copy| sys::would_report(Fd(copy.as_raw_fd())).ok());
        let mut seen: HashMap<Fd, u32> = HashMap::new();
        let items = registrations(pid, epfd).map(|line| {
            let nth = seen.entry(line.fd).or_default();
            *nth += 1;
            item(pid, epfd, &line, *nth - 1, &mut table)
        });
        let mut items: Vec<PeekedItem> = items.collect();
        items.sort_by_key(|item| item.fd);
        peeked.epolls.push(PeekedEpoll { fd: epfd, waiting: waiting(pid, epfd), would_report, items });
    }
    Ok(peeked)
}

fn link(pid: Tid, fd: Fd) -> Option<String> {
    fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok().map(|link| link.to_string_lossy().into_owned())
}

/// A line of fdinfo: `tfd: 5 events: 19 data: 5 pos:0 ino:61 sdev:9`.
struct Line {
    fd: Fd,
    mask: u32,
    inode: u64,
}

fn registrations(pid: Tid, epfd: Fd) -> impl Iterator<Item = Line> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{epfd}")).unwrap_or_default();
    text.lines().filter_map(registration).collect::<Vec<_>>().into_iter()
}

fn registration(line: &str) -> Option<Line> {
    let mut words = line.strip_prefix("tfd:")?.split_whitespace();
    let fd = Fd(words.next()?.parse().ok()?);
    let mask = words.nth(1).and_then(|mask| u32::from_str_radix(mask, 16).ok())?;
    let inode = words.find_map(|word| word.strip_prefix("ino:")).and_then(|ino| u64::from_str_radix(ino, 16).ok())?;
    Some(Line { fd, mask, inode })
}

fn item(pid: Tid, epfd: Fd, line: &Line, nth: u32, table: &mut Table) -> PeekedItem {
    let fd = line.fd;
    let what = link(pid, fd).unwrap_or_default();
    // The kernel adds ERR and HUP to each mask.
    let interest = Interest::from_bits_retain(line.mask) - Interest::ERR - Interest::HUP;
    let inode = fs::metadata(format!("/proc/{pid}/fd/{fd}")).ok().map(|file| file.ino());
    // kcmp goes through all registrations, so the cheaper questions come first.
    let registered = match inode {
        None => Registered::GhostClosed,
        Some(inode) if inode != line.inode => Registered::GhostReused,
        Some(_) => match sys::is_registered(pid, fd, epfd, nth) {
            Ok(true) => Registered::File,
            Ok(false) => Registered::GhostReused,
            Err(_) => Registered::Unknown,
        },
    };
    let what = what.trim_start_matches("anon_inode:").trim_matches(['[', ']']).to_owned();
    let what = what.split(':').next().unwrap_or_default().to_owned();
    let mut item = PeekedItem { fd, interest, what, registered, addr: Addr::NONE, queue: None, depths: None };
    if matches!(item.registered, Registered::File | Registered::Unknown) {
        ask(&mut item, table);
    }
    item
}

/// Asks how the file of a registration stands.
fn ask(item: &mut PeekedItem, table: &mut Table) {
    let Ok(copy) = table.copy(item.fd) else { return };
    let own = Fd(copy.as_raw_fd());
    if sys::option(copy.as_fd(), SockOpt::AcceptConn) == Ok(1) {
        item.addr = getsockname::<SockaddrStorage>(own.0).ok().and_then(|addr| internet(&addr)).unwrap_or(Addr::NONE);
        if let Ok(crate::record::Call::Backlog { pending, limit, .. }) = sys::listener_backlog(own) {
            item.queue = Some((pending, limit));
        }
        return;
    }
    item.addr = getpeername::<SockaddrStorage>(own.0).ok().and_then(|addr| internet(&addr)).unwrap_or(Addr::NONE);
    if let Ok(crate::record::Call::Sample { unread, unsent, ready, .. }) = sys::sample(own) {
        item.depths = Some((unread, unsent, ready));
    }
}

fn internet(addr: &SockaddrStorage) -> Option<Addr> {
    let v4 = addr.as_sockaddr_in().map(|v4| std::net::SocketAddr::from(std::net::SocketAddrV4::from(*v4)));
    let v6 = || addr.as_sockaddr_in6().map(|v6| std::net::SocketAddr::from(std::net::SocketAddrV6::from(*v6)));
    v4.or_else(v6).map(Addr::from)
}

/// The threads inside a wait on `epfd`. proc_pid_syscall(5)
fn waiting(pid: Tid, epfd: Fd) -> Vec<Tid> {
    let waits = |tid: &Tid| {
        let line = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap_or_default();
        let mut words = line.split_whitespace();
        let number: Option<i64> = words.next().and_then(|number| number.parse().ok());
        let first = words.next().and_then(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok());
        let waits = [old::EPOLL_WAIT, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2];
        number.is_some_and(|number| waits.contains(&number)) && first == u64::try_from(epfd.0).ok()
    };
    let mut waiting: Vec<Tid> = threads(pid).into_iter().filter(waits).collect();
    waiting.sort_unstable();
    waiting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_fdinfo_is_a_registration_or_none() {
        let line =
            registration("tfd:        6 events: c0000019 data: beef00000006  pos:0 ino:1a2b sdev:8").expect("one");
        assert_eq!((line.fd, line.mask, line.inode), (Fd(6), 0xc000_0019, 0x1a2b));
        assert!(registration("pos:\t0").is_none());
        assert!(registration("tfd: x").is_none());
    }
}
