//! One sentence on a report, or on an fd that is not reported. What is the case is decided here, once; `en` and `zh` only
//! put it into words.

use super::fact::{Besides, Fact, Found, Left, MANY, Still};
use super::not_reported::{NotReported, why_not_reported};
use super::{en, zh};
use crate::i18n::Lang;
use crate::record::Ready;
use crate::trace::World;
use crate::trace::world::{Cause, Epoll, File, Item, Report};

pub(super) fn say(fact: Fact, lang: Lang) -> String {
    match lang {
        Lang::En => en::say(fact),
        Lang::Zh => zh::say(fact),
    }
}

/// Why `report` was made.
pub fn reported(report: &Report, lang: Lang) -> String {
    let fact = reported_fact(report);
    let ended = fact.is_of_bytes() && report.ready.contains(Ready::RDHUP);
    say(fact, lang)
        + if ended { lang.of("; the peer has closed its sending side", "；对端已结束发送") } else { "" }
}

/// Whether the sentences on two reports differ in the numbers of waits at most.
pub fn alike(a: &Report, b: &Report) -> bool {
    let unnumbered = |report| match reported_fact(report) {
        Fact::PutBack { still, .. } => Fact::PutBack { after: 0, still },
        Fact::Arrived { edge, bytes, besides, .. } => Fact::Arrived { edge, bytes, since: 0, besides },
        Fact::SomeArrived { edge, received, .. } => Fact::SomeArrived { edge, received, since: 0 },
        fact => fact,
    };
    unnumbered(a) == unnumbered(b) && (a.ready ^ b.ready) & Ready::RDHUP == Ready::empty()
}

pub(super) fn reported_fact(report: &Report) -> Fact {
    match report.cause {
        Cause::PutBack { after } => Fact::PutBack { after, still: still(report) },
        Cause::Added => Fact::Added(found(report)),
        Cause::Modified => Fact::Modified(found(report)),
        Cause::Arrived { bytes } => {
            let besides = match report.depth {
                Some(depth) if depth > bytes => Besides::Older(depth - bytes),
                Some(0) if !report.ready.contains(Ready::IN) => Besides::Read(report.ready),
                _ => Besides::Nothing,
            };
            Fact::Arrived { edge: report.interest.is_edge(), bytes, since: report.before, besides }
        }
        Cause::SomeArrived { received } => {
            Fact::SomeArrived { edge: report.interest.is_edge(), received, since: report.before }
        }
        Cause::Connected => Fact::Connected(report.depth.filter(|n| *n > 0).map(Left::Clients)),
        Cause::Ended => Fact::Ended { unread: report.depth },
        Cause::Failed => Fact::Failed,
        Cause::FinAcked => Fact::FinAcked,
        Cause::Space => Fact::Space,
        Cause::Urgent => Fact::Urgent,
        Cause::BecameReady => Fact::BecameReady(report.ready),
        Cause::Unseen => Fact::Unseen(report.ready),
    }
}

fn still(report: &Report) -> Still {
    let ready = report.ready;
    match report.depth {
        _ if ready.intersects(Ready::ERR | Ready::HUP) => Still::Dead,
        Some(n) if n > 0 && report.listens => Still::Left(Left::Clients(n)),
        Some(n) if n > 0 && ready.contains(Ready::IN) => Still::Left(Left::Bytes(n)),
        _ if ready.contains(Ready::RDHUP) => Still::Ended,
        _ if ready.contains(Ready::IN) => Still::Readable,
        _ if ready.contains(Ready::OUT) => Still::Writable,
        _ => Still::Ready(ready),
    }
}

fn found(report: &Report) -> Found {
    match report.depth {
        Some(n) if n > 0 && report.listens => Found::Left(Left::Clients(n)),
        Some(n) if n > 0 => Found::Left(Left::Bytes(n)),
        _ => Found::Ready(report.ready),
    }
}

/// The sentence on `item` while the server is at work on what was reported: what is unread then is not stranded yet.
pub fn at_work(world: &World, epoll: &Epoll, item: &Item, lang: Lang) -> String {
    match why_not_reported(world, epoll, item) {
        NotReported::Stranded { depth, since } if since > 0 && since == epoll.wait_count => {
            say(Fact::AtWork { by: since, left: left(world, item, depth) }, lang)
        }
        _ => not_reported(world, epoll, item, lang),
    }
}

/// The sentence on `item`: why it would be reported by the next wait, or would not.
pub fn not_reported(world: &World, epoll: &Epoll, item: &Item, lang: Lang) -> String {
    say(not_reported_fact(world, epoll, item, why_not_reported(world, epoll, item)), lang)
}

pub(super) fn not_reported_fact(world: &World, epoll: &Epoll, item: &Item, why_not_reported: NotReported) -> Fact {
    match why_not_reported {
        NotReported::None => {
            let max_events = epoll.waits().next_back().map_or(0, |wait| wait.max_events);
            match before(world, epoll, item) {
                place if max_events > 0 && place >= u64::from(max_events) => Fact::Behind { before: place, max_events },
                _ => Fact::Due,
            }
        }
        NotReported::ListFull { max_events } => Fact::ListFull { before: before(world, epoll, item), max_events },
        NotReported::Disarmed { by } => Fact::Disarmed { by },
        NotReported::NotAsked { ready } => Fact::NotAsked(ready),
        NotReported::Stranded { depth, since } => Fact::Stranded { since, left: left(world, item, depth) },
        NotReported::Idle if listens(world, item) => Fact::NobodyWaits,
        NotReported::Idle => Fact::NothingUnread,
        NotReported::Unknown => Fact::Unknown,
    }
}

