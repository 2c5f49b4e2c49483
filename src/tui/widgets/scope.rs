//! The scope: unread bytes over time, with arrivals above and reports below, for as many connections as fit.

use std::time::Duration;

use ratatui::prelude::{Buffer, Rect, Span, Style};

use super::{View, mark, put, title};
use crate::analysis::scope::{Column, Columns, Timebase};
use crate::analysis::{Rate, rates};
use crate::i18n::{Lang, duration, grouped, words};
use crate::trace::world::FileId;
use crate::tui::moment::Playhead;
use crate::tui::{Theme, escape::fit};

/// After so long without a record, a running server has no rates.
pub(crate) const STILL: Duration = Duration::from_secs(1);
/// The width left of the wave: the name, and the largest depth.
const LABEL: u16 = 12;
const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height < 4 {
        return;
    }
    let (theme, lang) = (view.theme, view.lang);
    let base = match view.timebase {
        Timebase::Calls(1) => lang.of(" · a column is a call", " · 每列一次调用").to_owned(),
        Timebase::Calls(n) => words!(lang, " · a column is {n} calls", " · 每列 {n} 次调用"),
        Timebase::Time(t) => words!(lang, " · a column is {}", " · 每列 {}", duration(t.0)),
    };
    let extra = vec![
        Span::styled(lang.of(": bytes unread", "：未读字节"), theme.label),
        Span::styled(lang.of("  ▽ arrival", "  ▽ 到达"), theme.arrival),
        Span::styled(lang.of("  ▲ report", "  ▲ 报告"), theme.report),
        Span::styled(base, theme.label),
    ];
    let area = title(view.theme, lang.of("Scope", "示波器"), extra, area, buf);
    // A connection needs three rows at least.
    let shown = view.connections(usize::from(area.height / 3).min(8));
    if shown.is_empty() {
        return put(area, 0, vec![Span::styled(lang.of("no connection is open", "没有打开的连接"), theme.label)], buf);
    }
    // Arrivals, a wave that uses the room there is, reports.
    let each = (area.height / u16::try_from(shown.len()).unwrap_or(u16::MAX)).clamp(3, 30).min(area.height);
    let cells = if view.timebase == Timebase::Calls(1) { 2 } else { 1 };
    let width = usize::from(area.width.saturating_sub(LABEL)) / cells;
    let columns = Columns::before(view.timeline, view.at, width, view.timebase);
    let shown = &shown[..shown.len().min(usize::from(area.height / each))];
    let waves = columns.waves(view.timeline, view.world, shown);
    let runs = matches!(view.playhead, Playhead::Runs { pace: None }) && view.still < STILL;
    let rates = runs.then(|| rates(view.timeline, view.world, view.at, shown)).flatten().unwrap_or_default();
    for ((i, id), wave) in shown.iter().enumerate().zip(waves) {
        let y = area.y + each * u16::try_from(i).unwrap_or(0);
        let area = Rect { y, height: each, ..area };
        one(view, *id, &wave, cells, area, buf);
        for (y, rate) in (2..area.height).zip(rates.get(i).map(|rate| per_second(*rate, lang)).into_iter().flatten()) {
            put(Rect { width: LABEL, ..area }, y, vec![Span::styled(format!("{rate:>10}"), theme.good)], buf);
        }
    }
}

/// Events and bytes in a second, in as few cells as the depth above them.
fn per_second(rate: Rate, lang: Lang) -> [String; 2] {
    let ((events, kilo), (bytes, prefix)) = (short(rate.events), short(rate.bytes));
    [words!(lang, "{events}{kilo} ev/s", "{events}{kilo} 次/秒"), format!("{bytes} {prefix}B/s")]
}

fn short(n: u64) -> (String, &'static str) {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    match n {
        ..=9_999 => (grouped(n), ""),
        10_000..=999_999 => (grouped(n / 1_000), "k"),
        1_000_000..=999_999_999 => (format!("{:.1}", n as f64 / 1e6), "M"),
        _ => (format!("{:.1}", n as f64 / 1e9), "G"),
    }
}

fn one(view: &View<'_>, id: FileId, wave: &[Column], cells: usize, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let fd = view.world.file(id).map_or(-1, |file| file.fd.0);
    let selected = view.selected == Some(id);
    let who = format!("{}{fd} {}", if selected { "▶" } else { " " }, view.world.name(id, view.lang));
    let label = |y, text: &str, style, buf: &mut Buffer| {
        put(Rect { width: LABEL, ..area }, y, vec![Span::styled(fit(text, usize::from(LABEL) - 1), style)], buf);
    };
    label(0, &who, if selected { theme.marker } else { theme.value }, buf);
    label(1, &format!("{:>10}", highest(wave).map_or_else(|| "?".to_owned(), grouped)), theme.label, buf);
    draw(theme, wave, cells, Rect { x: area.x + LABEL, width: area.width.saturating_sub(LABEL), ..area }, buf);
}

pub(crate) fn highest(wave: &[Column]) -> Option<u64> {
    wave.iter().filter_map(|column| column.depth).max()
}

/// Draws a wave, `cells` wide a column, reports below it, and arrivals above it if there are three rows or more.
pub(crate) fn draw(theme: &Theme, wave: &[Column], cells: usize, area: Rect, buf: &mut Buffer) {
    let most = highest(wave).unwrap_or(0);
    let arrivals = u16::from(area.height > 2);
    let body = Rect { y: area.y + arrivals, height: area.height.saturating_sub(1 + arrivals), ..area };
    for (column, x) in wave.iter().zip((area.x..area.right()).step_by(cells)) {
        for x in (x..area.right()).take(cells) {
            wave_cells(column, most, x, body, theme.wave, buf);
        }
        if column.arrived && arrivals > 0 {
            mark(x, area.y, "▽", theme.arrival, buf);
        }
        if column.reported {
            mark(x, area.bottom() - 1, "▲", theme.report, buf);
        }
    }
}

/// One column of a wave, from the bottom up. A line shows that the connection is open and nothing is unread.
fn wave_cells(column: &Column, most: u64, x: u16, area: Rect, style: Style, buf: &mut Buffer) {
    let Some(depth) = column.depth else { return };
    let eighths = u64::from(area.height) * 8;
    // Nothing unread is a line of one eighth, so a single byte gets two.
    let filled = if depth == 0 { 0 } else { (depth * eighths / most.max(1)).max(2) };
    for row in 0..area.height {
        let below = u64::from(row) * 8;
        let cell = usize::try_from(filled.saturating_sub(below).min(8)).unwrap_or(8);
        let symbol = if row == 0 && cell == 0 { BLOCKS[1] } else { BLOCKS[cell] };
        mark(x, area.bottom() - 1 - row, symbol, style, buf);
    }
}
