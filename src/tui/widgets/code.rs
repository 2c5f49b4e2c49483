//! The server's program, with the line of the next call marked.

use std::net::Ipv4Addr;

use ratatui::prelude::{Buffer, Rect, Span};

use super::{View, put, title};
use crate::analysis::place;
use crate::i18n::words;
use crate::probe::ServerState;
use crate::record::Call;
use crate::server::listing::{Language, Line, Listing, Place};

/// How far back the call before is looked for, in records.
const BEFORE: u64 = 64;

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let (name, other) = match view.language {
        Language::Python => ("Python", "C"),
        Language::C => ("C", "Python"),
    };
    let extra = words!(lang, " {name}; L {other}; + by this policy", " {name}；L {other}；+ 因策略而异");
    let area = title(theme, lang.of("Code", "代码"), vec![Span::styled(extra, theme.label)], area, buf);
    let Some(policy) = view.policy else {
        let unknown = lang.of("the records do not tell the policy", "记录没有说明策略");
        return put(area, 0, vec![Span::styled(unknown, theme.label)], buf);
    };
    let addr = view.addr.unwrap_or((Ipv4Addr::LOCALHOST, 9292).into());
    let listing = Listing::of(&policy, view.language, addr);
    let marked = next(view).and_then(|next| listing.line_of(next));
    // The marked line stands in the middle, or the wait does, unless all fits.
    let middle = marked.or(listing.line_of(Place::Wait)).unwrap_or(0);
    let rows = usize::from(area.height);
    let first = middle.saturating_sub(rows / 2).min(listing.lines.len().saturating_sub(rows));
    for (y, (n, line)) in (0..area.height).zip(listing.lines.iter().enumerate().skip(first)) {
        row(view, line, marked == Some(n), Rect { y: area.y + y, height: 1, ..area }, buf);
    }
}

/// A line, with a pointer at the next call, the number of its step, and a plus where the policy has changed it.
fn row(view: &View<'_>, line: &Line, marked: bool, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let step = line.place.map_or(" ".to_owned(), |place| place.step().to_string());
    let (pointer, changed) = (if marked { "▶" } else { " " }, if line.changed { "+" } else { " " });
    let style = if marked {
        theme.marker
    } else if line.changed {
        theme.title
    } else {
        theme.value
    };
    let spans = vec![
        Span::styled(format!("{pointer}{step}"), theme.marker),
        Span::styled(changed, theme.marker),
        Span::styled(line.text.as_str(), style),
    ];
    put(area, 0, spans, buf);
}

/// Where the server makes the call that comes next, or that it is in.
fn next(view: &View<'_>) -> Option<Place> {
    let call = match (&view.next, view.state) {
        (Some(call), _) => *call,
        (None, ServerState::Hung(call)) => call,
        (None, _) if view.world.is_blocked() => return Some(Place::Wait),
        _ => return None,
    };
    let on_the_same_fd = |before: &Call| before.is_syscall() && before.fd() == call.fd();
    let records = view.timeline.range(view.at.saturating_sub(BEFORE), view.at).rev();
    let before = records.filter(|record| view.world.serves(record.tid)).map(|record| record.call).find(on_the_same_fd);
    place(&call, before.as_ref(), view.world)
}
