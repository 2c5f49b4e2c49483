//! The sentences in English.

use super::fact::{Besides, Fact, Found, Left, MANY, Still};
use crate::i18n::grouped;

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::PutBack { after, still } => format!("level: {}; put back after wait {}", still_true(still), wait(after)),
        Fact::Added(what) => format!("EPOLL_CTL_ADD found it ready: {}", found(what)),
        Fact::Modified(what) => format!("EPOLL_CTL_MOD found it ready, which re-arms it: {}", found(what)),
        Fact::Arrived { edge, bytes, since, besides } => {
            let new = format!("{} new byte{}", grouped(bytes), if bytes == 1 { "" } else { "s" });
            let besides = match besides {
                Besides::Nothing => String::new(),
                Besides::Older(n) => format!(", on top of {} still unread", self::bytes(n)),
                Besides::Read(ready) => format!(", and have been read; it is ready for {ready}"),
            };
            format!("{}{new} arrived{}{besides}", trigger(edge), since_wait(since))
        }
        Fact::SomeArrived { edge, received: 0, since } => {
            format!("{}something to read arrived{}; the amount was not measured", trigger(edge), since_wait(since))
        }
        Fact::SomeArrived { edge, received, since } => {
            let received = bytes(received);
            format!("{}new bytes arrived{}; the server then read {received}", trigger(edge), since_wait(since))
        }
        Fact::Connected(Some(left)) => format!("a client connected; {} to be accepted", remaining(left)),
        Fact::Connected(None) => "a client connected".to_owned(),
        Fact::Ended { unread: Some(n) } => format!("the peer closed its sending side; {}", remaining(Left::Bytes(n))),
        Fact::Ended { unread: None } => "the peer closed its sending side; it is unknown how much is unread".to_owned(),
        Fact::Failed => "the connection was reset or failed; ERR and HUP are always reported".to_owned(),
        Fact::FinAcked => "the peer acknowledged the FIN of this socket: the TCP state changed".to_owned(),
        Fact::Space => "its send buffer has room again".to_owned(),
        Fact::Urgent => "an urgent byte arrived".to_owned(),
        Fact::BecameReady(ready) => format!("it became ready: {ready}"),
        Fact::Unseen(ready) => format!("it is ready ({ready}); the trace does not show what put it on the list"),
        Fact::AtWork { by, left } => {
            format!("wait {} reported it; the server is handling it: {}", wait(by), remaining(left))
        }
        Fact::Due => "it is on the ready list (inferred): the next wait will report it".to_owned(),
        Fact::Behind { before, max_events } => {
            format!("it is on the ready list (inferred) with {} before it; maxevents is {max_events}", many(before))
        }
        Fact::ListFull { before, max_events } => {
            let turn = match before {
                0 => "the next wait begins with it".to_owned(),
                n => format!("the ready list (inferred) has {} before it", many(n)),
            };
            format!("it is ready, but maxevents ({max_events}) was reached before its turn; {turn}")
        }
        Fact::Disarmed { by } => {
            format!("one-shot: wait {} reported and disarmed it, until EPOLL_CTL_MOD", wait(by))
        }
        Fact::NotAsked(ready) => format!("it is ready ({ready}), but its mask does not ask for that"),
        Fact::Stranded { since, left } => {
            let since = if since > 0 { format!("wait {}", wait(since)) } else { "it was registered".to_owned() };
            format!("stranded: {}, but nothing new since {since}", remaining(left))
        }
        Fact::NobodyWaits => "no connection waits to be accepted".to_owned(),
        Fact::NothingUnread => "nothing is unread".to_owned(),
        Fact::Unknown => "it is unknown how much is unread".to_owned(),
    }
}

fn trigger(edge: bool) -> &'static str {
    if edge { "edge: " } else { "" }
}

fn since_wait(number: u32) -> String {
    if number > 0 { format!(" since wait {}", wait(number)) } else { String::new() }
}

fn many(n: u64) -> String {
    if n < MANY { grouped(n) } else { format!("{} or more", grouped(MANY)) }
}

fn still_true(still: Still) -> String {
    match still {
        Still::Dead => "the connection is dead and stays so until it is closed".to_owned(),
        Still::Left(left @ Left::Clients(_)) => format!("{} to be accepted", remaining(left)),
        Still::Left(left @ (Left::End | Left::Something)) => remaining(left),
        Still::Left(Left::Bytes(n)) => format!("{} {} still unread", bytes(n), if n == 1 { "is" } else { "are" }),
        Still::Ended => "the peer has closed its sending side".to_owned(),
        Still::Readable => "there is something to read".to_owned(),
        Still::Writable => "there is room to send, and EPOLLOUT is registered".to_owned(),
        Still::Ready(ready) => format!("{ready} is still true"),
    }
}

fn found(what: Found) -> String {
    match what {
        Found::Left(left @ (Left::Clients(_) | Left::End | Left::Something)) => remaining(left),
        Found::Left(Left::Bytes(n)) => format!("{} unread", bytes(n)),
        Found::Ready(ready) => ready.to_string(),
    }
}

fn remaining(left: Left) -> String {
    match left {
        Left::Bytes(1) => "1 byte is unread".to_owned(),
        Left::Bytes(n) => format!("{} are unread", bytes(n)),
        Left::Something => "there is something to read".to_owned(),
        Left::End => "the end of the stream is unread".to_owned(),
        Left::Clients(1) => "1 connection waits".to_owned(),
        Left::Clients(n) => format!("{} connections wait", grouped(n)),
    }
}

fn bytes(n: u64) -> String {
    format!("{} byte{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// The number of a wait: `#1,976`.
fn wait(number: u32) -> String {
    format!("#{}", grouped(u64::from(number)))
}
