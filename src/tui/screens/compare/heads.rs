//! The heads of the variants' columns: a badge for level or edge, and the name.

use ratatui::prelude::{Buffer, Constraint, Layout, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::screen::CompareScreen;
use crate::tui::escape::fit;
use crate::tui::widgets::{padded, put};

/// The width of a badge, and of its shape alone.
const BADGE: usize = 10;
const SHAPE: usize = 3;
/// The width of the mark before a name and the rule after it.
const AROUND: usize = 2;

pub(super) fn render(screen: &CompareScreen, area: Rect, buf: &mut Buffer) {
    let (theme, columns) = (&screen.theme, columns(screen.comparison().variants().len(), area));
    put(area, 0, vec![Span::styled("─".repeat(usize::from(area.width)), theme.border)], buf);
    let variants = screen.comparison().variants();
    let room = columns.iter().map(|column| usize::from(column.width)).min().unwrap_or(0).saturating_sub(AROUND);
    // If a name does not fit beside it, the badge is only its shape.
    let is_wide = variants.iter().all(|variant| variant.name().width() + BADGE < room);
    let most = room.saturating_sub(if is_wide { BADGE + 1 } else { SHAPE });
    let names = names(screen, most);
    for (((i, variant), area), name) in variants.iter().enumerate().zip(columns).zip(names) {
        let policy = screen.world(i, variant).policy().copied().unwrap_or(*variant.first_policy());
        let mut badge = theme.badge(policy.trigger, screen.lang);
        if !is_wide {
            let shape = badge.content.split_whitespace().next().unwrap_or_default();
            badge.content = padded(shape, SHAPE).into();
        }
        let mark = Span::styled(if i == screen.chosen() { "▶" } else { " " }, theme.marker);
        let rule = if is_wide || name.width() < most { " " } else { "" };
        let row = vec![badge, mark, Span::styled(name, theme.title), Span::raw(rule)];
        put(Rect { width: area.width.saturating_sub(1), ..area }, 0, row, buf);
    }
}

/// The names of the variants, cut to `width` cells; without their common beginning if they would look the same.
pub(super) fn names(screen: &CompareScreen, width: usize) -> Vec<String> {
    let names: Vec<&str> = screen.comparison().variants().iter().map(crate::compare::Variant::name).collect();
    let apart = |name: &&str| {
        let alike = names.iter().filter(|other| *other != name && fit(other, width) == fit(name, width));
        match alike.map(|other| shared(name, other)).max() {
            Some(shared) => fit(&format!("…{}", &name[shared..]), width),
            None => fit(name, width),
        }
    };
    names.iter().map(apart).collect()
}

fn shared(name: &str, other: &str) -> usize {
    let words = name.split_inclusive('+').zip(other.split_inclusive('+'));
    words.take_while(|(a, b)| a == b).map(|(word, _)| word.len()).sum()
}

pub(super) fn columns(count: usize, area: Rect) -> Vec<Rect> {
    Layout::horizontal(vec![Constraint::Fill(1); count]).split(area).to_vec()
}
