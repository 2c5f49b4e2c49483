//! A comparison as it is told: rows that stand beside each other, where the twins part, and the bill.

use super::Variant;
use super::{Act, Entry, Seen, StepLog};
use super::{CostTable, comparison::Comparison};
use crate::analysis::why::{self, Next, NotReported, Side};
use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::probe::ServerState;
use crate::script::death;
use crate::session::SessionError;
use crate::trace::text;
use crate::trace::{
    World,
    world::{Epoll, Item, Wait, client_name},
};

/// Where a twin parts from the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// The step, from 0.
    pub step: usize,
    /// The entry within it, from 0; the one behind the last is the step's end.
    pub entry: usize,
    /// The position of this twin's records there.
    pub at: u64,
    /// The same of the first twin.
    pub first_at: u64,
    /// The entry of the first twin.
    pub first_entry: usize,
}

/// What every twin did in every step that was played.
#[derive(Clone, Debug, Default)]
pub struct ComparisonReport {
    /// By twin, then by step.
    seen: Vec<Vec<Seen>>,
    ledgers: Vec<StepLog>,
    /// By twin; the first has none.
    partings: Vec<Option<Parting>>,
}

/// What the calls after a wait begin with.
pub const DID: &str = "  → ";

/// The most registrations and clients that the end of a step speaks of.
const TOLD: usize = 3;

impl ComparisonReport {
    /// Reads the steps that have been played since the last time.
    pub fn read(&mut self, twins: &Comparison) {
        let count = twins.twins().len();
        self.seen.resize_with(count, Vec::new);
        self.ledgers.resize_with(count, StepLog::default);
        self.partings.resize_with(count, || None);
        for step in self.played()..twins.played() {
            for (i, twin) in twins.twins().iter().enumerate() {
                let seen = self.ledgers[i].read(twin, step);
                self.seen[i].push(seen);
            }
            for i in 1..count {
                if self.partings[i].is_none() {
                    self.partings[i] = self.parting(twins, i, step);
                }
            }
        }
    }

    /// How many steps have been read.
    pub fn played(&self) -> usize {
        self.seen.first().map_or(0, Vec::len)
    }

    /// What twin `i` did in a step.
    pub fn seen(&self, i: usize, step: usize) -> Option<&Seen> {
        self.seen.get(i)?.get(step)
    }

    /// Where twin `i` parts from the first.
    pub fn parting(&self, twins: &Comparison, i: usize, step: usize) -> Option<Parting> {
        let (first, other) = (self.seen(0, step)?, self.seen(i, step)?);
        let (mut a, mut b) = (acts(first), acts(other));
        let end = |i: usize, seen: &Seen| (seen.entries.len(), twins.twins()[i].step(step).1);
        loop {
            let (ours, theirs) = (a.next(), b.next());
            let same = match (&ours, &theirs) {
                (None, None) => {
                    let stood = |i: usize| twins.twins()[i].stood(step)?.as_ref().ok().map(std::mem::discriminant);
                    if stood(0) == stood(i) {
                        return None;
                    }
                    false
                }
                (Some((_, _, a)), Some((_, _, b))) => a == b,
                _ => false,
            };
            if !same {
                let (first_entry, first_at) = ours.map_or_else(|| end(0, first), |(entry, at, _)| (entry, at));
                let (entry, at) = theirs.map_or_else(|| end(i, other), |(entry, at, _)| (entry, at));
                return Some(Parting { step, entry, at, first_at, first_entry });
            }
        }
    }

    /// Where twin `i` parts from the first, if it has.
    pub fn parts(&self, i: usize) -> Option<&Parting> {
        self.partings.get(i)?.as_ref()
    }

    /// The step in which the first difference is, of all twins.
    pub fn first_difference(&self) -> Option<&Parting> {
        self.partings.iter().flatten().min_by_key(|parting| (parting.step, parting.entry.min(parting.first_entry)))
    }

