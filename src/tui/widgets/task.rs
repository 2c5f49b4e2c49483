//! The task of a lesson: what is to hold, what must not, and how it stands.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{View, put};
use crate::i18n::Lang;
use crate::lesson::Standpoint;
use crate::tui::Theme;

/// A claim with a sign before it: whether it stands as it is to. Before the task was `begun` it is neutral.
pub(crate) fn standpoint(stand: &Standpoint, begun: bool, theme: &Theme, lang: Lang) -> Vec<Span<'static>> {
    let (sign, style) = match (stand.holds, stand.never) {
        _ if !begun => ("· ", theme.label),
        (true, false) => ("✓ ", theme.good),
        (true, true) => ("✗ ", theme.alert),
        (false, false) => ("○ ", theme.label),
        (false, true) => ("· ", theme.label),
    };
    let mut line = vec![Span::styled(sign, style)];
    if stand.never {
        line.push(Span::styled(lang.of("not: ", "不得："), theme.label));
    }
    line.push(Span::styled(stand.claim.clone(), theme.value));
    line
}

/// One row: the claims of the task, or that it is done.
pub(crate) fn render(view: &View<'_>, stands: &[Standpoint], done: bool, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let mut line = vec![Span::styled(lang.of(" Task  ", " 任务  "), theme.marker)];
    if done {
        let word = lang.of("✓ the kernel says: done; q goes back to the lesson", "✓ 内核说：完成了；q 回到课程");
        line.push(Span::styled(word, theme.good));
    } else {
        for stand in stands {
            line.extend(standpoint(stand, true, theme, lang));
            line.push(Span::raw("   "));
        }
    }
    put(area, 0, line, buf);
}
