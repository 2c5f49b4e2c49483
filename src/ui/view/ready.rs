//! The ready list, which the kernel does not show: inferred, and labelled so.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{View, put, title};
use crate::trace::why::grouped;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let epoll = view.world.epoll();
    let doubtful = epoll.is_some_and(|epoll| !epoll.certain);
    let label = if doubtful { " (inferred, in doubt until a wait returns less than maxevents)" } else { " (inferred)" };
    let area = title(view, "Ready list", vec![Span::styled(label, theme.label)], area, buf);
    let Some(epoll) = epoll.filter(|epoll| epoll.ready_len() > 0) else {
        let word = if epoll.is_some() { "empty: a wait now would block" } else { "step 1 makes it, empty" };
        return put(area, 0, vec![Span::styled(word, theme.label)], buf);
    };
    let mut spans = vec![Span::styled("head ", theme.label)];
    // No list is wider than the screen: ten cells an entry is the least.
    let room = usize::from(area.width) / 8;
    for item in epoll.ready_list().take(room) {
        let mask = view.world.ready_for(item);
        let (text, style) = if mask.is_empty() {
            // It was ready when it was put there. The next wait will look, and drop it.
            (format!("{} (no more)", item.fd), theme.label)
        } else {
            (format!("{} {mask}", item.fd), theme.good)
        };
        spans.push(Span::styled("→ ", theme.label));
        spans.push(Span::styled(text, style));
        spans.push(Span::raw(" "));
    }
    let hidden = epoll.ready_len().saturating_sub(room);
    if hidden > 0 {
        spans.push(Span::styled(format!("→ … {} more", grouped(hidden as u64)), theme.label));
    }
    put(area, 0, spans, buf);
}
