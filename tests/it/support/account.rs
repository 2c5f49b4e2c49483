//! A second, simpler account of a script of the lab, which knows nothing of ready lists: the samples, what reads have
//! returned, what was registered and which waits reported it. Each sentence of why is held against it.

use std::collections::{HashMap, HashSet};

use epollscope::analysis::why;
use epollscope::i18n::Lang;
use epollscope::record::{Call, CtlOp, Fd, FdKind, Interest, MsgFlags, NewFd, PairType, Ready};
use epollscope::trace::world::{Epoll, Ghost, Item, Nature, Report};
use epollscope::trace::{Timeline, World};

#[derive(Default)]
pub(crate) struct Account {
    samples: HashMap<Fd, (u32, Ready)>,
    /// Of these a read has returned 0.
    ended: HashSet<Fd>,
    /// By the epoll and the fd.
    registered: HashMap<(Fd, Fd), Registered>,
    /// What all reads have taken: an fd may be another one for the same file.
    read: u64,
    /// There was an urgent byte, which is counted as unread now and then, and hides what is behind it, or a packet pipe, of
    /// which a read throws away what it has no room for.
    uncounted: bool,
    taken: u64,
    /// Of these waits the reports were checked: the epoll and the number.
    seen: HashSet<(Fd, u32)>,
    pub(crate) checked: u32,
}

/// A registration.
#[derive(Clone, Copy, Default)]
struct Registered {
    /// ADD or MOD was called, and no wait has reported it since.
    added: bool,
    modified: bool,
    /// The last wait that reported it; 0 for none.
    reported: u32,
    /// How much was unread when the last ADD or MOD came.
    found: u32,
    /// How much was unread and read by the last report, or when it was registered.
    unread: u32,
    read: u64,
    /// The least that has been unread since, and what it has been ready for all the time.
    least: u32,
    always: Ready,
}

impl Account {
    /// Takes what a line has done, and holds each sentence that there is now against it.
    pub(crate) fn follow(&mut self, timeline: &Timeline) -> Result<(), String> {
        for record in timeline.range(self.taken, timeline.len()) {
            self.take(&record.call);
        }
        self.taken = timeline.len();
        let world = timeline.now();
        // Those of threads too, in the order in which they returned.
        let mut waits: Vec<_> = world
            .epolls()
            .flat_map(|epoll| epoll.waits().map(move |wait| (epoll.fd, wait)))
            .filter(|(epfd, wait)| wait.returned.is_some() && !self.seen.contains(&(*epfd, wait.number)))
            .collect();
        waits.sort_by_key(|(_, wait)| wait.returned);
        for (epfd, wait) in waits {
            self.seen.insert((epfd, wait.number));
            wait.reports.iter().try_for_each(|report| self.check_report(epfd, wait.number, report))?;
        }
        world
            .epolls()
            .flat_map(|epoll| epoll.items().map(move |item| (epoll, item)))
            .try_for_each(|(epoll, item)| self.check_silence(world, epoll, item))
    }

    fn take(&mut self, call: &Call) {
        match *call {
            Call::Sample { fd, unread, ready, .. } => {
                self.samples.insert(fd, (unread, ready));
                for (_, registered) in self.registered.iter_mut().filter(|((_, of), _)| *of == fd) {
                    registered.least = registered.least.min(unread);
                    registered.always &= ready;
                }
            }
            Call::Read { fd, ret, len: 1.. } => self.has_read(fd, ret.ok()),
            Call::Recvfrom { fd, ret, len: 1.., flags } if flags.is_empty() => self.has_read(fd, ret.ok()),
            Call::Sendto { flags, .. } | Call::Recvfrom { flags, .. } if flags.contains(MsgFlags::OOB) => {
                self.uncounted = true;
            }
            Call::EpollCtl { epfd, op: op @ (CtlOp::Add | CtlOp::Mod), fd, ret, .. } if ret.ok().is_some() => {
                let (unread, always) = self.sampled(fd);
                let new = Registered { unread, least: unread, read: self.read, always, ..Registered::default() };
                let before = self.registered.get(&(epfd, fd)).filter(|_| op == CtlOp::Mod).copied();
                let mut now = Registered { found: unread, ..before.unwrap_or(new) };
                now.added |= op == CtlOp::Add;
                now.modified |= op == CtlOp::Mod;
                self.registered.insert((epfd, fd), now);
            }
            Call::NewFd(NewFd { kind: FdKind::PacketPipe, .. }) => self.uncounted = true,
            // A listener is not sampled so.
            Call::Listen { fd, .. } => drop(self.samples.remove(&fd)),
            Call::Close { fd, .. } => {
                self.samples.remove(&fd);
                self.ended.remove(&fd);
            }
            _ => {}
        }
    }

