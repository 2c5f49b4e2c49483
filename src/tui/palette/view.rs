//! Draws the palette over the screen below.

use crossterm::event::KeyCode;
use ratatui::prelude::{Buffer, Rect, Span, Style};

use super::find::Palette;
use crate::i18n::words;
use crate::tui::escape::{fit, width};
use crate::tui::widgets::{fill, ground, mark, padded, patched, put, title, typed, wrap};

/// Cells for the key, or the kind.
const KEYS: usize = 11;
/// Rows below the list that give the selected sentence whole, where its own row cuts it.
const WHOLE: u16 = 2;
/// Rows of the frame that are not of the list: the title, the line that is typed, the hint and the bottom.
const OTHERS: u16 = 4 + WHOLE;

impl Palette {
    pub fn render(&self, screen: Rect, buf: &mut Buffer) {
        let (theme, lang) = (&self.theme, self.lang);
        let framed = place(screen);
        clear(framed, buf);
        ground(framed, theme.base, buf);
        frame(framed, theme.border, buf);
        let area = Rect { x: framed.x + 1, width: framed.width.saturating_sub(2), ..framed };
        let found = self.fitting();
        let count = words!(lang, " {} found", " 找到 {} 项", found.len());
        let rest = title(theme, lang.of("Find", "查找"), vec![Span::styled(count, theme.label)], area, buf);
        typed(Span::styled(" > ", theme.label), (&self.input, theme.title), 0, theme, rest, buf);
        let list = Rect { y: rest.y + 1, height: framed.height.saturating_sub(OTHERS), ..rest };
        let rows = usize::from(list.height);
        let room = usize::from(list.width).saturating_sub(KEYS + 4);
        let first = (self.row + 1).saturating_sub(rows);
        for (y, (i, entry)) in (0..list.height).zip(found.iter().enumerate().skip(first)) {
            let selected = i == self.row;
            if selected {
                buf.set_style(Rect { y: list.y + y, height: 1, ..list }, theme.selected);
            }
            let style = |style| patched(style, theme.selected, selected);
            let line = vec![
                Span::styled(if selected { " ▶ " } else { "   " }, style(theme.marker)),
                Span::styled(padded(&entry.shown, KEYS), style(theme.label)),
                Span::styled(fit(&entry.says, room), style(theme.value)),
            ];
            put(list, y, line, buf);
        }
        let whole = Rect { x: area.x + 1, y: list.bottom(), width: area.width.saturating_sub(2), height: WHOLE };
        if let Some(entry) = found.get(self.row).filter(|entry| width(&entry.says) > room) {
            for (y, line) in (0..WHOLE).zip(wrap(&entry.says, whole.width.into())) {
                put(whole, y, vec![Span::styled(line, theme.label)], buf);
            }
        }
        let bottom = Rect { y: area.bottom().saturating_sub(2), height: 1, ..area };
        let said = match &self.wrong {
            Some(wrong) => Span::styled(format!(" {wrong}"), theme.alert),
            None => Span::styled(
                lang.of(
                    " type a part of a name   ↑ ↓ choose   Enter takes it   Esc closes",
                    " 输入名字的一部分   ↑ ↓ 选择   Enter 执行   Esc 关闭",
                ),
                theme.value,
            ),
        };
        put(bottom, 0, vec![said], buf);
    }
}

impl Palette {
    /// The keys that a click presses: it takes the row that it hits, and closes the palette where it hits none of it.
    pub fn clicked(&self, screen: Rect, x: u16, y: u16) -> Vec<KeyCode> {
        let framed = place(screen);
        if !framed.contains((x, y).into()) {
            return vec![KeyCode::Esc];
        }
        let rows = usize::from(framed.height.saturating_sub(OTHERS));
        let first = (self.row + 1).saturating_sub(rows);
        let hit = usize::from(y).checked_sub(usize::from(framed.y + 2)).filter(|hit| *hit < rows);
        let Some(row) = hit.map(|hit| first + hit).filter(|row| *row < self.fitting().len()) else { return Vec::new() };
        let move_by = if row < self.row { KeyCode::Up } else { KeyCode::Down };
        let moves = std::iter::repeat_n(move_by, row.abs_diff(self.row));
        moves.chain([KeyCode::Enter]).collect()
    }
}

/// The middle of the screen, with something of it left to be seen.
fn place(screen: Rect) -> Rect {
    let (width, height) = ((screen.width.saturating_sub(4)).min(100), (screen.height.saturating_sub(4)).min(24));
    let (x, y) = ((screen.width - width) / 2, (screen.height - height) / 3);
    Rect { x: screen.x + x, y: screen.y + y, width, height }
}

/// Sides and a bottom; the title has the top.
fn frame(area: Rect, style: Style, buf: &mut Buffer) {
    let (left, right) = (area.x, area.right().saturating_sub(1));
    for y in area.top()..area.bottom() {
        mark(left, y, "│", style, buf);
        mark(right, y, "│", style, buf);
    }
    let bottom = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    fill(bottom, "─", style, buf);
    for (x, y, corner) in [(left, area.y, "┌"), (right, area.y, "┐"), (left, bottom.y, "└"), (right, bottom.y, "┘")]
    {
        mark(x, y, corner, style, buf);
    }
}

/// Empties the cells. A wide character that the edge would cut in two goes as a whole.
fn clear(area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        if let Some(cell) =
            area.x.checked_sub(1).and_then(|x| buf.cell_mut((x, y))).filter(|cell| width(cell.symbol()) > 1)
        {
            cell.set_symbol(" ");
        }
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}
