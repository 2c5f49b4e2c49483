//! Which moments of a run a page shows: the one after each call, or, where there are too many, those around what a reader
//! looks for.

use std::ops::RangeInclusive;

use crate::analysis::History;

/// A moment of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageMoment {
    /// The position.
    pub(super) at: u64,
    /// The position before its call.
    pub(super) from: u64,
    /// How many calls have been made.
    pub(super) call: u64,
    /// How many calls right before it have no moment.
    pub(super) left_out: u64,
}

/// The most calls that are kept after one that a reader looks for, if not all can be. A quarter of that is kept before it.
const AROUND: usize = 64;

/// The beginning, and the moment after each of these calls; at most `most`.
pub(super) fn moments(timeline: &History, calls: Option<&RangeInclusive<u64>>, most: usize) -> Vec<PageMoment> {
    let now = timeline.now();
    let (first, len) = (timeline.first(), timeline.len());
    let before = timeline.at(first).moments();
    let mut begins = Vec::new();
    // A client acts: what follows is the answer.
    let mut marked = Vec::new();
    for record in timeline.range(first, len).filter(|record| record.call.is_syscall()) {
        begins.push(record.seq.0 - 1);
        marked.push(!now.serves(record.tid));
    }
    for finding in timeline.findings().iter() {
        if let Some(known) = begins.partition_point(|begin| *begin < finding.position()).checked_sub(1) {
            marked[known] = true;
        }
    }
    let ends = begins.iter().skip(1).copied().chain([len]);
    let all: Vec<PageMoment> = (before + 1..)
        .zip(begins.iter().zip(ends))
        .map(|(call, (from, at))| PageMoment { at, from: *from, call, left_out: 0 })
        .collect();
    let asked = |i: usize| calls.is_none_or(|calls| calls.contains(&all[i].call));
    let mut kept: Vec<usize> = (0..all.len()).filter(|i| asked(*i)).collect();
    let mut around = AROUND;
    while kept.len() > most && around > 0 {
        let near = near(&marked, around);
        kept.retain(|i| near[*i]);
        around /= 2;
    }
    kept.truncate(most);
    let mut shown = vec![PageMoment { at: first, from: first, call: before, left_out: 0 }];
    for i in kept {
        let left_out = all[i].call - shown.last().map_or(before, |last| last.call) - 1;
        shown.push(PageMoment { left_out, ..all[i] });
    }
    shown
}

/// The calls with a marked one among the last `around`, or soon after them.
fn near(marked: &[bool], around: usize) -> Vec<bool> {
    let mut near = marked.to_vec();
    let mut since = usize::MAX;
    for i in 0..marked.len() {
        since = if marked[i] || i == 0 { 0 } else { since.saturating_add(1) };
        near[i] |= since < around;
    }
    let mut until = usize::MAX;
    for i in (0..marked.len()).rev() {
        until = if marked[i] { 0 } else { until.saturating_add(1) };
        near[i] |= until < around.div_ceil(4);
    }
    near
}
