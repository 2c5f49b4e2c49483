//! All keys, from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Span;

use super::{View, put, title, wrap};
use crate::trace::lang::words;
use crate::ui::keys::{Group, KEYS};

/// Cells left of what a key does.
const INDENT: usize = 9;

pub(super) fn render(view: &View<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    if area.width < 110 {
        let lines = lines(view, &Group::ALL, area.width);
        let rows = usize::from(area.height.saturating_sub(1));
        let first = usize::from(scroll).min(lines.len().saturating_sub(rows));
        let mut extra = Vec::new();
        if lines.len() > rows {
            let (from, to, all) = (first + 1, first + rows, lines.len());
            let text = words!(view.lang, " {from}–{to} of {all} lines", " 第 {from}–{to} 行，共 {all} 行");
            extra.push(Span::styled(text, view.theme.label));
        }
        let area = title(view, view.lang.of("Keys", "按键"), extra, area, buf);
        return column(&lines[first..], area, buf);
    }
    let area = title(view, view.lang.of("Keys", "按键"), vec![], area, buf);
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(area);
    for (groups, area) in
        [(&[Group::Server, Group::Client, Group::Policy][..], left), (&[Group::Look, Group::Past], right)]
    {
        let lines = lines(view, groups, area.width);
        let first = usize::from(scroll).min(lines.len().saturating_sub(usize::from(area.height)));
        column(&lines[first..], area, buf);
    }
}

fn column(lines: &[Vec<Span<'static>>], area: Rect, buf: &mut Buffer) {
    for (y, line) in (0..area.height).zip(lines) {
        put(area, y, line.clone(), buf);
    }
}

fn lines(view: &View<'_>, groups: &[Group], width: u16) -> Vec<Vec<Span<'static>>> {
    let theme = view.theme;
    let mut lines = Vec::new();
    for group in groups {
        lines.push(vec![Span::styled(format!(" {}", view.lang.pick(group.heading())), theme.title)]);
        for binding in KEYS.iter().filter(|binding| binding.group == *group) {
            let long = wrap(view.lang.pick(binding.long), usize::from(width).saturating_sub(INDENT));
            for (i, text) in long.into_iter().enumerate() {
                let key = if i == 0 { binding.shown } else { "" };
                let pad = " ".repeat((INDENT - 2).saturating_sub(Span::raw(key).width()));
                let text = Span::styled(format!("{pad}{text}"), theme.value);
                lines.push(vec![Span::raw("  "), Span::styled(key, theme.key), text]);
            }
        }
        lines.push(Vec::new());
    }
    lines.pop();
    lines
}
