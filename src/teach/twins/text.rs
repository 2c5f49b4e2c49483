//! A comparison as text: a column a twin, the rows of a step beside each other, the first difference in a sentence, and
//! the bill. Its width does not depend on the terminal.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::story::{self, Story};
use super::{Bill, Twins};
use crate::teach::prose::{Block, Inline, Style};
use crate::teach::{Laid, lay};
use crate::trace::Lang;
use crate::trace::lang::words;
use crate::trace::why::grouped;

/// The most entries of a step that are shown; what comes after them is counted.
const SHOWN: usize = 6;
/// The cells of a column, by how many there are.
const WIDTHS: [usize; 3] = [56, 38, 32];
/// Between two columns; the mark of a row in which a twin parts from the first stands before its cell.
const RULE: &str = " │";
const SAME: &str = "  ";
const PARTS: &str = "≠ ";

/// What stands above the steps: the scene, and the policy of each twin.
///
/// # Errors
/// Those of `out`.
pub fn head(out: &mut impl Write, twins: &Twins, lang: Lang) -> io::Result<()> {
    let scene = twins.scene();
    writeln!(out, "{}: {}", scene.name, scene.title(lang))?;
    let widest = twins.twins().iter().map(|twin| twin.name().width()).max().unwrap_or(0);
    for twin in twins.twins() {
        let policy = super::words_of(twin.first_policy());
        writeln!(out, "  {}{}  {policy}", twin.name(), " ".repeat(widest - twin.name().width()))?;
    }
    Ok(())
}

/// A step that has been played and read.
///
/// # Errors
/// Those of `out`.
pub fn step(out: &mut impl Write, twins: &Twins, story: &Story, step: usize, lang: Lang) -> io::Result<()> {
    let Some(said) = twins.steps().get(step).map(|step| &step.said) else { return Ok(()) };
    let number = step + 1;
    writeln!(out, "\n{}", words!(lang, "step {number}: {said}", "第 {number} 步：{said}"))?;
    let names = twins.twins().iter().map(|twin| (false, vec![twin.name().to_owned()])).collect();
    if step == 0 {
        row(out, names)?;
    }
    let seen = |i: usize| story.seen(i, step);
    let count = twins.twins().len();
    let longest = (0..count).filter_map(|i| Some(seen(i)?.entries.len())).max().unwrap_or(0);
    let parts =
        |i: usize, entry: usize| story.parts(i).is_some_and(|parting| parting.step == step && parting.entry == entry);
    let shown = |entry: usize| {
        let here =
            |i: usize| story.parts(i).is_some_and(|p| p.step == step && (p.entry == entry || p.first_entry == entry));
        entry < SHOWN || (0..count).any(here)
    };
    // The last entries told, so that a gap is told once.
    let mut told = 0;
    for entry in (0..longest).filter(|entry| shown(*entry)) {
        if entry > told {
            gap(out, (0..count).map(|i| skipped(seen(i).map_or(0, |seen| seen.entries.len()), told, entry)), lang)?;
        }
        told = entry + 1;
        let cell = |i: usize| seen(i)?.entries.get(entry).map(|entry| story::entry(entry, lang));
        row(out, (0..count).map(|i| (parts(i, entry), cell(i).unwrap_or_default())).collect())?;
    }
    if longest > told {
        gap(out, (0..count).map(|i| skipped(seen(i).map_or(0, |seen| seen.entries.len()), told, usize::MAX)), lang)?;
    }
    let end = |i: usize| {
        let (twin, seen) = (&twins.twins()[i], seen(i)?);
        let at_end = seen.entries.len() >= longest && parts(i, seen.entries.len());
        Some((at_end, story::end(twin, seen, step, lang)))
    };
    row(out, (0..count).filter_map(end).collect())
}

fn skipped(entries: usize, from: usize, to: usize) -> usize {
    entries.min(to).saturating_sub(from)
}

