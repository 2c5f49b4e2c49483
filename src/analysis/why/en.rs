//! The sentences in English.

use super::fact::{Besides, By, Fact, Idle, MANY, Room, Since, State, What};
use super::not_reported::UNSEEN;
use crate::i18n::grouped;
use crate::record::Interest;

pub(super) fn say(fact: Fact) -> String {
    match fact {
        Fact::PutBack { after, state, more } => {
            let state = if more { of(state) } else { still(state) };
            format!("level: {state}; back on the ready list after wait {}", wait(after))
        }
        Fact::Added(state, since) => format!("EPOLL_CTL_ADD found it ready: {}{}", found(state), since_then(since)),
        Fact::Modified { rearms, state, since } => {
            let rearms = if rearms.contains(Interest::ONESHOT) { ", which re-arms it" } else { "" };
            format!("EPOLL_CTL_MOD found it ready{rearms}: {}{}", found(state), since_then(since))
        }
        Fact::Arrived { edge, what, since, besides } => arrived(edge, what, since, besides),
        Fact::SomeArrived { edge, received: 0, since } => {
            format!("{}something to read arrived{}; the amount was not measured", trigger(edge), since_wait(since))
        }
        Fact::SomeArrived { edge, received, since } => {
            let received = bytes(received);
            format!("{}new bytes arrived{}; the server then read {received}", trigger(edge), since_wait(since))
        }
        Fact::Connected(Some(n)) => format!("a client connected; {}", of(State::Clients(n))),
        Fact::Connected(None) => "a client connected".to_owned(),
        Fact::Ended { unread: Some(0) } => {
            "the peer closed its sending side; nothing is unread, and a read gives 0".to_owned()
        }
        Fact::Ended { unread: Some(n) } => format!("the peer closed its sending side; {}", of(State::Bytes(n))),
        Fact::Ended { unread: None } => "the peer closed its sending side; it is unknown how much is unread".to_owned(),
        Fact::EndedBut(ready) => {
            format!("the peer closed its sending side, which wakes whoever waits; it is ready for {ready}")
        }
        // A send may give EPIPE now.
        Fact::Woke(By::Shut, State::Room) => {
            format!("{}, which wakes whoever waits; it is ready for OUT", woken(By::Shut))
        }
        Fact::Woke(by, state) => format!("{}, which wakes whoever waits; {}", woken(by), of(state)),
        Fact::Failed => "the connection was reset or failed; ERR and HUP are always reported".to_owned(),
        Fact::FinAcked => "the peer acknowledged the FIN of this socket: the TCP state changed".to_owned(),
        Fact::Space(room) => match room {
            Room::Again => "its send buffer has room again, or its size was set",
            Room::Freed => "memory of its send buffer was freed, or its size was set: there is room to send",
            Room::Terminal => "the terminal has passed on what was written, and has room",
            Room::PipeResized => "the pipe's size was set, and it has room",
            Room::CounterRead => "the counter was read, and has room",
        }
        .to_owned(),
        Fact::FoundFull { edge, unread } => {
            let unread = unread.map_or_else(String::new, |n| format!("; {}", of(State::Bytes(n))));
            format!("{}a write found the pipe full, and has woken its reader{unread}", trigger(edge))
        }
        Fact::Urgent => "an urgent byte arrived".to_owned(),
        Fact::BecameReady(state @ (State::Expired(_) | State::ShutRead { .. })) => of(state),
        Fact::BecameReady(State::List) => "an event came to the epoll that it watches".to_owned(),
        Fact::BecameReady(State::FileEvent) => "the watched folder has a new event".to_owned(),
        Fact::BecameReady(state) => match of(state) {
            of if of.starts_with("HUP") || of.starts_with("ERR") => of,
            of => format!("it became ready: {of}"),
        },
        Fact::Unseen(state) => format!("it is ready: {}; the trace does not show what put it on the list", of(state)),
        Fact::AtWork { by, state } => {
            format!("wait {} reported it; the server is handling it: {}", wait(by), of(state))
        }
        Fact::Due => "it is on the ready list (inferred): a wait now would report it".to_owned(),
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
        Fact::Disarmed { by: UNSEEN } => {
            "one-shot: reported and disarmed before the watch began, until EPOLL_CTL_MOD".to_owned()
        }
        Fact::Disarmed { by } => {
            format!("one-shot: wait {} reported and disarmed it, until EPOLL_CTL_MOD", wait(by))
        }
        Fact::NotAsked(ready) => format!("it is ready ({ready}), but its mask does not ask for that"),
        Fact::UnreadNotAsked(n) => format!("{}, but its mask does not ask for IN", of(State::Bytes(n))),
        Fact::Stranded { since, state } => format!("stranded: {}, but nothing new since {}", of(state), point(since)),
        Fact::NothingNew { since, state } => format!("edge: {}, but nothing new since {}", of(state), point(since)),
        Fact::LowWater { unread, low } => {
            format!("{}, fewer than SO_RCVLOWAT ({})", of(State::Bytes(unread)), grouped(low))
        }
        Fact::PassedOver(state) => format!("{}, but EPOLLEXCLUSIVE: another epoll was woken instead", of(state)),
        Fact::NotWoken(state) => format!("{}, but it is not on the ready list (inferred)", of(state)),
        Fact::Idle(idle) => self::idle(idle).to_owned(),
        Fact::Unknown => "it is unknown how much is unread".to_owned(),
    }
}

