//! What is known of the threads of a watched program.

use std::collections::{HashMap, HashSet};
use std::fs;

use super::decode::Entered;
use super::fds::{Kind, Table};
use super::source::Marker;
use crate::record::{Annotation, Chunk, Dir, Fd, Nanos, Tid};
use crate::sys::TaskState;

/// A call that a thread is inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inside {
    pub(super) entered: Entered,
    pub(super) since: Nanos,
    /// Its record is made already: of a fork, an exec, or a close whose number another thread has got meanwhile.
    pub(super) noted: bool,
    /// The path, for execve, whose memory is gone afterwards.
    pub(super) path: Option<Chunk>,
    pub(super) hung: bool,
    /// Where in the source it is made, if that is known.
    pub(super) line: Option<Chunk>,
}

#[derive(Clone, Debug)]
pub(super) struct Thread {
    /// The process that it belongs to.
    pub(super) process: Tid,
    /// Its file table, by the thread that had it first.
    pub(super) table: Tid,
    pub(super) inside: Option<Inside>,
    /// A call that a signal has interrupted, and that the kernel may make again.
    pub(super) interrupted: Option<Inside>,
    /// It has waited on an epoll: others depend on its coming back.
    pub(super) waits: bool,
    /// The last marker that it has written.
    pub(super) marker: Option<Marker>,
}

impl Thread {
    pub(super) fn new(process: Tid, table: Tid) -> Self {
        Self { process, table, inside: None, interrupted: None, waits: false, marker: None }
    }
}

/// All threads and file tables.
#[derive(Debug, Default)]
pub(super) struct Threads {
    pub(super) of: HashMap<Tid, Thread>,
    tables: HashMap<Tid, Table>,
    /// Threads that have stopped for the first time before the call that made them was heard of.
    pub(super) early: HashSet<Tid>,
}

impl Threads {
    /// Whether more than one thread may stop.
    pub(super) fn are_several(&self) -> bool {
        self.of.len() > 1
    }

    pub(super) fn first(&mut self, pid: Tid) {
        self.of.insert(pid, Thread::new(pid, pid));
        self.tables.insert(pid, Table::of(pid));
    }

    pub(super) fn table(&mut self, tid: Tid) -> Option<&mut Table> {
        let table = self.of.get(&tid)?.table;
        self.tables.get_mut(&table)
    }

    /// `parent` has made a thread, or a process with a file table of its own.
    pub(super) fn born(&mut self, parent: Tid, child: Tid, shares_table: bool) {
        let Some(of) = self.of.get(&parent) else { return };
        let table = of.table;
        let process = process_of(child).unwrap_or(child);
        if shares_table {
            self.of.insert(child, Thread::new(process, table));
        } else {
            self.of.insert(child, Thread::new(process, child));
            let forked = self.tables.get(&table).map_or_else(|| Table::of(child), |table| table.forked(child));
            self.tables.insert(child, forked);
        }
    }

    /// A thread has ended.
    pub(super) fn gone(&mut self, tid: Tid) -> Option<Thread> {
        self.early.remove(&tid);
        let gone = self.of.remove(&tid)?;
        if !self.of.values().any(|thread| thread.table == gone.table) {
            self.tables.remove(&gone.table);
        } else if let Some(table) = self.tables.get_mut(&gone.table) {
            table.closing.retain(|(_, thread)| *thread != tid);
        }
        Some(gone)
    }

    /// Takes those out of `early` whose parent is gone.
    pub(super) fn orphans(&mut self) -> Vec<Tid> {
        let has_parent =
            |child: &Tid| parent_of(*child).is_some_and(|parent| self.of.values().any(|of| of.process == parent));
        let orphans: Vec<Tid> = self.early.iter().copied().filter(|child| !has_parent(child)).collect();
        self.early.retain(|child| !orphans.contains(child));
        orphans
    }

