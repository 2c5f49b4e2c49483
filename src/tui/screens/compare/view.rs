//! Draws a comparison: a scope for each variant on the common axis, a column for each, and where they first differ.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Rect, Span, Style};
use unicode_width::UnicodeWidthStr as _;

use super::keys::{Action, KEYS};
use super::screen::{Below, CompareScreen};
use super::{axis::Tick, below, heads, steps};
use crate::analysis::scope::Columns;
use crate::compare::text;
use crate::i18n::{grouped, joined, words};
use crate::tui::moment::{Now, Playhead};
use crate::tui::widgets::footer::{opened, row};
use crate::tui::widgets::{View, bar, breakpoints, code, help, is_too_small, put, scope, wrap};
use crate::tui::{escape::fit, navigator::Overlay};

/// The width left of a wave: the variant's name, and the largest depth.
const LABEL: u16 = 14;
/// From this width on, the axis is explained.
const WIDE: u16 = 110;
/// The rows that the table leaves to the sentences on differences, if it can.
const SENTENCES: u16 = 2;

pub(crate) fn render(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    if is_too_small(theme, lang, area, buf) {
        return;
    }
    let count = u16::try_from(screen.comparison().variants().len()).unwrap_or(1);
    // The scopes together take about two fifths of the screen; a wave shares its part with the marks above and below.
    let each = (area.height * 2 / 5 / count).clamp(2, 9);
    let (table, each) = match screen.below {
        Below::Steps | Below::Code => (Vec::new(), each),
        Below::CostTable { .. } => {
            let table = below::table_lines(screen, area.width);
            let taken = 3 + 1 + SENTENCES + u16::try_from(table.len()).unwrap_or(u16::MAX - 6);
            // The table is more important than the waves.
            let each = each.min(area.height.saturating_sub(taken) / count);
            (table, if each < 2 { 0 } else { each })
        }
    };
    // At the end all connections may be closed, so that there is nothing to draw.
    let is_closed = screen.is_over() && !screen.selected().is_some_and(|who| screen.is_open(who));
    let each = if is_closed { 0 } else { each };
    let has_line = each > 0 || is_closed && table.len() + 4 <= usize::from(area.height);
    let scope_rows = u16::from(has_line) + each * count;
    let taken = 3 + scope_rows + u16::try_from(table.len()).unwrap_or(u16::MAX - area.height).max(1);
    let said = said(screen, area, usize::from(area.height.saturating_sub(taken)));
    let rows = u16::try_from(said.len()).unwrap_or(0);
    let [top, waves, names, body, apart, bottom] =
        vertical![== 1, == scope_rows, == 1, >= 1, == rows, == 1].areas(area);
    header(screen, top, buf);
    footer(screen, bottom, buf);
    if let Overlay::Help { scroll } = screen.navigator.overlay {
        let area = Rect { height: area.height - 2, y: area.y + 1, ..area };
        return help::screen(theme, lang, ("Compare", "对比"), KEYS, scroll, area, buf);
    }
    if scope_rows > 0 {
        scopes(screen, each, waves, buf);
    }
    // The heads stand over the columns, which the code leaves.
    let heads = if screen.below == Below::Code { beside_code(names)[0] } else { names };
    heads::render(screen, if heads.width > 0 { heads } else { names }, buf);
    match (screen.navigator.overlay.breakpoint_row(), screen.below) {
        (Some(row), _) => breakpoints::render(screen.navigator.breakpoints(), row, theme, lang, body, buf),
        (None, Below::Steps) => steps::render(screen, body, buf),
        (None, Below::Code) => program(screen, body, buf),
        (None, Below::CostTable { scroll }) => below::cost_table(screen, &table, scroll, body, buf),
    }
    for (y, (line, style)) in (0..apart.height).zip(said) {
        put(apart, y, vec![Span::styled(format!(" {line}"), style)], buf);
    }
}

