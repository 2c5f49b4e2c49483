//! What one variant's server did in each step: its waits, and the calls after each.

use std::collections::BTreeMap;

use super::{CostTable, Variant, canonical::SERVER};
use crate::analysis::why;
use crate::i18n::{Lang, grouped, words};
use crate::record::{Call, CtlOp, Ready, Record, Ret, errno_name};
use crate::trace::{
    World,
    world::{File, Kind, Wait, Who},
};

/// What one server did in one step.
#[derive(Clone, Debug, Default)]
pub struct StepSummary {
    /// Its waits in order, each with the calls after it; the first entry may be calls before any wait.
    pub entries: Vec<Entry>,
    pub clients: Vec<(u32, Bytes)>,
    pub cost_table: CostTable,
    /// Every call of the step, also of its clients, in order.
    pub made: Vec<Made>,
}

/// A call, or a row of calls that are shown as one.
#[derive(Clone, Debug)]
pub struct Made {
    /// The position before its first record.
    pub from: u64,
    pub what: MadeWhat,
}

/// What was made, and by whom.
#[derive(Clone, Debug)]
pub enum MadeWhat {
    /// A wait, by its entry: it is entered at `from`, and returns after position `returns`.
    Wait {
        entry: usize,
        returns: u64,
    },
    Server(ServerCall),
    Client(ServerCall),
    /// Calls in a row that set up a socket, each with the position before it.
    SetsUp {
        of_server: bool,
        calls: Vec<(u64, &'static str)>,
    },
}

/// What a client sent and got back, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Bytes {
    pub sent: u64,
    pub received: u64,
}

/// A wait that returned, and the calls after it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The position before its first record.
    pub from: u64,
    /// The wait; `None` for calls before the first.
    pub wait: Option<Wait>,
    pub did: Vec<ServerCall>,
    /// A wait begins it, also while the wait's own samples are still to come.
    waits: bool,
}

/// A call of the server, other than epoll_wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerCall {
    /// The position before its record.
    pub from: u64,
    name: &'static str,
    op: Option<CtlOp>,
    who: Who,
    ret: Ret,
}

/// One thing that a server did, in a form that can be compared between variants: without masks and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Wait(Option<Ret>, Vec<(Who, Ready)>),
    Call(&'static str, Option<CtlOp>, Who, Ret),
}

impl Entry {
    /// What was done, each with the position before it.
    pub fn acts(&self) -> impl Iterator<Item = (u64, Act)> + '_ {
        let reports = |wait: &Wait| wait.reports.iter().map(|report| (report.who, report.ready)).collect();
        let wait = self.wait.iter().map(move |wait| (self.from, Act::Wait(wait.ret, reports(wait))));
        wait.chain(self.did.iter().map(|did| (did.from, Act::Call(did.name, did.op, did.who, did.ret))))
    }

    /// Whether it says the same as the entry before it, apart from the numbers of waits.
    pub fn repeats(&self, before: &Self) -> bool {
        let (Some(wait), Some(last)) = (&self.wait, &before.wait) else { return false };
        let alike = wait.reports.iter().zip(&last.reports).all(|(this, last)| why::alike(this, last));
        alike && self.acts().map(|(_, act)| act).eq(before.acts().map(|(_, act)| act))
    }

    /// The calls in one line: each of them, or, where there are many, those of one name and one client together.
    pub fn did(&self, lang: Lang) -> String {
        const EACH: usize = 6;
        if self.did.len() <= EACH {
            return self.did.iter().map(|did| did.words(lang)).collect::<Vec<_>>().join(", ");
        }
        let mut sums: Vec<(ServerCall, u64, u64)> = Vec::new();
        for did in &self.did {
            let key = |did: &ServerCall| (did.name, did.op, did.who, did.ret.errno());
            let bytes = u64::from(did.ret.ok().unwrap_or(0));
            match sums.iter_mut().find(|(sum, ..)| key(sum) == key(did)) {
                Some((_, times, sum)) => (*times, *sum) = (*times + 1, *sum + bytes),
                None => sums.push((*did, 1, bytes)),
            }
        }
        let moves = |did: &ServerCall| matches!(did.name, "recvfrom" | "sendto");
        let sums = sums.into_iter().map(|(did, times, bytes)| match times {
            1 => did.words(lang),
            _ if moves(&did) && did.ret.ok().is_some() => {
                words!(lang, "{} ×{times} = {} in all", "{} ×{times} 共 {}", did.subject(lang), grouped(bytes))
            }
            _ if did.ret.ok().is_some() => format!("{} ×{times}", did.subject(lang)),
            _ => format!("{} ×{times} = {}", did.subject(lang), result(did.ret)),
        });
        sums.collect::<Vec<_>>().join(", ")
    }
}