    /// After exec the thread `before` has the number of its process, and is its only one.
    pub(super) fn executed(&mut self, tid: Tid, before: Tid) {
        let Some(mut thread) = self.of.remove(&before).or_else(|| self.of.remove(&tid)) else { return };
        thread.process = tid;
        self.of.insert(tid, thread);
    }

    /// Threads that depend on others and have slept in a recv or send on a socket since `before`, each once.
    pub(super) fn hung_since(&mut self, before: Nanos) -> Vec<(Tid, Annotation)> {
        let mut hung = Vec::new();
        for (tid, thread) in &mut self.of {
            let (Some(inside), Some(table)) = (&mut thread.inside, self.tables.get_mut(&thread.table)) else {
                continue;
            };
            if inside.hung || inside.since > before || !thread.waits {
                continue;
            }
            // On a busy machine a thread may not have run for so long.
            let sleeps = || TaskState::of_any(*tid).is_ok_and(|state| state.sleeps());
            if let Some((fd, dir, len)) = blocks(&inside.entered, table).filter(|_| sleeps()) {
                inside.hung = true;
                hung.push((*tid, Annotation::Hung { fd, dir, len }));
            }
        }
        hung
    }

    /// Whether a thread is inside a call that may turn out to hang.
    pub(super) fn may_hang(&mut self) -> bool {
        self.of.values().any(|thread| {
            let inside = thread.inside.as_ref().filter(|inside| thread.waits && !inside.hung);
            inside.is_some_and(|inside| inside.entered.may_hang().is_some())
        })
    }

    /// Of each process of several threads all of which sleep, those that do so in epoll_wait, and how they entered it.
    pub(super) fn at_rest(&self) -> Vec<(Tid, Entered)> {
        let mut by_table: HashMap<Tid, Vec<(Tid, &Thread)>> = HashMap::new();
        for (tid, thread) in &self.of {
            by_table.entry(thread.table).or_default().push((*tid, thread));
        }
        by_table.retain(|_, threads| threads.len() > 1 && threads.iter().any(|(_, thread)| thread.waits));
        let asleep = |(tid, _): &(Tid, &Thread)| TaskState::of_any(*tid).is_ok_and(|state| state.sleeps());
        let resting = by_table.into_values().filter(|threads| threads.iter().all(asleep)).flatten();
        resting.filter_map(|(tid, thread)| Some((tid, thread.inside?.entered))).collect()
    }
}

/// The transfer on a socket or pipe that a thread is inside.
fn blocks(entered: &Entered, table: &mut Table) -> Option<(Fd, Dir, u32)> {
    entered.may_hang().filter(|(fd, ..)| matches!(table.kind(*fd), Kind::Tcp | Kind::Made))
}

/// The process that a thread belongs to.
pub(super) fn process_of(tid: Tid) -> Option<Tid> {
    status_of(tid, "Tgid:")
}

/// The process that has made the one of a thread; for a thread of a known process that process itself.
fn parent_of(tid: Tid) -> Option<Tid> {
    let process = process_of(tid)?;
    if process == tid { status_of(tid, "PPid:") } else { Some(process) }
}

/// The process or thread that a field of its status names, or of several numbers the first. proc_pid_status(5)
pub(super) fn status_of(tid: Tid, field: &str) -> Option<Tid> {
    let status = fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok().map(Tid)
}

/// What the kernel calls a thread.
pub(super) fn name_of(tid: Tid) -> Chunk {
    let name = fs::read_to_string(format!("/proc/{tid}/comm")).unwrap_or_default();
    Chunk::of_text(name.trim_end())
}

/// Whether the program of a process is of 32 bits, or of another machine that the kernel can run.
pub(super) fn is_foreign(pid: Tid) -> bool {
    let mut start = [0; 20];
    let read = std::fs::File::open(format!("/proc/{pid}/exe"))
        .and_then(|file| std::os::unix::fs::FileExt::read_exact_at(&file, &mut start, 0));
    // The class in an ELF file's fifth byte: 1 for 32 bits.
    read.is_ok() && start.starts_with(b"\x7fELF") && start[4] == 1
}
