//! The stops of all threads, in a fair order.
//!
//! waitpid(2) looks through its threads in one order, so a busy one at the front would always be served first. So after
//! each wait all that have stopped by then are taken into a queue, and served in turn.

use std::collections::VecDeque;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use crate::record::Tid;
use crate::sys::ptrace::{Waited, stop_in_silence, wait_any};
use crate::sys::{Errno, let_through};

/// How many stops are taken at once.
const ROOM: usize = 64;

/// How often to look before sleeping: the next stop mostly comes sooner than a thread wakes up.
const LOOKS: u32 = 300;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Stop(Tid, Waited),
    /// Nothing for now: whoever waits on is asleep.
    Nothing,
    /// A signal came to the tracer.
    Interrupted,
    /// Nobody is left.
    Over,
}

#[derive(Debug)]
pub(super) struct Stops {
    queue: VecDeque<(Tid, Waited)>,
    looks: u32,
}

impl Stops {
    pub(super) fn new() -> Self {
        stop_in_silence();
        let several = sched_getaffinity(Pid::from_raw(0))
            .map(|set| (0..CpuSet::count()).filter(|cpu| set.is_set(*cpu) == Ok(true)).count() > 1);
        // With one processor, who looks keeps the program from running.
        Self { queue: VecDeque::new(), looks: if several == Ok(true) { LOOKS } else { 1 } }
    }

    /// What has stopped already.
    pub(super) fn put(&mut self, stops: Vec<(Tid, Waited)>) {
        self.queue.extend(stops);
    }

    /// The next stop, of one thread or of `several`. Where there is none and it may not `sleep`, it says so.
    pub(super) fn next(&mut self, sleep: bool, several: bool) -> Next {
        if let Some((tid, waited)) = self.queue.pop_front() {
            return Next::Stop(tid, waited);
        }
        let mut first = self.look();
        if first == Next::Nothing && sleep {
            first = match let_through(true, || wait_any(true)) {
                Ok(Some((tid, waited))) => Next::Stop(tid, waited),
                Err(Errno::ECHILD) => Next::Over,
                _ => Next::Interrupted,
            };
        }
        if several && matches!(first, Next::Stop(..)) {
            while self.queue.len() < ROOM
                && let Ok(Some(stop)) = wait_any(false)
            {
                self.queue.push_back(stop);
            }
        }
        first
    }

    fn look(&self) -> Next {
        for _ in 0..self.looks {
            match wait_any(false) {
                Ok(Some((tid, waited))) => return Next::Stop(tid, waited),
                // Where all processors have work, the next stop needs this one.
                Ok(None) => std::thread::yield_now(),
                Err(Errno::ECHILD) => return Next::Over,
                Err(_) => return Next::Interrupted,
            }
        }
        Next::Nothing
    }
}
