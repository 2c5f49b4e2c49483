//! Every sentence of why against what the kernel reported: a second, simpler account of the same records, which knows
//! nothing of ready lists, checks each report's cause and depth, and each silence at rest. And once more with a world that
//! hears the server's calls alone, as in a flood of clients of other processes: it says less, and nothing that is not so.

use std::collections::HashMap;

use epollscope::analysis::why::{self, NotReported};
use epollscope::i18n::{Lang, grouped};
use epollscope::record::{Addr, Call, CtlOp, Fd, How, Interest, Ready, Record, Ret, SAMPLED_AFTER_WAIT, Tid};
use epollscope::trace::World;
use epollscope::trace::world::{Cause, Nature, Report};

use crate::support::random_run::{Run, played};

/// A client, by what it did.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    sent: u64,
    ended: bool,
    closed: bool,
}

/// A registration, by what was done with it and told of it.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    interest: Option<Interest>,
    /// The last EPOLL_CTL_ADD or MOD since the last report.
    ctl: Option<CtlOp>,
    /// The last wait that reported it, under which mask, and how its client stood then.
    reported: u32,
    mask: Option<Interest>,
    then: Client,
    /// How many had connected then, for the listener.
    connected: u32,
    client: Option<usize>,
    /// A send did not take everything.
    short: bool,
    /// Bytes received since the last report.
    read: u64,
    sample: Option<(u64, Ready)>,
}

/// The second account.
#[derive(Default)]
struct Account {
    world: World,
    /// The world hears of nobody but the server, and of no sample.
    alone: bool,
    server: Option<Tid>,
    /// So many records were taken.
    taken: u64,
    clients: Vec<Client>,
    by_addr: HashMap<Addr, usize>,
    by_fd: HashMap<Fd, usize>,
    connected: u32,
    watched: HashMap<Fd, Watched>,
    waits: u32,
    /// The event list of the last return, with each fd's account before it and the first depth told after it.
    events: Vec<(Fd, Ready, Watched, Option<u64>)>,
    checked: u32,
    /// How many reports were of bytes that nobody counted.
    uncounted: u32,
}

impl Account {
    fn alone() -> Self {
        Self { alone: true, ..Self::default() }
    }

    fn take(&mut self, record: &Record) {
        self.taken = record.seq.0;
        let server = *self.server.get_or_insert(record.tid);
        if record.tid == server && record.call.is_syscall() {
            self.check_reports();
        }
        if record.tid == server {
            self.server_did(&record.call);
        } else {
            self.client_did(&record.call);
        }
        let asked =
            matches!(record.call, Call::Sample { .. } | Call::Backlog { .. } | Call::Drops { .. } | Call::Poll { .. });
        if !self.alone || record.tid == server && !asked {
            self.world.apply(record);
        }
    }

    fn client_did(&mut self, call: &Call) {
        let client = call.fd().and_then(|fd| self.by_fd.get(&fd)).copied();
        match *call {
            Call::Socket { ret } => {
                self.by_fd.insert(ret.fd().expect("a socket"), self.clients.len());
                self.clients.push(Client::default());
            }
            Call::Getsockname { addr, .. } => drop(self.by_addr.insert(addr, client.expect("a client"))),
            Call::Connect { .. } => self.connected += 1,
            Call::Sendto { ret, .. } => {
                self.clients[client.expect("a client")].sent += u64::from(ret.ok().unwrap_or(0));
            }
            Call::Shutdown { how: How::Write, .. } => self.clients[client.expect("a client")].ended = true,
            Call::Close { fd, .. } => {
                self.clients[client.expect("a client")].closed = true;
                self.by_fd.remove(&fd);
            }
            _ => {}
        }
    }

