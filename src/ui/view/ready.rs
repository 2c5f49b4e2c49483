//! The ready list, which the kernel does not show: inferred, and labelled so.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use super::{View, put, title};
use crate::trace::why::grouped;

/// Cells kept for saying how many more there are.
const MORE: usize = "→ … 99,999 more".len() - 4;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let epoll = view.world.epoll();
    let doubtful = epoll.is_some_and(|epoll| !epoll.certain);
    let label = if doubtful { " (inferred, in doubt until a wait's list is not full)" } else { " (inferred)" };
    let area = title(view, "Ready list", vec![Span::styled(label, theme.label)], area, buf);
    let Some(epoll) = epoll.filter(|epoll| epoll.ready_len() > 0) else {
        let word = match epoll {
            None => "step 1 makes it, empty",
            Some(_) if doubtful => "nothing is known to be on it",
            Some(_) => "empty: a wait now would block",
        };
        return put(area, 0, vec![Span::styled(word, theme.label)], buf);
    };
    let mut spans = vec![Span::styled("head ", theme.label)];
    let (mut used, mut left) = (5, epoll.ready_len());
    for item in epoll.ready_list() {
        let mask = view.world.ready_for(item);
        let (text, style) = if mask.is_empty() {
            // It was ready when it was put there. The next wait will look, and drop it.
            (format!("{} (no more)", item.fd), theme.label)
        } else {
            (format!("{} {mask}", item.fd), theme.good)
        };
        used += text.width() + 3;
        if used + if left > 1 { MORE } else { 0 } > usize::from(area.width) + 1 {
            break;
        }
        left -= 1;
        spans.push(Span::styled("→ ", theme.label));
        spans.push(Span::styled(text, style));
        spans.push(Span::raw(" "));
    }
    if left > 0 {
        spans.push(Span::styled(format!("→ … {} more", grouped(left as u64)), theme.label));
    }
    put(area, 0, spans, buf);
}
