//! The scope: unread bytes over time, for as many connections as fit, with arrivals above and reports below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::cells::{mark, put};
use super::rules::title;
use super::view::View;
use crate::analysis::scope::{Column, Columns, Timebase};
use crate::i18n::duration;
use crate::i18n::grouped;
use crate::i18n::words;
use crate::trace::world::FileId;
use crate::tui::escape::fit;

/// Cells left of the wave: who it is, and the highest depth in sight.
const LABEL: u16 = 12;
/// Eighths of a cell.
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
    // Three rows each is the least.
    let shown = view.connections(usize::from(area.height / 3).min(8));
    if shown.is_empty() {
        return put(area, 0, vec![Span::styled(lang.of("no connection is open", "没有打开的连接"), theme.label)], buf);
    }
    // Arrivals, a wave of one to five rows, reports.
    let each = (area.height / u16::try_from(shown.len()).unwrap_or(u16::MAX)).clamp(3, 7).min(area.height);
    let cells = if view.timebase == Timebase::Calls(1) { 2 } else { 1 };
    let width = usize::from(area.width.saturating_sub(LABEL)) / cells;
    let columns = Columns::before(view.timeline, view.at, width, view.timebase);
    let shown = &shown[..shown.len().min(usize::from(area.height / each))];
    let waves = columns.waves(view.timeline, view.world, shown);
    for ((i, id), wave) in shown.iter().enumerate().zip(waves) {
        let y = area.y + each * u16::try_from(i).unwrap_or(0);
        one(view, *id, &wave, cells, Rect { y, height: each, ..area }, buf);
    }
}

fn one(view: &View<'_>, id: FileId, wave: &[Column], cells: usize, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let highest = wave.iter().filter_map(|column| column.depth).max();
    let most = highest.unwrap_or(0);
    let fd = view.world.file(id).map_or(-1, |file| file.fd.0);
    let selected = view.selected == Some(id);
    let who = format!("{}{fd} {}", if selected { "▶" } else { " " }, view.world.name(id, view.lang));
    let high = area.height.saturating_sub(2).max(1);
    let label = |y, text: &str, style, buf: &mut Buffer| {
        put(Rect { width: LABEL, ..area }, y, vec![Span::styled(fit(text, usize::from(LABEL) - 1), style)], buf);
    };
    label(0, &who, if selected { theme.marker } else { theme.value }, buf);
    label(1, &format!("{:>10}", highest.map_or_else(|| "?".to_owned(), grouped)), theme.label, buf);
    let left = area.x + LABEL;
    for (i, column) in wave.iter().enumerate() {
        let x = left + u16::try_from(i * cells).unwrap_or(u16::MAX);
        if column.arrived {
            mark(x, area.y, "▽", theme.arrival, buf);
        }
        if column.reported {
            mark(x, area.y + high + 1, "▲", theme.report, buf);
        }
        for x in x..x + u16::try_from(cells).unwrap_or(1) {
            wave_cells(column, most, x, Rect { y: area.y + 1, height: high, ..area }, theme.wave, buf);
        }
    }
}

/// One column of the wave, from the bottom up. A line marks what is open and empty.
pub(crate) fn wave_cells(column: &Column, most: u64, x: u16, area: Rect, style: Style, buf: &mut Buffer) {
    let Some(depth) = column.depth else { return };
    let eighths = u64::from(area.height) * 8;
    // What is there at all shows at least an eighth more than nothing.
    let filled = if depth == 0 { 0 } else { (depth * eighths / most.max(1)).max(2) };
    for row in 0..area.height {
        let below = u64::from(row) * 8;
        let cell = usize::try_from(filled.saturating_sub(below).min(8)).unwrap_or(8);
        let symbol = if row == 0 && cell == 0 { BLOCKS[1] } else { BLOCKS[cell] };
        mark(x, area.bottom() - 1 - row, symbol, style, buf);
    }
}
