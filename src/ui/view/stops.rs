//! The breakpoints: which are set, and what each stops at.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{View, padded, patched, put, title};
use crate::ui::viewer::{meaning, rows};

pub(super) fn render(view: &View<'_>, row: usize, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let when = lang.of(" hold the server, and stop the playing of the past", " 让服务器停住，回看播放也会停下");
    let area = title(view, lang.of("Breakpoints", "断点"), vec![Span::styled(when, theme.label)], area, buf);
    let rows = rows(view.stops);
    let row = row.min(rows.len());
    let above = (row + 1).saturating_sub(usize::from(area.height));
    for y in 0..usize::from(area.height).min(rows.len() + 1 - above) {
        let (i, selected) = (y + above, y + above == row);
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let style = |style| patched(style, theme.selected, selected);
        let mut line = vec![Span::styled(if selected { "▶ " } else { "  " }, style(theme.marker))];
        match rows.get(i) {
            Some((breakpoint, set)) => line.extend([
                Span::styled(padded(lang.pick(if *set { ("on", "开") } else { ("off", "关") }), 6), style(theme.title)),
                Span::styled(padded(&breakpoint.to_string(), 16), style(theme.title)),
                Span::styled(meaning(*breakpoint, lang), style(theme.label)),
            ]),
            None => line.push(Span::styled(
                lang.of(
                    "another: an fd in a report (fd 5), an error (ECONNRESET), a call (recvfrom)",
                    "其他：报告中的 fd（fd 5）、错误（ECONNRESET）、调用（recvfrom）",
                ),
                style(theme.value),
            )),
        }
        put(area, y, line, buf);
    }
}
