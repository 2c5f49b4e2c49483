//! One sentence on a report, or on an fd that is not reported. What is the case is decided here, once; `en` and `zh` only
//! put it into words.

use super::fact::{Fact, MANY, State};
use super::idle::idle;
use super::not_reported::{NotReported, end_was_read, why_not_reported};
use super::reported::reported_fact;
use super::{en, zh};
use crate::i18n::{Lang, words};
use crate::record::{FdKind, PairType, Ready};
use crate::trace::World;
use crate::trace::world::{Epoll, File, Ghost, Item, Nature, Report, Stance};

pub(super) fn say(fact: Fact, lang: Lang) -> String {
    match lang {
        Lang::En => en::say(fact),
        Lang::Zh => zh::say(fact),
    }
}

/// The same in the words of this kind of file: what `SOCK_SEQPACKET` sends are messages.
fn say_of(nature: Nature, fact: Fact, lang: Lang) -> String {
    let said = say(fact, lang);
    match nature {
        Nature::Made(FdKind::Socketpair(PairType::Seqpacket)) => {
            said.replace("datagram", "message").replace("数据报", "消息")
        }
        _ => said,
    }
}

fn clause(state: State, lang: Lang) -> String {
    match lang {
        Lang::En => en::of(state),
        Lang::Zh => zh::of(state),
    }
}

/// Why `report` was made.
pub fn reported(report: &Report, lang: Lang) -> String {
    let fact = reported_fact(report);
    let mut said = say_of(report.stance.nature, fact, lang);
    for besides in [Ready::RDHUP | Ready::HUP | Ready::ERR, Ready::PRI] {
        let besides = report.ready & fact.unsaid() & besides;
        if !besides.is_empty() {
            said += &(lang.of("; ", "；").to_owned() + &clause(State::of(report.stance, besides, report.depth), lang));
        }
    }
    match report.ghost {
        Ghost::No => {}
        Ghost::Closed => {
            said += &words!(
                lang,
                "; a ghost: fd {} was closed, and a duplicate keeps the registration",
                "；这是幽灵：fd {} 已关闭，副本保留了注册",
                report.fd
            );
        }
        Ghost::Reused(who) => {
            let (fd, who) = (report.fd, who.name(lang));
            said += &words!(
                lang,
                "; a ghost: fd {fd} is {who} by now, and a program that finds its connections by number takes this event for {who}'s",
                "；这是幽灵：fd {fd} 现在是 {who}，按编号查找连接的程序会把这个事件当成 {who} 的"
            );
        }
    }
    said
}

/// Whether the sentences on two reports differ in the numbers of waits at most.
pub fn alike(a: &Report, b: &Report) -> bool {
    reported_fact(a).unnumbered() == reported_fact(b).unnumbered()
        && !(a.ready ^ b.ready).intersects(Ready::RDHUP | Ready::HUP | Ready::ERR)
        && a.ghost == b.ghost
}

/// The sentence on `item` while the server is at work on what was reported: what is unread then is not stranded yet.
pub fn at_work(world: &World, epoll: &Epoll, item: &Item, lang: Lang) -> String {
    match why_not_reported(world, epoll, item) {
        NotReported::Stranded { since, .. } if since > 0 && since == epoll.wait_count => {
            let state = state(world, item, world.ready_for(item));
            say_of(stance(world, item).nature, Fact::AtWork { by: since, state }, lang)
        }
        _ => not_reported(world, epoll, item, lang),
    }
}

