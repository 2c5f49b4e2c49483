//! The epoll_wait calls, the latest first, each with its event list and a sentence on every event.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::{View, duration, put, title, wrap};
use crate::record::{Nanos, Ret};
use crate::trace::why;
use crate::trace::world::{Report, Wait};

/// Events shown of one wait where the panel has no room for all.
const EVENTS: usize = 8;
/// Stranded fds shown before the waits.
const STRANDED: usize = 2;
/// From this width on an event and its sentence share a line where they fit.
const WIDE: u16 = 70;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let area = title(view, "epoll_wait calls", vec![Span::styled(" latest first", view.theme.label)], area, buf);
    let mut page = Page { area, y: 0, buf };
    let Some(epoll) = view.world.epoll().filter(|epoll| epoll.wait_count > 0) else {
        return page.line(vec![Span::styled("none yet: step 3 makes the first", view.theme.label)]);
    };
    if view.at_rest() {
        silent(view, &mut page);
    }
    for wait in epoll.waits().rev() {
        if page.is_full() {
            break;
        }
        one(view, wait, &mut page);
    }
}

/// What is stranded stands before all: no wait will ever say it.
fn silent(view: &View<'_>, page: &mut Page<'_>) {
    let Some(epoll) = view.world.epoll() else { return };
    for item in epoll.silent().take(STRANDED) {
        let name = view.world.name(item.file);
        page.line(vec![
            Span::styled(format!(" fd {} {name} ", item.fd), view.theme.value),
            Span::styled("STRANDED", view.theme.alert),
        ]);
        page.sentence(&why::not_reported(view.world, epoll, item), view.theme.value);
    }
    let more = epoll.silent_len().saturating_sub(STRANDED);
    if more > 0 {
        page.line(vec![Span::styled(format!(" … and {more} more stranded"), view.theme.alert)]);
    }
}

fn one(view: &View<'_>, wait: &Wait, page: &mut Page<'_>) {
    let theme = view.theme;
    let (result, style) = match (wait.returned, wait.ret) {
        (Some(t), Some(ret)) => (returned(wait, ret, t), theme.value),
        _ if view.is_blocked() => ("blocked: nothing is ready".to_owned(), theme.marker),
        _ => ("entered".to_owned(), theme.marker),
    };
    page.line(vec![
        Span::styled(format!("#{} ", why::grouped(u64::from(wait.number))), theme.title),
        Span::styled(format!("timeout {} → ", wait.timeout), theme.label),
        Span::styled(result, style),
    ]);
    for report in wait.reports.iter().take(EVENTS) {
        event(view, report, page);
    }
    let hidden = wait.reports.len().saturating_sub(EVENTS) + wait.more as usize;
    if hidden > 0 {
        page.line(vec![Span::styled(format!("  … {hidden} more"), theme.label)]);
    }
}

fn returned(wait: &Wait, ret: Ret, t: Nanos) -> String {
    let took = duration(Nanos(t.0.saturating_sub(wait.entered.0)));
    match (ret.ok(), ret.errno()) {
        (Some(1), _) => format!("1 event, {took}"),
        (Some(0), _) => format!("0 events, {took}: the time was up"),
        (Some(n), _) => format!("{n} events, {took}"),
        (None, Some(errno)) => format!("{errno:?} (a signal), {took}"),
        (None, None) => took,
    }
}

fn event(view: &View<'_>, report: &Report, page: &mut Page<'_>) {
    let theme = view.theme;
    let selected = report.file.is_some() && report.file == view.selected;
    let mut line = vec![
        Span::styled(if selected { "▶" } else { " " }, theme.marker),
        Span::styled(format!("fd {} {} ", report.fd, report.who), theme.value),
        Span::styled(report.ready.to_string(), if report.interest.is_edge() { theme.edge } else { theme.level }),
    ];
    let why = Span::styled(why::reported(report), theme.label);
    let width = line.iter().map(Span::width).sum::<usize>() + 2 + why.width();
    if page.area.width >= WIDE && width <= usize::from(page.area.width) {
        line.extend([Span::raw("  "), why]);
        return page.line(line);
    }
    page.line(line);
    page.sentence(&why.content, theme.label);
}

/// Lines from the top until the area is full.
struct Page<'a> {
    area: Rect,
    y: u16,
    buf: &'a mut Buffer,
}

impl Page<'_> {
    fn is_full(&self) -> bool {
        self.y >= self.area.height
    }

    fn line(&mut self, spans: Vec<Span<'_>>) {
        put(self.area, self.y, spans, self.buf);
        self.y = self.y.saturating_add(1);
    }

    fn sentence(&mut self, text: &str, style: Style) {
        const INDENT: &str = "    ";
        for line in wrap(text, usize::from(self.area.width).saturating_sub(INDENT.len())) {
            self.line(vec![Span::raw(INDENT), Span::styled(line, style)]);
        }
    }
}
