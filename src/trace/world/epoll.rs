//! One epoll object: its interest list, which the records give, and its ready list, which is inferred.
//!
//! The kernel does not expose the ready list. The one here is kept as `fs/eventpoll.c` keeps its own: it is a queue. ADD
//! and MOD put a ready file on it, and so does a wake-up from the file, unless the item is there already. A wait takes the
//! queue and looks at each item in order. An item that is not ready is dropped, one that is ready is reported. After that
//! a level-triggered item goes back to the tail, an edge-triggered one does not, and a one-shot one is disarmed. Items
//! that did not fit into the event list stay at the head.

use std::collections::VecDeque;
use std::sync::Arc;

use super::file::{FileId, Key};
use super::report::{Cause, Item, Report, Wait};
use super::shared::HEAP;
use super::silent::Silent;
use super::stance::{Ghost, Stance};
use super::tables::{Files, Items, vanish};
use super::who::Who;
use crate::record::{Chunk, Fd, Interest, Nanos, Ready, Ret, Tid};

/// An epoll object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoll {
    /// Its fd.
    pub fd: Fd,
    /// What the program calls it.
    pub name: Option<Chunk>,
    /// The registrations, by fd. A ghost may share its number with a living one.
    pub(super) items: Items,
    pub(super) ready: VecDeque<Key>,
    /// An empty queue, whose memory the next wait uses.
    spare: VecDeque<Key>,
    /// Whether the ready list follows from all that happened: not after a gap, nor where the trace starts midway.
    pub certain: bool,
    /// The last waits, oldest first.
    pub(super) waits: VecDeque<Arc<Wait>>,
    /// How many waits there were.
    pub wait_count: u32,
    /// The number of the last wait that returned.
    pub(super) last_returned: u32,
    /// How many events were reported.
    pub report_count: u64,
    /// How many waits returned without an event.
    pub empty_count: u64,
    scan: Option<Scan>,
    pub(super) silent: Silent,
}

/// A return of epoll_wait whose events are coming in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Scan {
    /// The items that the wait took off the list and that no event has named yet.
    taken: VecDeque<Key>,
    /// The wait's number.
    number: u32,
    /// How many events have come; 255 stands for more, since fewer are kept.
    come: u8,
    to_come: u32,
    /// The event list was filled, so the wait did not look at the rest of the queue.
    full: bool,
}

impl Epoll {
    /// The most waits that are kept.
    pub const WAITS_KEPT: usize = 48;

    pub(super) fn new(fd: Fd, certain: bool) -> Self {
        Self {
            fd,
            name: None,
            items: Items::default(),
            ready: VecDeque::new(),
            spare: VecDeque::new(),
            certain,
            waits: VecDeque::new(),
            wait_count: 0,
            last_returned: 0,
            report_count: 0,
            empty_count: 0,
            scan: None,
            silent: Silent::default(),
        }
    }

