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
    for (i, choice) in CHOICES.iter().enumerate() {
        let y = u16::try_from(i).unwrap_or(u16::MAX);
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
                Span::styled(format!("{:<11}", choice.name), style(theme.label)),
                Span::styled(format!("{:<32}", (choice.value)(&policy)), style(theme.title)),
                Span::styled(if wide { choice.shows } else { "" }, style(theme.label)),
            ],
            buf,
        );
    }
    if let (false, Some(choice)) = (wide, CHOICES.get(row)) {
        let y = u16::try_from(CHOICES.len() + 1).unwrap_or(u16::MAX);
        put(area, y, vec![Span::styled(format!("  {}: {}", choice.name, choice.shows), theme.value)], buf);
    }
}