fn listens(world: &World, item: &Item) -> bool {
    world.file(item.file).is_some_and(|file| file.listener().is_some())
}

fn left(world: &World, item: &Item, depth: u64) -> Left {
    match depth {
        0 if world.file(item.file).is_some_and(File::counts_bytes) => Left::End,
        0 => Left::Something,
        _ if listens(world, item) => Left::Clients(depth),
        _ => Left::Bytes(depth),
    }
}

/// How many the next wait comes to before it, up to [`MANY`].
fn before(world: &World, epoll: &Epoll, item: &Item) -> u64 {
    let before = world.due(epoll).take_while(|(due, _)| (due.fd, due.file) != (item.fd, item.file));
    (0..MANY).zip(before).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, with numbers that differ.
    fn facts() -> Vec<Fact> {
        let (ready, n) = (Ready::IN | Ready::RDHUP, 1_976);
        let lefts = [Left::Bytes(n), Left::Bytes(1), Left::Clients(n), Left::Clients(1), Left::End, Left::Something];
        let still = [Still::Dead, Still::Ended, Still::Readable, Still::Writable, Still::Ready(ready)];
        let besides = [Besides::Nothing, Besides::Older(n), Besides::Read(ready)];
        let mut facts = vec![
            Fact::Added(Found::Ready(ready)),
            Fact::Modified(Found::Ready(ready)),
            Fact::Connected(None),
            Fact::Ended { unread: Some(n) },
            Fact::Ended { unread: None },
            Fact::Failed,
            Fact::FinAcked,
            Fact::Space,
            Fact::Urgent,
            Fact::BecameReady(ready),
            Fact::Unseen(ready),
            Fact::Due,
            Fact::Behind { before: n, max_events: 64 },
            Fact::Behind { before: 7, max_events: 1 },
            Fact::ListFull { before: 0, max_events: 64 },
            Fact::ListFull { before: n, max_events: 64 },
            Fact::Disarmed { by: 12_345 },
            Fact::NotAsked(ready),
            Fact::NobodyWaits,
            Fact::NothingUnread,
            Fact::Unknown,
        ];
        for left in lefts {
            facts.extend([Fact::PutBack { after: 7, still: Still::Left(left) }, Fact::Connected(Some(left))]);
            facts.extend([Found::Left(left)].into_iter().flat_map(|found| [Fact::Added(found), Fact::Modified(found)]));
            facts.extend([0, 12_345].map(|since| Fact::Stranded { since, left }));
            facts.push(Fact::AtWork { by: 7, left });
        }
        facts.extend(still.map(|still| Fact::PutBack { after: 7, still }));
        for (since, received) in [(0, 0), (7, 0), (0, 1), (7, 1_976)] {
            facts.push(Fact::SomeArrived { edge: since == 0, received, since });
        }
        for besides in besides {
            facts.extend([0, 7].map(|since| Fact::Arrived { edge: since == 0, bytes: 1_024, since, besides }));
        }
        facts
    }

    /// The numbers and the kernel's names in a sentence, sorted: a language may put them in its own order.
    fn names(sentence: &str) -> Vec<&str> {
        let words = sentence.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '#' | ',')));
        let words = words.map(|word| word.trim_matches([',', '#']));
        let mut names: Vec<&str> = words
            .filter(|word| word.len() > 1 || word.starts_with(|c: char| c.is_ascii_digit()))
            .filter(|word| *word == "maxevents" || !word.contains(|c: char| c.is_ascii_lowercase()))
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_the_same() {
        for fact in facts() {
            let [en, zh] = [Lang::En, Lang::Zh].map(|lang| say(fact, lang));
            assert_eq!(names(&en), names(&zh), "{en}\n{zh}");
            // Only an edge strands.
            let edge = en.starts_with("edge: ") || en.starts_with("stranded: ");
            assert_eq!(edge, zh.starts_with("边缘触发："), "{en}\n{zh}");
            assert_eq!(en.starts_with("level: "), zh.starts_with("水平触发："), "{en}\n{zh}");
            for (word, term) in [("stranded", "滞留"), ("ready list (inferred)", "就绪列表（推断）"), ("mask", "掩码")]
            {
                assert_eq!(en.contains(word), zh.contains(term), "{en}\n{zh}");
            }
        }
    }

    #[test]
    fn chinese_is_chinese() {
        for fact in facts() {
            let zh = say(fact, Lang::Zh);
            let lower = zh
                .split(|c: char| !c.is_ascii_alphabetic())
                .find(|word| *word != "maxevents" && word.contains(|c: char| c.is_ascii_lowercase()));
            assert_eq!(lower, None, "{zh}");
            let half = [", ", "; ", ": ", "(", ")", "  "].into_iter().find(|mark| zh.contains(mark));
            assert_eq!(half, None, "{zh}");
        }
    }
}
