//! Looking for a call in a timeline, forward and backward, a bounded stretch at a time so that a screen stays responsive.

use super::query::{Named, Query, continues};
use crate::probe::Breakpoint;
use crate::record::Record;
use crate::trace::{Timeline, World, world::FileId};

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Query(Query),
    /// A call at which one of these would have stopped the server.
    Breakpoints(Vec<Breakpoint>),
}

/// The direction of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Forward,
    Backward,
}

/// A search that is under way. It is continued a bounded stretch at a time.
#[derive(Clone, Debug)]
pub struct Search {
    wanted: Wanted,
    /// Only calls about this file.
    only: Option<FileId>,
    way: Way,
    /// The position that it began at.
    from: u64,
    /// Up to here all was looked at.
    at: u64,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Here is one. To look for the next, begin a search at its position.
    Found(Hit),
    /// None up to this position; there is more to look through.
    GoOn(u64),
    Nowhere,
}

/// A call that a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub seq: u64,
    /// The position right after it, with its events or bytes.
    pub position: u64,
}

impl Search {
    /// How many records one step looks through; that takes a few milliseconds at most.
    pub const STEP: u64 = 1 << 15;

    /// A search from a position: for calls that come after it, or that were over before it.
    pub fn new(wanted: Wanted, way: Way, from: u64) -> Self {
        Self { wanted, only: None, way, from, at: from }
    }

    /// The same, for calls about one file only.
    #[must_use]
    pub fn only(self, only: Option<FileId>) -> Self {
        Self { only, ..self }
    }

    /// The same search over everything that it has not been asked for: from the other end of the timeline.
    #[must_use]
    pub fn wrapped(&self, timeline: &Timeline) -> Self {
        let from = if self.way == Way::Forward { timeline.first() } else { timeline.len() + 1 };
        Self { from, at: from, ..self.clone() }
    }

    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Looks on, through [`Search::STEP`] records.
    pub fn step(&mut self, timeline: &Timeline) -> Searched {
        let at = self.at.clamp(timeline.first(), timeline.len());
        let (found, done) = match self.way {
            Way::Forward => {
                self.at = (at + Self::STEP).min(timeline.len());
                (self.scan(timeline, at, self.at), self.at == timeline.len())
            }
            Way::Backward => {
                let end = at.saturating_sub(Self::STEP).max(timeline.first());
                (self.scan_back(timeline, end, at), end == timeline.first())
            }
        };
        match found {
            Some(hit) => Searched::Found(hit),
            None if done => Searched::Nowhere,
            None => Searched::GoOn(self.at),
        }
    }

    /// Looks through ever larger stretches, so that what is near is found at once.
    fn scan_back(&mut self, timeline: &Timeline, end: u64, mut hi: u64) -> Option<Hit> {
        let mut stretch = 256;
        let mut found = None;
        while found.is_none() && hi > end {
            let lo = hi.saturating_sub(stretch).max(end);
            found = self.scan(timeline, lo, hi);
            (hi, stretch) = (lo, 2 * stretch);
        }
        self.at = hi;
        found
    }

    /// Looks on until something is found, or nothing is left.
    pub fn run(&mut self, timeline: &Timeline) -> Option<Hit> {
        loop {
            match self.step(timeline) {
                Searched::Found(hit) => return Some(hit),
                Searched::GoOn(_) => {}
                Searched::Nowhere => return None,
            }
        }
    }

    /// Among the calls that begin between two positions the first, or backward the last that was over where the search
    /// began.
    fn scan(&self, timeline: &Timeline, lo: u64, hi: u64) -> Option<Hit> {
        let mut found = None;
        self.each(timeline, lo, hi, |hit| {
            let is_it = self.way == Way::Forward || hit.position < self.from;
            found = if is_it { Some(hit) } else { found };
            is_it && self.way == Way::Forward
        });
        found
    }

    /// All that is wanted among the calls that begin between two positions, by their numbers.
    pub fn hits(&self, timeline: &Timeline, lo: u64, hi: u64) -> Vec<u64> {
        let mut hits = Vec::new();
        self.each(timeline, lo, hi, |hit| {
            hits.push(hit.seq);
            false
        });
        hits
    }

    /// Gives each call that is wanted to `found`, which returns whether that is enough.
    fn each(&self, timeline: &Timeline, lo: u64, hi: u64, mut found: impl FnMut(Hit) -> bool) {
        let needs_world = self.only.is_some() || self.wanted.needs_world();
        let mut world = needs_world.then(|| timeline.at(lo));
        let mut records = timeline.range(lo, timeline.len()).peekable();
        let mut call = Vec::new();
        let mut before = lo.checked_sub(1).and_then(|k| timeline.get(k));
        while let Some(record) = records.next().filter(|record| record.seq.0 <= hi) {
            call.clear();
            call.push(record);
            while let Some(part) = records.next_if(|part| call.last().is_some_and(|last| continues(last, part))) {
                call.push(part);
            }
            let begins = before.is_none_or(|before| !continues(&before, &record));
            before = call.last().copied();
            let is_about = |world: Option<&World>| is_about(&call, self.only, world);
            let before_it = is_about(world.as_ref());
            let fits = self.wanted.is(&call, world.as_mut());
            let fits = fits && (before_it || is_about(world.as_ref()));
            let hit = Hit { seq: record.seq.0, position: before.map_or(0, |last| last.seq.0) };
            if begins && fits && found(hit) {
                return;
            }
        }
    }
}

/// Whether a call names an fd of `only`, if that is asked for.
fn is_about(call: &[Record], only: Option<FileId>, world: Option<&World>) -> bool {
    let (Some(only), Some(world)) = (only, world) else { return only.is_none() };
    let mut files = call.iter().flat_map(|record| {
        let fds = Named::by(&record.call).fds();
        fds.filter_map(|fd| world.file_of(record.tid, fd)).map(|(id, _)| id)
    });
    files.any(|id| id == only)
}

impl Wanted {
    fn needs_world(&self) -> bool {
        match self {
            Self::Query(query) => query.asks_for_names(),
            Self::Breakpoints(breakpoints) => breakpoints.contains(&Breakpoint::Stranded),
        }
    }

    /// Whether a call is what is wanted; takes `world` from before it to after it.
    fn is(&self, call: &[Record], world: Option<&mut World>) -> bool {
        let (mut before, mut stranded) = (false, false);
        let fits = match self {
            Self::Query(query) => query.fits(call),
            Self::Breakpoints(breakpoints) => {
                call.iter().any(|record| breakpoints.iter().any(|breakpoint| breakpoint.is_hit_by(&record.call)))
            }
        };
        let Some(world) = world else { return fits };
        if let (Self::Query(query), true) = (self, fits) {
            before = query.names(call, world);
        }
        for record in call {
            world.apply(record);
            stranded |= world.strands_at(record);
        }
        match self {
            Self::Query(query) => fits && (before || query.names(call, world)),
            Self::Breakpoints(_) => fits || stranded,
        }
    }
}