/// The sentence on `item`: why it would be reported by the next wait, or would not.
pub fn not_reported(world: &World, epoll: &Epoll, item: &Item, lang: Lang) -> String {
    let fact = not_reported_fact(world, epoll, item, why_not_reported(world, epoll, item));
    say_of(stance(world, item).nature, fact, lang)
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
        NotReported::UnreadNotAsked { unread } => Fact::UnreadNotAsked(unread),
        NotReported::LowWater { unread, low } => Fact::LowWater { unread, low },
        NotReported::Stranded { depth, since } => {
            let failed = depth == 0 && world.ready_of(item.file).contains(Ready::ERR);
            let state = match state(world, item, if failed { Ready::all() } else { Ready::IN }) {
                State::Ended if depth == 0 => State::End,
                state => state,
            };
            Fact::Stranded { since, state }
        }
        NotReported::NothingNew { ready, since } => {
            let state = match world.file(item.file) {
                Some(file) if end_was_read(file, ready) => State::EndRead,
                _ => state(world, item, ready),
            };
            Fact::NothingNew { since, state }
        }
        NotReported::PassedOver { ready } => Fact::PassedOver(state(world, item, ready)),
        NotReported::NotWoken { ready } => Fact::NotWoken(state(world, item, ready)),
        NotReported::Idle => Fact::Idle(idle(world, item)),
        NotReported::Unknown => Fact::Unknown,
    }
}

fn state(world: &World, item: &Item, ready: Ready) -> State {
    let Some(file) = world.file(item.file) else { return State::Ready(ready) };
    State::of(file.stance(), ready, file.depth())
}

fn stance(world: &World, item: &Item) -> Stance {
    world.file(item.file).map(File::stance).unwrap_or_default()
}