fn gap(out: &mut impl Write, counts: impl Iterator<Item = usize>, lang: Lang) -> io::Result<()> {
    let cell = |count: usize| match count {
        0 => Vec::new(),
        1 => vec![lang.of("… 1 wait more", "… 还有 1 次等待").to_owned()],
        n => vec![words!(lang, "… {} waits more", "… 还有 {} 次等待", grouped(n as u64))],
    };
    row(out, counts.map(|count| (false, cell(count))).collect())
}

/// What stands below the steps: where the twins part, and what each cost and kept.
///
/// # Errors
/// Those of `out`.
pub fn foot(out: &mut impl Write, twins: &Twins, story: &Story, lang: Lang) -> io::Result<()> {
    writeln!(out)?;
    for line in differences(twins, story, lang) {
        for line in wrapped(&line, 100) {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)?;
    let bills: Vec<[u64; 7]> = (0..twins.twins().len()).map(|i| story.bill(twins, i).figures()).collect();
    let first = Bill::ROWS.iter().map(|both| lang.pick(*both).width()).max().unwrap_or(0);
    let width = |i: usize, twin: &super::Twin| {
        let widest = bills[i].iter().map(|figure| grouped(*figure).len()).max().unwrap_or(0);
        widest.max(twin.name().width()) + 3
    };
    let widths: Vec<usize> = twins.twins().iter().enumerate().map(|(i, twin)| width(i, twin)).collect();
    let right = |text: &str, width: usize| format!("{}{text}", " ".repeat(width.saturating_sub(text.width())));
    let names: String = twins.twins().iter().zip(&widths).map(|(twin, width)| right(twin.name(), *width)).collect();
    writeln!(out, "{}{names}", " ".repeat(first))?;
    for (i, both) in Bill::ROWS.iter().enumerate() {
        let name = lang.pick(*both);
        let figures: String =
            bills.iter().zip(&widths).map(|(figures, width)| right(&grouped(figures[i]), *width)).collect();
        writeln!(out, "{name}{}{figures}", " ".repeat(first - name.width()))?;
    }
    Ok(())
}

/// A sentence for each twin but the first: where it parts from that, and why.
pub fn differences(twins: &Twins, story: &Story, lang: Lang) -> Vec<String> {
    let Some(first) = twins.twins().first() else { return Vec::new() };
    let sentence = |(i, twin): (usize, &super::Twin)| {
        let (a, b) = (first.name(), twin.name());
        let Some(parting) = story.parts(i) else {
            return words!(lang, "{a} and {b}: no difference in any call.", "{a} 与 {b}：所有调用都没有区别。");
        };
        let why = story.why(twins, i, lang).unwrap_or_default();
        let step = parting.step + 1;
        words!(lang, "{a} and {b} part in step {step}: {why}", "{a} 与 {b} 在第 {step} 步分开：{why}")
    };
    twins.twins().iter().enumerate().skip(1).map(sentence).collect()
}

/// Cells beside each other, each wrapped in its column.
fn row(out: &mut impl Write, cells: Vec<(bool, Vec<String>)>) -> io::Result<()> {
    let width = WIDTHS[cells.len().clamp(2, 4) - 2];
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

/// A line in lines of a width; those after the first are indented as far as it is, and two cells more.
pub fn wrapped(line: &str, width: usize) -> Vec<String> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let fill = |text: &str, width: usize| {
        let block = Block::Paragraph(vec![Inline { text: text.to_owned(), style: Style::Plain }]);
        lay(&[block], width).into_iter().map(|line: Laid| line.into_iter().map(|(_, text)| text).collect::<String>())
    };
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.to_owned();
    while !rest.is_empty() {
        let pad = if lines.is_empty() { indent } else { indent + 2 };
        let Some(first) = fill(&rest, width.saturating_sub(pad).max(8)).next() else { break };
        let taken = first.trim_end().len();
        lines.push(format!("{}{}", " ".repeat(pad), first.trim_end()));
        rest = rest[taken.max(1).min(rest.len())..].trim_start().to_owned();
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}
