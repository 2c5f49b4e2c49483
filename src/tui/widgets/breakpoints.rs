//! The breakpoints, and what each stops at.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{padded, patched, put, title};
use crate::i18n::Lang;
use crate::probe::Breakpoint;
use crate::tui::Theme;
use crate::tui::navigator::{meaning, rows};

pub(crate) fn render(set: &[Breakpoint], row: usize, theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
    let when = lang.of(" hold the server, and stop playback of the past", " 让服务器停住，回看播放也会停下");
    let area = title(theme, lang.of("Breakpoints", "断点"), vec![Span::styled(when, theme.label)], area, buf);
    let rows = rows(set);
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
                    "another: fd 5 (its report), ECONNRESET (an error), recvfrom (a call)",
                    "其他：fd 5（它的报告）、ECONNRESET（错误）、recvfrom（调用）",
                ),
                style(theme.value),
            )),
        }
        put(area, y, line, buf);
    }
}
