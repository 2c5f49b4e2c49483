//! Comparison: their scopes under each other on one axis, below them a column for each, and where they part.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use super::axis::Tick;
use super::screen::{Below, CompareScreen};
use super::{cost_table, heads, keys, steps};
use crate::analysis::scope::Columns;
use crate::compare::text;
use crate::i18n::{grouped, joined, words};
use crate::tui::escape::fit;
use crate::tui::navigator::Mode;
use crate::tui::widgets::cells::{mark, put};
use crate::tui::widgets::footer::{opened, row};
use crate::tui::widgets::help::{self, Section};
use crate::tui::widgets::layout::is_too_small;
use crate::tui::widgets::scope::wave_cells;
use crate::tui::widgets::text::wrap;
use crate::tui::widgets::{bar, stops};

/// Cells left of a wave: which twin, and the highest depth in sight.
const LABEL: u16 = 14;
/// From this width on there is room to say what the axis is.
const WIDE: u16 = 110;
/// The rows that the table leaves to the sentences on where twins part, where it can.
const SENTENCES: u16 = 2;

pub(crate) fn render(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&beside.theme, beside.lang);
    if is_too_small(theme, lang, area, buf) {
        return;
    }
    let count = u16::try_from(beside.twins().twins().len()).unwrap_or(1);
    // A twin's wave takes its marks above and below and what is left of about two fifths of the screen.
    let each = (area.height * 2 / 5 / count).clamp(2, 7);
    let (table, each) = match beside.below {
        Below::Steps => (Vec::new(), each),
        Below::CostTable { .. } => {
            let table = cost_table::lines(beside, area.width);
            let taken = 3 + 1 + SENTENCES + u16::try_from(table.len()).unwrap_or(u16::MAX - 6);
            // The table goes before the waves.
            let each = each.min(area.height.saturating_sub(taken) / count);
            (table, if each < 2 { 0 } else { each })
        }
    };
    // In the end there may be no wave left to draw.
    let is_closed = beside.is_over() && !beside.is_anywhere_open();
    let each = if is_closed { 0 } else { each };
    let has_line = each > 0 || is_closed && table.len() + 4 <= usize::from(area.height);
    let scope_rows = u16::from(has_line) + each * count;
    let taken = 3 + scope_rows + u16::try_from(table.len()).unwrap_or(u16::MAX - area.height).max(1);
    let said = said(beside, area, usize::from(area.height.saturating_sub(taken)));
    let rows = u16::try_from(said.len()).unwrap_or(0);
    let [top, scope, names, body, apart, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(scope_rows),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(rows),
        Constraint::Length(1),
    ])
    .areas(area);
    header(beside, top, buf);
    footer(beside, bottom, buf);
    if let Mode::Help { scroll } = beside.navigator.mode {
        let area = Rect { height: area.height - 2, y: area.y + 1, ..area };
        let own = Section::new(("Twins", "并排比较"), keys::helped());
        return help::render(theme, lang, [&[own], &[Section::past(keys::is_own)]], scroll, area, buf);
    }
    if scope_rows > 0 {
        scopes(beside, each, scope, buf);
    }
    heads::render(beside, names, buf);
    match (beside.navigator.mode.breakpoint_row(), beside.below) {
        (Some(row), _) => stops::render(beside.navigator.breakpoints(), row, theme, lang, body, buf),
        (None, Below::Steps) => steps::render(beside, body, buf),
        (None, Below::CostTable { scroll }) => cost_table::render(beside, &table, scroll, body, buf),
    }
    for (y, (line, style)) in (0..apart.height).zip(said) {
        put(apart, y, vec![Span::styled(format!(" {line}"), style)], buf);
    }
}