    fn server_did(&mut self, call: &Call) {
        match *call {
            Call::EpollWaitEnter { .. } => self.waits += 1,
            Call::Event { fd, ready, .. } => {
                self.check_received(fd);
                let number = self.waits;
                let (clients, connected) = (&self.clients, self.connected);
                let watched = self.watched.entry(fd).or_default();
                self.events.push((fd, ready, *watched, None));
                let then = watched.client.map(|client| clients[client]).unwrap_or_default();
                (watched.reported, watched.ctl, watched.then, watched.connected) = (number, None, then, connected);
                watched.mask = watched.interest;
                watched.read = 0;
            }
            Call::Recvfrom { fd, ret, .. } => {
                self.watched.entry(fd).or_default().read += u64::from(ret.ok().unwrap_or(0));
            }
            Call::EpollCtl { op, fd, interest, ret: Ret::OK, .. } => {
                let watched = self.watched.entry(fd).or_default();
                (watched.interest, watched.ctl) = (Some(interest), Some(op));
            }
            Call::Accept4 { peer, ret, .. } => {
                if let Some(fd) = ret.fd() {
                    let client = self.by_addr.get(&peer).copied();
                    self.watched.insert(fd, Watched { client, ..Watched::default() });
                }
            }
            Call::Sendto { fd, len, ret, .. } => {
                self.watched.entry(fd).or_default().short |= ret.ok().is_none_or(|sent| sent < len);
            }
            Call::Close { fd, .. } => drop(self.watched.remove(&fd)),
            Call::Sample { fd, unread, ready, .. } => self.sampled(fd, u64::from(unread), ready),
            Call::Backlog { fd, pending, .. } => self.sampled(fd, u64::from(pending), Ready::empty()),
            _ => {}
        }
    }

    fn sampled(&mut self, fd: Fd, depth: u64, ready: Ready) {
        self.watched.entry(fd).or_default().sample = Some((depth, ready));
        for event in self.events.iter_mut().filter(|event| event.0 == fd && event.3.is_none()) {
            event.3 = Some(depth);
        }
    }