impl ServerCall {
    pub fn words(&self, lang: Lang) -> String {
        match self.name {
            "epoll_ctl" | "close" | "epoll_create1" if self.ret.ok().is_some() => self.subject(lang),
            _ => format!("{} = {}", self.subject(lang), result(self.ret)),
        }
    }

    /// The call with its result, also where that is sure.
    pub fn with_result(&self, lang: Lang) -> String {
        format!("{} = {}", self.subject(lang), result(self.ret))
    }

    /// The call of a client with its result.
    pub fn of_client(&self, lang: Lang) -> String {
        let (who, name, result) = (self.who.name(lang), self.name, result(self.ret));
        words!(lang, "{who}: {name} = {result}", "{who}：{name} = {result}")
    }

    pub fn ret(&self) -> Ret {
        self.ret
    }

    /// Whether it is the same call for the same client, whatever came of it.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.name, self.op, self.who) == (other.name, other.op, other.who)
    }

    fn subject(&self, lang: Lang) -> String {
        let op = self.op.map_or("", |op| match op {
            CtlOp::Add => " ADD",
            CtlOp::Mod => " MOD",
            CtlOp::Del => " DEL",
            CtlOp::Unknown(_) => "",
        });
        match self.who {
            Who::Unknown => format!("{}{op}", self.name),
            who => format!("{}{op} {}", self.name, who.name(lang)),
        }
    }
}

fn result(ret: Ret) -> String {
    match ret.ok() {
        Some(n) => grouped(u64::from(n)),
        None => errno_name(-ret.raw()),
    }
}

/// The calls that set a server up before its first step, which every variant makes.
fn sets_up(call: &Call) -> bool {
    matches!(call.name(), "socket" | "setsockopt" | "bind" | "listen" | "getsockname" | "close_range")
}

/// Reads what a variant did, step by step.
#[derive(Clone, Debug, Default)]
pub struct StepLog {
    world: World,
    bytes: BTreeMap<u32, Bytes>,
    cost_table: CostTable,
    at: u64,
    /// The position before the wait that has been entered and has not returned.
    entered: Option<u64>,
}

impl StepLog {
    /// Reads the next step of `variant`, step `i`, whose records are all there.
    pub fn read(&mut self, variant: &Variant, i: usize) -> StepSummary {
        let (_, end) = variant.step(i);
        let mut seen = StepSummary::default();
        let mut changed: Vec<u32> = Vec::new();
        for record in variant.timeline().range(self.at, end) {
            let before = self.who(&record);
            if record.tid == SERVER {
                self.cost_table.count(&record.call);
                self.discard(&record);
                self.server(&record, &mut seen);
            } else {
                changed.extend(self.client(&record));
            }
            self.world.apply(&record);
            self.make(&record, before, &mut seen);
            if let (Call::Accept4 { ret, .. }, Some(entry)) = (record.call, seen.entries.last_mut())
                && let (Some(fd), Some(did)) = (ret.fd(), entry.did.last_mut())
            {
                did.who = self.world.file_of(record.tid, fd).map_or(Who::Unknown, |(_, file)| file.who());
                if let Some(Made { what: MadeWhat::Server(made), .. }) = seen.made.last_mut() {
                    made.who = did.who;
                }
            }
        }
        self.finish(&mut seen);
        self.at = end;
        changed.sort_unstable();
        changed.dedup();
        seen.clients = changed.into_iter().filter_map(|id| Some((id, *self.bytes.get(&id)?))).collect();
        let bytes = self.bytes.values();
        seen.cost_table = CostTable {
            echoed: bytes.clone().map(|bytes| bytes.received).sum(),
            stranded: stranded(&self.world),
            unanswered: bytes.filter(|bytes| bytes.sent > 0 && bytes.received == 0).count() as u64,
            ..self.cost_table
        };
        seen
    }

    fn server(&mut self, record: &Record, seen: &mut StepSummary) {
        if !record.call.is_syscall() || sets_up(&record.call) {
            return;
        }
        let from = record.seq.0 - 1;
        if matches!(record.call, Call::EpollWaitEnter { .. }) {
            self.finish(seen);
            return;
        }
        if matches!(record.call, Call::EpollWait { .. }) {
            self.finish(seen);
            seen.entries.push(Entry { from, wait: None, did: Vec::new(), waits: true });
            return;
        }
        if seen.entries.is_empty() {
            seen.entries.push(Entry { from, wait: None, did: Vec::new(), waits: false });
        }
        let who = record.call.fd().and_then(|fd| self.world.file_of(record.tid, fd)).map(|(_, file)| file.who());
        let op = match record.call {
            Call::EpollCtl { op, .. } => Some(op),
            _ => None,
        };
        let (Some(entry), Some(ret)) = (seen.entries.last_mut(), record.call.ret()) else { return };
        entry.did.push(ServerCall { from, name: record.call.name(), op, who: who.unwrap_or_default(), ret });
    }

