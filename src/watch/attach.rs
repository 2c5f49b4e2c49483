//! Takes over a running process, its threads and its children, so that it does not notice; and lets go of it again.
//!
//! To stop a thread is to interrupt its call: a wait then returns EINTR, which no program expects from nowhere. So wherever
//! one of our stops has done that, the kernel is asked to make the call again. No filter is there, so each call stops twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::error::WatchError;
use super::holds::Going;
use super::launch::tracer_of;
use super::peek::{PeekError, descendants, threads};
use super::threads::is_foreign;
use super::tracer::{Grip, Tracer};
use crate::record::Tid;
use crate::sys::Errno;
use crate::sys::ptrace::{self, Request, Waited, trace, wait_any};

/// The stops that are wanted. Not `PTRACE_O_EXITKILL`: the program runs on, whatever happens to us.
const OPTIONS: i32 = libc::PTRACE_O_TRACESYSGOOD
    | libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC;

/// How long to wait for all threads to stop. One that waits for a child of its vfork does not before that goes on.
const PATIENCE: Duration = Duration::from_millis(250);

/// The rest between two looks for a stop.
const LOOK: Duration = Duration::from_micros(100);

/// What was taken over, and the stops so far, in their order.
#[derive(Debug, Default)]
pub(super) struct Seized {
    /// Each process with its threads.
    pub(super) processes: Vec<(Tid, Vec<Tid>)>,
    pub(super) stops: Vec<(Tid, Waited)>,
}

/// Takes over a process and its children. The calling thread traces them, and no other can.
///
/// # Errors
/// Where there is no such process, or the kernel does not allow it; each with its remedy.
pub(super) fn seize(pid: Tid) -> Result<Seized, WatchError> {
    if cfg!(not(target_arch = "x86_64")) {
        // Elsewhere a call that was interrupted can't be made again from here.
        return Err(WatchError::OnlyLaunched);
    }
    if is_foreign(pid) {
        return Err(WatchError::OtherArchitecture { path: format!("/proc/{pid}/exe") });
    }
    let mut seized = Seized::default();
    let own = Tid(std::process::id());
    if pid == own {
        return Err(WatchError::Refused(PeekError::Itself));
    }
    let mut done = BTreeSet::from([own]);
    while let Some(process) = [pid].into_iter().chain(descendants(pid)).find(|process| done.insert(*process)) {
        let mut tids: Vec<Tid> = Vec::new();
        // A thread that is not ours yet may start another meanwhile.
        while let Some(tid) = threads(process).into_iter().find(|tid| !tids.contains(tid)) {
            match trace(tid, Request::Seize(OPTIONS)).and_then(|()| trace(tid, Request::Interrupt)) {
                Err(errno) if process == pid && tids.is_empty() => return Err(refused(pid, errno)),
                // Of those that are gone by now, or may not be traced, the others are.
                Ok(()) | Err(_) => {}
            }
            tids.push(tid);
        }
        if process == pid && tids.is_empty() {
            return Err(WatchError::Refused(PeekError::NoSuchProcess { pid }));
        }
        seized.processes.push((process, tids));
    }
    seized.wait();
    Ok(seized)
}

/// Why the kernel did not let us.
fn refused(pid: Tid, errno: Errno) -> WatchError {
    WatchError::Refused(match (errno, tracer_of(pid)) {
        (Errno::ESRCH, _) => PeekError::NoSuchProcess { pid },
        (_, Some(tracer)) => PeekError::Traced { pid, tracer },
        _ => PeekError::untraceable(pid),
    })
}

impl Seized {
    /// Waits until all have stopped.
    fn wait(&mut self) {
        let mut running: BTreeSet<Tid> = self.processes.iter().flat_map(|(_, tids)| tids).copied().collect();
        let from = Instant::now();
        while !running.is_empty() && from.elapsed() < PATIENCE {
            match wait_any(false) {
                Ok(Some((tid, waited))) => {
                    running.remove(&tid);
                    self.stops.push((tid, waited));
                }
                Ok(None) => std::thread::sleep(LOOK),
                Err(_) => return,
            }
        }
    }
}

impl Tracer {
    /// Lets go of all threads, each where it is safe: not before its call has returned, and so that it is made again where
    /// our stop has interrupted it.
    pub(super) fn detach(&mut self) {
        self.tell_held();
        self.grip = Grip::Detaching;
        self.detaching_since = Some(Instant::now());
        for tid in std::mem::take(&mut self.threads.early) {
            // ESRCH, here and below: it has ended, which is told next.
            let _ = trace(tid, Request::Detach);
        }
        for tid in self.threads.of.keys() {
            let _ = trace(*tid, Request::Interrupt);
        }
        self.orders.holds().go(Going::Free);
        for tid in self.orders.holds().take_let_go() {
            let _ = trace(tid, Request::Syscall(0));
            self.again.push(tid);
        }
        self.interrupt_again();
    }

    /// Stops those again whose stop was another one.
    pub(super) fn interrupt_again(&mut self) {
        for tid in self.again.drain(..) {
            let _ = trace(tid, Request::Interrupt);
        }
    }

    /// Whether a thread has not stopped for so long that it is left to the kernel to let go of it, when this one ends.
    pub(super) fn has_waited_to_detach(&self) -> bool {
        self.detaching_since.is_some_and(|since| since.elapsed() > PATIENCE * 8)
    }

    /// How a thread that has stopped goes on while all are let go of.
    pub(super) fn stopped_while_detaching(&mut self, tid: Tid, signal: i32, event: i32) -> Request {
        let is_call = event == 0 && signal == libc::SIGTRAP | 0x80;
        if event == libc::PTRACE_EVENT_STOP || is_call && !self.is_at_entry(tid) {
            self.make_call_again(tid);
            return Request::Detach;
        }
        // Any stop uses up the interrupt, so it is told again once it goes on.
        self.again.push(tid);
        Request::Syscall(if event == 0 && !is_call { signal } else { 0 })
    }

    /// Our stop may have interrupted the call of a thread.
    pub(super) fn make_call_again(&self, tid: Tid) {
        if self.grip != Grip::Launched {
            // ESRCH: it was killed meanwhile.
            let _ = ptrace::restart_call(tid);
        }
    }

    /// Whether a thread has stopped before a call, not after it. Under the filter there is no such stop.
    pub(super) fn is_at_entry(&self, tid: Tid) -> bool {
        const ENTRY: u8 = 1;
        self.grip != Grip::Launched && ptrace::syscall_info(tid).is_ok_and(|info| info.op == ENTRY)
    }
}