    /// The sentence on where twin `i` parts from the first.
    pub fn why(&self, twins: &Comparison, i: usize, lang: Lang) -> Option<String> {
        let parting = self.parts(i)?;
        let (first, other) = (twins.twins().first()?, twins.twins().get(i)?);
        let nexts = [(0, first, parting.first_at), (i, other, parting.at)].map(|(i, twin, at)| {
            let seen = self.seen(i, parting.step);
            let entry =
                seen.and_then(|seen| seen.entries.iter().find(|entry| entry.acts().any(|(from, _)| from == at)));
            let wait = entry.filter(|entry| entry.from == at).and_then(|entry| entry.wait.clone());
            let call = entry.and_then(|entry| entry.did.iter().find(|did| did.from == at));
            let said = call.map(|did| did.words(lang));
            (wait, said, stood(twin, parting.step, lang), twin.timeline().at(at))
        });
        let next = |i: usize| match &nexts[i] {
            (Some(wait), ..) => Next::Waits(wait),
            (None, Some(said), ..) => Next::Calls(said),
            (None, None, said, _) => Next::Stands(said),
        };
        let sides = [first, other].map(Variant::name);
        let [a, b] = [0, 1].map(|i| Side { name: sides[i], world: &nexts[i].3, next: next(i) });
        Some(why::apart(&a, &b, lang))
    }

    /// What twin `i` cost and kept in the first `steps` steps.
    pub fn cost_table(&self, i: usize, steps: usize) -> CostTable {
        let last = steps.checked_sub(1).and_then(|step| self.seen(i, step));
        last.map_or_else(CostTable::default, |seen| seen.cost_table)
    }
}

/// What was done in a step, each with its entry and the position before it.
fn acts(seen: &Seen) -> impl Iterator<Item = (usize, u64, Act)> + '_ {
    seen.entries.iter().enumerate().flat_map(|(i, entry)| entry.acts().map(move |(at, act)| (i, at, act)))
}

/// An entry in lines: the wait, why it reported what it did, and what the server did about it.
pub fn entry(entry: &Entry, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(wait) = &entry.wait {
        lines.push(heading(wait, lang));
        lines.extend(wait.reports.iter().take(TOLD).map(|report| {
            let why = why::reported(report, lang);
            match wait.reports.len() {
                1 => format!("  {why}"),
                _ => words!(lang, "  {}: {why}", "  {}：{why}", report.who.name(lang)),
            }
        }));
        let more = (wait.reports.len() + wait.more as usize).saturating_sub(TOLD);
        if more > 0 {
            lines.push(words!(lang, "  … and {more} more", "  … 还有 {more} 个"));
        }
    }
    let did = entry.did(lang);
    if !did.is_empty() {
        lines.push(format!("{DID}{did}"));
    }
    lines
}

/// The same as far as position `at`.
pub fn entry_until(whole: &Entry, at: u64, lang: Lang) -> Vec<String> {
    entry(&whole.until(at), lang)
}

/// `#3 a IN`.
pub fn heading(wait: &Wait, lang: Lang) -> String {
    let number = grouped(u64::from(wait.number));
    let names: Vec<String> =
        wait.reports.iter().take(TOLD).map(|report| format!("{} {}", report.who.name(lang), report.ready)).collect();
    let names = names.join(", ");
    match wait.ret.and_then(crate::record::Ret::ok) {
        Some(0) => words!(lang, "#{number} nothing, timeout {} ms", "#{number} 空列表，超时 {} ms", wait.timeout),
        Some(n) if n as usize > TOLD => {
            words!(lang, "#{number} {n} events: {names}, …", "#{number} {n} 个事件：{names}, …")
        }
        Some(_) => format!("#{number} {names}"),
        None => format!("#{number} {}", wait.ret.map_or_else(String::new, text::result)),
    }
}