/// The code of the chosen variant, and the steps left of it where there is room.
fn program(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let [left, right] = beside_code(area);
    if left.width > 0 {
        steps::render(screen, left, buf);
    }
    code_of_chosen(screen, right, buf);
}

/// The area of the steps, and that of the code; on a narrow screen the code has all of it.
fn beside_code(area: Rect) -> [Rect; 2] {
    let width = if area.width >= WIDE { area.width / 5 * 2 } else { area.width };
    let [left, right] = horizontal![>= 0, == width].areas(area);
    [Rect { width: left.width.saturating_sub(1), ..left }, right]
}

pub(super) fn code_of_chosen(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let variant = &screen.comparison().variants()[screen.chosen()];
    let now = Now { next: variant.held_before(), ..Now::unknown(Playhead::Held) };
    let shown = screen.navigator.cursor.shown(variant.timeline(), now);
    let policy = shown.world.policy().copied().unwrap_or(*variant.first_policy());
    let language = screen.language.language;
    let view =
        View { policy: Some(policy), language, ..View::of(shown, &screen.navigator, &screen.theme, screen.lang) };
    code::render(&view, area, buf);
}

/// What is copied: the table where it is open, or else the differences so far, or where there are none, the step.
pub(super) fn copied(screen: &CompareScreen) -> String {
    let (lang, comparison) = (screen.lang, screen.comparison());
    if matches!(screen.below, Below::CostTable { .. }) {
        let rows = below::table_lines(screen, 100).into_iter().map(|(name, figures)| format!("{name}{figures}"));
        return rows.collect::<Vec<_>>().join("\n");
    }
    let all = text::differences(comparison, &screen.report, lang).into_iter().enumerate();
    let parted: Vec<_> = all.filter(|(i, _)| screen.has_parted(i + 1)).map(|(_, said)| said).collect();
    let step = || comparison.steps().get(screen.tick().step).map_or(String::new(), |step| step.said.clone());
    if parted.is_empty() { step() } else { parted.join("\n") }
}

fn header(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, comparison, tick) = (&screen.theme, screen.lang, screen.comparison(), screen.tick());
    let (step, steps) = (tick.step + 1, comparison.steps().len());
    let (call, calls) = (tick.call, screen.calls(tick.step));
    let said = comparison.steps().get(tick.step).map_or("", |step| &step.said);
    let place =
        words!(lang, " · step {step}/{steps} · call {call}/{calls}", " · 第 {step}/{steps} 段 · 调用 {call}/{calls}");
    // The number for `:`, which counts the calls of the chosen variant from the first.
    let chosen = &comparison.variants()[screen.chosen()];
    let number = screen.world(screen.chosen(), chosen).moments();
    let place = if area.width >= WIDE {
        words!(lang, "{place} (:{number} of {})", "{place}（{} 的 :{number}）", chosen.name())
    } else {
        place
    };
    let plays = screen.plays().map_or(String::new(), |speed| words!(lang, " ▶ {speed}/s", " ▶ 每秒 {speed} 次"));
    let title = format!(" {}", comparison.scene.title(lang));
    let room = usize::from(area.width).saturating_sub(title.width() + place.width() + plays.width() + 4);
    let line = vec![
        Span::styled(title, theme.title),
        Span::styled(place, theme.marker),
        Span::styled(plays, theme.good),
        Span::styled(format!(" · {}", fit(said, room)), theme.value),
    ];
    put(area, 0, line, buf);
}

