//! The task of a lesson: what it asks for, and how each of its claims stands.

use ratatui::prelude::{Buffer, Rect, Span};

use super::put;
use super::view::{TaskView, View};
use crate::i18n::Lang;
use crate::lesson::{Standpoint, lay_out};
use crate::tui::Theme;

/// From this height on, the text of the task stands above its claims.
const TALL: u16 = 30;
/// The most rows of it.
const TEXT: usize = 4;

type Line = Vec<Span<'static>>;

/// A claim with a sign before it. Before the task was `begun` it is neutral.
pub(crate) fn standpoint(stand: &Standpoint, begun: bool, theme: &Theme, lang: Lang) -> Line {
    let (sign, style) = match (stand.is_met, stand.is_spoiled) {
        _ if !begun => ("· ", theme.label),
        (true, _) => ("✓ ", theme.good),
        (_, true) => ("✗ ", theme.alert),
        _ => ("○ ", theme.label),
    };
    let mut line = vec![Span::styled(sign, style), Span::styled(stand.words(lang), theme.value)];
    if begun && stand.is_spoiled {
        line.push(Span::styled(lang.of(" (spoiled)", "（已无法成立）"), theme.alert));
    }
    line
}

/// The rows above the panels of a screen of this size: the claims, or that they are met, and the text if there is room.
pub(crate) fn rows(view: &View<'_>, task: TaskView<'_>, (width, height): (u16, u16)) -> Vec<Line> {
    let (theme, lang, width) = (view.theme, view.lang, usize::from(width));
    if task.is_done {
        let word = lang.of("✓ the kernel says: done; q goes back to the lesson", "✓ 内核说：完成了；q 回到课程");
        let head = Span::styled(lang.of(" Task  ", " 任务  "), theme.marker);
        return vec![vec![head, Span::styled(word, theme.good)]];
    }
    let mut rows: Vec<Line> = Vec::new();
    if height >= TALL {
        let text = lay_out(task.text, width.saturating_sub(2)).into_iter().take(TEXT);
        let text = text.map(|line| line.into_iter().map(|(_, piece)| piece).collect::<String>());
        rows.extend(text.map(|line| vec![Span::styled(format!(" {line}"), theme.value)]));
    }
    let spoiled = task.stands.iter().any(|stand| stand.is_spoiled);
    let (head, style) = if spoiled {
        (lang.of(" Task spoiled: g begins it again  ", " 任务已无法完成：g 重新开始  "), theme.alert)
    } else {
        (lang.of(" Since the task began:  ", " 任务开始以来：  "), theme.marker)
    };
    let mut row = vec![Span::styled(head, style)];
    for stand in task.stands {
        let said = standpoint(stand, true, theme, lang);
        let used = |line: &Line| line.iter().map(Span::width).sum::<usize>();
        let gap = if row.len() > 1 { "   " } else { "" };
        if used(&row) + gap.len() + used(&said) > width {
            rows.push(std::mem::replace(&mut row, vec![Span::raw(" ")]));
        } else {
            row.push(Span::raw(gap));
        }
        row.extend(said);
    }
    rows.push(row);
    rows
}

pub(crate) fn render(rows: &[Line], area: Rect, buf: &mut Buffer) {
    for (y, row) in (0..area.height).zip(rows) {
        put(area, y, row.clone(), buf);
    }
}
