//! A comparison in lines: the calls of each variant with their results, by its name.

use super::axis::Tick;
use super::screen::{Below, CompareScreen};
use super::{below, view};
use crate::compare::{Made, MadeWhat, StepSummary, Variant, report, text};
use crate::i18n::{Lang, words};
use crate::tui::linear::{Linear, SELECTED, question, rows_of};
use crate::tui::widgets::breakpoints;

/// The cells that the figures of the cost table may take.
const TABLE: u16 = 200;
/// More rows than the program of a server or the breakpoints have.
const ROWS: u16 = 60;
/// A tick as one number: the step above the call.
const STEP: u32 = 32;

impl CompareScreen {
    pub(super) fn in_lines(&self, since: u64) -> Linear {
        let (theme, lang) = (&self.theme, self.lang);
        let timeline = self.comparison.variants()[self.chosen].timeline();
        Linear {
            at: ((self.tick.step as u64) << STEP) + self.tick.call as u64,
            settled: self.plays().is_none() && self.navigator.searches_again().is_none(),
            asks: question(&self.navigator.overlay, timeline, theme, lang),
            happened: self.happened(Tick {
                step: usize::try_from(since >> STEP).unwrap_or(usize::MAX),
                call: usize::try_from(since & u64::from(u32::MAX)).unwrap_or(usize::MAX),
            }),
            said: self.navigator.notice.as_ref().map(|notice| notice.text.clone()),
            stands: self.stands(),
        }
    }

    /// What all variants did after that tick, step by step.
    fn happened(&self, since: Tick) -> Vec<String> {
        let (variants, mut lines) = (self.comparison.variants(), Vec::new());
        for step in since.step..=self.tick.step {
            if step > since.step {
                lines.push(self.step(step));
            }
            let from = if step == since.step { since } else { Tick { step, call: 0 } };
            let to = if step == self.tick.step { self.tick } else { Tick { step, call: self.calls(step) } };
            if from >= to {
                continue;
            }
            for (i, variant) in variants.iter().enumerate() {
                let Some(seen) = self.report.seen(i, step) else { continue };
                let (from, at) = (self.position(i, from), self.position(i, to));
                let did = seen.made.iter().flat_map(|made| told(made, (from, at), seen, self.lang));
                let end =
                    if to.call >= self.calls(step) { report::end(variant, seen, step, self.lang) } else { Vec::new() };
                lines.extend(did.chain(end).map(|line| of(variant, &line)));
            }
        }
        lines
    }

    fn step(&self, step: usize) -> String {
        let (number, steps) = (step + 1, self.comparison.steps().len());
        let said = self.comparison.steps().get(step).map_or("", |step| &step.said);
        words!(self.lang, "step {number} of {steps}: {said}", "第 {number}/{steps} 段：{said}")
    }

    fn stands(&self) -> Vec<String> {
        let lang = self.lang;
        let mut lines = vec![self.step(self.tick.step)];
        let chosen = self.comparison.variants()[self.chosen].name();
        lines.push(words!(lang, "{chosen} is chosen", "选中 {chosen}"));
        let all = text::differences(&self.comparison, &self.report, lang).into_iter().enumerate();
        lines.extend(all.filter(|(i, _)| self.has_parted(i + 1)).map(|(_, said)| said));
        match self.below {
            Below::Steps => {}
            Below::Code => {
                let rows = rows_of(lang, ROWS, |area, buf| view::code_of_chosen(self, area, buf));
                lines.extend(rows.into_iter().filter(|row| row.starts_with(SELECTED)));
            }
            Below::CostTable { .. } => {
                let rows = below::table_lines(self, TABLE).into_iter();
                lines.extend(rows.map(|(name, figures)| {
                    format!("{name} {figures}").split_whitespace().collect::<Vec<_>>().join(" ")
                }));
            }
        }
        if let Some(row) = self.navigator.overlay.breakpoint_row() {
            let set = self.navigator.breakpoints();
            lines.extend(rows_of(lang, ROWS, |area, buf| breakpoints::render(set, row, &self.theme, lang, area, buf)));
        }
        if self.is_over() {
            lines.push(lang.of("this is the end of the scene", "场景到此结束").to_owned());
        }
        lines
    }
}

fn of(variant: &Variant, line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    format!("{}{}: {}", &line[..indent], variant.name(), line.trim_start())
}

/// What was made within these positions. A wait is told when it has returned.
fn told(made: &Made, (from, to): (u64, u64), seen: &StepSummary, lang: Lang) -> Vec<String> {
    let is_in = |at: u64| from <= at && at < to;
    match &made.what {
        MadeWhat::Wait { entry, returns } if is_in(*returns) => {
            seen.entries.get(*entry).map_or_else(Vec::new, |entry| report::waited(entry, lang))
        }
        MadeWhat::Server(call) if is_in(made.from) => vec![call.with_result(lang)],
        MadeWhat::Client(call) if is_in(made.from) => vec![call.of_client(lang)],
        MadeWhat::SetsUp { calls, .. } => {
            let names: Vec<&str> = calls.iter().filter(|(at, _)| is_in(*at)).map(|(_, name)| *name).collect();
            if names.is_empty() { Vec::new() } else { vec![names.join(", ")] }
        }
        _ => Vec::new(),
    }
}
