//! What was there when a running program was taken over: its threads, its open fds, and the interest lists, as records.
//!
//! All threads are stopped meanwhile. Samples come before the registrations, so that what is unread counts as no arrival;
//! and last whether a wait would report anything, which says whether an edge may be pending.

use std::collections::HashMap;
use std::fs;
use std::os::fd::AsRawFd as _;

use super::fds::{Kind, Table};
use super::peek::{self, Registered};
use super::threads::Thread;
use super::tracer::Tracer;
use crate::record::{Annotation, Call, Fd, Tid};
use crate::sys;

/// With how many fds of the same name one is compared: all sockets have their own, but all eventfds have one.
const COMPARED: usize = 64;

/// The fds by what `/proc/PID/fd` calls their files.
type ByName = HashMap<String, Vec<(Tid, Fd)>>;

impl Tracer {
    /// Records how the program stands that was taken over.
    pub(super) fn begin_midway(&mut self, processes: &[(Tid, Vec<Tid>)]) {
        for (process, tids) in processes {
            self.threads.first(*process);
            for tid in tids {
                self.threads.of.insert(*tid, Thread::new(*process, *process));
                self.note(*tid, Call::Annotation(Annotation::Attached { process: *process }));
                self.note_name(*tid);
            }
        }
        let mut names = ByName::new();
        let mut epolls = Vec::new();
        for (process, _) in processes {
            for (fd, name) in open_fds(*process) {
                let is_epoll = name == "anon_inode:[eventpoll]";
                if self.is_open(*process, fd, name, &mut names) && is_epoll {
                    epolls.push((*process, fd));
                }
            }
        }
        for (process, epfd) in epolls {
            self.watches(process, epfd);
        }
    }

    /// An fd is open. Whether its file is one that was not seen yet.
    fn is_open(&mut self, process: Tid, fd: Fd, name: String, names: &mut ByName) -> bool {
        let same = names.entry(name).or_default();
        let known = same.iter().take(COMPARED).find(|(of, with)| sys::is_same_file((process, fd), (*of, *with)));
        let (of, with) = known.copied().unwrap_or((process, fd));
        same.push((process, fd));
        self.note(process, Call::Annotation(Annotation::Open { fd, of, with }));
        let is_new = (of, with) == (process, fd);
        if is_new {
            let table = self.threads.table(process);
            let said = table.map(|table| stands(table, fd)).unwrap_or_default();
            for call in said {
                self.note(process, call);
            }
        }
        is_new
    }

    fn watches(&mut self, process: Tid, epfd: Fd) {
        let mut nths = HashMap::new();
        for line in peek::registrations(process, epfd) {
            let fd = line.fd;
            let nth = nths.entry(fd).or_insert(0);
            let (registered, _) = peek::registered(process, epfd, &line, *nth);
            *nth += 1;
            let interest = line.interest();
            if let Some(table) = self.threads.table(process) {
                table.registered(epfd, fd, line.data);
            }
            let is_ghost = matches!(registered, Registered::GhostClosed | Registered::GhostReused);
            self.note(
                process,
                if is_ghost {
                    Call::Annotation(Annotation::Ghost { epfd, fd, interest })
                } else {
                    Call::Fdinfo { epfd, fd, interest }
                },
            );
        }
        let copy = self.threads.table(process).and_then(|table| table.copy(epfd).ok());
        match copy.map(|copy| sys::would_report(Fd(copy.as_raw_fd()))) {
            Some(Ok(ready)) => self.note(process, Call::Poll { epfd, ready }),
            _ => self.no_depths = true,
        }
    }
}

/// The open fds with the names of their files, without those that no epoll takes.
fn open_fds(process: Tid) -> Vec<(Fd, String)> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let fd = entry.file_name().to_str()?.parse().ok().map(Fd)?;
        Some((fd, fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned()))
    });
    let mut fds: Vec<(Fd, String)> = named.filter(|(_, name)| !Table::is_file(name)).collect();
    fds.sort_unstable();
    fds
}

/// How a file stands: a listener with its queue and address, a connection with its peer and queues.
fn stands(table: &mut Table, fd: Fd) -> Vec<Call> {
    let kind = table.kind(fd);
    let mut said = Vec::new();
    if kind == Kind::Tcp {
        // One that is not connected has none.
        let Some(addr) = table.peer(fd) else { return said };
        said.push(Call::Peer { fd, addr });
    }
    said.extend(table.asked(fd).unwrap_or_default());
    if kind == Kind::Listener {
        said.extend(table.local(fd).map(|addr| Call::Local { fd, addr }));
    }
    said
}
