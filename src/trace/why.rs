//! Why an fd was reported, or was not: one plain sentence, from the trace alone.

use super::World;
use super::world::{Cause, Epoll, Item, Report};
use crate::record::{Interest, Ready};

/// Why `report` was made.
pub fn reported(report: &Report) -> String {
    let unread = || match report.depth {
        Some(n) => format!("{} unread", bytes(n)),
        None => "how much is unread is unknown".to_owned(),
    };
    match report.cause {
        Cause::PutBack { after } => {
            format!("level: {}; put back after wait #{}", still_true(report), grouped(u64::from(after)))
        }
        Cause::Added => format!("EPOLL_CTL_ADD found it ready: {}", found(report)),
        Cause::Modified => format!("EPOLL_CTL_MOD found it ready, which re-arms it: {}", found(report)),
        Cause::Arrived { bytes: new } => {
            let since = if report.before > 0 {
                format!(" since wait #{}", grouped(u64::from(report.before)))
            } else {
                String::new()
            };
            let trigger = if report.interest.is_edge() { "edge: " } else { "" };
            match report.depth {
                Some(depth) if depth > new => {
                    format!("{trigger}{} arrived{since}, on top of {} still unread", new_bytes(new), bytes(depth - new))
                }
                Some(0) if !report.ready.contains(Ready::IN) => {
                    format!(
                        "{trigger}{} arrived{since}, and have been read; it is ready for {}",
                        new_bytes(new),
                        report.ready
                    )
                }
                _ => format!("{trigger}{} arrived{since}", new_bytes(new)),
            }
        }
        Cause::Connected => match report.depth {
            Some(n) if n > 0 => format!("a client connected; {} to be accepted", wait(n)),
            _ => "a client connected".to_owned(),
        },
        Cause::Ended => format!("the peer ended its side of the stream; {}", unread()),
        Cause::Failed => "the connection was reset or failed; ERR and HUP are reported unasked".to_owned(),
        Cause::Space => "room came free in its send buffer".to_owned(),
        Cause::Urgent => "an urgent byte arrived".to_owned(),
        Cause::BecameReady => format!("it became ready: {}", report.ready),
        Cause::Unseen => format!("it is ready ({}); what put it on the list is not in the trace", report.ready),
    }
}

/// What keeps a level-triggered file ready.
fn still_true(report: &Report) -> String {
    let ready = report.ready;
    match report.depth {
        _ if ready.intersects(Ready::ERR | Ready::HUP) => {
            "the connection is dead and stays so until it is closed".into()
        }
        Some(n) if n > 0 && report.listens => format!("{} to be accepted", wait(n)),
        Some(n) if n > 0 && ready.contains(Ready::IN) => format!("{} still unread", bytes_are(n)),
        _ if ready.contains(Ready::RDHUP) => "the peer has ended its side and this stays so".into(),
        _ if ready.contains(Ready::IN) => "there is still something to read".into(),
        _ if ready.contains(Ready::OUT) => "there is room to send, and EPOLLOUT is asked for".into(),
        _ => format!("{ready} still holds"),
    }
}

/// What a call found.
fn found(report: &Report) -> String {
    match report.depth {
        Some(n) if n > 0 && report.listens => wait(n),
        Some(n) if n > 0 => format!("{} unread", bytes(n)),
        _ => report.ready.to_string(),
    }
}

/// Why the registration `item` of `epoll` would not be in the event list of a wait now, or was not in that of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It is on the ready list (inferred) and ready: the next wait that has room for it reports it.
    None,
    /// It was ready, and the event list of the last wait was full before its turn came.
    ListFull {
        /// The wait's `maxevents`.
        max_events: u32,
    },
    /// A one-shot report disarmed it.
    Disarmed {
        /// The wait that reported it.
        by: u32,
    },
    /// It is ready for something that the mask does not ask for.
    NotAsked {
        /// What it is ready for.
        ready: Ready,
    },
    /// Edge-triggered, and nothing new since the last report, although there is something to read.
    Stranded {
        /// Unread bytes, or waiting connections.
        depth: u64,
        /// The wait that reported it last; 0 for none.
        since: u32,
    },
    /// There is nothing to report.
    Idle,
    /// What lies unread is not known.
    Unknown,
}