    /// The interest list, by fd.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &Item> + '_ {
        self.items.values()
    }

    /// What a list of so many `rows` shows with `item` in sight, and how many registrations come before that: the first
    /// rows, or those that end with `item`.
    pub fn around(&self, item: Option<&Item>, rows: usize) -> (usize, impl Iterator<Item = &Item> + '_) {
        self.items.around(item.map(|item| (item.fd, item.file)), rows)
    }

    /// The registration `by` places after `item` in the interest list, before it where that is negative, but not beyond
    /// the ends; without an item the first of all, or the last.
    pub fn beside(&self, item: Option<&Item>, by: isize) -> Option<&Item> {
        self.items.beside(item.map(|item| (item.fd, item.file)), by)
    }

    /// How many registrations there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The registration under `fd`; of several the latest.
    #[inline]
    pub fn item(&self, fd: Fd) -> Option<&Item> {
        self.items.latest(fd)
    }

    /// The inferred ready list, from the head.
    pub fn ready_list(&self) -> impl Iterator<Item = &Item> + '_ {
        self.ready.iter().filter_map(|key| self.items.get(key))
    }

    /// How long the inferred ready list is.
    pub fn ready_len(&self) -> usize {
        self.ready.len()
    }

    /// The last waits, oldest first; the last one may not have returned.
    pub fn waits(&self) -> impl DoubleEndedIterator<Item = &Wait> + '_ {
        self.waits.iter().map(|wait| &**wait)
    }

    /// The wait that has been entered and has not returned; of several, in several threads, the last.
    pub fn in_wait(&self) -> Option<&Wait> {
        self.waits().rev().find(|wait| wait.returned.is_none())
    }

    /// Whether a wait of `tid`, or of any thread, has not returned, or its events are still coming in.
    pub(super) fn is_busy(&self, tid: impl Into<Option<Tid>>) -> bool {
        let (tid, comes) = (tid.into(), self.scan.as_ref().map(|scan| scan.number));
        let busy = |wait: &Wait| wait.returned.is_none() || comes == Some(wait.number);
        self.waits().any(|wait| tid.is_none_or(|tid| tid == wait.tid) && busy(wait))
    }

    /// The number of the last wait that has returned, 0 for none.
    pub fn returned_count(&self) -> u32 {
        self.last_returned
    }

    /// Registrations that are edge-triggered, have something to read, and are not on the ready list: no wait will report
    /// them unless something new arrives. While the server still works on them that is fine; once it waits, they are
    /// stranded.
    pub fn silent(&self) -> impl Iterator<Item = &Item> + '_ {
        self.silent.all().filter_map(|key| self.items.get(key))
    }

    /// How many [`Epoll::silent`] are there.
    pub fn silent_len(&self) -> usize {
        self.silent.len()
    }

    /// About how many bytes a copy takes; see [`World::price`](crate::trace::World::price).
    pub(super) fn price(&self) -> usize {
        let own = self.waits.iter().filter(|wait| Arc::strong_count(wait) == 1);
        let waits: usize =
            own.map(|wait| 2 * HEAP + size_of::<Wait>() + wait.reports.capacity() * size_of::<Report>()).sum();
        let queue = self.ready.len() + self.scan.as_ref().map_or(0, |scan| scan.taken.len()) + self.silent.len();
        self.items.price() + waits + queue * size_of::<Key>()
    }

    /// A lower bound of it.
    pub(super) fn least_price(&self) -> usize {
        size_of::<Self>() + self.items.frame() + self.waits.len() * size_of::<Arc<Wait>>()
    }

    /// What is left of it when it is closed.
    pub(super) fn without_lists(self) -> Self {
        Self {
            items: Items::default(),
            ready: VecDeque::new(),
            spare: VecDeque::new(),
            scan: None,
            silent: Silent::default(),
            ..self
        }
    }

    pub(super) fn add(&mut self, item: Item) {
        self.items.insert(item);
    }

    pub(super) fn remove(&mut self, key: Key) {
        if self.items.remove(&key).is_some_and(|item| item.queued.is_some()) {
            self.ready.retain(|queued| *queued != key);
            if let Some(scan) = &mut self.scan {
                scan.taken.retain(|taken| *taken != key);
            }
        }
        self.silent.remove(key);
    }

    pub(super) fn is_exclusive(&self, key: Key) -> bool {
        self.items.get(&key).is_some_and(|item| item.interest.contains(Interest::EXCLUSIVE))
    }

    /// Updates [`Epoll::silent`], when it is known whether the item's file has something to read.
    pub(super) fn settle(&mut self, key: Key, readable: bool) {
        let silent = self.items.get(&key).is_some_and(|item| {
            readable && item.armed && item.queued.is_none() && item.interest.contains(Interest::ET | Interest::IN)
        });
        self.silent.set(key, silent);
    }

    /// A wait was entered. Before it blocks, the kernel goes through the queue and drops what is no longer ready, until the
    /// event list would be full.
    pub(super) fn enter(&mut self, mut wait: Wait, is_ready: impl Fn(&Item) -> Option<bool>) {
        self.look_through(wait.room(), is_ready);
        self.wait_count += 1;
        wait.number = self.wait_count;
        let oldest = if self.waits.len() < Self::WAITS_KEPT { None } else { self.waits.pop_front() };
        self.waits.push_back(in_place_of(oldest, wait));
    }

    /// poll(2) on the epoll said whether anything is `ready`. The kernel goes through the queue for that, up to the first
    /// item that is, and drops those before it. If nothing is ready, what was in doubt is not any more; what a call has made
    /// ready for sure is still on its way to the kernel's queue.
    pub(super) fn poll(&mut self, ready: bool, is_ready: impl Fn(&Item) -> Option<bool>) {
        let is_ready = |item: &Item| if ready { is_ready(item) } else { Some(is_ready(item) == Some(true)) };
        self.look_through(if ready { 1 } else { u32::MAX }, is_ready);
        self.certain |= !ready;
    }

    /// Drops items that are not ready from the queue, until `room` items have been found that are, or may be.
    pub(super) fn look_through(&mut self, room: u32, is_ready: impl Fn(&Item) -> Option<bool>) {
        self.end_scan(None);
        let (mut looked_at, mut kept) = (0, 0);
        while let Some(key) = self.ready.get(looked_at).copied().filter(|_| kept < room as usize) {
            looked_at += 1;
            if self.items.get(&key).and_then(&is_ready) == Some(false) {
                vanish(&mut self.items, None, [key]);
            } else {
                self.ready[kept] = key;
                kept += 1;
            }
        }
        self.ready.drain(kept..looked_at);
    }

    /// The wait of `tid` returned.
    pub(super) fn leave(&mut self, tid: Tid, t: Nanos, moment: u64, ret: Ret, files: &mut Files) {
        let Some(wait) = self.waits.iter_mut().rev().find(|wait| wait.tid == tid && wait.returned.is_none()) else {
            return;
        };
        let wait = Arc::make_mut(wait);
        wait.returned = Some(t);
        (wait.ret, wait.moment) = (Some(ret), moment);
        wait.reports.reserve(ret.ok().map_or(0, |n| Wait::KEPT.min(n as usize)));
        self.last_returned = wait.number;
        let Some(n) = ret.ok() else { return };
        self.report_count += u64::from(n);
        self.empty_count += u64::from(n == 0);
        let full = n > 0 && (wait.max_events == 0 || n >= wait.max_events);
        let taken = std::mem::replace(&mut self.ready, std::mem::take(&mut self.spare));
        self.scan = Some(Scan { taken, number: wait.number, come: 0, to_come: n, full });
        if n == 0 {
            self.end_scan(Some(files));
        }
    }

    /// The next event of the last return, or of one that is not in the trace. Gives its file, and why it is reported.
    pub(super) fn report(&mut self, fd: Fd, ready: Ready, files: &mut Files) -> Option<(FileId, Cause)> {
        let place = self.scan.as_ref().map(|scan| (scan.number, scan.come));
        let number = place.map(|(number, _)| number);
        let key = self.come_up(fd, files).or_else(|| self.item(fd).map(|item| (item.fd, item.file)));
        let item = key.and_then(|key| self.items.get_mut(&key));
        let mut report = Report {
            fd,
            file: key.map(|(_, file)| file),
            ready,
            interest: Interest::empty(),
            cause: Cause::Unseen,
            depth: None,
            stance: Stance { ready, ..Stance::default() },
            found: None,
            times: 0,
            ghost: Ghost::No,
            before: 0,
            who: Who::Unknown,
            sampled: false,
        };
        if let Some(item) = item {
            if number.is_none() && item.queued.is_some() {
                // The return that took it off the list is not in the trace.
                self.ready.retain(|queued| Some(*queued) != key);
            }
            report.explain(item, files.get(item.file), number.is_some());
            item.queued = None;
            (item.last_report, item.last_place) = place.unwrap_or((item.last_report, item.last_place));
            item.reports += 1;
            if item.interest.contains(Interest::ONESHOT) {
                item.armed = false;
            } else if !item.interest.is_edge() {
                item.queued = Some(number.map_or(Cause::Unseen, |after| Cause::PutBack { after, more: false }));
                item.queued_after = item.last_report;
                self.ready.extend(key);
            }
        }
        if let Some(wait) = number.and_then(|number| self.wait_mut(number)) {
            if wait.reports.len() < Wait::KEPT {
                wait.reports.push(report);
            } else {
                wait.more += 1;
            }
        }
        if let Some(scan) = &mut self.scan {
            scan.come = scan.come.saturating_add(1);
            scan.to_come = scan.to_come.saturating_sub(1);
            if scan.to_come == 0 {
                self.end_scan(Some(files));
            }
        }
        key.map(|(_, file)| (file, report.cause))
    }

    /// Records of `tid` are missing, and the return of the wait that it was in may be one of them. So the ready list is in
    /// doubt, and the events to come belong to no known return.
    pub(super) fn lose(&mut self, tid: Tid, t: Nanos) {
        if let Some(scan) = &mut self.scan {
            scan.full = true;
        }
        self.end_scan(None);
        self.certain = false;
        self.abandon(tid, t);
    }

    /// Goes through the queue as the kernel did, up to the item that was reported for `fd`. The kernel looked at the items
    /// before it and did not report them, so they were not ready.
    #[inline]
    fn come_up(&mut self, fd: Fd, files: &mut Files) -> Option<Key> {
        if self.items.are_plain() && self.item(fd).is_none_or(|item| item.queued.is_none()) {
            return None;
        }
        let scan = self.scan.as_mut()?;
        let skipped = scan.taken.iter().position(|key| key.0 == fd)?;
        vanish(&mut self.items, Some(files).filter(|_| self.certain), scan.taken.drain(..skipped));
        scan.taken.pop_front()
    }

    /// The last event has come. Where the event list was full, the rest of the queue stays at the head. Where it was not,
    /// the wait looked at the rest and found it not ready. That says something of the files too, unless the end of the
    /// event list is missing; then there are no `files`.
    fn end_scan(&mut self, files: Option<&mut Files>) {
        let Some(scan) = self.scan.take() else { return };
        if scan.full {
            let put_back = std::mem::replace(&mut self.ready, scan.taken);
            self.ready.extend(put_back);
        } else {
            let mut taken = scan.taken;
            vanish(&mut self.items, files.filter(|_| self.certain), taken.drain(..));
            self.spare = taken;
            self.certain = true;
        }
    }

    #[inline]
    pub(super) fn wait_mut(&mut self, number: u32) -> Option<&mut Wait> {
        self.waits.iter_mut().rev().find(|wait| wait.number == number).map(Arc::make_mut)
    }
}

/// `wait`, in the memory of one that is no longer kept, unless a copy of the world still has that one.
fn in_place_of(oldest: Option<Arc<Wait>>, wait: Wait) -> Arc<Wait> {
    let Some(mut place) = oldest else { return Arc::new(wait) };
    let Some(old) = Arc::get_mut(&mut place) else { return Arc::new(wait) };
    let mut reports = std::mem::take(&mut old.reports);
    reports.clear();
    *old = Wait { reports, ..wait };
    place
}