    /// What the last sample said; nothing unread and ready for nothing where there is none.
    fn sampled(&self, fd: Fd) -> (u32, Ready) {
        self.samples.get(&fd).copied().unwrap_or((0, Ready::empty()))
    }

    fn has_read(&mut self, fd: Fd, taken: Option<u32>) {
        if taken == Some(0) {
            self.ended.insert(fd);
        }
        self.read += u64::from(taken.unwrap_or(0));
    }

    /// The sentence on a report is true of what was reported, of the file as it was sampled last, and of the waits before.
    fn check_report(&mut self, epfd: Fd, wait: u32, report: &Report) -> Result<(), String> {
        let said = why::reported(report, Lang::En);
        // What a ghost means for a program is said in words of connections.
        let said = said.split("; a ghost").next().unwrap_or_default();
        let nature = report.stance.nature;
        words_fit(nature, said)?;
        self.checked += 1;
        let (unread, always) = self.sampled(report.fd);
        let registered = self.registered.entry((epfd, report.fd)).or_default();
        let mut before = *registered;
        if self.uncounted {
            before.least = u32::MAX;
        }
        let is_stream =
            matches!(nature, Nature::Tcp | Nature::Made(FdKind::Pipe2 | FdKind::Socketpair(PairType::Stream)));
        let arrived = (u64::from(unread) + self.read - before.read).saturating_sub(before.unread.into());
        let arrived = Some(arrived).filter(|_| is_stream && !self.uncounted);
        *registered =
            Registered { reported: wait, unread, read: self.read, least: unread, always, ..Registered::default() };
        if report.ghost != Ghost::No {
            return Ok(());
        }
        let wrong = wrong_of_triggers(said, report, before)
            .or_else(|| wrong_of_bits(said, report.ready))
            .or_else(|| wrong_of_counts(said, unread, before, arrived));
        wrong.map_or(Ok(()), |wrong| Err(format!("{wrong}: {said}\n  {report:?}\n  unread {unread}")))
    }

    /// The sentence on a registration is true of its file as it was sampled last.
    fn check_silence(&mut self, world: &World, epoll: &Epoll, item: &Item) -> Result<(), String> {
        let said = why::not_reported(world, epoll, item, Lang::En);
        let nature = world.file(item.file).expect("open").nature();
        words_fit(nature, &said)?;
        let Some(&(unread, ready)) = self.samples.get(&item.fd).filter(|_| !world.is_ghost(item)) else {
            return Ok(());
        };
        // An eventfd knows no other name for IN and OUT.
        let interest =
            if matches!(nature, Nature::Made(FdKind::Eventfd2)) { item.interest } else { item.interest.plain() };
        let asked = ready & interest.reportable();
        let (readable, ended) = (ready.contains(Ready::IN), self.ended.contains(&item.fd));
        let holds = match said.as_str() {
            said if said.contains("maxevents") || said.contains("would report it") => !asked.is_empty(),
            said if said.starts_with("one-shot") => interest.contains(Interest::ONESHOT),
            said if said.starts_with("stranded") => {
                interest.contains(Interest::ET | Interest::IN) && readable && (unread > 0 || !ended)
            }
            said if said.starts_with("edge: ") => interest.contains(Interest::ET) && !asked.is_empty(),
            said if said.contains("SO_RCVLOWAT") => unread > 0 && !readable && said.starts_with(&unread.to_string()),
            said if said.contains("EPOLLEXCLUSIVE") => interest.contains(Interest::EXCLUSIVE) && !asked.is_empty(),
            said if said.contains("does not ask") => !(ready - asked).is_empty() || unread > 0,
            said if said.contains("has put it on") => !asked.is_empty() && !interest.is_edge(),
            said if said.contains("unknown") => true,
            // The others say that there is nothing to report.
            said => asked.is_empty() && (!readable || !said.contains("unread") && !said.contains("counter is 0")),
        };
        self.checked += 1;
        if holds { Ok(()) } else { Err(format!("{said}\n  {item:?}\n  unread {unread}, ready {ready}, ended {ended}")) }
    }
}

/// What it says of level and edge, of ADD and MOD, and of a wait before.
fn wrong_of_triggers(said: &str, report: &Report, before: Registered) -> Option<&'static str> {
    let edge = report.interest.is_edge();
    let since = said.split("wait #").nth(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    match said {
        said if said.starts_with("level: ") && (edge || before.reported == 0) => Some("no level that was reported"),
        said if said.starts_with("edge: ") && !edge => Some("no edge"),
        said if said.starts_with("EPOLL_CTL_ADD") && !before.added => Some("no ADD since"),
        said if said.starts_with("EPOLL_CTL_MOD") && !before.modified => Some("no MOD since"),
        said if said.starts_with("it became ready") && before.always.contains(report.ready.plain()) => {
            Some("it was ready all the time")
        }
        _ if since.is_some_and(|since| since != Some(&before.reported.to_string())) => Some("another wait"),
        _ => None,
    }
}