/// What has woken whoever waits.
fn woken(by: By) -> &'static str {
    match by {
        By::Shut => "this end was shut down",
        By::PeerShut => "the peer was shut down",
        By::Closed => "the last at the other end has closed it",
        By::Opened => "the FIFO was opened by its first reader or writer",
        By::Urgent => "an urgent byte arrived",
        By::Connected => "the connect has succeeded",
        By::LowWater => "SO_RCVLOWAT was set",
        By::Failed => "an error came, which a call has returned since",
        By::Room => "it had room to write for a while",
    }
}

fn arrived(edge: bool, what: What, since: u32, besides: Besides) -> String {
    let (new, them) = match what {
        What::Bytes(n) => (format!("{} new byte{} arrived", grouped(n), if n == 1 { "" } else { "s" }), n != 1),
        What::Datagrams { bytes: 0, .. } => ("an empty datagram arrived".to_owned(), false),
        What::Datagrams { bytes, one: true } => (format!("a datagram of {} arrived", self::bytes(bytes)), false),
        What::Datagrams { one: false, .. } => ("datagrams arrived".to_owned(), true),
        What::Messages(_) => ("one or more messages arrived".to_owned(), true),
        What::Writes(1) => ("the counter was written".to_owned(), false),
        What::Writes(n) => (format!("the counter was written {} times", grouped(n)), false),
    };
    let in_all = match what {
        What::Datagrams { bytes, one: false } | What::Messages(bytes) => format!(", {} in all", self::bytes(bytes)),
        _ => String::new(),
    };
    let since = since_wait(since) + &in_all;
    let besides = match besides {
        Besides::Nothing => String::new(),
        Besides::Older(n) => format!(", on top of {} still unread", bytes(n)),
        Besides::Few(ready) => format!(", but fewer are unread than SO_RCVLOWAT asks for; it is ready for {ready}"),
        Besides::Read(ready) => {
            let have = if them { "have" } else { "has" };
            format!(", and {have} been read; it is ready for {ready}")
        }
    };
    format!("{}{new}{since}{besides}", trigger(edge))
}

/// How it stands, as a clause.
pub(super) fn of(state: State) -> String {
    let clause = match state {
        State::Bytes(1) => "1 byte is unread",
        State::Bytes(n) => return format!("{} are unread", bytes(n)),
        State::Datagrams(0) => "an empty datagram is unread",
        State::Datagrams(n) => return format!("a datagram of {} is unread", bytes(n)),
        State::Messages(n) => return format!("one or more messages are unread, {} in all", bytes(n)),
        State::Clients(0) => "a connection waits to be accepted",
        State::Clients(1) => "1 connection waits to be accepted",
        State::Clients(n) => return format!("{} connections wait to be accepted", grouped(n)),
        State::Counter => "its counter is not 0",
        State::Expired(0) => "the timer has expired",
        State::Expired(1) => "the timer has expired, once",
        State::Expired(n) => return format!("the timer has expired, {} times", grouped(n)),
        State::Signal => "a signal is pending",
        State::FileEvent => "an event of the watched folder is unread",
        State::ProcessEnded => "the process has ended",
        State::ProcessReaped => "HUP: the process has ended, and its parent has waited for it",
        State::TerminalClosed => "HUP: the other side of the terminal is closed",
        State::HungUp => "ERR and HUP: the other side of the terminal is closed, which has hung up this one",
        State::List => "the epoll that it watches has something to report",
        State::Readable => "there is something to read",
        State::UrgentTaken => "an urgent byte was read, and its empty place is still in the queue",
        State::End => "the end of the stream is unread",
        State::EndRead => "the end of the stream has been read",
        State::Ended => "the peer has closed its sending side",
        State::Dead => "the connection was reset or has failed",
        State::ConnectFailed => "the connect has failed, and a socket without a connection is HUP",
        State::NotConnected => "HUP: the socket is not connected",
        State::Down => "HUP: both directions have ended, this side's and the peer's",
        State::BothEnded => "HUP: both directions have ended",
        State::ShutBoth => "HUP: both directions were shut down at this end",
        State::UnixDown { unread } => {
            let down = "HUP: both directions have ended; a close by the peer ends both on AF_UNIX, and only one on TCP";
            return if unread > 0 { format!("{down}; {}", of(State::Bytes(unread))) } else { down.to_owned() };
        }
        State::UnixReset { unread } => {
            let reset = "ERR and HUP: the peer has closed with bytes unread, and one read gives ECONNRESET";
            return if unread > 0 { format!("{reset}; {}", of(State::Bytes(unread))) } else { reset.to_owned() };
        }
        State::ShutRead { empty: true } => "reading was shut down at this end, and a read gives 0",
        State::ShutRead { empty: false } => "reading was shut down at this end",
        State::NoWriter { unread: 0 } => "HUP: the last writer has closed its end, and a read gives 0",
        State::NoWriter { unread } => {
            return format!("HUP: the last writer has closed its end; {}", of(State::Bytes(unread)));
        }
        State::NoReader => "ERR: the last reader has closed its end, and a write gives EPIPE",
        State::Error => "ERR: an error is pending, such as ICMP's that the peer's port is closed; one read clears it",
        State::KeptError => {
            "ERR: the error queue has an error, such as ICMP's that the peer's port is closed; a recv with MSG_ERRQUEUE takes it"
        }
        State::Urgent => "an urgent byte is unread",
        State::Room => "there is room to send",
        State::PipeRoom => "the pipe has room",
        State::CounterRoom => "its counter has room",
        State::Ready(ready) => return ready.to_string(),
    };
    clause.to_owned()
}

