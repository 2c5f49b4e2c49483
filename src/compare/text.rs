//! A comparison as text: a column a twin, the rows of a step beside each other, the first difference in a sentence, and
//! the bill.

use std::io::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::Seen;
use super::comparison::Comparison;
use super::page::{PARTS, RULE, name_in_lines};
pub use super::page::{Page, wrapped};
use super::table::table;
use super::{ComparisonReport, report as story};
use crate::i18n::Lang;
use crate::i18n::grouped;
use crate::i18n::words;

/// The most rows of a step that are shown; what comes after them is counted.
const SHOWN: usize = 6;
/// The most cells of a sentence.
const SENTENCE: usize = 100;
/// Before a cell, unless its row is one in which a twin parts from the first.
const SAME: &str = "  ";

/// What stands above the steps: the scene, and the policy of each twin.
///
/// # Errors
/// Those of `out`.
pub fn head(out: &mut impl Write, twins: &Comparison, page: Page) -> io::Result<()> {
    let scene = twins.scene();
    let (name, title) = (&scene.name, scene.title(page.lang));
    page.line(out, &words!(page.lang, "{name}: {title}", "{name}：{title}"))?;
    let widest = twins.twins().iter().map(|twin| twin.name().width()).max().unwrap_or(0);
    for twin in twins.twins() {
        let policy = match page.lang {
            Lang::En => super::words_of(twin.first_policy()),
            lang => twin.first_policy().words(lang),
        };
        page.line(out, &format!("  {}{}  {policy}", twin.name(), " ".repeat(widest - twin.name().width())))?;
    }
    Ok(())
}

/// A step that has been played and read.
///
/// # Errors
/// Those of `out`.
pub fn step(
    out: &mut impl Write,
    twins: &Comparison,
    story: &ComparisonReport,
    step: usize,
    page: Page,
) -> io::Result<()> {
    let Some(said) = twins.steps().get(step).map(|step| &step.said) else { return Ok(()) };
    let (number, lang) = (step + 1, page.lang);
    writeln!(out)?;
    page.line(out, &words!(lang, "step {number}: {said}", "第 {number} 段：{said}"))?;
    let count = twins.twins().len();
    if step == 0 {
        let name = |twin: &super::Variant| name_in_lines(twin.name(), page.column(count));
        row(out, twins.twins().iter().map(|twin| (false, name(twin))).collect(), page)?;
    }
    let seen = |i: usize| story.seen(i, step);
    let parts =
        |i: usize, entry: usize| story.parts(i).is_some_and(|parting| parting.step == step && parting.entry == entry);
    let anyone_parts = |entry: usize| {
        let here =
            |i: usize| story.parts(i).is_some_and(|p| p.step == step && (p.entry == entry || p.first_entry == entry));
        (0..count).any(here)
    };
    let of_each: Vec<&Seen> = (0..count).filter_map(seen).collect();
    let within = |from, to| of_each.iter().map(move |seen| skipped(seen.entries.len(), from, to));
    let rows = rows(&of_each, anyone_parts);
    let longest = rows.last().map_or(0, |row| row.entries.end);
    // The last entries told, so that a gap is told once.
    let mut told = 0;
    for (_, Row { entries, again }) in
        rows.iter().enumerate().filter(|(i, row)| *i < SHOWN || anyone_parts(row.entries.start))
    {
        let (from, to) = (entries.start, entries.end);
        if from > told {
            gap(out, within(told, from), page)?;
        }
        told = to;
        if *again {
            row(out, within(from, to).map(|count| (false, same_again(count, lang))).collect(), page)?;
            continue;
        }
        let cell = |i: usize| seen(i)?.entries.get(from).map(|entry| story::entry(entry, lang));
        row(out, (0..count).map(|i| (parts(i, from), cell(i).unwrap_or_default())).collect(), page)?;
    }
    if longest > told {
        gap(out, within(told, usize::MAX), page)?;
    }
    let end = |i: usize| {
        let (twin, seen) = (&twins.twins()[i], seen(i)?);
        let at_end = seen.entries.len() >= longest && parts(i, seen.entries.len());
        Some((at_end, story::end(twin, seen, step, lang)))
    };
    row(out, (0..count).filter_map(end).collect(), page)
}

/// Entries of a step that stand in one row.
struct Row {
    entries: Range<usize>,
    /// In every twin each of them says the same as the one before it.
    again: bool,
}

/// The rows of a step: an entry of each twin, or as many as say the same again; one in which a twin parts is a row alone.
fn rows(of_each: &[&Seen], anyone_parts: impl Fn(usize) -> bool) -> Vec<Row> {
    let longest = of_each.iter().map(|seen| seen.entries.len()).max().unwrap_or(0);
    let repeats = |seen: &&Seen, entry: usize| match seen.entries.get(entry) {
        Some(this) => seen.entries.get(entry.wrapping_sub(1)).is_some_and(|before| this.repeats(before)),
        None => true,
    };
    let mut rows: Vec<Row> = Vec::new();
    for entry in 0..longest {
        let again = !anyone_parts(entry) && of_each.iter().all(|seen| repeats(seen, entry));
        match rows.last_mut() {
            Some(row) if again && row.again => row.entries.end = entry + 1,
            _ => rows.push(Row { entries: entry..entry + 1, again }),
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

fn skipped(entries: usize, from: usize, to: usize) -> usize {
    entries.min(to).saturating_sub(from)
}

fn gap(out: &mut impl Write, counts: impl Iterator<Item = usize>, page: Page) -> io::Result<()> {
    let lang = page.lang;
    let cell = |count: usize| match count {
        0 => Vec::new(),
        1 => vec![lang.of("… 1 wait more", "… 还有 1 次等待").to_owned()],
        n => vec![words!(lang, "… {} waits more", "… 还有 {} 次等待", grouped(n as u64))],
    };
    row(out, counts.map(|count| (false, cell(count))).collect(), page)
}

/// What stands below the steps: where the twins part, and what each cost and kept.
///
/// # Errors
/// Those of `out`.
pub fn foot(out: &mut impl Write, twins: &Comparison, story: &ComparisonReport, page: Page) -> io::Result<()> {
    writeln!(out)?;
    for line in differences(twins, story, page.lang) {
        for line in wrapped(&line, page.width.map_or(SENTENCE, |width| width.min(SENTENCE))) {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)?;
    table(twins, story, twins.played(), page)
        .iter()
        .try_for_each(|(name, figures)| writeln!(out, "{}", format!("{name}{figures}").trim_end()))
}

/// A sentence for each twin but the first: where it parts from that, and why.
pub fn differences(twins: &Comparison, story: &ComparisonReport, lang: Lang) -> Vec<String> {
    let Some(first) = twins.twins().first() else { return Vec::new() };
    let sentence = |(i, twin): (usize, &super::Variant)| {
        let (a, b) = (first.name(), twin.name());
        let Some(parting) = story.parts(i) else {
            return words!(lang, "{a} and {b}: no difference in any call.", "{a} 与 {b} 的所有调用都没有差异。");
        };
        let why = story.why(twins, i, lang).unwrap_or_default();
        let step = parting.step + 1;
        words!(lang, "{a} and {b} part in step {step}. {why}", "{a} 与 {b} 从第 {step} 段起出现差异。{why}")
    };
    twins.twins().iter().enumerate().skip(1).map(sentence).collect()
}

/// Cells beside each other, each wrapped in its column.
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
            line.push_str(text);
            line.push_str(&" ".repeat(width.saturating_sub(text.width())));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