    /// The reports of the last return, now that all that belongs to it has come.
    fn check_reports(&mut self) {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return;
        }
        let wait = self.world.epoll().expect("an epoll").waits().next_back().expect("a wait");
        assert_eq!((wait.number, wait.reports.len()), (self.waits, events.len()), "{wait:?}");
        for (i, (report, (fd, ready, before, depth))) in wait.reports.iter().zip(&events).enumerate() {
            assert_eq!((report.fd, report.ready), (*fd, *ready));
            assert_eq!(report.before, before.reported, "{report:?}");
            assert_eq!(Some(report.interest), before.interest, "{report:?}");
            if self.alone {
                let most = depth.filter(|_| i < SAMPLED_AFTER_WAIT).unwrap_or(u64::MAX);
                assert!(report.depth.is_none_or(|depth| depth <= most), "{depth:?} by the sample: {report:?}");
            } else if i < SAMPLED_AFTER_WAIT {
                assert_eq!(report.depth, *depth, "the sample after the wait: {report:?}");
            }
            let now = before.client.map(|client| self.clients[client]).unwrap_or_default();
            self.uncounted += u32::from(matches!(report.cause, Cause::SomeArrived { .. }));
            self.check(report, before, now);
            self.checked += 1;
        }
    }

    /// What was received since the last report of `fd` is told with it, where nobody told how much lay there.
    fn check_received(&self, fd: Fd) {
        let Some(watched) = self.watched.get(&fd) else { return };
        let mut waits = self.world.epoll().expect("an epoll").waits();
        let wait = waits.find(|wait| wait.number == watched.reported);
        let report = wait.and_then(|wait| wait.reports.iter().find(|report| report.fd == fd));
        if let Some(Report { cause: Cause::SomeArrived { received }, .. }) = report {
            assert_eq!(*received, watched.read, "fd {fd}, wait #{}", watched.reported);
        }
    }

    fn check(&self, report: &Report, before: &Watched, now: Client) {
        let sentence = why::reported(report, Lang::En);
        let says = |what: &str| assert!(sentence.contains(what), "{sentence:?} says not {what:?}: {report:?}");
        let depth = report.depth.unwrap_or(0);
        let holds = match report.cause {
            Cause::PutBack { after, .. } => {
                says("level: ");
                says(&format!("back on the ready list after wait #{}", grouped(u64::from(after))));
                if report.ready == Ready::IN && depth > 0 {
                    says(&grouped(depth));
                }
                // A MOD since then finds it on the list already.
                let level = before.mask.is_some_and(|mask| !mask.intersects(Interest::ET | Interest::ONESHOT));
                after > 0 && after == before.reported && level
            }
            Cause::Arrived { bytes } => {
                says(&format!("{} new byte", grouped(bytes)));
                if before.reported > 0 {
                    says(&format!("since wait #{}", grouped(u64::from(before.reported))));
                }
                if depth > bytes {
                    says(&format!("on top of {} byte", grouped(depth - bytes)));
                }
                assert_eq!(sentence.starts_with("edge: "), report.interest.is_edge(), "{sentence}");
                if !report.ready.contains(Ready::IN) {
                    says("have been read");
                }
                bytes > 0 && bytes <= now.sent - before.then.sent
            }
            Cause::SomeArrived { received } => {
                if received > 0 {
                    says(&format!("the server then read {} byte", grouped(received)));
                } else {
                    says("the amount was not measured");
                }
                assert_eq!(report.depth, None, "a sample tells how much: {report:?}");
                received <= now.sent && now.sent > before.then.sent
            }
            Cause::Added => {
                says("EPOLL_CTL_ADD found it ready");
                // A MOD since then finds it on the list already.
                before.ctl.is_some() && before.reported == 0
            }
            Cause::Modified => {
                says("EPOLL_CTL_MOD found it ready");
                before.ctl == Some(CtlOp::Mod)
            }
            Cause::Connected => {
                says("a client connected");
                if depth > 0 {
                    says(&format!("{} connection", grouped(depth)));
                }
                report.stance.nature == Nature::Listener && self.connected > before.connected
            }
            Cause::Ended => {
                says("the peer closed its sending side");
                (now.ended || now.closed) && !(before.then.ended && before.then.closed)
            }
            Cause::Failed => {
                says("reset or failed");
                now.closed && report.ready.intersects(Ready::ERR | Ready::HUP)
            }
            Cause::Space => {
                says("its send buffer has room again");
                before.short && report.ready.contains(Ready::OUT)
            }
            Cause::Urgent => report.ready.contains(Ready::PRI),
            Cause::Unseen => self.alone,
            Cause::FinAcked | Cause::BecameReady | Cause::Shut | Cause::Opened => false,
        };
        assert!(holds, "{sentence}\n{report:?}\nbefore {before:?}, now {now:?}");
    }

    /// At rest nothing is ready for the kernel to report, and each registration says why.
    fn check_silence(&mut self) {
        let epoll = self.world.epoll().expect("an epoll");
        for item in epoll.items() {
            let watched = self.watched[&item.fd];
            let (depth, ready) = watched.sample.unwrap_or_default();
            let (why_not_reported, sentence) = (
                why::why_not_reported(&self.world, epoll, item),
                why::not_reported(&self.world, epoll, item, Lang::En),
            );
            let interest = watched.interest.expect("registered");
            let holds = match why_not_reported {
                NotReported::Stranded { depth: said, since } => {
                    let edge = interest.contains(Interest::ET | Interest::IN);
                    // Bytes, or the end of the stream.
                    let unread = depth > 0 || ready.contains(Ready::IN | Ready::RDHUP);
                    edge && said == depth && unread && since == watched.reported && sentence.starts_with("stranded: ")
                }
                NotReported::Disarmed { by } => {
                    interest.contains(Interest::ONESHOT) && by == watched.reported && watched.ctl.is_none()
                }
                NotReported::UnreadNotAsked { unread } => depth == unread && !interest.contains(Interest::IN),
                NotReported::NothingNew { ready: said, since } => {
                    interest.is_edge() && !said.intersects(Ready::PRI) && since == watched.reported
                }
                NotReported::NotAsked { ready: said } => {
                    ready.contains(said) && !said.intersects(interest.reportable()) && !said.is_empty()
                }
                NotReported::Idle => depth == 0 || !interest.contains(Interest::IN),
                NotReported::None
                | NotReported::ListFull { .. }
                | NotReported::LowWater { .. }
                | NotReported::PassedOver { .. }
                | NotReported::NotWoken { .. }
                | NotReported::Unknown => false,
            };
            assert!(holds, "at rest, {why_not_reported:?}: {sentence}\n{item:?}\n{watched:?}");
            self.checked += 1;
        }
    }
}

/// What came of a run.
fn account_of(seed: u64, mut account: Account) -> Account {
    let mut run = Run::new(seed);
    for _ in 0..150 {
        run.something();
        let at_rest = run.go_on();
        let timeline = run.rig.session.timeline();
        for record in timeline.range(account.taken, timeline.len()) {
            account.take(&record);
        }
        if at_rest && !account.alone {
            account.check_silence();
        }
    }
    account
}

#[test]
fn every_sentence_is_what_the_kernel_reported() {
    let mut checked = 0;
    for seed in 200..212 {
        checked += played(|| account_of(seed, Account::default())).checked;
    }
    assert!(checked > 2000, "{checked} sentences only");
}

#[test]
fn who_hears_the_server_alone_says_nothing_that_is_not_so() {
    let (mut checked, mut uncounted) = (0, 0);
    for seed in 200..212 {
        let account = played(|| account_of(seed, Account::alone()));
        checked += account.checked;
        uncounted += account.uncounted;
    }
    assert!(checked > 1000 && uncounted > 200, "{checked} sentences, {uncounted} of what nobody counted");
}
