//! Writing text into cells. Every cell of every redraw goes through here, so plain ASCII, which is most of it, is not
//! split into graphemes first.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::tui::escape::{cut, is_plain, width};

/// Draws `spans` on row `y` of `area`; an ellipsis shows where they are cut.
pub(crate) fn put(area: Rect, y: u16, spans: Vec<Span<'_>>, buf: &mut Buffer) {
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
pub(crate) fn fill(area: Rect, symbol: &str, style: Style, buf: &mut Buffer) {
    for cell in row(area, buf) {
        cell.set_symbol(symbol).set_style(style);
    }
}

/// Puts `symbol`, which takes one cell, at `x` of row `y`, if that is on the screen.
pub(crate) fn mark(x: u16, y: u16, symbol: &str, style: Style, buf: &mut Buffer) {
    if let Some(cell) = buf.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

/// Gives all of `area` this style.
pub(crate) fn ground(area: Rect, style: Style, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        for cell in row(Rect { y, ..area }, buf) {
            cell.set_style(style);
        }
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

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};
    use ratatui::text::Line;

    use super::*;

    #[test]
    fn nothing_stands_behind_a_cut_wide_character() {
        let area = Rect::new(0, 0, 6, 1);
        let mut buf = Buffer::empty(area);
        put(area, 0, vec![Span::raw("边缘触发"), Span::raw("x")], &mut buf);
        assert_eq!(buf, Buffer::with_lines(["边缘… "]));
    }

    #[test]
    fn plain_text_stands_as_all_other_does() {
        let (red, bold) = (Style::new().fg(Color::Red), Style::new().add_modifier(Modifier::BOLD));
        for text in ["plain ~!", "", "a longer one", "tab\there", "é e\u{301} 触", "\u{1b}[2J"] {
            let spans = vec![Span::styled("#1 ", bold), Span::styled(text, red), Span::raw("|")];
            let area = Rect::new(2, 1, 40, 1);
            let [mut ours, mut theirs] = [Rect::new(1, 1, 50, 2); 2].map(Buffer::empty);
            theirs.set_line(area.x, area.y, &Line::from(spans.clone()), area.width);
            put(area, 0, spans, &mut ours);
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn what_lies_off_the_screen_is_left_out() {
        let screen = Rect::new(1, 1, 4, 2);
        let mut buf = Buffer::empty(screen);
        fill(Rect::new(3, 2, 9, 9), "─", Style::new(), &mut buf);
        fill(Rect::new(1, 0, 4, 1), "x", Style::new(), &mut buf);
        mark(5, 1, "x", Style::new(), &mut buf);
        write(Rect::new(3, 1, 4, 1), "abcd", Style::new(), &mut buf);
        let mut expected = Buffer::empty(screen);
        expected.set_string(3, 1, "ab", Style::new());
        expected.set_string(3, 2, "──", Style::new());
        assert_eq!(buf, expected);
    }
}
