//! Two recordings, read side by side.

use std::collections::{HashMap, VecDeque};

use super::counts::Counts;
use super::normalizer::Normalizer;
use super::sentence;
use super::unit::{Taken, Unit, Units};
use crate::i18n::Lang;
use crate::record::{Record, Tid};
use crate::trace::World;

/// How many calls are shown before and after the one that differs.
const AROUND: usize = 3;

/// How many calls one recording may be ahead of the other in some threads.
const AHEAD: usize = 1 << 16;

/// The result of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    /// How many calls were the same, up to there.
    pub same: u64,
    /// The last of them, as the first recording has them.
    pub before: Vec<Unit>,
    /// Where they part, if they do.
    pub parting: Option<Parting>,
}

/// Where two recordings part.
#[derive(Clone, Debug)]
pub struct Parting {
    /// The first's call that differs, and those after it in its thread; none where it ends there.
    pub a: Vec<Unit>,
    pub b: Vec<Unit>,
    /// What the two worlds tell of why, a sentence each.
    pub why: Vec<String>,
}

/// Reads both recordings side by side, up to where they part; `worlds` are those before their first records.
pub fn compare(
    worlds: [World; 2],
    a: impl Iterator<Item = Record>,
    b: impl Iterator<Item = Record>,
    counts: &Counts,
    lang: Lang,
) -> Compared {
    let [of_a, of_b] = worlds;
    let (mut a, mut b) = (Side::new(a, of_a, counts), Side::new(b, of_b, counts));
    let (mut same, mut before) = (0, VecDeque::new());
    let (thread, mine, theirs) = 'parted: loop {
        let read = [a.read(), b.read()];
        for thread in read.into_iter().flatten() {
            let (Some(mine), Some(theirs)) = (a.waiting(thread), b.waiting(thread)) else { continue };
            let alike = mine.plain == theirs.plain;
            let (mine, theirs) = (a.take(thread), b.take(thread));
            if !alike {
                break 'parted (thread, mine, theirs);
            }
            same += 1;
            before.extend(mine.map(|mine| mine.unit));
            before.drain(..before.len().saturating_sub(AROUND));
        }
        // What the other has not come to is missing there: it is at its end, or too far behind.
        if (read[1].is_none() || a.ahead > AHEAD)
            && let Some(thread) = a.oldest()
        {
            break (thread, a.take(thread), None);
        }
        if (read[0].is_none() || b.ahead > AHEAD)
            && let Some(thread) = b.oldest()
        {
            break (thread, None, b.take(thread));
        }
        if read == [None, None] {
            return Compared { same, before: before.into(), parting: None };
        }
    };
    let why = match (&mine, &theirs) {
        (Some(mine), Some(theirs)) => sentence::why([(mine, a.now()), (theirs, b.now())], lang),
        _ => Vec::new(),
    };
    let parting = Parting { a: a.around(mine, thread), b: b.around(theirs, thread), why };
    Compared { same, before: before.into(), parting: Some(parting) }
}

struct Side<'a, I> {
    units: Units<'a, I>,
    alike: Normalizer<'a>,
    world: World,
    threads: HashMap<Tid, u32>,
    /// What the other side has not come to yet, by thread.
    queues: HashMap<u32, VecDeque<Taken>>,
    ahead: usize,
}

impl<'a, I: Iterator<Item = Record>> Side<'a, I> {
    fn new(records: I, world: World, counts: &'a Counts) -> Self {
        Self {
            units: Units::new(records, counts),
            alike: Normalizer::new(counts),
            world,
            threads: HashMap::new(),
            queues: HashMap::new(),
            ahead: 0,
        }
    }

    /// Reads the next call; its thread, or `None` at the end.
    fn read(&mut self) -> Option<u32> {
        let world = &mut self.world;
        let mut depth = None;
        let unit = self.units.next(|record, first| {
            if first {
                let file = record.call.fd().and_then(|fd| world.file_of(record.tid, fd));
                depth = file.and_then(|(_, file)| file.depth());
            }
            world.apply(record);
        })?;
        let next = u32::try_from(self.threads.len()).unwrap_or(u32::MAX);
        let thread = *self.threads.entry(unit.record().tid).or_insert(next);
        let plain = unit.records.iter().map(|record| self.alike.plain(thread, record.call)).collect();
        self.queues.entry(thread).or_default().push_back(Taken { unit, plain, depth });
        self.ahead += 1;
        Some(thread)
    }

    fn waiting(&self, thread: u32) -> Option<&Taken> {
        self.queues.get(&thread)?.front()
    }

    fn take(&mut self, thread: u32) -> Option<Taken> {
        let taken = self.queues.get_mut(&thread)?.pop_front()?;
        self.ahead -= 1;
        Some(taken)
    }

    /// The thread whose call waits the longest.
    fn oldest(&self) -> Option<u32> {
        let first = |queue: &VecDeque<Taken>| Some(queue.front()?.unit.record().seq);
        let waiting = self.queues.iter().filter_map(|(thread, queue)| Some((first(queue)?, *thread)));
        waiting.min().map(|(_, thread)| thread)
    }

    /// The world right after the call that was taken last, if nothing was read since.
    fn now(&self) -> Option<&World> {
        (self.ahead == 0).then_some(&self.world)
    }

    /// The call `taken` and those that follow it in its thread.
    fn around(&mut self, taken: Option<Taken>, thread: u32) -> Vec<Unit> {
        let mut units: Vec<Unit> = taken.into_iter().map(|taken| taken.unit).collect();
        for _ in 0..AHEAD {
            if units.is_empty() || units.len() > AROUND {
                break;
            }
            match self.take(thread) {
                Some(taken) => units.push(taken.unit),
                None if self.read().is_some() => {}
                None => break,
            }
        }
        units
    }
}
