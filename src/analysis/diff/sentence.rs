//! Why two recordings part, as far as their worlds tell it.

use super::unit::Taken;
use crate::analysis::why::{not_reported, reported};
use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::record::{Call, Fd, Record};
use crate::trace::World;

/// What is to be said of two calls that differ. A world is that right after the call, or none where it has moved on.
pub(super) fn why(sides: [(&Taken, Option<&World>); 2], lang: Lang) -> Vec<String> {
    let calls = sides.map(|(taken, _)| taken.unit.record().call.plain());
    match calls {
        [Call::EpollWait { .. }, Call::EpollWait { .. }] => of_waits(sides, lang),
        [mine, theirs] if mine.name() == theirs.name() => of_depths(sides.map(|(taken, _)| taken), lang),
        _ => Vec::new(),
    }
}

/// The first report that differs: why it was made, or was not.
fn of_waits(sides: [(&Taken, Option<&World>); 2], lang: Lang) -> Vec<String> {
    let events = sides.map(|(taken, _)| &taken.plain[1..]);
    let longest = events[0].len().max(events[1].len());
    let Some(at) = (0..longest).find(|at| events[0].get(*at) != events[1].get(*at)) else { return Vec::new() };
    let named = ["A", "B"].into_iter().zip(sides);
    named.filter_map(|(side, (taken, world))| Some(format!("{side}: {}", of_wait(taken, world?, at, lang)?))).collect()
}

/// Of the event at this place in the list; where there is none, of the first registration with something unread that
/// was not reported.
fn of_wait(taken: &Taken, world: &World, at: usize, lang: Lang) -> Option<String> {
    let Record { tid, call, .. } = *taken.unit.record();
    let Call::EpollWait { epfd, .. } = call.plain() else { return None };
    let epoll = world.epoll_at(tid, epfd)?;
    if let Some(Record { call: Call::Event { fd, .. }, .. }) = taken.unit.records.get(at + 1) {
        let wait = epoll.waits().rev().find(|wait| wait.tid == tid && wait.returned.is_some())?;
        let report = wait.reports.iter().find(|report| report.fd == *fd)?;
        return Some(format!("fd {fd} {}: {}", report.who.name(lang), reported(report, lang)));
    }
    let told: Vec<Fd> = taken.unit.records.iter().skip(1).filter_map(|record| record.call.fd()).collect();
    let left = |file: &crate::trace::world::File| file.depth().is_some_and(|depth| depth > 0);
    let silent = epoll.items().find(|item| !told.contains(&item.fd) && world.file(item.file).is_some_and(left));
    let item = silent.or_else(|| epoll.items().find(|item| !told.contains(&item.fd)))?;
    Some(format!("fd {} {}: {}", item.fd, world.name_of(item, lang), not_reported(world, epoll, item, lang)))
}

/// What lay unread before the same call, where that differs.
fn of_depths([mine, theirs]: [&Taken; 2], lang: Lang) -> Vec<String> {
    let (Some(a), Some(b)) = (mine.depth, theirs.depth) else { return Vec::new() };
    if a == b {
        return Vec::new();
    }
    let (a, b) = (grouped(a), grouped(b));
    vec![words!(lang, "unread before it: {a} in A, {b} in B", "更早已有的未读：A 中为 {a}，B 中为 {b}")]
}
