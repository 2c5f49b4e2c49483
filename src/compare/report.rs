//! What a comparison tells: the rows of each step, where the variants first differ, and the cost table.

use super::{Act, CostTable, Entry, StepLog, StepSummary, Variant, comparison::Comparison};
use crate::analysis::why::{self, Next, NotReported, Side};
use crate::i18n::{Lang, grouped, words};
use crate::probe::ServerState;
use crate::script::death;
use crate::session::SessionError;
use crate::trace::text;
use crate::trace::{
    World,
    world::{Epoll, Item, Wait, client_name},
};

/// Where a variant first differs from the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    pub step: usize,
    /// The entry within the step, from 0; the one after the last is the step's end.
    pub entry: usize,
    pub at: u64,
    pub first_at: u64,
    pub first_entry: usize,
}

/// What every variant did in every step played so far.
#[derive(Clone, Debug, Default)]
pub struct ComparisonReport {
    /// By variant, then by step.
    seen: Vec<Vec<StepSummary>>,
    logs: Vec<StepLog>,
    /// By variant; the first has none.
    partings: Vec<Option<Parting>>,
}

pub const DID: &str = "  → ";

/// The most registrations and clients that the end of a step lists.
const TOLD: usize = 3;

impl ComparisonReport {
    /// Reads the steps that have been played since the last call.
    pub fn read(&mut self, comparison: &Comparison) {
        let count = comparison.variants().len();
        self.seen.resize_with(count, Vec::new);
        self.logs.resize_with(count, StepLog::default);
        self.partings.resize_with(count, || None);
        for step in self.played()..comparison.played() {
            for (i, variant) in comparison.variants().iter().enumerate() {
                let seen = self.logs[i].read(variant, step);
                self.seen[i].push(seen);
            }
            for i in 1..count {
                if self.partings[i].is_none() {
                    self.partings[i] = self.parting(comparison, i, step);
                }
            }
        }
    }

    pub fn played(&self) -> usize {
        self.seen.first().map_or(0, Vec::len)
    }

    pub fn seen(&self, i: usize, step: usize) -> Option<&StepSummary> {
        self.seen.get(i)?.get(step)
    }

