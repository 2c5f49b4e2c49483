//! Whether a program rests: every thread sleeps in a call, and no wait that it is in would report anything.

use std::fs;
use std::os::fd::AsRawFd as _;

use super::fds::Table;
use super::numbers::old;
use super::peek::{descendants, threads};
use crate::record::{Fd, Tid};
use crate::sys;

/// A thread that sleeps in a call: its process, and the epoll where it waits on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sleeper {
    pub process: Tid,
    pub tid: Tid,
    pub waits_on: Option<Fd>,
}

/// How a thread stood: the sleeper, and how often it has gone to sleep so far.
type Stood = (Sleeper, u64);

/// The threads of `pid` and of its descendants, if all of them sleep until something comes from outside; `None` while any
/// runs, is stopped, or sleeps for a time. Asked twice, with the same answer and no switch between, so that they slept in
/// the meantime too.
pub fn rests(pid: Tid) -> Option<Vec<Sleeper>> {
    let before = look(pid)?;
    for (sleeper, _) in &before {
        let Some(epfd) = sleeper.waits_on else { continue };
        // Where no copy is to be had, that all threads sleep has to do.
        let copy = Table::of(sleeper.process).copy(epfd).ok();
        if copy.is_some_and(|copy| sys::would_report(Fd(copy.as_raw_fd())) == Ok(true)) {
            return None;
        }
    }
    (look(pid)? == before).then(|| before.into_iter().map(|(sleeper, _)| sleeper).collect())
}

fn look(pid: Tid) -> Option<Vec<Stood>> {
    let mut all = Vec::new();
    for process in [pid].into_iter().chain(descendants(pid)) {
        for tid in threads(process) {
            all.extend(stands(process, tid)?);
        }
    }
    (!all.is_empty()).then_some(all)
}

/// `None` where it does not sleep; none of a thread that has ended, else one.
fn stands(process: Tid, tid: Tid) -> Option<Vec<Stood>> {
    let read = |file| fs::read_to_string(format!("/proc/{process}/task/{tid}/{file}")).ok();
    let (Some(stat), Some(status)) = (read("stat"), read("status")) else { return Some(Vec::new()) };
    match stat.rsplit_once(')')?.1.trim_start().chars().next()? {
        'S' => {}
        'Z' | 'X' => return Some(Vec::new()),
        _ => return None,
    }
    let switches = status.lines().filter_map(|line| line.split_once("ctxt_switches:")?.1.trim().parse::<u64>().ok());
    let switches = switches.sum();
    let call = read("syscall")?;
    let mut words = call.split_whitespace();
    let number: i64 = words.next()?.parse().ok()?;
    let first = words.next().and_then(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok());
    if [libc::SYS_nanosleep, libc::SYS_clock_nanosleep].contains(&number) {
        return None;
    }
    let is_wait = [old::EPOLL_WAIT, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2].contains(&number);
    let waits_on = first.filter(|_| is_wait).and_then(|fd| i32::try_from(fd).ok()).map(Fd);
    Some(vec![(Sleeper { process, tid, waits_on }, switches)])
}
