//! The panel of calls, in one of its views; here the one of every call with its result, latest first.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{CallsView, View, code, put, script, title, waits};
use crate::i18n::words;
use crate::record::{Call, Record, Ret};
use crate::sys::Errno;
use crate::trace::text;
use crate::trace::world::File;

/// How many records are looked through for each row: a call's own, its events, its bytes, and what the kernel was asked.
const RECORDS_A_ROW: u64 = 16;
/// How many records are looked through for the calls about one fd.
const FILTERED: u64 = 10_000;

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    match view.calls {
        CallsView::Waits => waits::render(view, area, buf),
        CallsView::Calls => every_call(view, area, buf),
        CallsView::Code if view.by_hand => script::render(view, area, buf),
        CallsView::Code => code::render(view, area, buf),
    }
}

/// What stands behind the title: the filter, and the order.
pub(super) fn extra(view: &View<'_>) -> Vec<Span<'static>> {
    let (theme, lang) = (view.theme, view.lang);
    let file = view.only.and_then(|only| Some((only, view.world.file(only)?.fd)));
    let only = file.map(|(only, fd)| {
        let name = view.world.name(only, lang);
        Span::styled(words!(lang, ", only fd {fd} {name}", "，只看 fd {fd} {name}"), theme.notice)
    });
    only.into_iter().chain([Span::styled(lang.of(" latest first", " 最新在前"), theme.label)]).collect()
}

fn every_call(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let area = title(theme, lang.of("Calls", "调用"), extra(view), area, buf);
    let calls = latest(view, usize::from(area.height));
    let Some((oldest, _)) = calls.last() else {
        let none = lang.of("none yet", "还没有");
        return put(area, 0, vec![Span::styled(none, theme.label)], buf);
    };
    let hits = Hits::since(view, oldest.seq.0);
    for (y, (record, told)) in (0..area.height).zip(calls) {
        // EAGAIN is how a call says that there is no more, and no failure.
        let (sign, style) = match record.call.ret().and_then(Ret::errno) {
            None => (" ", theme.value),
            Some(Errno::EAGAIN) => ("·", theme.label),
            Some(_) => ("!", theme.alert),
        };
        let mark = hits.mark(hits.found.contains(&record.seq.0));
        let mark = Span::styled(mark, theme.notice);
        put(area, y, vec![mark, Span::styled(format!("{sign} {told}"), style)], buf);
    }
}

/// The hits of the last search among the latest records.
pub(super) struct Hits {
    searches: bool,
    /// By their numbers, oldest first.
    pub(super) found: Vec<u64>,
}

impl Hits {
    pub(super) fn since(view: &View<'_>, seq: u64) -> Self {
        let found = view.sought.as_ref().map(|sought| sought.hits(view.timeline, seq.saturating_sub(1), view.at));
        Self { searches: found.is_some(), found: found.unwrap_or_default() }
    }

    /// What stands before a line. There is no such column while nothing was searched for.
    pub(super) fn mark(&self, is_hit: bool) -> &'static str {
        match (self.searches, is_hit) {
            (false, _) => "",
            (true, false) => " ",
            (true, true) => "/",
        }
    }
}

/// The last calls of the server, or all that were made by hand, latest first.
pub(crate) fn latest(view: &View<'_>, most: usize) -> Vec<(Record, String)> {
    let reach = if view.only.is_some() { FILTERED } else { RECORDS_A_ROW * (most as u64 + 1) };
    let own = |record: &Record| view.by_hand || view.world.serves(record.tid);
    let records = view.timeline.range(view.at.saturating_sub(reach), view.at).filter(own);
    let mut calls = match view.only.and_then(|only| view.world.file(only)) {
        Some(file) => text::calls(about(view, file, records).into_iter(), view.lang),
        None => text::calls(records, view.lang),
    };
    calls.reverse();
    calls.truncate(most);
    calls
}

/// The records of the calls about `file`: also waits that report it, with all their events.
fn about(view: &View<'_>, file: &File, records: impl Iterator<Item = Record>) -> Vec<Record> {
    let (mut about, mut wait) = (Vec::new(), Vec::new());
    for record in records.filter(|record| record.seq.0 >= file.id.seq()) {
        let its = record.call.fd() == Some(file.fd) && view.world.means(record.tid, file.fd, file);
        match record.call.plain() {
            Call::EpollWait { .. } => wait = vec![record],
            Call::Event { .. } if wait.is_empty() => about.push(record),
            Call::Event { .. } => {
                wait.push(record);
                if its {
                    about.append(&mut wait);
                }
            }
            _ => {
                wait.clear();
                if its || record.seq.0 == file.id.seq() {
                    about.push(record);
                }
            }
        }
    }
    about
}
