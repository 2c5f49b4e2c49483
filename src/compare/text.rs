//! A comparison as text: a column for each variant, the rows of a step side by side, the first difference in a
//! sentence, and the cost table.

use std::io::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::page::{PARTS, RULE, name_in_lines};
pub use super::page::{Page, wrapped};
use super::{ComparisonReport, StepSummary, comparison::Comparison, report, table::table};
use crate::i18n::{Lang, grouped, words, wrap::left};

/// The most rows of a step that are shown; the rest is counted.
const SHOWN: usize = 6;
const SENTENCE: usize = 100;
/// Before a cell, unless a variant differs from the first in its row.
const SAME: &str = "  ";

/// Writes what stands above the steps: the scene, and the policy of each variant.
pub fn head(out: &mut impl Write, comparison: &Comparison, page: Page) -> io::Result<()> {
    let scene = &comparison.scene;
    let (name, title) = (&scene.name, scene.title(page.lang));
    page.line(out, &words!(page.lang, "{name}: {title}", "{name}：{title}"))?;
    let widest = comparison.variants().iter().map(|variant| variant.name().width()).max().unwrap_or(0);
    for variant in comparison.variants() {
        let policy = match page.lang {
            Lang::En => super::words_of(variant.first_policy()),
            lang @ Lang::Zh => variant.first_policy().words(lang),
        };
        page.line(out, &format!("  {}  {policy}", left(variant.name(), widest)))?;
    }
    Ok(())
}

pub fn step(
    out: &mut impl Write,
    comparison: &Comparison,
    report: &ComparisonReport,
    step: usize,
    page: Page,
) -> io::Result<()> {
    let Some(said) = comparison.steps().get(step).map(|step| &step.said) else { return Ok(()) };
    let (number, lang) = (step + 1, page.lang);
    writeln!(out)?;
    page.line(out, &words!(lang, "step {number}: {said}", "第 {number} 段：{said}"))?;
    let count = comparison.variants().len();
    if step == 0 {
        let name = |variant: &super::Variant| name_in_lines(variant.name(), page.column(count));
        row(out, comparison.variants().iter().map(|variant| (false, name(variant))).collect(), page)?;
    }
    let seen = |i: usize| report.seen(i, step);
    let parts =
        |i: usize, entry: usize| report.parts(i).is_some_and(|parting| parting.step == step && parting.entry == entry);
    let anyone_parts = |entry: usize| {
        let here =
            |i: usize| report.parts(i).is_some_and(|p| p.step == step && (p.entry == entry || p.first_entry == entry));
        (0..count).any(here)
    };
    let of_each: Vec<&StepSummary> = (0..count).filter_map(seen).collect();
    // A row about the entries between two positions of each variant.
    let within = |from: usize, to: usize, said: fn(usize, Lang) -> Vec<String>| {
        let counts = of_each.iter().map(|seen| seen.entries.len().min(to).saturating_sub(from));
        counts.map(|count| (false, said(count, lang))).collect()
    };
    let rows = rows(&of_each, anyone_parts);
    let longest = rows.last().map_or(0, |row| row.entries.end);
    // The last entry written, so that a gap is written once.
    let mut told = 0;
    for (_, StepRow { entries, again }) in
        rows.iter().enumerate().filter(|(i, row)| *i < SHOWN || anyone_parts(row.entries.start))
    {
        let (from, to) = (entries.start, entries.end);
        if from > told {
            row(out, within(told, from, waits_left_out), page)?;
        }
        told = to;
        if *again {
            row(out, within(from, to, same_again), page)?;
            continue;
        }
        let cell = |i: usize| seen(i)?.entries.get(from).map(|entry| report::entry(entry, lang));
        row(out, (0..count).map(|i| (parts(i, from), cell(i).unwrap_or_default())).collect(), page)?;
    }
    if longest > told {
        row(out, within(told, usize::MAX, waits_left_out), page)?;
    }
    let end = |i: usize| {
        let (variant, seen) = (&comparison.variants()[i], seen(i)?);
        let at_end = seen.entries.len() >= longest && parts(i, seen.entries.len());
        Some((at_end, report::end(variant, seen, step, lang)))
    };
    row(out, (0..count).filter_map(end).collect(), page)
}