/// The scene, the step, and the calls.
fn header(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, twins, moment) = (&beside.theme, beside.lang, beside.twins(), beside.moment());
    let (step, steps) = (moment.step + 1, twins.steps().len());
    let (call, calls) = (moment.call, beside.calls(moment.step));
    let said = twins.steps().get(moment.step).map_or("", |step| &step.said);
    let place =
        words!(lang, " · step {step}/{steps} · call {call}/{calls}", " · 第 {step}/{steps} 段 · 调用 {call}/{calls}");
    // The number that `:` takes counts the calls of one twin, from the first.
    let chosen = &twins.twins()[beside.chosen()];
    let number = beside.world(beside.chosen(), chosen).moments();
    let place = words!(lang, "{place} ({} :{number})", "{place}（{} :{number}）", chosen.name());
    let plays = beside.plays().map_or(String::new(), |speed| words!(lang, " ▶ {speed}/s", " ▶ 每秒 {speed} 次"));
    let title = format!(" {}", twins.scene().title(lang));
    let room = usize::from(area.width).saturating_sub(title.width() + place.width() + plays.width() + 4);
    put(
        area,
        0,
        vec![
            Span::styled(title, theme.title),
            Span::styled(place, theme.marker),
            Span::styled(plays, theme.good),
            Span::styled(format!(" · {}", fit(said, room)), theme.value),
        ],
        buf,
    );
}

/// A wave for each twin; a column is a call of the one that makes the most in its step.
fn scopes(beside: &CompareScreen, each: u16, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&beside.theme, beside.lang);
    let scope = match beside.selected().map(|who| who.name(lang)) {
        Some(who) => lang.of(format!("Scope of {who}"), joined(&who, "的示波器")),
        None => lang.of("Scope", "示波器").to_owned(),
    };
    let mut rule = vec![
        Span::styled("─ ", theme.border),
        Span::styled(scope, theme.title),
        Span::styled(
            if each > 0 { lang.of(": unread", "：未读") } else { lang.of(": closed", "：已关闭") },
            theme.label,
        ),
        Span::styled(lang.of("  ▽ arrival", "  ▽ 到达"), theme.arrival),
        Span::styled(lang.of("  ▲ report", "  ▲ 报告"), theme.report),
    ];
    if area.width >= WIDE {
        let axis = lang.of(" · one axis: a column is a call", " · 同一时间轴：每列一次调用");
        rule.push(Span::styled(axis, theme.label));
    }
    rule.push(Span::raw(" "));
    let used = u16::try_from(rule.iter().map(Span::width).sum::<usize>()).unwrap_or(u16::MAX).min(area.width);
    put(area, 0, rule, buf);
    place(beside, Rect { x: area.x + used, width: area.width - used, height: 1, ..area }, buf);
    if each == 0 {
        return;
    }
    let width = usize::from(area.width.saturating_sub(LABEL)) / 2;
    let moments = beside.moments(width);
    let names = heads::names(beside, usize::from(LABEL) - 2);
    for ((i, twin), name) in beside.twins().twins().iter().enumerate().zip(&names) {
        let y = area.y + 1 + each * u16::try_from(i).unwrap_or(0);
        let area = Rect { y, height: each, ..area };
        let world = beside.world(i, twin);
        let end = beside.position(i, beside.moment());
        let starts = moments.iter().map(|moment| {
            let before = Tick { call: moment.call - 1, ..*moment };
            beside.position(i, before)
        });
        let columns = Columns::of(starts.collect(), end);
        let ids: Vec<_> = beside.file(world).into_iter().collect();
        let is_open = !ids.is_empty();
        let wave = columns.waves(twin.timeline(), world, &ids).pop().unwrap_or_default();
        let most = wave.iter().filter_map(|column| column.depth).max().unwrap_or(0);
        let label = |y, text: &str, style, buf: &mut Buffer| {
            put(Rect { width: LABEL, ..area }, y, vec![Span::raw(" "), Span::styled(text.to_owned(), style)], buf);
        };
        label(0, name, theme.value, buf);
        let depth = if is_open { grouped(most) } else { lang.of("not open", "未打开").to_owned() };
        let depth = format!("{}{depth}", " ".repeat(11_usize.saturating_sub(depth.width())));
        label(1, &depth, theme.label, buf);
        // Arrivals have a row of their own where there are three.
        let arrivals = u16::from(each > 2);
        let high = each - 1 - arrivals;
        for (column, x) in wave.iter().zip((area.x + LABEL..).step_by(2)) {
            let body = Rect { y: area.y + arrivals, height: high, ..area };
            for x in [x, x + 1].into_iter().filter(|x| *x < area.right()) {
                wave_cells(column, most, x, body, theme.wave, buf);
            }
            if column.arrived && arrivals > 0 && x < area.right() {
                mark(x, area.y, "▽", theme.arrival, buf);
            }
            if column.reported && x < area.right() {
                mark(x, area.bottom() - 1, "▲", theme.report, buf);
            }
        }
    }
}

