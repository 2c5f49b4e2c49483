//! A line that is being typed.

use ratatui::prelude::{Buffer, Modifier, Rect, Span, Style};
use tui_input::Input;
use unicode_width::UnicodeWidthChar as _;

use super::put;
use crate::tui::Theme;

/// Draws the line with its cursor in the first row of `area`, behind its label; the last `kept` cells stay free. A line that
/// is longer than its room is scrolled, so that the cursor is in sight.
pub(crate) fn typed(
    label: Span<'_>,
    (input, style): (&Input, Style),
    kept: usize,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let width = label.width();
    let room = usize::from(area.width).saturating_sub(width + 2 + kept);
    let scroll = input.visual_scroll(room);
    let shown = until(after(input.value(), scroll), room);
    put(area, 0, vec![label, Span::styled(shown, style)], buf);
    // The cursor is drawn as a reversed cell, because the terminal's own cursor is hidden.
    let x = u16::try_from(width + input.visual_cursor().saturating_sub(scroll)).unwrap_or(u16::MAX);
    let x = area.x.saturating_add(x);
    if x < area.right() {
        buf.set_style(Rect { x, width: 1, height: 1, ..area }, theme.selected.add_modifier(Modifier::REVERSED));
    }
}

/// The rest of `text` after this many cells have been scrolled away.
fn after(text: &str, cells: usize) -> &str {
    let mut gone = 0;
    let start = text.char_indices().find(|(_, c)| {
        let sees = gone >= cells;
        gone += c.width().unwrap_or(0);
        sees
    });
    start.map_or("", |(at, _)| &text[at..])
}

/// As much of `text` as fits into this many cells.
fn until(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > cells
    });
    end.map_or(text, |(at, _)| &text[..at])
}