/// Entries of a step that stand in one row.
struct StepRow {
    entries: Range<usize>,
    /// In every variant, each of them says the same as the one before it.
    again: bool,
}

/// The rows of a step: an entry of each variant, or several that say the same and in which no variant first differs.
fn rows(of_each: &[&StepSummary], anyone_parts: impl Fn(usize) -> bool) -> Vec<StepRow> {
    let longest = of_each.iter().map(|seen| seen.entries.len()).max().unwrap_or(0);
    let repeats = |seen: &&StepSummary, entry: usize| match seen.entries.get(entry) {
        Some(this) => seen.entries.get(entry.wrapping_sub(1)).is_some_and(|before| this.repeats(before)),
        None => true,
    };
    let mut rows: Vec<StepRow> = Vec::new();
    for entry in 0..longest {
        let again = !anyone_parts(entry) && of_each.iter().all(|seen| repeats(seen, entry));
        match rows.last_mut() {
            Some(row) if again && row.again => row.entries.end = entry + 1,
            _ => rows.push(StepRow { entries: entry..entry + 1, again }),
        }
    }
    rows
}

fn same_again(count: usize, lang: Lang) -> Vec<String> {
    match count {
        0 => Vec::new(),
        1 => vec![lang.of("the same once more", "同样再来 1 次").to_owned()],
        n => vec![words!(lang, "the same {} more times", "同样再来 {} 次", grouped(n as u64))],
    }
}

fn waits_left_out(count: usize, lang: Lang) -> Vec<String> {
    match count {
        0 => Vec::new(),
        1 => vec![lang.of("… 1 more wait", "… 还有 1 次等待").to_owned()],
        n => vec![words!(lang, "… {} more waits", "… 还有 {} 次等待", grouped(n as u64))],
    }
}

/// Writes what stands below the steps: where the variants first differ, and the cost table.
pub fn foot(out: &mut impl Write, comparison: &Comparison, report: &ComparisonReport, page: Page) -> io::Result<()> {
    writeln!(out)?;
    for line in differences(comparison, report, page.lang) {
        for line in wrapped(&line, page.width.map_or(SENTENCE, |width| width.min(SENTENCE))) {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)?;
    table(comparison, report, comparison.played(), page)
        .iter()
        .try_for_each(|(name, figures)| writeln!(out, "{}", format!("{name}{figures}").trim_end()))
}

/// A sentence for each variant but the first: where it first differs from that one, and why.
pub fn differences(comparison: &Comparison, report: &ComparisonReport, lang: Lang) -> Vec<String> {
    let Some(first) = comparison.variants().first() else { return Vec::new() };
    let sentence = |(i, variant): (usize, &super::Variant)| {
        let (a, b) = (first.name(), variant.name());
        let Some(parting) = report.parts(i) else {
            return words!(lang, "{a} and {b}: no difference in any call.", "{a} 与 {b} 的所有调用都没有差异。");
        };
        let why = report.why(comparison, i, lang).unwrap_or_default();
        let step = parting.step + 1;
        words!(lang, "{a} and {b} differ in step {step}. {why}", "{a} 与 {b} 从第 {step} 段起出现差异。{why}")
    };
    comparison.variants().iter().enumerate().skip(1).map(sentence).collect()
}

/// Writes cells side by side, each wrapped in its column.
fn row(out: &mut impl Write, cells: Vec<(bool, Vec<String>)>, page: Page) -> io::Result<()> {
    let width = page.column(cells.len());
    let cells: Vec<(bool, Vec<String>)> = cells
        .into_iter()
        .map(|(parts, lines)| (parts, lines.iter().flat_map(|line| wrapped(line, width)).collect()))
        .collect();
    let height = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    for i in 0..height {
        let mut line = String::new();
        for (column, (parts, lines)) in cells.iter().enumerate() {
            let text = lines.get(i).map_or("", String::as_str);
            line.push_str(if column == 0 { "" } else { RULE });
            line.push_str(if *parts && i == 0 { PARTS } else { SAME });
            line.push_str(&left(text, width));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
