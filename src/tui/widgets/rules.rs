//! The lines between panels: the one above a panel, with its title, and the one between two columns.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::cells::{fill, mark, put};
use crate::tui::Theme;

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

/// Draws the line between two columns.
pub(crate) fn rule(theme: &Theme, gap: Rect, buf: &mut Buffer) {
    for y in gap.top()..gap.bottom() {
        mark(gap.x + 1, y, "│", theme.border, buf);
    }
}
