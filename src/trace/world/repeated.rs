//! Turns of a server that spins, which a recording counts and does not write.

use std::sync::Arc;

use super::epoll::Epoll;
use super::report::{Cause, Report};
use super::state::World;
use crate::record::{Ret, Tid};

impl World {
    /// The last turn of `tid` came `turns` times more, with so many system calls in all.
    pub(super) fn repeated(&mut self, tid: Tid, turns: u32, calls: u64) {
        self.moments = self.moments.saturating_add(calls);
        if self.thread(tid).serves {
            // Entering and leaving a wait are one call.
            let calls = calls.saturating_sub(turns.into());
            self.counters.calls = self.counters.calls.saturating_add(calls);
        }
        let epoll = self.used.and_then(|id| self.epolls.get_mut(&id));
        if let Some(epoll) = epoll {
            epoll.repeat(tid, turns, calls);
        }
    }
}

impl Epoll {
    fn repeat(&mut self, tid: Tid, turns: u32, calls: u64) {
        let Some(last) = self.waits.back_mut().filter(|last| last.tid == tid && last.returned.is_some()) else {
            return;
        };
        let wait = Arc::make_mut(last);
        let (before, now) = (wait.number, wait.number.saturating_add(turns));
        (wait.number, wait.moment) = (now, wait.moment.saturating_add(calls));
        let events = u64::from(wait.ret.and_then(Ret::ok).unwrap_or(0));
        let reported: Vec<_> = wait.reports.iter().filter_map(|&Report { fd, file, .. }| Some((fd, file?))).collect();
        self.wait_count = self.wait_count.saturating_add(turns);
        self.last_returned = now;
        self.report_count = self.report_count.saturating_add(events.saturating_mul(turns.into()));
        for key in reported {
            let Some(item) = self.items.get_mut(&key).filter(|item| item.last_report == before) else { continue };
            item.last_report = now;
            item.reports = item.reports.saturating_add(turns);
            if item.queued_after == before {
                item.queued_after = now;
            }
            if let Some(Cause::PutBack { after, .. }) = &mut item.queued
                && *after == before
            {
                *after = now;
            }
        }
    }
}
