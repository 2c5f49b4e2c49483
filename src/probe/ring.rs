//! The bounded way from the server's thread to the looking one.
//!
//! A single-producer ring without locks. What is noted lies in the server's own cache until its thread may stand still,
//! that is before a wait or at the gate, and is then copied over in one piece; the looking side polls. Only when it has
//! gone to sleep, as its [`Notifier`] says, does the server wake it, with one write(2) before it may block.

use std::cell::Cell;
use std::sync::Arc;

use super::{Clock, Hint, Hinted, Holder, Recorder, Turn, note_events, note_payload};
use crate::record::{Call, Dir, Fd, Nanos, Ready, Record, Seq, Tid};
use crate::sys::{self, Notifier, NotifyOnDrop};

/// What the server does when the looking side is behind and the ring is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Goes on; a [`Call::Lost`] says how many records are missing.
    Drop,
    /// Waits until there is room, so that a recording is whole.
    Wait,
}

/// The most records that are copied in one piece: below 2 KiB, from where on the C library leaves copying to the
/// processor's string instruction, which is slow to start.
const BATCH: usize = 32;

/// The server's end of a ring, to which it adds records.
pub struct Ring {
    records: rtrb::Producer<Record>,
    /// What was noted and has not been handed over: the first `noted` of these. Thread and number stand in all of them.
    batch: [Record; BATCH],
    noted: usize,
    lost: u64,
    when_full: WhenFull,
    clock: Clock,
    /// The time that was asked for last, until a call uses it up that may take long; 0 then.
    fresh: Cell<Nanos>,
    tid: Tid,
    /// Dropped after `records`, so that whoever wakes finds the ring closed.
    notifier: NotifyOnDrop,
}

/// The other end, from which the looking thread takes them.
pub struct Incoming {
    records: rtrb::Consumer<Record>,
}

/// A ring with room for `capacity` records. The server's thread makes its end its own with [`Ring::adopt`].
pub fn ring(capacity: usize, when_full: WhenFull, clock: Clock, notifier: &Arc<Notifier>) -> (Ring, Incoming) {
    let (producer, consumer) = rtrb::RingBuffer::new(capacity + 1);
    let tid = sys::gettid();
    let ring = Ring {
        records: producer,
        batch: [Record { seq: Seq(0), t: Nanos(0), tid, call: Call::Lost { count: 0 } }; BATCH],
        noted: 0,
        lost: 0,
        when_full,
        clock,
        fresh: Cell::new(Nanos(0)),
        tid,
        notifier: notifier.on_drop(),
    };
    (ring, Incoming { records: consumer })
}

impl Incoming {
    /// Moves what has come into `into`, without waiting, and returns whether anything had.
    pub fn drain(&mut self, into: &mut Vec<Record>) -> bool {
        let Ok(chunk) = self.records.read_chunk(self.records.slots()) else { return false };
        let (first, second) = chunk.as_slices();
        into.reserve(chunk.len());
        first.chunks(BATCH).chain(second.chunks(BATCH)).for_each(|piece| into.extend_from_slice(piece));
        let any = !chunk.is_empty();
        chunk.commit_all();
        any
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the server's end is gone, so that nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.records.is_abandoned()
    }
}

impl Ring {
    /// Records are from here on those of the calling thread.
    pub fn adopt(&mut self) {
        self.hand_over_all();
        self.tid = sys::gettid();
        self.batch.iter_mut().for_each(|record| record.tid = self.tid);
    }

    #[inline(never)]
    fn hand_over_all(&mut self) {
        let mut done = 0;
        // A slot more than is wanted: see `room`.
        if self.lost == 0 && self.records.cached_slots() > self.noted {
            let pushed = self.records.push_entire_slice(&self.batch[..self.noted.min(BATCH)]);
            debug_assert!(pushed.is_ok(), "there is no room");
            done = self.noted;
        }
        while done < self.noted {
            let left = self.noted - done;
            let count = self.room(left, self.batch[done].t).min(left);
            if count > 0 {
                let pushed = self.records.push_entire_slice(&self.batch[done..done + count]);
                debug_assert!(pushed.is_ok(), "there is no room");
                done += count;
            } else if self.when_full == WhenFull::Drop || self.records.is_abandoned() {
                self.lost += left as u64;
                break;
            } else {
                self.notifier.ring();
                std::thread::yield_now();
            }
        }
        self.noted = 0;
    }

    /// How many of `wanted` records fit, the first of the time `t`, or more. The last slot is kept for the gap that may
    /// have to be told at the end; one that is to be told before them is told here.
    fn room(&mut self, wanted: usize, t: Nanos) -> usize {
        let mut slots = self.records.cached_slots();
        if slots < wanted + 2 {
            slots = self.records.slots();
        }
        if self.lost > 0 {
            if slots < 3 {
                return 0;
            }
            self.tell_gap(t);
            slots -= 1;
        }
        slots.saturating_sub(1)
    }

    fn tell_gap(&mut self, t: Nanos) {
        let call = Call::Lost { count: std::mem::take(&mut self.lost) };
        let told = self.records.push(Record { seq: Seq(0), t, tid: self.tid, call });
        debug_assert!(told.is_ok(), "there is no room");
    }
}

impl Recorder for Ring {
    const ON: bool = true;

    #[inline]
    fn now(&self) -> Nanos {
        let now = self.clock.now();
        self.fresh.set(now);
        now
    }

    #[inline]
    fn entry(&self) -> Nanos {
        match self.fresh.take() {
            Nanos(0) => self.clock.now(),
            fresh => fresh,
        }
    }

    #[inline(always)]
    fn note(&mut self, t: Nanos, call: Call) {
        if self.noted >= BATCH {
            self.hand_over_all();
        }
        let place = &mut self.batch[self.noted];
        (place.t, place.call) = (t, call);
        self.noted += 1;
        if matches!(call, Call::EpollWaitEnter { .. }) {
            self.hand_over_all();
            self.notifier.ring();
        }
    }

    #[inline(always)]
    fn reported(&mut self, t: Nanos, epfd: Fd, events: impl Iterator<Item = (Fd, Ready)> + Clone) {
        note_events(self, t, epfd, events);
    }

    #[inline]
    fn wants_payload(&self, _: Nanos) -> bool {
        true
    }

    fn payload(&mut self, t: Nanos, fd: Fd, dir: Dir, bytes: &[u8]) {
        note_payload(self, t, fd, dir, bytes);
    }
}

impl Holder for Ring {
    #[inline]
    fn before(&mut self, _: &Call) -> Turn {
        Turn::Go
    }
}

impl Hinted for Ring {
    #[inline]
    fn hint(&mut self, hint: Hint) {
        match hint {
            Hint::HandOver => self.hand_over_all(),
            Hint::Held => {
                self.hand_over_all();
                self.notifier.notify();
            }
            Hint::Survey | Hint::HasWork(_) | Hint::RunsFreely(_) | Hint::MayBlock(_) => {}
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.hand_over_all();
        if self.lost > 0 {
            self.tell_gap(self.clock.now());
        }
    }
}
