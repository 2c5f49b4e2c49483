//! All keys, from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Span;

use super::{View, put, title};
use crate::ui::keys::{Group, KEYS};

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let area = title(view, "Keys", vec![], area, buf);
    // One column where it fits in height; else two.
    let rows = KEYS.len() + 2 * Group::ALL.len();
    if rows <= usize::from(area.height) {
        column(view, &Group::ALL, area, buf);
    } else {
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(area);
        column(view, &[Group::Server, Group::Client], left, buf);
        column(view, &[Group::Policy, Group::Look], right, buf);
    }
}

fn column(view: &View<'_>, groups: &[Group], area: Rect, buf: &mut Buffer) {
    let mut y = 0;
    for group in groups {
        put(area, y, vec![Span::styled(format!(" {}", group.heading()), view.theme.title)], buf);
        y += 1;
        for binding in KEYS.iter().filter(|binding| binding.group == *group) {
            let pad = 7_usize.saturating_sub(Span::raw(binding.shown).width());
            put(
                area,
                y,
                vec![
                    Span::raw("  "),
                    Span::styled(binding.shown, view.theme.key),
                    Span::styled(format!("{}{}", " ".repeat(pad), binding.long), view.theme.value),
                ],
                buf,
            );
            y += 1;
        }
        y += 1;
    }
}
