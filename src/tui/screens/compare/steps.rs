//! The columns of a comparison: the calls of each server with their results, and the acts of its clients, latest at the
//! bottom. What answers the same stands in one row; see [`aligned`](crate::compare::aligned()).

use ratatui::prelude::{Buffer, Rect, Span, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{heads::columns, screen::CompareScreen};
use crate::compare::{AlignedRow, Made, MadeWhat, StepSummary, report, text};
use crate::i18n::{Lang, words};
use crate::record::Ret;
use crate::sys::Errno;
use crate::tui::Theme;
use crate::tui::escape::fit;
use crate::tui::widgets::put;

/// A narrower column leaves out the sentences on the reports.
const NARROW: usize = 34;
/// The width of the mark before a line, and of the gap after it.
const AROUND: usize = 4;

/// A row of the columns.
enum Row {
    /// A step of the scene begins.
    Step(String),
    /// For each variant whether it first differs here, and its lines.
    Cells(Vec<(bool, Vec<(String, Style)>)>),
}

impl Row {
    fn height(&self) -> usize {
        match self {
            Self::Step(_) => 1,
            Self::Cells(cells) => cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0),
        }
    }
}

/// Draws the last rows that fit, also those of earlier steps.
pub(super) fn render(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let columns = columns(screen.comparison().variants().len(), area);
    let width = usize::from(columns.first().map_or(0, |column| column.width)).saturating_sub(AROUND);
    let mut rows = Vec::new();
    let mut room = usize::from(area.height);
    let mut add = |row: Row| {
        room = room.saturating_sub(row.height());
        rows.push(row);
        room > 0
    };
    for step in (0..=screen.tick().step).rev() {
        if !latest_first(screen, step, width, &mut add) {
            break;
        }
    }
    let all: usize = rows.iter().map(Row::height).sum();
    let mut y = -i32::try_from(all.saturating_sub(usize::from(area.height))).unwrap_or(0);
    for row in rows.iter().rev() {
        draw(&screen.theme, row, y, (&columns, area), buf);
        y += i32::try_from(row.height()).unwrap_or(0);
    }
}

/// Adds the rows of a step from its last one up, as far as the step has been shown; false if there is no room left.
fn latest_first(screen: &CompareScreen, step: usize, width: usize, add: &mut impl FnMut(Row) -> bool) -> bool {
    let (lang, comparison) = (screen.lang, screen.comparison());
    let count = comparison.variants().len();
    let seen: Vec<&StepSummary> = (0..count).filter_map(|i| screen.report.seen(i, step)).collect();
    let ats: Vec<u64> = (0..count).map(|i| screen.position(i, screen.tick())).collect();
    let Some(rows) = screen.rows.get(step).filter(|_| seen.len() == count) else { return true };
    let partings: Vec<Option<usize>> = (0..count).map(|i| parts(screen, i, step, rows)).collect();
    if step < screen.tick().step || screen.is_step_over() {
        let cells = (0..count).map(|i| {
            let lines = report::end(&comparison.variants()[i], seen[i], step, lang);
            (partings[i] == Some(rows.len()), styled(&lines, width, &screen.theme))
        });
        if !add(Row::Cells(cells.collect())) {
            return false;
        }
    }
    for (n, row) in rows.iter().enumerate().rev() {
        let made = |i: usize| row[i].and_then(|made| seen[i].made.get(made)).filter(|made| made.from < ats[i]);
        let parts = |i: usize| partings[i] == Some(n);
        let is_shown = (0..count).any(|i| made(i).is_some() || parts(i) && made(0).is_some());
        let cell =
            |i: usize| (parts(i), made(i).map_or_else(Vec::new, |made| lines(screen, made, (seen[i], ats[i]), width)));
        if is_shown && !add(Row::Cells((0..count).map(cell).collect())) {
            return false;
        }
    }
    let (number, steps) = (step + 1, comparison.steps().len());
    let said = comparison.steps().get(step).map_or("", |step| &step.said);
    add(Row::Step(words!(lang, "step {number}/{steps}: {said}", "第 {number}/{steps} 段：{said}")))
}

