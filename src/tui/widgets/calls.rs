//! The panel of calls, in one of its views; here the one of every call with its result, latest first.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{CallsView, View, code, put, title, waits};
use crate::record::{Record, Ret};
use crate::sys::Errno;
use crate::trace::text;

/// How many records are looked through for each row: a call's own, its events, its bytes, and what the kernel was asked.
const RECORDS_A_ROW: u64 = 16;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    match view.calls {
        CallsView::Waits => waits::render(view, area, buf),
        CallsView::Calls => every_call(view, area, buf),
        CallsView::Code => code::render(view, area, buf),
    }
}

fn every_call(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let extra = vec![Span::styled(lang.of(" latest first", " 最新在前"), theme.label)];
    let area = title(theme, lang.of("Calls", "调用"), extra, area, buf);
    let calls = latest(view, usize::from(area.height));
    if calls.is_empty() {
        let none = lang.of("none yet", "还没有");
        return put(area, 0, vec![Span::styled(none, theme.label)], buf);
    }
    for (y, (record, told)) in (0..area.height).zip(calls) {
        // EAGAIN is how a call says that there is no more, and no failure.
        let (sign, style) = match record.call.ret().and_then(Ret::errno) {
            None => (" ", theme.value),
            Some(Errno::EAGAIN) => ("·", theme.label),
            Some(_) => ("!", theme.alert),
        };
        put(area, y, vec![Span::styled(format!("{sign} {told}"), style)], buf);
    }
}

/// The last calls of the server, or all that were made by hand, latest first.
pub(crate) fn latest(view: &View<'_>, most: usize) -> Vec<(Record, String)> {
    let from = view.at.saturating_sub(RECORDS_A_ROW * (most as u64 + 1));
    let own = |record: &Record| view.by_hand || view.world.serves(record.tid);
    let mut calls = text::calls(view.timeline.range(from, view.at).filter(own), view.lang);
    calls.reverse();
    calls.truncate(most);
    calls
}
