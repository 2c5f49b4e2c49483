//! The calls of epoll_wait, latest first, each with its events and a sentence on each event.

use ratatui::prelude::{Buffer, Rect, Span, Style};

use super::calls::{self, Hits};
use super::{View, put, title, wrap};
use crate::analysis::why;
use crate::i18n::{Lang, duration, grouped, words};
use crate::record::{Call, Nanos, Ret, Timeout};
use crate::sys::Errno;
use crate::trace::world::{Epoll, Item, Report, Wait};

/// The most events of one wait that are shown if room is short.
const EVENTS: usize = 8;
/// The most stranded fds that are shown above the waits.
const STRANDED: usize = 2;
const INDENT: &str = "    ";
/// From this width on, an event and its sentence share a line if they fit.
const WIDE: u16 = 70;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let lang = view.lang;
    let area = title(view.theme, lang.of("epoll_wait calls", "epoll_wait 调用"), calls::extra(view), area, buf);
    let mut column = Column { area, y: 0, buf };
    let Some(epoll) = view.world.last_epoll().filter(|epoll| epoll.wait_count > 0) else {
        let none = lang.pick(if view.taught {
            ("none yet", "还没有")
        } else {
            ("none yet: step 3 makes the first", "还没有，第 3 步发起第一次")
        });
        return column.line(vec![Span::styled(none, view.theme.label)]);
    };
    if view.at_rest() && epoll.silent_len() > 0 {
        let room = area.height.saturating_sub(least(view, epoll, area));
        silent(view, room, &mut column);
    }
    let waits: Vec<&Wait> =
        epoll.waits().rev().filter(|wait| is_shown(view, wait)).take(usize::from(area.height)).collect();
    let hits = waits.last().map(|oldest| Hits::since(view, oldest.seq.0));
    for wait in waits {
        if column.is_full() {
            break;
        }
        let mark = hits.as_ref().map_or("", |hits| hits.mark(is_hit(view, wait, hits)));
        one(view, wait, mark, &mut column);
    }
}

/// Whether a wait is about the fd that alone is shown. The one that has not returned may still be.
fn is_shown(view: &View<'_>, wait: &Wait) -> bool {
    view.only.is_none() || wait.returned.is_none() || wait.reports.iter().any(|report| report.file == view.only)
}

/// Whether its entry or its return is a hit: the first calls of its thread from its entry on.
fn is_hit(view: &View<'_>, wait: &Wait, hits: &Hits) -> bool {
    let from = hits.found.partition_point(|seq| *seq < wait.seq.0);
    let calls = hits.found[from..].iter().filter_map(|seq| view.timeline.get(seq - 1));
    let mut its = calls.take_while(|record| record.t <= wait.returned.unwrap_or(record.t));
    its.any(|record| {
        record.tid == wait.tid && matches!(record.call.plain(), Call::EpollWaitEnter { .. } | Call::EpollWait { .. })
    })
}

/// The rows that the first report of the latest wait needs.
fn least(view: &View<'_>, epoll: &Epoll, area: Rect) -> u16 {
    // After the wait's own line.
    let mut column = Column { area, y: 1, buf: &mut Buffer::empty(area) };
    if let Some(report) = epoll.waits().next_back().and_then(|wait| wait.reports.first()) {
        event(view, report, &mut column);
    }
    column.y
}

/// Stranded fds come first: no wait will ever report them. Sentences that need more than `room` are left out.
fn silent(view: &View<'_>, room: u16, column: &mut Column<'_>) {
    let Some(epoll) = view.world.epoll() else { return };
    let is_shown = |item: &&Item| view.only.is_none_or(|only| item.file == only);
    for item in epoll.silent().filter(is_shown).take(STRANDED) {
        let name = view.world.name_of(item, view.lang);
        column.line(vec![
            Span::styled(format!(" fd {} {name} ", item.fd), view.theme.value),
            Span::styled(view.lang.of("STRANDED", "滞留"), view.theme.alert),
        ]);
        let why = why::not_reported(view.world, epoll, item, view.lang);
        if usize::from(column.y) + column.wrapped(&why).len() <= usize::from(room) {
            column.sentence(&why, view.theme.value);
        }
    }
    let more = epoll.silent_len().saturating_sub(STRANDED);
    if more > 0 && view.only.is_none() {
        let text = words!(view.lang, " … and {more} more stranded", " … 另有 {more} 个滞留");
        column.line(vec![Span::styled(text, view.theme.alert)]);
    }
}