/// Where the moment stands in the scene, each step of which takes the same room; what `{` and `}` lead to is marked.
fn place(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, steps) = (&beside.theme, beside.lang, beside.twins().steps().len());
    let ends = [lang.of("start ", "开头 "), lang.of(" end ", " 末尾 ")].map(|end| Span::styled(end, theme.label));
    let [before, after] = [&ends[0], &ends[1]].map(|end| u16::try_from(end.width()).unwrap_or(0));
    let width = area.width.saturating_sub(before + after);
    if width < bar::LEAST {
        return put(area, 0, vec![Span::styled("─".repeat(usize::from(area.width)), theme.border)], buf);
    }
    let along = |moment: Tick| {
        let calls = beside.calls(moment.step).max(1);
        let [n, all] = [moment.step * calls + moment.call, steps * calls].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        bar::along(n, all, width)
    };
    let marks: Vec<u16> = beside.places().iter().map(|place| along(place.moment)).collect();
    let line = Rect { x: area.x + before, width, ..area };
    put(area, 0, vec![ends[0].clone()], buf);
    bar::line(theme, along(beside.moment()), |x| marks.contains(&x), line, buf);
    put(Rect { x: line.right(), width: after, ..area }, 0, vec![ends[1].clone()], buf);
}

/// The word to the user, and where those part that have parted by now, in at most `room` lines. Where there is little of it
/// the first is there as a whole, and what is left out is seen to be.
fn said(beside: &CompareScreen, area: Rect, room: usize) -> Vec<(String, Style)> {
    let (theme, lang, twins) = (&beside.theme, beside.lang, beside.twins());
    let width = usize::from(area.width).saturating_sub(2);
    let all = text::differences(twins, beside.story(), lang);
    let parted = all.into_iter().enumerate().filter(|(i, _)| beside.has_parted(i + 1));
    let notice = beside.navigator.notice.iter();
    let told = notice.map(|notice| (notice.text.clone(), if notice.alert { theme.alert } else { theme.notice }));
    let said = told.chain(parted.map(|(_, said)| (said, theme.marker)));
    let lines: Vec<Vec<(String, Style)>> =
        said.map(|(said, style)| wrap(&said, width).into_iter().map(|line| (line, style)).collect()).collect();
    let most = (usize::from(area.height) / 5).max(lines.first().map_or(0, Vec::len)).min(room);
    let mut lines: Vec<(String, Style)> = lines.into_iter().flatten().collect();
    let is_cut = lines.len() > most;
    lines.truncate(most);
    if let (true, Some((last, _))) = (is_cut, lines.last_mut()) {
        *last = fit(&format!("{last} …"), width);
    }
    lines
}

fn footer(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&beside.theme, beside.lang);
    let timeline = beside.twins().twins()[beside.chosen()].timeline();
    if opened(&beside.navigator.mode, timeline, theme, lang, area, buf) {
        return;
    }
    let over = if beside.is_over() { lang.of(" the end ", " 结束 ") } else { "" };
    let keys = keys::short().map(|keys::Binding { shown, action, short, .. }| {
        let closes = *action == keys::Action::CostTable && matches!(beside.below, Below::CostTable { .. });
        ((*shown).to_owned(), lang.pick(if closes { ("closes", "关闭") } else { *short }).to_owned())
    });
    row(theme, keys, over, area, buf);
}
