//! The track: a line from the start to now on a panel's rule, with the moment that is shown.

use ratatui::prelude::{Buffer, Line, Rect, Span};

use super::{View, mark};
use crate::i18n::{grouped, words};
use crate::tui::Theme;

/// A shorter line is left out.
pub(crate) const LEAST: u16 = 10;

/// Draws it into one row. Words that do not fit are left out, the number of the call last of all.
pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let Some(track) = view.track else { return };
    let (theme, lang) = (view.theme, view.lang);
    let [call, calls] = [view.world, view.timeline.now()].map(|world| grouped(world.moments()));
    let mut words =
        vec![Span::styled(words!(lang, " call {call} of {calls}", " 第 {call} 次调用，共 {calls} 次"), theme.marker)];
    if let Some(speed) = track.playing {
        let speed = grouped(speed);
        words.push(Span::styled(words!(lang, " ▶ {speed}/s", " ▶ 每秒 {speed} 次"), theme.good));
    }
    if let Some(runs_on) = track.runs_on {
        let session = if runs_on {
            (" · live: runs on", " · 实时，继续运行")
        } else {
            (" · live: waits", " · 实时，等待")
        };
        words.push(Span::styled(lang.pick(session), theme.label));
    }
    words.push(Span::raw(" "));
    let (start, end) = (
        lang.of(" start ", " 开头 "),
        lang.of(if track.recorded { " end " } else { " now " }, if track.recorded { " 末尾 " } else { " 现在 " }),
    );
    let width = |spans: &[Span<'_>]| u16::try_from(spans.iter().map(Span::width).sum::<usize>()).unwrap_or(u16::MAX);
    let ends = [Span::styled(start, theme.label), Span::styled(end, theme.label)];
    while words.len() > 2 && width(&words) + width(&ends) + LEAST > area.width {
        words.remove(words.len() - 2);
    }
    let line = area.width.saturating_sub(width(&words) + width(&ends));
    let mut x = area.x;
    let mut put = |spans: Vec<Span<'_>>, buf: &mut Buffer| {
        let used = width(&spans);
        buf.set_line(x, area.y, &Line::from(spans), area.right().saturating_sub(x));
        x = (x + used).min(area.right());
        x
    };
    let at = put(words, buf);
    if line < LEAST {
        return;
    }
    let [start, end] = ends;
    let at = put(vec![start], buf).max(at);
    records(view, Rect { x: at, width: line, height: 1, ..area }, buf);
    buf.set_line(at + line, area.y, &Line::from(end), area.right().saturating_sub(at + line));
}

/// The line of all records, with a mark for each finding.
fn records(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (first, len) = (view.timeline.first(), view.timeline.len());
    let last = u64::from(area.width - 1);
    let here = along(view.at.saturating_sub(first), len - first, area.width);
    // The first position of a column.
    let begins = |x: u16| {
        first + u64::try_from((u128::from(x) * u128::from(len - first)).div_ceil(u128::from(last))).unwrap_or(len)
    };
    line(view.theme, here, |x| is_marked(view, begins(x), begins(x + 1)), area, buf);
}

/// The column that is as far along a line of this width as `n` is of `all`.
pub(crate) fn along(n: u64, all: u64, width: u16) -> u16 {
    let last = width.saturating_sub(1);
    u16::try_from(u128::from(n) * u128::from(last) / u128::from(all.max(1))).unwrap_or(last).min(last)
}

/// The line itself: thick up to the moment shown, thin after it.
pub(crate) fn line(theme: &Theme, here: u16, is_marked: impl Fn(u16) -> bool, area: Rect, buf: &mut Buffer) {
    for x in 0..area.width {
        let (symbol, style) = if x < here { ("━", theme.marker) } else { ("─", theme.border) };
        mark(area.x + x, area.y, symbol, style, buf);
    }
    for x in (0..area.width).filter(|x| is_marked(*x)) {
        mark(area.x + x, area.y, "╇", theme.report, buf);
    }
    mark(area.x + here, area.y, "●", theme.notice, buf);
}

fn is_marked(view: &View<'_>, from: u64, to: u64) -> bool {
    let found = match from.checked_sub(1) {
        Some(before) => view.timeline.findings().after(before),
        None => view.timeline.findings().iter().next(),
    };
    found.is_some_and(|finding| finding.position() < to)
}
