//! One look after the other at a process and its children. proc_pid_fdinfo(5)
//!
//! The kernel tells the registrations and how the queues stand, through copies of the fds that are closed at once. It does
//! not tell which edges are pending; but where a wait would report nothing at all, none is.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::os::fd::AsRawFd as _;
use std::time::Instant;

use super::error::PeekError;
use super::item::{Line, PeekedItem, item, registrations};
use crate::record::{Chunk, Fd, Tid};
use crate::sys::{self, Errno};
use crate::watch::fds::Table;
use crate::watch::numbers::old;
use crate::watch::threads::name_of;

/// Of how many registrations a look asks how they stand, beside those that it has not seen before. Of all it has the masks.
const ASKED: usize = 96;

/// After how many looks all fds are gone through for epolls.
const SEARCH: usize = 8;

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
    pub waiting: Vec<Waiting>,
    /// Whether a wait would report something now, where that could be asked.
    pub would_report: Option<bool>,
    pub items: Vec<PeekedItem>,
}

/// A thread that waits, and for how long it was seen to, in one wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub tid: Tid,
    pub seconds: u64,
}

/// A wait that was seen: how often the thread had run by then, and when it was first seen so.
type Seen = (u64, Instant);

/// The registrations of an epoll by fd, inode, and which of those it is.
type Known = HashMap<(Fd, u64, u32), PeekedItem>;

/// Looks again and again.
#[derive(Debug)]
pub struct Peeker {
    pid: Tid,
    looks: usize,
    epolls: HashMap<Tid, Vec<Fd>>,
    known: HashMap<(Tid, Fd), Known>,
    waits: HashMap<Tid, Seen>,
}

impl Peeker {
    pub fn new(pid: Tid) -> Self {
        Self { pid, looks: 0, epolls: HashMap::new(), known: HashMap::new(), waits: HashMap::new() }
    }

    /// Looks at the process and its children. The first look asks how each file stands, later ones in turns, where there
    /// are many.
    ///
    /// # Errors
    /// Where the process is not there, or may not be looked at. Children that may not be are left out.
    pub fn look(&mut self) -> Result<Vec<Peeked>, PeekError> {
        let mut waits = HashMap::new();
        let mut peeked = vec![self.one(self.pid, &mut waits)?];
        for child in descendants(self.pid) {
            peeked.extend(self.one(child, &mut waits).ok().filter(|child| !child.epolls.is_empty()));
        }
        self.waits = waits;
        self.looks += 1;
        Ok(peeked)
    }

