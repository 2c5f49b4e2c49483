//! The lines of a lab, each with what it came to, and the one that is next at the moment that is shown.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{View, put, title};

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let extra = vec![Span::styled(lang.of(" ▶ next", " ▶ 下一行"), theme.label)];
    let area = title(theme, lang.of("Script", "脚本"), extra, area, buf);
    let next = view.script.iter().position(|line| !line.is_done(view.at));
    let rows = usize::from(area.height);
    // The next line stands in the middle, or the last one at the end.
    let middle = next.unwrap_or(view.script.len());
    let first = middle.saturating_sub(rows / 2).min(view.script.len().saturating_sub(rows));
    for (y, (i, line)) in (0..area.height).zip(view.script.iter().enumerate().skip(first)) {
        let (mark, style) = match next {
            Some(next) if next == i => ("▶ ", theme.marker),
            Some(next) if next < i => ("  ", theme.label),
            _ => ("  ", theme.value),
        };
        let mut spans = vec![Span::styled(mark, theme.marker), Span::styled(line.line.to_owned(), style)];
        let said = line.said.filter(|_| line.is_done(view.at)).map(|said| format!("  {}", said.said));
        // Left out rather than cut.
        if let Some(said) = said.filter(|said| 2 + line.line.width() + said.width() <= usize::from(area.width)) {
            spans.push(Span::styled(said, theme.label));
        }
        put(area, y, spans, buf);
    }
}
