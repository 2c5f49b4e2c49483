//! Comparison: their scopes under each other on one axis, below them a column for each, and where they part.

mod cost_table;
mod heads;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use super::footer::{HELP, STOPS, hint};
use super::help::{self, Section};
use super::layout::too_small;
use super::scope::wave_cells;
use super::{
    bar,
    cells::{ground, mark, put},
    prompt, stops,
    view::wrap,
};
use crate::analysis::scope::Columns;
use crate::analysis::why::grouped;
use crate::compare::{report as story, text};
use crate::i18n::words;
use crate::tui::MINIMUM;
use crate::tui::escape::fit;
use crate::tui::navigator::{Mode, Prompt, Question};
use crate::tui::{
    CompareScreen,
    screens::compare::{Below, Tick, keys},
};

/// Cells left of a wave: which twin, and the highest depth in sight.
const LABEL: u16 = 14;
/// From this width on there is room to say what the axis is.
const WIDE: u16 = 110;
/// The rows that the table leaves to the sentences on where twins part, where it can.
const SENTENCES: u16 = 2;
/// A column narrower than this has the reports alone.
const NARROW: usize = 34;
/// The rows that an entry with its calls takes there, about.
const CALLS: usize = 5;

pub(crate) fn render(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&beside.theme, beside.lang);
    ground(area, theme.base, buf);
    if area.width < MINIMUM.0 || area.height < MINIMUM.1 {
        return too_small(lang, theme.alert, area, buf);
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
    match (&beside.navigator.mode, beside.below) {
        (Mode::Breakpoints { row }, _) => stops::render(beside.navigator.breakpoints(), *row, theme, lang, body, buf),
        (Mode::Prompt(Prompt { question: Question::Breakpoint, .. }), _) => {
            stops::render(beside.navigator.breakpoints(), usize::MAX, theme, lang, body, buf);
        }
        (_, Below::Steps) => steps(beside, body, buf),
        (_, Below::CostTable { scroll }) => cost_table::render(beside, &table, scroll, body, buf),
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
        words!(lang, " · step {step}/{steps} · call {call}/{calls}", " · 第 {step}/{steps} 步 · 调用 {call}/{calls}");
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
    let who = beside.selected().map_or_else(|| "–".to_owned(), |who| who.name(lang));
    let mut rule = vec![
        Span::styled("─ ", theme.border),
        Span::styled(words!(lang, "Scope of {who}", "{who} 的示波器"), theme.title),
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
    let ends = [lang.of("start ", "开头 "), lang.of(" end ", " 结尾 ")].map(|end| Span::styled(end, theme.label));
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

/// The columns of the twins, side by side.
fn columns(beside: &CompareScreen, area: Rect) -> Vec<Rect> {
    let count = beside.twins().twins().len();
    let constraints = vec![Constraint::Fill(1); count];
    Layout::horizontal(constraints).split(area).to_vec()
}

/// What each twin has done in this step, the rows beside each other; the last that fit. Where columns are narrow, the calls
/// of a row stand there if the step has few rows, or if a twin parts in this one.
fn steps(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, step) = (&beside.theme, beside.lang, beside.moment().step);
    let columns = columns(beside, area);
    let twins = beside.twins().twins();
    let width = usize::from(columns.first().map_or(0, |column| column.width)).saturating_sub(4);
    let lines = |lines: Vec<String>, calls: bool| {
        let told = |(i, line): &(usize, String)| width >= NARROW || *i == 0 || calls && line.starts_with(story::DID);
        let lines = lines.into_iter().enumerate().filter(told);
        lines.flat_map(|(_, line)| text::wrapped(&line, width)).collect::<Vec<_>>()
    };
    // By row: whether a twin parts there, and its lines.
    let mut rows: Vec<Vec<(bool, Vec<String>)>> = Vec::new();
    let seen: Vec<_> = (0..twins.len()).map(|i| beside.story().seen(i, step)).collect();
    let longest = seen.iter().flatten().map(|seen| seen.entries.len()).max().unwrap_or(0);
    let parts = |i: usize, entry: usize| {
        beside.has_parted(i)
            && beside.story().parts(i).is_some_and(|parting| parting.step == step && parting.entry == entry)
    };
    for entry in 0..longest {
        let cell = |i: usize, calls: bool| {
            let at = beside.position(i, beside.moment());
            let entry = seen[i].and_then(|seen| seen.entries.get(entry)).filter(|entry| entry.from < at);
            entry.map_or_else(Vec::new, |entry| lines(story::entry_until(entry, at, lang), calls))
        };
        let row = |calls: bool| (0..twins.len()).map(|i| (parts(i, entry), cell(i, calls))).collect::<Vec<_>>();
        let anyone_parts = (0..twins.len()).any(|i| parts(i, entry));
        let row = row(anyone_parts || longest <= usize::from(area.height) / CALLS);
        if row.iter().any(|(_, lines)| !lines.is_empty()) {
            rows.push(row);
        }
    }
    if beside.is_step_over() {
        let end =
            |i: usize| seen[i].map(|seen| lines(story::end(&twins[i], seen, step, lang), false)).unwrap_or_default();
        let parts =
            |i: usize| seen[i].is_some_and(|seen| seen.entries.len() >= longest && parts(i, seen.entries.len()));
        rows.push((0..twins.len()).map(|i| (parts(i), end(i))).collect());
    }
    let height = |row: &Vec<(bool, Vec<String>)>| row.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let all: usize = rows.iter().map(height).sum();
    let mut y = -i32::try_from(all.saturating_sub(usize::from(area.height))).unwrap_or(0);
    for row in &rows {
        for ((parts, lines), column) in row.iter().zip(&columns) {
            for (line, y) in lines.iter().zip(y..) {
                let Some(y) = u16::try_from(y).ok().filter(|y| *y < area.height) else { continue };
                let style = if line.starts_with(' ') { theme.label } else { theme.value };
                let mark = if *parts { Span::styled("≠", theme.alert) } else { Span::raw(" ") };
                put(*column, y, vec![mark, Span::raw(" "), Span::styled(line.clone(), style)], buf);
            }
            if let (true, true, Some(y)) =
                (*parts, lines.is_empty(), u16::try_from(y).ok().filter(|y| *y < area.height))
            {
                put(*column, y, vec![Span::styled("≠", theme.alert)], buf);
            }
        }
        y += i32::try_from(height(row)).unwrap_or(0);
    }
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
    match &beside.navigator.mode {
        Mode::Prompt(prompt) => {
            let calls = beside.twins().twins()[beside.chosen()].timeline().now().moments();
            return prompt::render(prompt, calls, theme, lang, area, buf);
        }
        Mode::Help { .. } => return hint(theme, lang, HELP, area, buf),
        Mode::Breakpoints { .. } => return hint(theme, lang, STOPS, area, buf),
        _ => {}
    }
    let (mut row, mut used) = (Vec::new(), 0);
    let over = lang.of(" the end ", " 结束 ");
    let room = usize::from(area.width).saturating_sub(if beside.is_over() { over.width() } else { 0 });
    for keys::Binding { shown, action, short, .. } in keys::short() {
        let closes = *action == keys::Action::CostTable && matches!(beside.below, Below::CostTable { .. });
        let word = lang.pick(if closes { ("closes", "关闭") } else { *short });
        let gap = if row.is_empty() { " " } else { "  " };
        let width = gap.len() + shown.width() + 1 + word.width();
        if used + width <= room {
            used += width;
            let word = Span::styled(format!(" {word}"), theme.value);
            row.extend([Span::raw(gap), Span::styled(*shown, theme.key), word]);
        }
    }
    if beside.is_over() {
        row.push(Span::raw(" ".repeat(room.saturating_sub(used))));
        row.push(Span::styled(over, theme.marker));
    }
    put(area, 0, row, buf);
}
