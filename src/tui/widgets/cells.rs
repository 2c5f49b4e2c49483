//! Writing text and lines into cells. Every cell of every redraw goes through here, so plain ASCII, which is most of
//! it, is not split into graphemes first.

use ratatui::buffer::{Buffer, Cell};
use ratatui::prelude::{Line, Rect, Span, Style};

use crate::tui::Theme;
use crate::tui::escape::{cut, is_plain, width};

/// Draws `spans` on row `y` of `area`; an ellipsis shows where they are cut.
pub fn put(area: Rect, y: u16, spans: Vec<Span<'_>>, buf: &mut Buffer) {
    if y >= area.height {
        return;
    }
    let mut left = Rect { y: area.y + y, height: 1, ..area };
    let mut room = usize::from(area.width);
    for span in spans {
        let text = cut(&span.content, room);
        // A cut before a wide character leaves a free cell, which the next span must not use.
        room = if text.len() == span.content.len() { room - width(&text).min(room) } else { 0 };
        let used = write(left, &text, span.style, buf).min(left.width);
        left = Rect { x: left.x + used, width: left.width - used, ..left };
    }
}

/// Writes `text` into the first row of `area`, as far as it fits; returns the cells used.
fn write(area: Rect, text: &str, style: Style, buf: &mut Buffer) -> u16 {
    if !is_plain(text) {
        let (end, _) = buf.set_stringn(area.x, area.y, text, usize::from(area.width), style);
        return end.saturating_sub(area.x);
    }
    let cells = row(area, buf);
    for (cell, byte) in cells.iter_mut().zip(text.bytes()) {
        cell.set_char(char::from(byte)).set_style(style);
    }
    u16::try_from(text.len().min(cells.len())).unwrap_or(u16::MAX)
}

/// Fills the first row of `area` with `symbol`, which takes one cell.
pub fn fill(area: Rect, symbol: &str, style: Style, buf: &mut Buffer) {
    for cell in row(area, buf) {
        cell.set_symbol(symbol).set_style(style);
    }
}

/// Puts `symbol`, which takes one cell, at `x` of row `y`, if that is on the screen.
pub fn mark(x: u16, y: u16, symbol: &str, style: Style, buf: &mut Buffer) {
    if let Some(cell) = buf.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

pub(crate) fn ground(area: Rect, style: Style, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        for cell in row(Rect { y, ..area }, buf) {
            cell.set_style(style);
        }
    }
}

/// Draws a panel's title on a line; returns the rest of the area.
pub(crate) fn title(theme: &Theme, name: &str, extra: Vec<Span<'static>>, area: Rect, buf: &mut Buffer) -> Rect {
    if area.height == 0 {
        return area;
    }
    let mut spans = vec![Span::styled("─ ", theme.border), Span::styled(name.to_owned(), theme.title)];
    spans.extend(extra);
    spans.push(Span::raw(" "));
    let line = Line::from(spans);
    let used = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
    put(area, 0, line.spans, buf);
    fill(Rect { x: area.x + used, width: area.width - used, ..area }, "─", theme.border, buf);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

pub(crate) fn rule(theme: &Theme, gap: Rect, buf: &mut Buffer) {
    for y in gap.top()..gap.bottom() {
        mark(gap.x + 1, y, "│", theme.border, buf);
    }
}

/// The cells of the first row of `area` that are on the screen.
fn row(area: Rect, buf: &mut Buffer) -> &mut [Cell] {
    let seen = Rect { height: 1.min(area.height), ..area }.intersection(buf.area);
    if seen.is_empty() {
        return &mut [];
    }
    let from = buf.index_of(seen.x, seen.y);
    &mut buf.content[from..from + usize::from(seen.width)]
}