    fn one(&mut self, pid: Tid, waits: &mut HashMap<Tid, Seen>) -> Result<Peeked, PeekError> {
        // Root may list the fds of any process, and follow their links only where it may trace it, as this one.
        let looked = fs::read_link(format!("/proc/{pid}/cwd")).and_then(|_| fs::read_dir(format!("/proc/{pid}/fd")));
        let entries = looked.map_err(|error| match error.kind() {
            ErrorKind::NotFound => PeekError::NoSuchProcess { pid },
            ErrorKind::PermissionDenied => PeekError::denied(pid),
            _ => PeekError::Other { pid, errno: Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)) },
        })?;
        if self.looks.is_multiple_of(SEARCH) || !self.epolls.contains_key(&pid) {
            let fds = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Fd));
            let mut epolls: Vec<Fd> = fds.filter(|fd| is_epoll(pid, *fd)).collect();
            epolls.sort_unstable();
            self.epolls.insert(pid, epolls);
        }
        let mut epolls = self.epolls.get(&pid).cloned().unwrap_or_default();
        epolls.retain(|fd| is_epoll(pid, *fd));
        let mut peeked = Peeked { pid, name: name_of(pid), epolls: Vec::new(), refused: None };
        let (mut table, threads) = (Table::of(pid), waiting(pid));
        for epfd in epolls {
            // ESRCH, EBADF: it is gone meanwhile.
            let refused = table.copy(epfd).err().filter(|errno| ![Errno::ESRCH, Errno::EBADF].contains(errno));
            peeked.refused = peeked.refused.or(refused);
            let mut epoll = PeekedEpoll {
                fd: epfd,
                waiting: self.waiting(&threads, epfd, waits),
                would_report: would_report(&mut table, epfd),
                items: Vec::new(),
            };
            epoll.items = self.items(pid, epfd, &mut table);
            Self::make_sure(pid, &mut epoll, &mut table);
            epoll.items.sort_by_key(|item| item.fd);
            peeked.epolls.push(epoll);
        }
        Ok(peeked)
    }

    /// The registrations, of which some are asked now, and the others as they were found before.
    fn items(&mut self, pid: Tid, epfd: Fd, table: &mut Table) -> Vec<PeekedItem> {
        let lines = registrations(pid, epfd);
        let turns = lines.len().div_ceil(ASKED).max(1);
        let known = self.known.remove(&(pid, epfd)).unwrap_or_default();
        let (mut nths, mut now) = (HashMap::new(), Known::with_capacity(lines.len()));
        let mut ask = |(at, line): (usize, &Line)| {
            let nth = nths.entry(line.fd).or_insert(0);
            let (fd, inode) = line.key();
            let key = (fd, inode, *nth);
            *nth += 1;
            let before = known.get(&key).filter(|_| at % turns != self.looks % turns);
            let seen = match before {
                Some(before) => PeekedItem { interest: line.interest(), ..before.clone() },
                None => item(pid, epfd, line, key.2, table),
            };
            now.insert(key, seen.clone());
            seen
        };
        let items = lines.iter().enumerate().map(&mut ask).collect();
        self.known.insert((pid, epfd), now);
        items
    }

    /// Something may have come between two questions: who seems to be stranded is asked again, and so is the epoll.
    fn make_sure(pid: Tid, epoll: &mut PeekedEpoll, table: &mut Table) {
        let stranded: Vec<usize> = (0..epoll.items.len()).filter(|at| epoll.items[*at].is_stranded(epoll)).collect();
        if stranded.is_empty() {
            return;
        }
        let threads = waiting(pid);
        epoll.waiting.retain(|waits| threads.iter().any(|(tid, _, epfd)| *tid == waits.tid && *epfd == epoll.fd));
        epoll.would_report = would_report(table, epoll.fd);
        for at in stranded {
            (epoll.items[at].queue, epoll.items[at].depths) = (None, None);
            epoll.items[at].ask(table);
        }
    }

    /// Of those `threads` that wait those in `epfd`, and for how long.
    fn waiting(&self, threads: &[(Tid, u64, Fd)], epfd: Fd, waits: &mut HashMap<Tid, Seen>) -> Vec<Waiting> {
        let here = threads.iter().filter(|(.., of)| *of == epfd);
        here.map(|(tid, ran, _)| {
            let before = self.waits.get(tid).filter(|(before, _)| before == ran);
            let since = before.map_or_else(Instant::now, |(_, since)| *since);
            waits.insert(*tid, (*ran, since));
            Waiting { tid: *tid, seconds: since.elapsed().as_secs() }
        })
        .collect()
    }
}

fn is_epoll(pid: Tid, fd: Fd) -> bool {
    fs::read_link(format!("/proc/{pid}/fd/{fd}")).is_ok_and(|link| link.as_os_str() == "anon_inode:[eventpoll]")
}

/// Whether a wait would report something, where that can be asked.
fn would_report(table: &mut Table, epfd: Fd) -> Option<bool> {
    let copy = table.copy(epfd).ok()?;
    sys::would_report(Fd(copy.as_raw_fd())).ok()
}

/// The children of a process, theirs, and so on.
pub(in crate::watch) fn descendants(pid: Tid) -> BTreeSet<Tid> {
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

pub(in crate::watch) fn threads(pid: Tid) -> Vec<Tid> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok().map(Tid)).collect()
}

/// The threads inside a wait: how often each has run so far, and the epoll. proc_pid_syscall(5), proc_pid_schedstat(5)
fn waiting(pid: Tid) -> Vec<(Tid, u64, Fd)> {
    let waits = |tid: Tid| {
        let line = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).ok()?;
        let mut words = line.split_whitespace();
        let number: i64 = words.next()?.parse().ok()?;
        let first = u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()?;
        if ![old::EPOLL_WAIT, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2].contains(&number) {
            return None;
        }
        let ran = fs::read_to_string(format!("/proc/{pid}/task/{tid}/schedstat")).unwrap_or_default();
        let ran = ran.split_whitespace().nth(2).and_then(|times| times.parse().ok()).unwrap_or(0);
        Some((tid, ran, Fd(i32::try_from(first).ok()?)))
    };
    let mut waiting: Vec<_> = threads(pid).into_iter().filter_map(waits).collect();
    waiting.sort_unstable();
    waiting
}
