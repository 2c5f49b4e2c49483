//! Draws the list of lessons: each title, and the progress.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use super::desk::Desk;
use super::keys::{PageKind, shown_on};
use super::list::LessonList;
use super::view::word;
use crate::i18n::{Lang, words};
use crate::tui::widgets::cells::put;
use crate::tui::widgets::footer::rows;
use crate::tui::widgets::layout::is_too_small;
use crate::tui::widgets::text::padded;

pub(super) fn render(list: &LessonList, area: Rect, buf: &mut Buffer) {
    let (desk, lang) = (&*list.desk.borrow(), list.lang);
    if is_too_small(&desk.theme, lang, area, buf) {
        return;
    }
    let [top, body, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(2)]).areas(area);
    let (at, all) = (desk.row + 1, desk.lessons.len());
    let title = words!(lang, " Lessons   {at} of {all}", " 课程表   第 {at} 课，共 {all} 课");
    put(top, 0, vec![Span::styled(title, desk.theme.title)], buf);
    let first = lessons(desk, lang, body, buf);
    let below = all.saturating_sub(first + usize::from(body.height));
    let beyond: String = [("↑", first), ("↓", below)]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(sign, n)| words!(lang, "{sign} {n} more  ", "{sign} 还有 {n} 课  "))
        .collect();
    let width = u16::try_from(beyond.width()).unwrap_or(0).min(top.width);
    let right = Rect { x: top.right() - width, width, ..top };
    put(right, 0, vec![Span::styled(beyond, desk.theme.label)], buf);
    let notice = desk.navigator.notice.as_ref();
    if notice.is_some_and(|notice| word(&desk.theme, notice, true, bottom, buf)) {
        return;
    }
    let keys = shown_on(PageKind::List).map(|binding| (binding.shown.to_owned(), lang.pick(binding.short).to_owned()));
    let rows_left = if notice.is_some() { 1 } else { bottom.height };
    rows(&desk.theme, keys, Rect { height: rows_left, ..bottom }, buf);
}

/// As many as there is room for; how many are above them.
fn lessons(desk: &Desk, lang: Lang, area: Rect, buf: &mut Buffer) -> usize {
    let theme = &desk.theme;
    let rows = usize::from(area.height);
    let first = desk.row.saturating_sub(rows.saturating_sub(2)).min(desk.lessons.len().saturating_sub(rows));
    for (y, (i, lesson)) in (0..area.height).zip(desk.lessons.iter().enumerate().skip(first)) {
        let selected = i == desk.row;
        let style = |style: Style| if selected { style.patch(theme.selected) } else { style };
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let standing = match desk.progress.of(&lesson.id) {
            Some(standing) if standing.is_done() && standing.right < standing.predicted => {
                let (right, of) = (standing.right, standing.predicted);
                words!(lang, "✓ {right} of {of} predicted", "{right}/{of} 正确")
            }
            Some(standing) if standing.is_done() => lang.of("✓ done", "✓ 完成").to_owned(),
            Some(standing) => format!("… {}/{}", standing.steps, standing.of),
            None => String::new(),
        };
        let number = lesson.id.split('-').next().unwrap_or_default();
        let title = lesson.prose(lang).title.clone();
        let pointer = if selected { "▶ " } else { "  " };
        let room = usize::from(area.width).saturating_sub(30);
        put(
            area,
            y,
            vec![
                Span::styled(pointer, style(theme.marker)),
                Span::styled(format!("{number}  "), style(theme.label)),
                Span::styled(padded(&title, room), style(theme.value)),
                Span::styled(standing, style(theme.good)),
            ],
            buf,
        );
    }
    first
}
