//! Every choice of the policy: what it is, and what it shows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{View, patched, put, title};
use crate::ui::app::CHOICES;

pub(super) fn render(view: &View<'_>, row: usize, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let policy = view.ordered.unwrap_or(view.policy);
    let extra = vec![Span::styled(" switched while the server runs, before its next epoll_wait", theme.label)];
    let area = title(view, "Policy", extra, area, buf);
    let wide = area.width >= 100;
    // Where a row is selected that has no room, those above it make some; on a narrow screen also for what it shows.
    let room = usize::from(area.height).saturating_sub(if wide { 0 } else { 2 });
    let above = (row + 1).saturating_sub(room);
    for (i, choice) in CHOICES.iter().enumerate().skip(above).take(room) {
        let y = u16::try_from(i - above).unwrap_or(u16::MAX);
        let selected = i == row;
        if selected && y < area.height {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let style = |style| patched(style, theme.selected, selected);
        put(
            area,
            y,
            vec![
                Span::styled(if selected { "▶ " } else { "  " }, style(theme.marker)),
                Span::styled(format!("{:<16}", choice.name), style(theme.label)),
                Span::styled(format!("{:<32}", (choice.value)(&policy)), style(theme.title)),
                Span::styled(if wide { choice.shows } else { "" }, style(theme.label)),
            ],
            buf,
        );
    }
    if let (false, Some(choice)) = (wide, CHOICES.get(row)) {
        let y = u16::try_from(CHOICES.len().min(room) + 1).unwrap_or(u16::MAX);
        put(area, y, vec![Span::styled(format!("  {}: {}", choice.name, choice.shows), theme.value)], buf);
    }
}
