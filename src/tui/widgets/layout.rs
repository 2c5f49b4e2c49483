//! Where each panel goes: in two columns on a wide screen, in one on a narrow screen. If room is short, the lists lose
//! rows first, then the scope goes.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Rect, Span};

use super::{CallsView, View, bytes, calls, ground, interest, next, put, ready, rule, scope};
use crate::i18n::{Lang, words};
use crate::probe::ServerState;
use crate::tui::Theme;

/// The smallest screen that is drawn, in cells.
pub const MINIMUM: (u16, u16) = (60, 16);

pub(crate) const WIDE: u16 = 110;

/// Prepares a whole screen. If it is too small, says so, and nothing else is to be drawn.
pub(crate) fn is_too_small(theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) -> bool {
    ground(area, theme.base, buf);
    let (columns, rows) = MINIMUM;
    let (width, height) = (area.width, area.height);
    if width >= columns && height >= rows {
        return false;
    }
    let text = words!(
        lang,
        "epollscope needs {columns}x{rows}; this is {width}x{height}",
        "epollscope 需要 {columns}x{rows}；现在是 {width}x{height}"
    );
    put(area, 0, vec![Span::styled(text, theme.alert)], buf);
    true
}

/// The panels in one column, for a lesson's side.
pub(crate) fn bench(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    // The next call is shown where the scene is looked at, or held, in the middle of a step.
    let rows = if view.track.is_some() || matches!(view.state, ServerState::Stopped(_)) { 2 } else { 0 };
    let [area, next] = vertical![>= 1, == rows].areas(area);
    if rows > 0 {
        next::render(view, next, buf);
    }
    if area.width >= WIDE {
        return wide(view, None, area, buf);
    }
    let scope = match area.height {
        // The code has more lines than the waits.
        ..46 if view.calls == CallsView::Code => 0,
        34.. => 13,
        24.. => 9,
        14.. => 5,
        _ => 0,
    };
    stacked(view, None, scope, area, buf);
}

/// The panels in one or two columns. `most` is how many registrations there will be at most, if that is known.
pub(crate) fn panels(view: &View<'_>, most: Option<usize>, area: Rect, buf: &mut Buffer) {
    if area.width >= WIDE { wide(view, most, area, buf) } else { narrow(view, most, area, buf) }
}

fn wide(view: &View<'_>, most: Option<usize>, area: Rect, buf: &mut Buffer) {
    let left = u16::try_from(interest::WIDTH).unwrap_or(0).max(area.width / 5 * 3);
    let [left, gap, right] = horizontal![== left, == 3, >= 1].areas(area);
    rule(view.theme, gap, buf);
    let lists = rows_of_interest(view, most, left.height / 2);
    let connections = u16::try_from(view.connections(3).len()).unwrap_or(3);
    let bytes_rows = if left.height >= 28 && !view.theme.projector { 1 + 2 * connections.max(1) } else { 0 };
    let [interest, ready, scope, bytes] = vertical![== lists, == 2, >= 1, == bytes_rows].areas(left);
    interest::render(view, interest, buf);
    ready::render(view, ready, buf);
    scope::render(view, scope, buf);
    bytes::render(view, bytes, buf);
    calls::render(view, right, buf);
}

fn narrow(view: &View<'_>, most: Option<usize>, area: Rect, buf: &mut Buffer) {
    let scope_rows = match area.height {
        // The scope is what can be seen from afar.
        17.. if view.theme.projector => 7,
        15.. => 5,
        _ => 0,
    };
    stacked(view, most, scope_rows, area, buf);
}

fn stacked(view: &View<'_>, most: Option<usize>, scope_rows: u16, area: Rect, buf: &mut Buffer) {
    let left = area.height - scope_rows - 2;
    let entries = interest::entries(view);
    // An odd row goes to the interest list if it is long.
    let room = if entries + 2 > usize::from(left / 2) { left.div_ceil(2) } else { left / 2 };
    let lists = rows_of_interest(view, most, room);
    let [interest, ready, waits, scope] = vertical![== lists, == 2, >= 1, == scope_rows].areas(area);
    interest::render(view, interest, buf);
    ready::render(view, ready, buf);
    calls::render(view, waits, buf);
    scope::render(view, scope, buf);
}

/// The rows of the interest list: a title, heads, and its entries, at most `room`. There is room for `most` entries
/// from the beginning, or else for three, so that nothing moves when clients come.
pub(crate) fn rows_of_interest(view: &View<'_>, most: Option<usize>, room: u16) -> u16 {
    let entries = interest::entries(view);
    let least = most.unwrap_or(3).saturating_add(2).min(usize::from(room));
    u16::try_from(entries + 2).unwrap_or(u16::MAX).clamp(u16::try_from(least).unwrap_or(room), room.max(5))
}