/// A wave for each variant; a column is a tick.
fn scopes(screen: &CompareScreen, each: u16, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    let scope = match screen.selected().map(|who| who.name(lang)) {
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
    place(screen, Rect { x: area.x + used, width: area.width - used, height: 1, ..area }, buf);
    if each == 0 {
        return;
    }
    let width = usize::from(area.width.saturating_sub(LABEL)) / 2;
    let ticks = screen.ticks(width);
    let names = heads::names(screen, usize::from(LABEL) - 2);
    for ((i, variant), name) in screen.comparison().variants().iter().enumerate().zip(&names) {
        let y = area.y + 1 + each * u16::try_from(i).unwrap_or(0);
        let area = Rect { y, height: each, ..area };
        let world = screen.world(i, variant);
        let end = screen.position(i, screen.tick());
        let starts = ticks.iter().map(|tick| {
            let before = Tick { call: tick.call - 1, ..*tick };
            screen.position(i, before)
        });
        let columns = Columns::of(starts.collect(), end);
        let ids: Vec<_> = screen.file(world).into_iter().collect();
        let is_open = !ids.is_empty();
        let wave = columns.waves(variant.timeline(), world, &ids).pop().unwrap_or_default();
        let most = scope::highest(&wave).unwrap_or(0);
        let label = |y, text: &str, style, buf: &mut Buffer| {
            put(Rect { width: LABEL, ..area }, y, vec![Span::raw(" "), Span::styled(text.to_owned(), style)], buf);
        };
        label(0, name, theme.value, buf);
        let depth = if is_open { grouped(most) } else { lang.of("not open", "未打开").to_owned() };
        let depth = format!("{}{depth}", " ".repeat(11_usize.saturating_sub(depth.width())));
        label(1, &depth, theme.label, buf);
        scope::draw(theme, &wave, 2, Rect { x: area.x + LABEL, width: area.width.saturating_sub(LABEL), ..area }, buf);
    }
}

/// The track: where the tick stands in the scene, each step of which takes the same room, and where the landmarks are.
fn place(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, steps) = (&screen.theme, screen.lang, screen.comparison().steps().len());
    let ends = [lang.of("start ", "开头 "), lang.of(" end ", " 末尾 ")].map(|end| Span::styled(end, theme.label));
    let [before, after] = [&ends[0], &ends[1]].map(|end| u16::try_from(end.width()).unwrap_or(0));
    let width = area.width.saturating_sub(before + after);
    if width < bar::LEAST {
        return put(area, 0, vec![Span::styled("─".repeat(usize::from(area.width)), theme.border)], buf);
    }
    let along = |tick: Tick| {
        let calls = screen.calls(tick.step).max(1);
        let [n, all] = [tick.step * calls + tick.call, steps * calls].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        bar::along(n, all, width)
    };
    let marks: Vec<u16> = screen.landmarks().iter().map(|landmark| along(landmark.tick)).collect();
    let line = Rect { x: area.x + before, width, ..area };
    put(area, 0, vec![ends[0].clone()], buf);
    bar::line(theme, along(screen.tick()), |x| marks.contains(&x), line, buf);
    put(Rect { x: line.right(), width: after, ..area }, 0, vec![ends[1].clone()], buf);
}

/// The message, and the differences so far, in at most `room` lines. The first is never cut if there is room for it; an
/// ellipsis shows what is left out.
fn said(screen: &CompareScreen, area: Rect, room: usize) -> Vec<(String, Style)> {
    let (theme, lang, comparison) = (&screen.theme, screen.lang, screen.comparison());
    let width = usize::from(area.width).saturating_sub(2);
    let all = text::differences(comparison, &screen.report, lang);
    let parted = all.into_iter().enumerate().filter(|(i, _)| screen.has_parted(i + 1));
    let notice = screen.navigator.notice.iter();
    let told = notice.map(|notice| (notice.text.clone(), notice.style(theme)));
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

fn footer(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    let timeline = screen.comparison().variants()[screen.chosen()].timeline();
    if opened(&screen.navigator.overlay, timeline, theme, lang, area, buf) {
        return;
    }
    let over = if screen.is_over() { lang.of(" the end ", " 结束 ") } else { "" };
    let keys = KEYS.iter().filter(|binding| !binding.short.0.is_empty()).map(|binding| {
        let closes = binding.action == Action::CostTable && matches!(screen.below, Below::CostTable { .. });
        let word = if closes { ("closes", "关闭") } else { binding.short };
        (binding.shown.to_owned(), lang.pick(word).to_owned())
    });
    row(theme, keys, over, area, buf);
}