    /// Compares step `step` of variant `i` with that of the first.
    pub fn parting(&self, comparison: &Comparison, i: usize, step: usize) -> Option<Parting> {
        let (first, other) = (self.seen(0, step)?, self.seen(i, step)?);
        let (mut a, mut b) = (acts(first), acts(other));
        let end = |i: usize, seen: &StepSummary| (seen.entries.len(), comparison.variants()[i].step(step).1);
        loop {
            let (ours, theirs) = (a.next(), b.next());
            let same = match (&ours, &theirs) {
                (None, None) => {
                    let stood =
                        |i: usize| comparison.variants()[i].stood(step)?.as_ref().ok().map(std::mem::discriminant);
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

    /// Where variant `i` first differs from the first one, if it does.
    pub fn parts(&self, i: usize) -> Option<&Parting> {
        self.partings.get(i)?.as_ref()
    }

    /// The sentence on where variant `i` first differs.
    pub fn why(&self, comparison: &Comparison, i: usize, lang: Lang) -> Option<String> {
        let parting = self.parts(i)?;
        let (first, other) = (comparison.variants().first()?, comparison.variants().get(i)?);
        let nexts = [(0, first, parting.first_at), (i, other, parting.at)].map(|(i, variant, at)| {
            let seen = self.seen(i, parting.step);
            let entry =
                seen.and_then(|seen| seen.entries.iter().find(|entry| entry.acts().any(|(from, _)| from == at)));
            let wait = entry.filter(|entry| entry.from == at).and_then(|entry| entry.wait.clone());
            let call = entry.and_then(|entry| entry.did.iter().find(|did| did.from == at));
            let said = call.map(|did| did.words(lang));
            (wait, said, stood(variant, parting.step, lang), variant.timeline().at(at))
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

    /// What variant `i` cost and kept in the first `steps` steps.
    pub fn cost_table(&self, i: usize, steps: usize) -> CostTable {
        let last = steps.checked_sub(1).and_then(|step| self.seen(i, step));
        last.map_or_else(CostTable::default, |seen| seen.cost_table)
    }
}

/// What was done in a step, each with its entry and the position before it.
fn acts(seen: &StepSummary) -> impl Iterator<Item = (usize, u64, Act)> + '_ {
    seen.entries.iter().enumerate().flat_map(|(i, entry)| entry.acts().map(move |(at, act)| (i, at, act)))
}

pub fn entry(entry: &Entry, lang: Lang) -> Vec<String> {
    let mut lines = waited(entry, lang);
    let did = entry.did(lang);
    if !did.is_empty() {
        lines.push(format!("{DID}{did}"));
    }
    lines
}

/// The wait of an entry and what it reported, in lines.
pub fn waited(entry: &Entry, lang: Lang) -> Vec<String> {
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
    lines
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
        None => format!("#{number} {}", wait.ret.map_or_else(String::new, |ret| text::result(ret, Lang::En))),
    }
}

/// The end of a step in lines: how the variant stands, what is unread and not reported, and what clients received.
pub fn end(variant: &Variant, seen: &StepSummary, step: usize, lang: Lang) -> Vec<String> {
    let mut lines = vec![stood(variant, step, lang)];
    let world = variant.timeline().at(variant.step(step).1);
    let quiet = matches!(variant.stood(step), Some(Ok(ServerState::Quiet)));
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
        NotReported::Stranded { .. }
        | NotReported::ListFull { .. }
        | NotReported::NotAsked { .. }
        | NotReported::UnreadNotAsked { .. }
        | NotReported::LowWater { .. }
        | NotReported::PassedOver { .. } => true,
        NotReported::Disarmed { .. } => world.file(item.file).and_then(crate::trace::world::File::depth) > Some(0),
        _ => false,
    }
}

/// How a variant stood in the end, in a word or two; `None` if it ran on.
pub fn outcome(stood: &Result<ServerState, SessionError>, lang: Lang) -> Option<&'static str> {
    let outcome = match stood {
        Ok(ServerState::Spinning) => ("spun", "空转"),
        Ok(ServerState::Hung(_)) => ("hung", "卡住"),
        Ok(ServerState::Died) => ("died", "异常退出"),
        Ok(ServerState::Ended) => ("closed", "关闭"),
        Ok(_) => return None,
        Err(_) => ("abandoned", "停止比较"),
    };
    Some(lang.pick(outcome))
}

pub fn stood(variant: &Variant, step: usize, lang: Lang) -> String {
    match variant.stood(step) {
        None => String::new(),
        Some(Ok(ServerState::Quiet)) => lang.of("quiet: epoll_wait would block", "静止，epoll_wait 会阻塞").to_owned(),
        Some(Ok(ServerState::Spinning)) => words!(
            lang,
            "spins: nothing was done about the reports of the last {} waits; stopped here",
            "空转，最近 {} 次等待都有报告，却毫无结果；到此为止",
            crate::record::SPIN
        ),
        Some(Ok(ServerState::Hung(call))) => words!(
            lang,
            "hangs in {}: the fd is blocking, so no other client is served",
            "卡在 {} 里，这个 fd 是阻塞模式的，其他客户端都得不到服务",
            call.name()
        ),
        Some(Ok(ServerState::Died)) => {
            let why = variant.lockstep.session().ended().map_or_else(String::new, |error| death(error, lang));
            words!(lang, "has died: {why}", "异常退出：{why}")
        }
        Some(Ok(ServerState::Ended)) => {
            lang.of("has ended: it stopped and closed everything", "按要求关闭全部 fd 后结束").to_owned()
        }
        Some(Ok(_)) => lang.of("held before its next call", "停在下一次调用之前").to_owned(),
        Some(Err(error)) => {
            let why = error.words(lang);
            words!(lang, "abandoned: {why}", "停止比较：{why}")
        }
    }
}