/// The end of step `step` of a twin in lines: how it stands, what lies there that nobody will be told of, and what the
/// clients that did something have got.
pub fn end(twin: &Variant, seen: &Seen, step: usize, lang: Lang) -> Vec<String> {
    let mut lines = vec![stood(twin, step, lang)];
    let world = twin.timeline().at(twin.step(step).1);
    let quiet = matches!(twin.stood(step), Some(Ok(ServerState::Quiet)));
    let silent: Vec<(&Epoll, &Item)> = world
        .epolls()
        .flat_map(|epoll| epoll.items().map(move |item| (epoll, item)))
        .filter(|(epoll, item)| quiet && is_worth_telling(&world, epoll, item))
        .collect();
    lines.extend(silent.iter().take(TOLD).map(|(epoll, item)| {
        let (who, why) = (world.name(item.file, lang), why::not_reported(&world, epoll, item, lang));
        words!(lang, "  {who}: {why}", "  {who} {why}")
    }));
    if silent.len() > TOLD {
        lines.push(words!(lang, "  … and {} more", "  … 还有 {} 个", silent.len() - TOLD));
    }
    lines.extend(seen.clients.iter().take(TOLD).map(|(id, bytes)| {
        let (sent, received) = (grouped(bytes.sent), grouped(bytes.received));
        words!(lang, "  {} has sent {sent}, got back {received}", "  {} 已发 {sent}，收到 {received}", client_name(*id))
    }));
    let more = seen.clients.len().saturating_sub(TOLD);
    if more > 0 {
        lines.push(words!(lang, "  … and {more} more clients", "  … 还有 {more} 个客户端"));
    }
    lines
}

fn is_worth_telling(world: &World, epoll: &Epoll, item: &Item) -> bool {
    match why::why_not_reported(world, epoll, item) {
        NotReported::Stranded { .. } | NotReported::ListFull { .. } | NotReported::NotAsked { .. } => true,
        NotReported::Disarmed { .. } => world.file(item.file).and_then(crate::trace::world::File::depth) > Some(0),
        NotReported::None | NotReported::Idle | NotReported::Unknown => false,
    }
}

/// How a twin stood in the end, in a word or two; nothing where it ran on.
pub fn outcome(stood: &Result<ServerState, SessionError>, lang: Lang) -> Option<&'static str> {
    let outcome = match stood {
        Ok(ServerState::Spinning) => ("spun", "空转"),
        Ok(ServerState::Hung(_)) => ("hung", "卡住"),
        Ok(ServerState::Died) => ("died", "异常退出"),
        Ok(ServerState::Ended) => ("closed", "关闭"),
        Ok(_) => return None,
        Err(_) => ("left alone", "停止比较"),
    };
    Some(lang.pick(outcome))
}

/// How a twin stood after a step, in a sentence.
pub fn stood(twin: &Variant, step: usize, lang: Lang) -> String {
    match twin.stood(step) {
        None => String::new(),
        Some(Ok(ServerState::Quiet)) => lang.of("quiet: epoll_wait would block", "静止，epoll_wait 会阻塞").to_owned(),
        Some(Ok(ServerState::Spinning)) => words!(
            lang,
            "spins: the last {} waits all had reports, and nothing came of them; stopped here",
            "空转，最近 {} 次等待都有报告，却毫无结果；到此为止",
            crate::record::SPIN
        ),
        Some(Ok(ServerState::Hung(call))) => words!(
            lang,
            "hangs in {}: the fd is blocking, and nobody else is served",
            "卡在 {} 里，这个 fd 是阻塞模式的，其他客户端都得不到服务",
            call.name()
        ),
        Some(Ok(ServerState::Died)) => {
            let why = twin.death().map_or_else(String::new, |error| death(error, lang));
            words!(lang, "has died: {why}", "异常退出：{why}")
        }
        Some(Ok(ServerState::Ended)) => {
            lang.of("has ended: it was told to, and closed everything", "按要求关闭全部 fd 后结束").to_owned()
        }
        Some(Ok(_)) => lang.of("held before its next call", "停在下一次调用之前").to_owned(),
        Some(Err(error)) => {
            let why = error.words(lang);
            words!(lang, "left alone: {why}", "停止比较：{why}")
        }
    }
}