/// See [`Silence`].
pub fn silence(world: &World, epoll: &Epoll, item: &Item) -> Silence {
    let Some(file) = world.file(item.file) else { return Silence::Unknown };
    let ready = world.ready_of(item.file);
    let asked = ready & item.interest.reportable();
    if !item.armed {
        return Silence::Disarmed { by: item.last_report };
    }
    if item.queued.is_some() && !asked.is_empty() {
        let full = epoll.waits().rev().find(|wait| wait.returned.is_some()).filter(|wait| {
            let count = wait.ret.and_then(crate::record::Ret::ok).unwrap_or(0);
            // What was put on the list since then is not its business.
            count > 0 && count == wait.max_events && item.queued_after < wait.number
        });
        return full.map_or(Silence::None, |wait| Silence::ListFull { max_events: wait.max_events });
    }
    if asked.is_empty() {
        let of_interest = ready - Ready::OUT;
        return match file.depth() {
            _ if !of_interest.is_empty() => Silence::NotAsked { ready: of_interest },
            None => Silence::Unknown,
            Some(_) => Silence::Idle,
        };
    }
    match file.depth() {
        Some(depth) if depth > 0 && item.interest.contains(Interest::ET | Interest::IN) => {
            Silence::Stranded { depth, since: item.last_report }
        }
        None => Silence::Unknown,
        Some(_) => Silence::Idle,
    }
}

/// The sentence on `item` while the server is at work on what was reported: what is unread then is not stranded yet.
pub fn at_work(world: &World, epoll: &Epoll, item: &Item) -> String {
    match silence(world, epoll, item) {
        Silence::Stranded { depth, since } if since > 0 && since == epoll.wait_count => {
            let listens = world.file(item.file).is_some_and(|file| file.listener().is_some());
            let what = if listens { wait(depth) } else { format!("{} unread", bytes_lie(depth)) };
            format!("wait #{} has reported it, and the server is at work on it: {what}", grouped(u64::from(since)))
        }
        _ => not_reported(world, epoll, item),
    }
}

/// The sentence on `item`: why it would be reported by the next wait, or would not.
pub fn not_reported(world: &World, epoll: &Epoll, item: &Item) -> String {
    let listens = world.file(item.file).is_some_and(|file| file.listener().is_some());
    match silence(world, epoll, item) {
        Silence::None => {
            match (before(world, epoll, item), epoll.waits().next_back().map_or(0, |wait| wait.max_events)) {
                (place, max_events) if max_events > 0 && place >= u64::from(max_events) => {
                    format!(
                        "it is on the ready list (inferred), {} before it; maxevents is {max_events}",
                        grouped(place)
                    )
                }
                _ => "it is on the ready list (inferred): the next wait will report it".to_owned(),
            }
        }
        Silence::ListFull { max_events } => {
            let turn = match before(world, epoll, item) {
                0 => "the next wait begins with it".to_owned(),
                place => format!("{} before it on the ready list (inferred)", grouped(place)),
            };
            format!("it is ready, but maxevents ({max_events}) was reached before its turn; {turn}")
        }
        Silence::Disarmed { by } => {
            let by = grouped(u64::from(by));
            format!("one-shot: wait #{by} reported it and so disarmed it, until EPOLL_CTL_MOD")
        }
        Silence::NotAsked { ready } => format!("it is ready ({ready}), but its mask does not ask for that"),
        Silence::Stranded { depth, since } => {
            let what = if listens { wait(depth) } else { format!("{} unread", bytes_lie(depth)) };
            let since = if since > 0 {
                format!("since wait #{}", grouped(u64::from(since)))
            } else {
                "since it was registered".to_owned()
            };
            format!("edge: nothing new {since}, although {what}: stranded")
        }
        Silence::Idle if listens => "nobody waits to be accepted".to_owned(),
        Silence::Idle => "nothing lies unread".to_owned(),
        Silence::Unknown => "how much lies unread is unknown".to_owned(),
    }
}

/// How many the next wait comes to before it.
fn before(world: &World, epoll: &Epoll, item: &Item) -> u64 {
    world.due(epoll).take_while(|(due, _)| (due.fd, due.file) != (item.fd, item.file)).count() as u64
}

/// A number with commas: `1,976`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(n: u64) -> String {
    format!("{} byte{}", grouped(n), if n == 1 { "" } else { "s" })
}

fn new_bytes(n: u64) -> String {
    format!("{} new byte{}", grouped(n), if n == 1 { "" } else { "s" })
}

fn bytes_are(n: u64) -> String {
    format!("{} {}", bytes(n), if n == 1 { "is" } else { "are" })
}

fn bytes_lie(n: u64) -> String {
    format!("{} {}", bytes(n), if n == 1 { "lies" } else { "lie" })
}

fn wait(n: u64) -> String {
    match n {
        1 => "1 connection waits".to_owned(),
        n => format!("{} connections wait", grouped(n)),
    }
}
