//! What happens next, and why; and where that is among the seven steps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{Standing, View, hanging, put, title};
use crate::record::{Call, CtlOp};
use crate::trace::{Step, text};

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
            let wait = view.world.epoll().and_then(|epoll| epoll.in_wait());
            let timeout = wait.map_or(-1, |wait| wait.timeout.0);
            let or = if timeout >= 0 { format!(", or {timeout} ms are over") } else { String::new() };
            line.push(Span::styled(format!("  until a client acts{or}"), theme.value));
        }
        (None, Standing::Hangs(call)) => {
            line.push(Span::styled("step 4, act: ", theme.label));
            line.push(Span::styled(format!("the server hangs in {}", hanging(&call)), theme.title));
            line.push(Span::styled(format!("  {}", hang(&call)), theme.value));
        }
        (None, Standing::Over) if let Some(error) = view.ended => {
            line.push(Span::styled("the server died: ", theme.alert));
            line.push(Span::styled(error.to_string(), theme.title));
        }
        (None, Standing::Over) => line.push(Span::styled("nothing: the server has ended", theme.title)),
        (None, Standing::Runs { .. }) => line.push(Span::styled("whatever comes: the server runs", theme.title)),
        (None, Standing::Paused) => line.push(Span::styled("the server is on its way to its next call", theme.title)),
        (None, Standing::Past { .. }) => line.push(Span::styled("no later call is known yet", theme.title)),
    }
    // Where there is no room for all, the row of steps alone says which of them it is.
    if line.iter().map(Span::width).sum::<usize>() > usize::from(area.width) && now.is_some() && line.len() == 4 {
        line.remove(1);
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
        None if matches!(view.standing, Standing::Hangs(_)) => Some(Step::Act),
        None => view.world.epoll().and_then(|epoll| epoll.in_wait()).map(|_| Step::Wait),
    }
}

/// Why the server hangs in `call`.
fn hang(call: &Call) -> &'static str {
    match call {
        Call::Sendto { .. } => "the fd is blocking, and its peer takes no more",
        _ => "the fd is blocking, and nothing is there",
    }
}

/// What leads to `call`, or what it is for.
fn reason(view: &View<'_>, call: &Call) -> String {
    if matches!(call, Call::EpollCreate1 { .. }) {
        return "an interest list, a ready list".to_owned();
    }
    let Some(epoll) = view.world.epoll() else { return String::new() };
    match *call {
        Call::Accept4 { fd, .. } | Call::Recvfrom { fd, .. } | Call::Sendto { fd, .. } => {
            let item = epoll.item(fd).filter(|item| item.last_report > 0);
            item.map(|item| format!("for wait #{} reported fd {fd}", item.last_report)).unwrap_or_default()
        }
        Call::EpollWaitEnter { .. } => match view.world.due(epoll).count() {
            0 if !epoll.certain => "what is ready is not known".to_owned(),
            0 => "nothing is ready: it blocks".to_owned(),
            n => format!("{n} ready (inferred): returns"),
        },
        Call::EpollWait { .. } => "it returns".to_owned(),
        Call::Fcntl { nonblock, .. } => format!("{} from here on", if nonblock { "EAGAIN" } else { "its calls block" }),
        Call::EpollCtl { op: CtlOp::Add, fd, .. } => format!("put fd {fd} on the interest list"),
        Call::EpollCtl { op: CtlOp::Mod, .. } => "a new mask, and a new look: it re-arms".to_owned(),
        Call::EpollCtl { op: CtlOp::Del, fd, .. } if epoll.item(fd).is_none() => "closed already: EBADF".to_owned(),
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
    let sentence = view.why(epoll, item);
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
