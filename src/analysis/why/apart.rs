//! Where two servers part that have been through the same: what one did, what the other did instead, and why.

use super::fact::Fact;
use super::not_reported::why_not_reported;
use super::reported::reported_fact;
use super::sentence::{not_reported_fact, say};
use crate::i18n::{Lang, grouped, joined, words};
use crate::record::Ready;
use crate::trace::World;
use crate::trace::world::{Item, Report, Wait, Who};

/// One of the two, at the moment where they part.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The world then.
    pub world: &'a World,
    /// What it does next.
    pub next: Next<'a>,
}

/// What a server does next.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// epoll_wait returns this.
    Waits(&'a Wait),
    /// It makes this call, as it is said.
    Calls(&'a str),
    /// Nothing more: how it stands, as it is said.
    Stands(&'a str),
}

/// What tells the two apart.
enum Apart<'a> {
    /// The first reports somebody, and the second does not.
    Reported { by: &'a Side<'a>, wait: &'a Wait, report: &'a Report, other: &'a Side<'a>, silent: Option<Fact> },
    /// Both report the same one, not for the same.
    Masks { who: Who, reports: [&'a Report; 2] },
    /// They go on otherwise.
    Otherwise,
}

pub fn apart(a: &Side<'_>, b: &Side<'_>, lang: Lang) -> String {
    match found(a, b) {
        Apart::Reported { by, wait, report, other, silent } => {
            let who = report.who.name(lang);
            let (mask, number) = (report.ready, grouped(u64::from(wait.number)));
            let (by, other, why) = (by.name, other.name, say(reported_fact(report), lang));
            let not = silent.map(|fact| say(fact, lang));
            let not = not.unwrap_or_else(|| lang.of("it is not registered there", "它在那里没有注册").to_owned());
            let reports = joined("次等待报告", &who);
            words!(
                lang,
                "In {by}, wait #{number} reports {who} {mask} ({why}). In {other} it is not reported ({not}).",
                "{by} 的第 {number} {reports} {mask}（{why}）。{other} 没有报告它（{not}）。"
            )
        }
        Apart::Masks { who, reports: [first, second] } => {
            let who = who.name(lang);
            let unasked = [(a, unasked(first, second)), (b, unasked(second, first))];
            let unasked: String = unasked
                .iter()
                .filter(|(_, events)| !events.is_empty())
                .map(|(side, events)| {
                    words!(lang, "; the mask of {} does not ask for {events}", "；{} 没有关注 {events}", side.name)
                })
                .collect();
            let (a, b, first, second) = (a.name, b.name, first.ready, second.ready);
            let both = joined("两者都报告", &who);
            words!(
                lang,
                "Both report {who}, {a} with {first} and {b} with {second}{unasked}.",
                "{both}，{a} 的事件是 {first}，{b} 的事件是 {second}{unasked}。"
            )
        }
        Apart::Otherwise => {
            let [first, second] = [a, b].map(|side| next(side, lang));
            let (a, b) = (a.name, b.name);
            words!(
                lang,
                "Up to here both did the same. Next, {a} – {first}; {b} – {second}.",
                "到此为止两者相同。接下来 {a} —— {first}；{b} —— {second}。"
            )
        }
    }
}

/// What is not in `report` and is in `other`, since its mask does not have it. ERR and HUP need not be asked for.
fn unasked(report: &Report, other: &Report) -> Ready {
    let asked = Ready::from_bits_truncate(report.interest.bits()) | Ready::ERR | Ready::HUP;
    other.ready - report.ready - asked
}

fn found<'a>(a: &'a Side<'a>, b: &'a Side<'a>) -> Apart<'a> {
    for (by, other) in [(a, b), (b, a)] {
        let Next::Waits(wait) = by.next else { continue };
        let same = |report: &&Report| matches!(other.next, Next::Waits(wait) if wait.reports.iter().any(|other| other.who == report.who));
        if let Some(report) = wait.reports.iter().find(|report| !same(report)) {
            // Before another call than a wait the two are not at the same point of their loops.
            if !matches!(other.next, Next::Calls(_)) {
                return Apart::Reported { by, wait, report, other, silent: silent(other.world, report.who) };
            }
        }
    }
    if let (Next::Waits(first), Next::Waits(second)) = (a.next, b.next) {
        for report in &first.reports {
            let other = second.reports.iter().find(|other| other.who == report.who && other.ready != report.ready);
            if let Some(other) = other {
                return Apart::Masks { who: report.who, reports: [report, other] };
            }
        }
    }
    Apart::Otherwise
}

/// Why `who` is not reported; nothing where it is not registered.
fn silent(world: &World, who: Who) -> Option<Fact> {
    let of = |item: &&Item| world.file(item.file).is_some_and(|file| file.who() == who);
    let (epoll, item) = world.epolls().find_map(|epoll| Some((epoll, epoll.items().find(of)?)))?;
    Some(not_reported_fact(world, epoll, item, why_not_reported(world, epoll, item)))
}

fn next(side: &Side<'_>, lang: Lang) -> String {
    match side.next {
        Next::Waits(wait) => {
            let events: Vec<String> =
                wait.reports.iter().map(|report| format!("{} {}", report.who.name(lang), report.ready)).collect();
            let events = events.join(", ");
            if events.is_empty() {
                lang.of("epoll_wait returns nothing", "epoll_wait 返回空列表").to_owned()
            } else {
                words!(lang, "epoll_wait reports {events}", "epoll_wait 报告 {events}")
            }
        }
        Next::Calls(said) | Next::Stands(said) => said.to_owned(),
    }
}