/// The same of what keeps a level-triggered registration on the list.
fn still(state: State) -> String {
    match state {
        State::Bytes(n) => format!("{} {} still unread", bytes(n), if n == 1 { "is" } else { "are" }),
        State::Dead => "the connection is dead and stays so until it is closed".to_owned(),
        State::Room => "there is room to send, and EPOLLOUT is registered".to_owned(),
        State::Ready(ready) => format!("{ready} is still true"),
        state => of(state),
    }
}

/// The same of what a call has found, which may be over.
fn found(state: State) -> String {
    of(state).replace(" is unread", " unread").replace(" are unread", " unread")
}

fn idle(idle: Idle) -> &'static str {
    match idle {
        Idle::Unread => "nothing is unread",
        Idle::Datagrams => "no datagram is unread",
        Idle::Clients => "no connection waits to be accepted",
        Idle::Counter => "its counter is 0",
        Idle::Timer => "the timer has not expired since it was read or set",
        Idle::Signal => "no signal is pending",
        Idle::FileEvent => "no event of the watched folder is unread",
        Idle::Process => "the process has not ended",
        Idle::List => "the epoll that it watches has nothing to report",
        Idle::Connecting => "the connect has neither succeeded nor failed",
        Idle::NoRoom => "too little of its send buffer is free for EPOLLOUT",
        Idle::QueueFull => "the peer's queue is full, or too little of its send buffer is free for EPOLLOUT",
        Idle::UnreadNoRoom => "nothing is unread, and too little of its send buffer is free for EPOLLOUT",
        Idle::PipeFull => "no page of the pipe is free",
        Idle::CounterFull => "its counter is at its maximum",
        Idle::NeverOut => "its mask asks for OUT, and a file of this kind is ready for IN alone",
        Idle::NeverIn => "its mask asks for IN, and a writing end is ready for OUT alone",
        Idle::NotAsked => "its mask asks for neither IN nor OUT",
    }
}

fn since_then(since: Since) -> String {
    match since {
        Since::Nothing => String::new(),
        Since::Arrived(1) => "; 1 byte has arrived since".to_owned(),
        Since::Arrived(n) => format!("; {} have arrived since", bytes(n)),
        Since::Now(ready) => format!("; by now it is ready for {ready}"),
    }
}

fn trigger(edge: bool) -> &'static str {
    if edge { "edge: " } else { "" }
}

fn since_wait(number: u32) -> String {
    if number > 0 { format!(" since wait {}", wait(number)) } else { String::new() }
}

fn point(since: u32) -> String {
    match since {
        0 => "it was registered".to_owned(),
        UNSEEN => "the watch began".to_owned(),
        since => format!("wait {}", wait(since)),
    }
}

fn many(n: u64) -> String {
    if n < MANY { grouped(n) } else { format!("{} or more", grouped(MANY)) }
}

fn bytes(n: u64) -> String {
    format!("{} byte{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// The number of a wait: `#1,976`.
fn wait(number: u32) -> String {
    format!("#{}", grouped(u64::from(number)))
}