/// How many the next wait comes to before it, up to [`MANY`].
fn before(world: &World, epoll: &Epoll, item: &Item) -> u64 {
    let before = world.due(epoll).take_while(|(due, _)| (due.fd, due.file) != (item.fd, item.file));
    (0..MANY).zip(before).count() as u64
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Besides, By, Idle, Room, Since, What};
    use super::*;
    use crate::record::Interest;

    fn whats(n: u64) -> [What; 8] {
        [
            What::Bytes(n),
            What::Bytes(1),
            What::Datagrams { bytes: n, one: true },
            What::Datagrams { bytes: 0, one: true },
            What::Datagrams { bytes: n, one: false },
            What::Messages(n),
            What::Writes(1),
            What::Writes(12),
        ]
    }

    fn states(n: u64, ready: Ready) -> Vec<State> {
        vec![
            State::Bytes(n),
            State::Bytes(1),
            State::Datagrams(n),
            State::Datagrams(0),
            State::Clients(n),
            State::Clients(1),
            State::Counter,
            State::Expired(0),
            State::Expired(1),
            State::Expired(n),
            State::Signal,
            State::FileEvent,
            State::ProcessEnded,
            State::ProcessReaped,
            State::TerminalClosed,
            State::HungUp,
            State::KeptError,
            State::Clients(0),
            State::List,
            State::Readable,
            State::UrgentTaken,
            State::End,
            State::EndRead,
            State::Ended,
            State::Dead,
            State::ConnectFailed,
            State::Messages(n),
            State::NotConnected,
            State::Down,
            State::ShutBoth,
            State::BothEnded,
            State::UnixDown { unread: 0 },
            State::UnixDown { unread: n },
            State::UnixReset { unread: 0 },
            State::UnixReset { unread: n },
            State::ShutRead { empty: true },
            State::ShutRead { empty: false },
            State::PipeRoom,
            State::NoWriter { unread: 0 },
            State::NoWriter { unread: n },
            State::NoReader,
            State::Error,
            State::Urgent,
            State::Room,
            State::CounterRoom,
            State::Ready(ready),
        ]
    }

    /// One of each, with numbers that differ.
    fn facts() -> Vec<Fact> {
        let (ready, n) = (Ready::IN | Ready::RDHUP, 1_976);
        let states = states(n, ready);
        let whats = whats(n);
        let mut facts = vec![
            Fact::Connected(None),
            Fact::Connected(Some(1)),
            Fact::Connected(Some(n)),
            Fact::Ended { unread: Some(n) },
            Fact::Ended { unread: None },
            Fact::Failed,
            Fact::FinAcked,
            Fact::Space(Room::Again),
            Fact::Space(Room::Freed),
            Fact::Space(Room::PipeResized),
            Fact::Space(Room::CounterRead),
            Fact::FoundFull { edge: true, unread: Some(n) },
            Fact::FoundFull { edge: false, unread: None },
            Fact::EndedBut(ready),
            Fact::Woke(By::Shut, State::Room),
            Fact::Woke(By::PeerShut, State::Bytes(n)),
            Fact::Woke(By::Closed, State::PipeRoom),
            Fact::Woke(By::Opened, State::Bytes(n)),
            Fact::Woke(By::Urgent, State::Room),
            Fact::Woke(By::Connected, State::Room),
            Fact::Woke(By::LowWater, State::Bytes(n)),
            Fact::Woke(By::Room, State::Bytes(n)),
            Fact::Woke(By::Failed, State::Room),
            Fact::Space(Room::Terminal),
            Fact::Urgent,
            Fact::Due,
            Fact::Behind { before: n, max_events: 64 },
            Fact::Behind { before: 7, max_events: 1 },
            Fact::ListFull { before: 0, max_events: 64 },
            Fact::ListFull { before: n, max_events: 64 },
            Fact::Disarmed { by: 12_345 },
            Fact::NotAsked(ready),
            Fact::UnreadNotAsked(n),
            Fact::LowWater { unread: 5, low: n },
            Fact::Unknown,
        ];
        let idle = [Idle::Unread, Idle::Datagrams, Idle::Clients, Idle::Counter, Idle::Timer, Idle::Signal, Idle::List];
        let no_room = [
            Idle::NoRoom,
            Idle::QueueFull,
            Idle::Connecting,
            Idle::UnreadNoRoom,
            Idle::PipeFull,
            Idle::CounterFull,
            Idle::NeverOut,
            Idle::NeverIn,
        ];
        facts.extend(
            idle.into_iter().chain(no_room).chain([Idle::NotAsked, Idle::FileEvent, Idle::Process]).map(Fact::Idle),
        );
        for state in states {
            facts.extend([false, true].map(|more| Fact::PutBack { after: 7, state, more }));
            facts.extend([Fact::BecameReady(state), Fact::Unseen(state)]);
            facts.extend([Since::Nothing, Since::Arrived(n), Since::Now(ready)].map(|since| Fact::Added(state, since)));
            let rearms = [Interest::empty(), Interest::ET, Interest::ONESHOT];
            facts.extend(rearms.map(|rearms| Fact::Modified { rearms, state, since: Since::Nothing }));
            facts.extend([0, 12_345].map(|since| Fact::Stranded { since, state }));
            facts.extend([0, 12_345].map(|since| Fact::NothingNew { since, state }));
            facts.extend([Fact::AtWork { by: 7, state }, Fact::PassedOver(state), Fact::NotWoken(state)]);
        }
        for (since, received) in [(0, 0), (7, 0), (0, 1), (7, 1_976)] {
            facts.push(Fact::SomeArrived { edge: since == 0, received, since });
        }
        for (what, since) in whats.into_iter().flat_map(|what| [(what, 0), (what, 7)]) {
            let besides = [Besides::Nothing, Besides::Older(n), Besides::Read(ready), Besides::Few(ready)];
            facts.extend(besides.map(|besides| Fact::Arrived { edge: since == 0, what, since, besides }));
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
            let lower = zh.split(|c: char| !c.is_ascii_alphabetic()).find(|word| {
                !["maxevents", "epoll", "read"].contains(word) && word.contains(|c: char| c.is_ascii_lowercase())
            });
            assert_eq!(lower, None, "{zh}");
            let half = [", ", "; ", ": ", "(", ")", "  "].into_iter().find(|mark| zh.contains(mark));
            assert_eq!(half, None, "{zh}");
        }
    }
}
