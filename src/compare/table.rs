//! The cost table in lines: a row for each figure, a column for each variant. On a narrow page first the names of the
//! variants are wrapped, then those of the rows; figures never are.

use unicode_width::UnicodeWidthStr;

use super::page::{NARROWEST, Page, name_in_lines, wrapped};
use super::{ComparisonReport, CostTable, Variant, comparison::Comparison, report};
use crate::i18n::wrap::{left, right};
use crate::i18n::{Both, Lang, grouped};
use crate::probe::ServerState;

const GAP: usize = 3;
/// The note on figures that a spin makes.
const CUT_OFF: Both =
    ("≥ counts of an endless spin, up to the point where it was stopped", "≥ 空转没有尽头，只计到停下为止");

/// What each variant cost and left behind in the first `steps` steps, and how it ended if it did not run on. Each line
/// is in two parts, the name of the row and the columns; the names of the variants come first.
pub fn table(comparison: &Comparison, report: &ComparisonReport, steps: usize, page: Page) -> Vec<(String, String)> {
    let names: Vec<&str> = comparison.variants().iter().map(Variant::name).collect();
    let rows = rows(comparison, report, steps, page.lang);
    let columns = Columns::of(&names, &rows, page.width);
    let lines = columns.head().chain(rows.iter().flat_map(|(name, figures)| columns.row(name, figures)));
    let cut_off = comparison.variants().iter().any(|variant| has_spun(variant, steps)).then(|| page.lang.pick(CUT_OFF));
    let below = cut_off.into_iter().flat_map(|said| wrapped(said, page.width.unwrap_or(usize::MAX)));
    lines.chain(below.map(|line| (line, String::new()))).collect()
}

/// A row's name, and its figure for each variant.
type TableRow = (&'static str, Vec<String>);

fn rows(comparison: &Comparison, report: &ComparisonReport, steps: usize, lang: Lang) -> Vec<TableRow> {
    let all = comparison.variants();
    let cost_table = |(i, variant)| (report.cost_table(i, steps).figures(), has_spun(variant, steps));
    let cost_tables: Vec<_> = all.iter().enumerate().map(cost_table).collect();
    let figure = |row: usize, (figures, spun): &([u64; 9], bool)| match grouped(figures[row]) {
        figure if *spun && row < CostTable::SPUN && figures[row] > 0 => format!("≥ {figure}"),
        figure => figure,
    };
    let figures = |row: usize| cost_tables.iter().map(|cost_table| figure(row, cost_table)).collect();
    let mut rows: Vec<TableRow> =
        CostTable::ROWS.iter().enumerate().map(|(row, both)| (lang.pick(*both), figures(row))).collect();
    let outcome = |variant: &Variant| report::outcome(variant.stood(steps.checked_sub(1)?)?, lang);
    let outcomes: Vec<Option<&str>> = all.iter().map(outcome).collect();
    if outcomes.iter().any(Option::is_some) {
        let words = outcomes.iter().map(|outcome| outcome.unwrap_or(lang.of("running", "继续运行")).to_owned());
        rows.push((lang.of("how it ended", "结局"), words.collect()));
    }
    rows
}

/// Whether its counts depend on when it was stopped.
fn has_spun(variant: &Variant, steps: usize) -> bool {
    (0..steps).any(|step| variant.stood(step) == Some(&Ok(ServerState::Spinning)))
}

/// Where each column stands.
struct Columns {
    first: usize,
    /// The names of the variants in lines.
    heads: Vec<Vec<String>>,
    each: Vec<usize>,
}

impl Columns {
    fn of(names: &[&str], rows: &[TableRow], page: Option<usize>) -> Self {
        let figures: Vec<usize> = (0..names.len()).map(|i| widest(rows.iter().map(|row| &*row.1[i]))).collect();
        let sum = |most: usize| -> usize {
            names.iter().zip(&figures).map(|(name, figure)| name.width().min(most).max(*figure)).sum()
        };
        let room = page.map_or(usize::MAX, |page| page.saturating_sub(GAP * names.len()));
        let first = widest(rows.iter().map(|row| row.0)).min(room.saturating_sub(sum(NARROWEST)).max(NARROWEST));
        // The longest cut of a variant's name with which all columns fit.
        let fits = |most: &usize| sum(*most) <= room.saturating_sub(first);
        let most = (NARROWEST..=widest(names.iter().copied())).rev().find(fits).unwrap_or(NARROWEST);
        let heads = names.iter().zip(&figures).map(|(name, figure)| name_in_lines(name, most.max(*figure)));
        let heads: Vec<Vec<String>> = heads.collect();
        let each = heads.iter().zip(figures).map(|(head, figure)| widest(head.iter().map(|line| &**line)).max(figure));
        Self { first, each: each.collect(), heads }
    }

    /// The names of the variants, which all end in the last line.
    fn head(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let height = self.heads.iter().map(Vec::len).max().unwrap_or(0);
        let line = move |i: usize| {
            self.heads.iter().map(move |lines| (i + lines.len()).checked_sub(height).map_or("", |i| &*lines[i]))
        };
        (0..height).map(move |i| (left("", self.first), self.cells(line(i))))
    }

    fn row(&self, name: &str, figures: &[String]) -> impl Iterator<Item = (String, String)> {
        let lines = wrapped(name, self.first).into_iter().enumerate();
        lines.map(|(i, line)| {
            let figures = if i == 0 { self.cells(figures.iter().map(String::as_str)) } else { String::new() };
            (left(&line, self.first), figures)
        })
    }

    fn cells<'a>(&self, cells: impl Iterator<Item = &'a str>) -> String {
        cells.zip(&self.each).map(|(cell, width)| right(cell, GAP + width)).collect()
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(UnicodeWidthStr::width).max().unwrap_or(0)
}
