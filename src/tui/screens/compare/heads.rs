//! The heads of the twins' columns: level or edge, and the name.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use super::screen::CompareScreen;
use crate::tui::escape::fit;
use crate::tui::widgets::cells::put;
use crate::tui::widgets::text::padded;

/// The cells of a badge, and of its shape alone.
const BADGE: usize = 10;
const SHAPE: usize = 3;
/// Those of the mark before a name, and of the rule behind it.
const AROUND: usize = 2;

pub(super) fn render(beside: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, columns) = (&beside.theme, columns(beside.twins().twins().len(), area));
    put(area, 0, vec![Span::styled("─".repeat(usize::from(area.width)), theme.border)], buf);
    let twins = beside.twins().twins();
    let room = columns.iter().map(|column| usize::from(column.width)).min().unwrap_or(0).saturating_sub(AROUND);
    // Where a name does not fit beside it, the badge is its shape alone.
    let is_wide = twins.iter().all(|twin| twin.name().width() + BADGE < room);
    let most = room.saturating_sub(if is_wide { BADGE + 1 } else { SHAPE });
    let names = names(beside, most);
    for (((i, twin), area), name) in twins.iter().enumerate().zip(columns).zip(names) {
        let policy = beside.world(i, twin).policy().copied().unwrap_or(*twin.first_policy());
        let mut badge = theme.badge(policy.trigger, beside.lang);
        if !is_wide {
            let shape = badge.content.split_whitespace().next().unwrap_or_default();
            badge.content = padded(shape, SHAPE).into();
        }
        let mark = Span::styled(if i == beside.chosen() { "▶" } else { " " }, theme.marker);
        let rule = if is_wide || name.width() < most { " " } else { "" };
        let row = vec![badge, mark, Span::styled(name, theme.title), Span::raw(rule)];
        put(Rect { width: area.width.saturating_sub(1), ..area }, 0, row, buf);
    }
}

/// The names of the twins in at most `width` cells each. Of those that would be cut alike the beginning that they share is
/// left out.
pub(super) fn names(beside: &CompareScreen, width: usize) -> Vec<String> {
    let names: Vec<&str> = beside.twins().twins().iter().map(crate::compare::Variant::name).collect();
    let apart = |name: &&str| {
        let alike = names.iter().filter(|other| *other != name && fit(other, width) == fit(name, width));
        match alike.map(|other| shared(name, other)).max() {
            Some(shared) => fit(&format!("…{}", &name[shared..]), width),
            None => fit(name, width),
        }
    };
    names.iter().map(apart).collect()
}

/// The bytes of the words at the beginning that both have.
fn shared(name: &str, other: &str) -> usize {
    let words = name.split_inclusive('+').zip(other.split_inclusive('+'));
    words.take_while(|(a, b)| a == b).map(|(word, _)| word.len()).sum()
}

/// The columns of so many servers, side by side.
pub(super) fn columns(count: usize, area: Rect) -> Vec<Rect> {
    Layout::horizontal(vec![Constraint::Fill(1); count]).split(area).to_vec()
}
