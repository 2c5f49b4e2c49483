//! The workbench in lines.

use ratatui::prelude::Rect;

use super::screen::WorkbenchScreen;
use crate::analysis::why;
use crate::i18n::words;
use crate::record::{Call, Record};
use crate::trace::text;
use crate::trace::world::{Epoll, Item, Wait};
use crate::tui::linear::{Linear, SELECTED, plain, question, rows_of};
use crate::tui::navigator::{Overlay, Prompt, Question};
use crate::tui::widgets::{
    CallsView, View, breakpoints, calls, code, guide, header, inspect, next, policy, ready, task,
};

/// The most records whose calls are written: what a server that runs freely does in some hundredths of a second.
const HORIZON: u64 = 10_000;
/// The most fds that have a line.
const FDS: usize = 64;
const STORY: usize = 100;
/// More than any list has that is open over the panels.
const ROWS: u16 = 60;

impl WorkbenchScreen {
    pub(super) fn in_lines(&self, since: u64) -> Linear {
        let view = self.view();
        let (theme, lang) = (view.theme, view.lang);
        Linear {
            at: view.at,
            settled: self.is_settled(),
            asks: question(view.overlay, view.timeline, theme, lang),
            happened: happened(&view, since),
            said: view.notice.map(|notice| notice.text.clone()),
            stands: stands(&view),
        }
    }

    fn is_settled(&self) -> bool {
        let seeks = self.navigator.searches_again().is_some() || self.navigator.cursor.autoplay.is_playing();
        !seeks && self.source.session().map_or_else(|| self.is_read(), crate::session::Session::rests)
    }
}

/// The server's calls since then, each wait with what it reported, and why.
fn happened(view: &View<'_>, since: u64) -> Vec<String> {
    let lang = view.lang;
    let from = since.max(view.timeline.first()).max(view.at.saturating_sub(HORIZON));
    if from >= view.at {
        return Vec::new();
    }
    let own = |record: &Record| view.by_hand || view.world.serves(record.tid);
    let waits: Vec<&Wait> = view.world.last_epoll().into_iter().flat_map(Epoll::waits).collect();
    let mut lines = Vec::new();
    for (record, told) in text::calls(view.timeline.range(from, view.at).filter(own), lang) {
        lines.push(told);
        let Call::EpollWait { .. } = record.call.plain() else { continue };
        let wait = waits.iter().find(|wait| wait.tid == record.tid && wait.returned == Some(record.t));
        lines.extend(wait.into_iter().flat_map(|wait| &wait.reports).map(|report| {
            let (fd, who, ready) = (report.fd, report.who.name(lang), report.ready);
            let why = why::reported(report, lang);
            words!(lang, "  fd {fd} {who} {ready}: {why}", "  fd {fd} {who} {ready}：{why}")
        }));
    }
    lines
}

/// How it stands: what the header says, each fd with its sentence, what is open, and the next call.
fn stands(view: &View<'_>) -> Vec<String> {
    let (theme, lang, world) = (view.theme, view.lang, view.world);
    let mut lines = header::in_words(view);
    let epoll = world.epoll();
    lines.extend(epoll.into_iter().flat_map(|epoll| epoll.items().take(FDS).map(move |item| fd(view, epoll, item))));
    lines.extend(world.unaccepted(FDS).into_iter().map(|id| {
        let who = world.name(id, lang);
        words!(lang, "{who} has connected and is not accepted yet", "{who} 已连接，尚未接受")
    }));
    if epoll.is_some() {
        lines.push(rows_of(lang, 2, |area, buf| ready::render(view, area, buf)).join(lang.of(": ", "：")));
    }
    if let Some(led) = view.guide {
        lines.extend(rows_of(lang, guide::ROWS, |area, buf| guide::render(led, theme, lang, area, buf)));
    }
    if let Some(task) = view.task {
        let rows = |area: Rect| task::rows(view, task, (area.width, area.height));
        lines.extend(rows_of(lang, 4, |area, buf| task::render(&rows(area), area, buf)));
    }
    lines.extend(over(view));
    if view.calls == CallsView::Code {
        // The line that is next; the others stand in any editor.
        let listing = rows_of(lang, ROWS, |area, buf| code::render(view, area, buf));
        lines.extend(listing.into_iter().filter(|row| row.starts_with(SELECTED)));
    }
    if view.is_past()
        && let Some((_, told)) = calls::latest(view, 1).pop()
    {
        lines.push(words!(lang, "last: {told}", "上一次：{told}"));
    }
    let next = rows_of(lang, 2, |area, buf| next::render(view, area, buf)).pop().unwrap_or_default();
    lines.push(words!(lang, "next: {next}", "下一步：{next}"));
    lines
}

fn fd(view: &View<'_>, epoll: &Epoll, item: &Item) -> String {
    let (lang, pointer) = (view.lang, if view.selected == Some(item.file) { SELECTED } else { "" });
    let (fd, who, mask, why) = (item.fd, view.world.name_of(item, lang), item.interest, view.why(epoll, item));
    words!(lang, "{pointer}fd {fd} {who}, {mask}: {why}", "{pointer}fd {fd} {who}，{mask}：{why}")
}

/// What is open over the panels.
fn over(view: &View<'_>) -> Vec<String> {
    let lang = view.lang;
    match view.overlay {
        Overlay::Policy { row } | Overlay::Prompt(Prompt { question: Question::Choice(row), .. }) => {
            rows_of(lang, ROWS, |area, buf| policy::render(view, *row, area, buf))
        }
        Overlay::Inspect { .. } => inspect::story(view, STORY).lines().map(|line| plain(line).to_owned()).collect(),
        over => over.breakpoint_row().map_or_else(Vec::new, |row| {
            rows_of(lang, ROWS, |area, buf| breakpoints::render(view.breakpoints, row, view.theme, lang, area, buf))
        }),
    }
}
