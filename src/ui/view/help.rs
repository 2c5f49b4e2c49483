//! All keys, from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Span;

use super::{View, put, title};
use crate::ui::keys::{Group, KEYS};

pub(super) fn render(view: &View<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let area = title(view, "Keys", vec![], area, buf);
    if area.width < 110 {
        return column(&lines(view, &Group::ALL), scroll, area, buf);
    }
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(area);
    column(&lines(view, &[Group::Server, Group::Client]), scroll, left, buf);
    column(&lines(view, &[Group::Policy, Group::Look]), scroll, right, buf);
}

/// Draws what fits, from line `scroll` on; the end stays at the bottom.
fn column(lines: &[Vec<Span<'static>>], scroll: u16, area: Rect, buf: &mut Buffer) {
    let last = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (0..area.height).zip(lines.iter().skip(usize::from(scroll).min(last))) {
        put(area, y, line.clone(), buf);
    }
}

fn lines(view: &View<'_>, groups: &[Group]) -> Vec<Vec<Span<'static>>> {
    let theme = view.theme;
    let mut lines = Vec::new();
    for group in groups {
        lines.push(vec![Span::styled(format!(" {}", group.heading()), theme.title)]);
        for binding in KEYS.iter().filter(|binding| binding.group == *group) {
            let pad = 7_usize.saturating_sub(Span::raw(binding.shown).width());
            let text = format!("{}{}", " ".repeat(pad), binding.long);
            lines.push(vec![Span::raw("  "), Span::styled(binding.shown, theme.key), Span::styled(text, theme.value)]);
        }
        lines.push(Vec::new());
    }
    lines
}