    fn who(&self, record: &Record) -> Who {
        let fd = record.call.fd();
        fd.and_then(|fd| self.world.file_of(record.tid, fd)).map(|(_, file)| file.who()).unwrap_or_default()
    }

    /// Notes a call, which is about `before` as that was known before it.
    fn make(&mut self, record: &Record, before: Who, seen: &mut StepSummary) {
        if !record.call.is_syscall() {
            return;
        }
        let (from, of_server, name) = (record.seq.0 - 1, record.tid == SERVER, record.call.name());
        if sets_up(&record.call) {
            if let Some(Made { what: MadeWhat::SetsUp { of_server: same, calls }, .. }) = seen.made.last_mut()
                && *same == of_server
            {
                return calls.push((from, name));
            }
            let what = MadeWhat::SetsUp { of_server, calls: vec![(from, name)] };
            return seen.made.push(Made { from, what });
        }
        match (record.call, seen.entries.len().checked_sub(1), record.call.ret()) {
            (Call::EpollWaitEnter { .. }, ..) => self.entered = Some(from),
            (Call::EpollWait { .. }, Some(entry), _) => {
                let entered = self.entered.take().unwrap_or(from);
                seen.made.push(Made { from: entered, what: MadeWhat::Wait { entry, returns: from } });
            }
            (call, _, Some(ret)) => {
                let op = if let Call::EpollCtl { op, .. } = call { Some(op) } else { None };
                // A client has its name from connecting on.
                let who = if of_server || matches!(before, Who::Client(_)) { before } else { self.who(record) };
                let made = ServerCall { from, name, op, who, ret };
                let what = if of_server { MadeWhat::Server(made) } else { MadeWhat::Client(made) };
                seen.made.push(Made { from, what });
            }
            _ => {}
        }
    }

    /// Closing the last fd of a file discards what is unread in it, and what was read but not sent back.
    fn discard(&mut self, record: &Record) {
        let Call::Close { fd, ret } = record.call else { return };
        let closed = self.world.file_of(record.tid, fd).map(|(_, file)| file);
        if let Some(last) = closed.filter(|file| ret.ok().is_some() && file.refs == 1) {
            self.cost_table.unread += unread(&self.world, last);
            self.cost_table.unsent += last.stream().map_or(0, |stream| stream.received.saturating_sub(stream.sent));
        }
    }

    /// The samples after the last wait are complete now, so the world knows what it reported.
    fn finish(&self, seen: &mut StepSummary) {
        let Some(entry) = seen.entries.last_mut() else { return };
        let last = self.world.epoll().and_then(|epoll| epoll.waits().rev().find(|wait| wait.returned.is_some()));
        if entry.waits && entry.wait.is_none() {
            entry.wait = last.cloned();
        }
    }

    fn client(&mut self, record: &Record) -> Option<u32> {
        let (fd, ret, sent) = match record.call {
            Call::Sendto { fd, ret, .. } => (fd, ret, true),
            Call::Recvfrom { fd, ret, .. } => (fd, ret, false),
            _ => return None,
        };
        let moved = u64::from(ret.ok()?);
        let ordinal = self.world.file_of(record.tid, fd)?.1.stream()?.ordinal?;
        let bytes = self.bytes.entry(ordinal).or_default();
        *if sent { &mut bytes.sent } else { &mut bytes.received } += moved;
        Some(ordinal)
    }
}

fn stranded(world: &World) -> u64 {
    let files = world.stranded().filter_map(|(item, _)| world.file(item.file));
    files.map(|file| unread(world, file)).sum()
}

/// Unread bytes of a file; of a listener, those of all connections in its queue.
fn unread(world: &World, file: &File) -> u64 {
    match file.kind {
        Kind::Listener(_) => waiting(world),
        _ => file.depth().unwrap_or(0),
    }
}

/// What clients have sent that are connected and not accepted.
fn waiting(world: &World) -> u64 {
    let streams = world.files().filter_map(|(_, file)| File::stream(file));
    let waiting = streams.filter(|stream| stream.ordinal.is_some() && stream.other.is_none());
    waiting.map(|stream| stream.sent).sum()
}
