//! What happens next, and why; and where that is among the seven steps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{Standing, View, put, title};
use crate::record::{Call, CtlOp};
use crate::trace::{Step, text, why};

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let area = title(view, "Next", vec![], area, buf);
    let now = step(view);
    let mut line = vec![Span::styled("● ", theme.marker)];
    match (&view.next, view.standing) {
        (Some(call), _) => {
            let place = match now {
                Some(step) => format!("step {}, {}: ", step.number(), step.name()),
                None => "before step 1: ".to_owned(),
            };
            line.push(Span::styled(place, theme.label));
            line.push(Span::styled(text::call(call), theme.title));
            line.push(Span::styled(format!("  {}", reason(view, call)), theme.value));
        }
        (None, Standing::Blocked { .. }) => {
            line.push(Span::styled("step 3, wait: ", theme.label));
            line.push(Span::styled("the server is in epoll_wait", theme.title));
            line.push(Span::styled("  until a client acts", theme.value));
        }
        (None, Standing::Over) => line.push(Span::styled("nothing: the server has ended", theme.title)),
        (None, _) => line.push(Span::styled("whatever comes: the server runs", theme.title)),
    }
    put(area, 0, line, buf);
    let mut rows = 1;
    if area.height > 2 {
        note(view, area, buf);
        rows = 2;
    }
    put(area, rows, steps(view, now), buf);
}

fn step(view: &View<'_>) -> Option<Step> {
    match &view.next {
        Some(call) => Step::of(call, view.world),
        None => view.world.epoll().and_then(|epoll| epoll.in_wait()).map(|_| Step::Wait),
    }
}

/// What leads to `call`, or what it is for.
fn reason(view: &View<'_>, call: &Call) -> String {
    let Some(epoll) = view.world.epoll() else { return "make an interest list and a ready list".to_owned() };
    match *call {
        Call::Accept4 { fd, .. } | Call::Recvfrom { fd, .. } | Call::Sendto { fd, .. } => {
            let item = epoll.item(fd).filter(|item| item.last_report > 0);
            item.map(|item| format!("for wait #{} reported fd {fd}", item.last_report)).unwrap_or_default()
        }
        Call::EpollWaitEnter { .. } => match view.world.due(epoll).count() {
            0 => "nothing is ready: it will block".to_owned(),
            n => format!("{n} ready (inferred): it will return at once"),
        },
        Call::EpollWait { .. } => "it returns".to_owned(),
        Call::EpollCtl { op: CtlOp::Add, fd, .. } => format!("put fd {fd} on the interest list"),
        Call::EpollCtl { op: CtlOp::Mod, .. } => "a new mask, and a new look: it re-arms".to_owned(),
        Call::EpollCtl { op: CtlOp::Del, .. } => "off the list, before it is closed".to_owned(),
        _ => String::new(),
    }
}

/// The word to the user, else why the selected fd would be reported or not.
fn note(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    if let Some(notice) = view.notice {
        let style = if notice.alert { theme.alert } else { theme.notice };
        return put(area, 1, vec![Span::raw("  "), Span::styled(notice.text.clone(), style)], buf);
    }
    let Some(epoll) = view.world.epoll() else { return };
    let Some(item) = view.selected.and_then(|id| epoll.items().find(|item| item.file == id)) else { return };
    let frozen = if view.frozen { "; its client does not read" } else { "" };
    let sentence = why::not_reported(view.world, epoll, item);
    put(area, 1, vec![Span::styled(format!("  fd {}: {sentence}{frozen}", item.fd), theme.label)], buf);
}

/// The seven steps, those done, and the one that comes.
fn steps(view: &View<'_>, now: Option<Step>) -> Vec<Span<'static>> {
    let theme = view.theme;
    let mut spans = vec![Span::raw("  ")];
    for step in Step::ALL {
        let (mark, style) = if now == Some(step) {
            ("●", theme.marker)
        } else if step.is_done(view.world) {
            ("✓", theme.good)
        } else {
            (" ", theme.label)
        };
        spans.push(Span::styled(format!("{} {}{mark}", step.number(), step.name()), style));
        spans.push(Span::raw("  "));
    }
    spans
}
