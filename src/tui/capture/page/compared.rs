//! A comparison as a page: the servers side by side at each tick, and each tick in words.

use std::fmt::{self, Write as _};

use serde_json::json;

use super::document::{About, document};
use super::frames::Frames;
use super::run::{MOST, SCRIPT, SIZE, body};
use crate::analysis::Finding;
use crate::i18n::{Lang, grouped, words};
use crate::record::{Call, Record};
use crate::trace::text;
use crate::tui::capture::svg::Escaped;
use crate::tui::screens::compare::{CompareScreen, Tick};
use crate::tui::theme::{Depth, Ground};
use crate::tui::{Screen as _, Theme};

/// Plays a comparison to its end and writes it as a page. Returns how many moments it has, too.
pub fn compare_page(screen: &mut CompareScreen, mut about: About, lang: Lang) -> (u64, String) {
    screen.play_all();
    let begins = screen.tick();
    // It is about the moment at which the page begins.
    let said = screen.take_notice();
    screen.go_to(Tick { step: screen.comparison().played().saturating_sub(1), call: usize::MAX });
    let mut ticks = vec![Tick::default()];
    ticks.extend(screen.ticks(usize::MAX));
    let left_out = ticks.len().saturating_sub(MOST);
    if left_out > 0 {
        let n = grouped(left_out as u64);
        about.facts.push(words!(lang, "its last {n} moments are left out", "最后 {n} 个时刻不在这里"));
        ticks.truncate(MOST);
    }
    let [dark, light] = [Ground::Dark, Ground::Light].map(|ground| Theme::new(Depth::True, ground));
    let (mut frames, mut items) = (Frames::new(SIZE), String::new());
    let mut before = None;
    for (i, tick) in ticks.iter().enumerate() {
        screen.go_to(*tick);
        screen.theme = light.clone();
        let on_light = screen.picture(SIZE);
        screen.theme = dark.clone();
        frames.take(&screen.picture(SIZE), &on_light);
        // Nothing fails to be written into a string.
        let _ = item(&mut items, screen, i, before, lang);
        before = Some(*tick);
    }
    let mut data = frames.finish();
    data["start"] = json!(ticks.iter().rposition(|tick| *tick <= begins).unwrap_or(0));
    data["said"] = json!(said);
    (ticks.len() as u64, document(&about, lang, &body(&items, lang), &data, SCRIPT))
}

/// The tick that is shown: what each server did since the tick before, and what was found there.
fn item(out: &mut String, screen: &CompareScreen, i: usize, before: Option<Tick>, lang: Lang) -> fmt::Result {
    let (tick, comparison) = (screen.tick(), screen.comparison());
    let mut told = Vec::new();
    let mut waits = false;
    for (of, variant) in comparison.variants().iter().enumerate() {
        let from = before.map_or(0, |before| screen.position(of, before));
        let records: Vec<Record> = variant.timeline().range(from, screen.position(of, tick)).collect();
        waits |= records.iter().any(|record| matches!(record.call.plain(), Call::EpollWait { .. }));
        let calls = text::calls(records.into_iter(), lang).into_iter();
        let name = Escaped(variant.name());
        told.extend(calls.map(|(_, call)| format!("{name}: <code>{}</code>", Escaped(&call))));
    }
    let wait = if waits { " data-wait" } else { "" };
    write!(out, "<li id=\"m{i}\" data-call=\"{i}\"{wait}>")?;
    write!(out, "<a href=\"#{i}\" data-to=\"m{i}\"><span class=\"number\">{i}</span> ")?;
    let new_step = before.is_none_or(|before| before.step != tick.step);
    let step = comparison.steps().get(tick.step).filter(|_| new_step);
    match step {
        Some(step) => {
            let (n, said) = (tick.step + 1, &step.said);
            write!(out, "{}", Escaped(&words!(lang, "step {n}: {said}", "第 {n} 段：{said}")))?;
        }
        None if told.is_empty() => write!(out, "{}", lang.of("the beginning", "开头"))?,
        None => out.write_str(&told.remove(0))?,
    }
    out.write_str("</a>")?;
    for call in &told {
        write!(out, "<p>{call}</p>")?;
    }
    for landmark in screen.landmarks().iter().filter(|landmark| landmark.tick == tick) {
        let (first, name) = (comparison.variants()[0].name(), comparison.variants()[landmark.variant].name());
        let said = match &landmark.finding {
            None => words!(lang, "{first} and {name} differ from here", "{first} 与 {name} 从这里起出现差异"),
            Some(finding) => {
                let said = found(finding, lang);
                words!(lang, "{name}: {said}", "{name}：{said}")
            }
        };
        write!(out, "<p class=\"finding\">{}</p>", Escaped(&said))?;
    }
    out.write_str("</li>\n")
}

fn found(finding: &Finding, lang: Lang) -> String {
    let (name, said) = (finding.lint().name(lang), finding.sentence(lang));
    words!(lang, "{name}: {said}", "{name}：{said}")
}