/// The row of `step` in which variant `i` first differs, by its number; the one after the last is the step's end.
fn parts(screen: &CompareScreen, i: usize, step: usize, rows: &[AlignedRow]) -> Option<usize> {
    let parting = screen.report.parts(i).filter(|parting| parting.step == step && screen.has_parted(i))?;
    let begins = |i: usize, row: &AlignedRow, at: u64| {
        let made = row[i].and_then(|made| screen.report.seen(i, step)?.made.get(made));
        made.is_some_and(|made| match made.what {
            MadeWhat::Wait { returns, .. } => returns == at,
            _ => made.from == at,
        })
    };
    let is_here = |row: &AlignedRow| begins(i, row, parting.at) || row[i].is_none() && begins(0, row, parting.first_at);
    Some(rows.iter().position(is_here).unwrap_or(rows.len()))
}

fn lines(screen: &CompareScreen, made: &Made, (seen, at): (&StepSummary, u64), width: usize) -> Vec<(String, Style)> {
    let (theme, lang) = (&screen.theme, screen.lang);
    match &made.what {
        MadeWhat::Wait { returns, .. } if *returns >= at => {
            styled(&[lang.of("in epoll_wait", "epoll_wait 等待中").to_owned()], width, theme)
        }
        MadeWhat::Wait { entry, .. } => {
            let mut lines = seen.entries.get(*entry).map_or_else(Vec::new, |entry| report::waited(entry, lang));
            if width < NARROW {
                lines.truncate(1);
            }
            styled(&lines, width, theme)
        }
        MadeWhat::Server(call) => {
            let (sign, style) = sign(theme, call.ret());
            wrapped(&format!("  {sign} {}", call.with_result(lang)), style, width)
        }
        MadeWhat::Client(call) => wrapped(&call.of_client(lang), theme.label, width),
        MadeWhat::SetsUp { of_server, calls } => {
            let names: Vec<&str> = calls.iter().filter(|(from, _)| *from < at).map(|(_, name)| *name).collect();
            let runs = names.chunk_by(|a, b| a == b).map(|run| match run.len() {
                1 => run[0].to_owned(),
                times => format!("{} ×{times}", run[0]),
            });
            let runs = runs.collect::<Vec<_>>().join(", ");
            let said = if *of_server { format!("  → {runs}") } else { client_sets_up(&runs, lang) };
            wrapped(&said, theme.label, width)
        }
    }
}

fn client_sets_up(runs: &str, lang: Lang) -> String {
    words!(lang, "a client: {runs}", "客户端：{runs}")
}

/// EAGAIN is how a call says that there is no more, and no failure.
fn sign(theme: &Theme, ret: Ret) -> (&'static str, Style) {
    match ret.errno() {
        None => ("→", theme.value),
        Some(Errno::EAGAIN) => ("·", theme.label),
        Some(_) => ("!", theme.alert),
    }
}

/// The first line stands out; the indented ones explain it.
fn styled(lines: &[String], width: usize, theme: &Theme) -> Vec<(String, Style)> {
    let style = |line: &str| if line.starts_with(' ') { theme.label } else { theme.title };
    lines.iter().flat_map(|line| wrapped(line, style(line), width)).collect()
}

fn wrapped(line: &str, style: Style, width: usize) -> Vec<(String, Style)> {
    text::wrapped(line, width).into_iter().map(|line| (line, style)).collect()
}

fn draw(theme: &Theme, row: &Row, y: i32, (columns, area): (&[Rect], Rect), buf: &mut Buffer) {
    let inside = |y: i32| u16::try_from(y).ok().filter(|y| *y < area.height);
    let cells = match row {
        Row::Cells(cells) => cells,
        Row::Step(said) => {
            let Some(y) = inside(y) else { return };
            let said = fit(&format!(" ─ {said} "), usize::from(area.width));
            let rule = "─".repeat(usize::from(area.width).saturating_sub(said.width()));
            return put(area, y, vec![Span::styled(said, theme.label), Span::styled(rule, theme.border)], buf);
        }
    };
    for ((parts, lines), column) in cells.iter().zip(columns) {
        if let (true, Some(y)) = (*parts, inside(y)) {
            put(*column, y, vec![Span::styled("≠", theme.alert)], buf);
        }
        let column = Rect { x: column.x + 2, width: column.width.saturating_sub(2), ..*column };
        for ((line, style), y) in lines.iter().zip(y..) {
            if let Some(y) = inside(y) {
                put(column, y, vec![Span::styled(line.clone(), *style)], buf);
            }
        }
    }
}