fn one(view: &View<'_>, wait: &Wait, mark: &'static str, column: &mut Column<'_>) {
    let (theme, lang) = (view.theme, view.lang);
    let (result, style) = match (wait.returned, wait.ret) {
        (Some(t), Some(ret)) => (returned(wait, ret, t, lang), theme.value),
        _ if view.world.is_blocked() => {
            (lang.of("blocked: nothing is ready", "阻塞，没有就绪的 fd").to_owned(), theme.marker)
        }
        _ => (lang.of("in the wait", "等待中").to_owned(), theme.marker),
    };
    column.line(vec![
        Span::styled(mark, theme.notice),
        Span::styled(format!("#{} ", grouped(u64::from(wait.number))), theme.title),
        Span::styled(words!(lang, "timeout {} → ", "超时 {} → ", wait.timeout), theme.label),
        Span::styled(result, style),
    ]);
    let its = |report: &&Report| view.only.is_none() || report.file == view.only;
    for report in wait.reports.iter().filter(its).take(EVENTS) {
        event(view, report, column);
    }
    if wait.ret.is_some_and(|ret| ret.ok() == Some(0)) {
        silence(view, wait, column);
    }
    if view.only.is_some() {
        return;
    }
    let hidden = wait.reports.len().saturating_sub(EVENTS) + wait.more as usize;
    if hidden > 0 {
        column.line(vec![Span::styled(words!(lang, "  … {hidden} more", "  … 还有 {hidden} 个"), theme.label)]);
    }
}

/// Why an empty return reported none of the registrations: said at that moment, before anything else is done.
fn silence(view: &View<'_>, wait: &Wait, column: &mut Column<'_>) {
    let Some(epoll) = view.world.epoll().filter(|_| view.world.moments() == wait.moment) else { return };
    let shown = epoll.items().filter(|item| !view.at_rest() || epoll.silent().all(|silent| silent != *item));
    for item in shown.take(EVENTS) {
        let why = why::not_reported(view.world, epoll, item, view.lang);
        let line = format!(" fd {} {}: {why}", item.fd, view.world.name_of(item, view.lang));
        column.sentence(&line, view.theme.label);
    }
}

fn returned(wait: &Wait, ret: Ret, t: Nanos, lang: Lang) -> String {
    let took = duration(t.0.saturating_sub(wait.entered.0));
    match (ret.ok(), ret.errno()) {
        (Some(1), _) => words!(lang, "1 event, {took}", "1 个事件，{took}"),
        (Some(0), _) if wait.timeout == Timeout::ZERO => {
            words!(lang, "0 events, {took}: nothing was ready", "0 个事件，{took}，没有就绪的 fd")
        }
        (Some(0), _) => words!(lang, "0 events, {took}: the time was up", "0 个事件，{took}，超时"),
        (Some(n), _) => words!(lang, "{n} events, {took}", "{n} 个事件，{took}"),
        (None, Some(errno)) if errno != Errno::EINTR => format!("{errno:?}, {took}"),
        (None, Some(errno)) if wait.woken => {
            words!(lang, "{errno:?} (by epollscope), {took}", "{errno:?}（由 epollscope 中断），{took}")
        }
        (None, Some(errno)) => words!(lang, "{errno:?} (a signal), {took}", "{errno:?}（信号），{took}"),
        (None, None) => took,
    }
}

fn event(view: &View<'_>, report: &Report, column: &mut Column<'_>) {
    let theme = view.theme;
    let selected = report.file.is_some() && report.file == view.selected;
    let mut line = vec![
        Span::styled(if selected { "▶" } else { " " }, theme.marker),
        Span::styled(format!("fd {} {} ", report.fd, report.who.name(view.lang)), theme.value),
        Span::styled(report.ready.to_string(), if report.interest.is_edge() { theme.edge } else { theme.level }),
    ];
    let why = Span::styled(why::reported(report, view.lang), theme.label);
    let width = line.iter().map(Span::width).sum::<usize>() + 2 + why.width();
    if column.area.width >= WIDE && width <= usize::from(column.area.width) {
        line.extend([Span::raw("  "), why]);
        return column.line(line);
    }
    column.line(line);
    column.sentence(&why.content, theme.label);
}

/// Writes lines from the top of an area until it is full.
struct Column<'a> {
    area: Rect,
    y: u16,
    buf: &'a mut Buffer,
}

impl Column<'_> {
    fn is_full(&self) -> bool {
        self.y >= self.area.height
    }

    fn line(&mut self, spans: Vec<Span<'_>>) {
        put(self.area, self.y, spans, self.buf);
        self.y = self.y.saturating_add(1);
    }

    fn sentence(&mut self, text: &str, style: Style) {
        for line in self.wrapped(text) {
            self.line(vec![Span::raw(INDENT), Span::styled(line, style)]);
        }
    }

    fn wrapped(&self, text: &str) -> Vec<String> {
        wrap(text, usize::from(self.area.width).saturating_sub(INDENT.len()))
    }
}