/// What it says that a file is ready for was reported, and what ends a connection or cannot be read as bytes is said.
fn wrong_of_bits(said: &str, ready: Ready) -> Option<&'static str> {
    let as_reported = ready.to_string();
    let ready = ready.plain();
    if let Some((_, now)) = said.split_once("; by now it is ready for ") {
        return (now.split("; ").next() != Some(&as_reported)).then_some("it is ready for something else");
    }
    let either = said.contains("ERR and HUP");
    let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
    let end = ["HUP", "ended", "closed", "reset", "dead", "failed", "shut down"];
    match ready {
        _ if says(&["room to send", "has room", "EPOLLOUT"]) && !ready.contains(Ready::OUT) => Some("no OUT"),
        _ if says(&["urgent"])
            && !says(&["wakes whoever waits", "urgent byte was read"])
            && !ready.contains(Ready::PRI) =>
        {
            Some("no PRI")
        }
        _ if says(&["HUP"]) && !either && !ready.contains(Ready::HUP) => Some("no HUP"),
        _ if says(&["ERR"]) && !either && !ready.contains(Ready::ERR) => Some("no ERR"),
        _ if either && !ready.intersects(Ready::ERR | Ready::HUP) => Some("neither ERR nor HUP"),
        _ if says(&["unread", "arrived"])
            && !says(&["been read", "found it ready", "wakes whoever waits", "than SO_RCVLOWAT"])
            && (ready - Ready::OUT).is_empty() =>
        {
            Some("no IN")
        }
        _ if ready.contains(Ready::PRI) && !says(&["urgent", "PRI"]) => Some("PRI is not said"),
        _ if ready.contains(Ready::HUP) && !says(&end) => Some("HUP is not said"),
        _ if ready.contains(Ready::ERR) && !says(&["ERR", "reset", "dead", "failed"]) => Some("ERR is not said"),
        _ if ready.contains(Ready::RDHUP) && !says(&end) && !says(&["RDHUP"]) => Some("RDHUP is not said"),
        _ => None,
    }
}

/// Its numbers: what is unread, and what has come, where that is counted in bytes.
fn wrong_of_counts(said: &str, unread: u32, before: Registered, arrived: Option<u64>) -> Option<&'static str> {
    let counted = |words: [&str; 2]| words.iter().find_map(|words| number_before(said, words));
    let now = u64::from(unread);
    if let Some(still) = counted([" bytes are still unread", " byte is still unread"])
        && (still != now || still > u64::from(before.least))
    {
        return Some("not so many are still unread");
    }
    if said.contains("urgent byte was read") && unread > 0 {
        return Some("something is unread");
    }
    if let Some(said) = counted([" bytes are unread", " byte is unread"])
        && said != now
    {
        return Some("not so many are unread");
    }
    let found = counted([" bytes unread", " byte unread"]);
    let since = counted([" bytes have arrived since", " byte has arrived since"]);
    if found.is_some_and(|found| found != u64::from(before.found) || since.is_some_and(|since| found + since != now)) {
        return Some("not so many were found");
    }
    let new = counted([" new bytes arrived", " new byte arrived"]);
    let older = said.split(" on top of ").nth(1).and_then(|rest| number_before(rest, " byte"));
    match (arrived, new) {
        (Some(arrived), Some(new)) if new > arrived => Some("not so many have arrived"),
        (Some(_), Some(new)) if older.is_some_and(|older| new + older != now) => Some("the sum is not what is unread"),
        _ => None,
    }
}

/// The number that stands before these words.
fn number_before(said: &str, words: &str) -> Option<u64> {
    let before = &said[..said.find(words)?];
    let digits = before.rsplit(|c: char| !(c.is_ascii_digit() || c == ',')).next()?;
    digits.replace(',', "").parse().ok()
}

/// No kind of file has another one's words.
fn words_fit(nature: Nature, said: &str) -> Result<(), String> {
    let not: &[&str] = match nature {
        Nature::Made(FdKind::Eventfd2 | FdKind::TimerfdCreate | FdKind::Signalfd4) | Nature::Epoll => {
            &["byte", "stream", "connection", "peer", "datagram"]
        }
        Nature::Made(FdKind::UdpSocket | FdKind::Socketpair(PairType::Dgram)) => &["stream", "connection"],
        Nature::Made(FdKind::Pipe2) => &["connection", "peer", "datagram", "counter"],
        Nature::Listener => &["byte", "stream", "datagram"],
        Nature::Tcp => &["datagram", "counter", "timer", "writer", "reader"],
        _ => &[],
    };
    match not.iter().find(|not| said.contains(*not)) {
        Some(not) => Err(format!("\"{not}\" of {nature:?}: {said}")),
        None => Ok(()),
    }
}
