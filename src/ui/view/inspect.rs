//! One fd, whole: state, mask, what the kernel says, history, and its bytes as text and hexadecimal.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::bytes::{payload, records_of};
use super::{View, put, title, wrap};
use crate::probe::CAPTURE;
use crate::record::{Call, Dir, Record};
use crate::trace::text;
use crate::trace::why::grouped;
use crate::trace::world::{File, Item};
use crate::ui::escape;

/// Calls of the history, and records looked at for it.
const HISTORY: usize = 200;
const HORIZON: usize = 50_000;

pub(super) fn render(view: &View<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let world = view.world;
    let epoll = world.epoll();
    let item = epoll.and_then(|epoll| epoll.items().find(|item| Some(item.file) == view.selected));
    let (Some(epoll), Some(item)) = (epoll, item) else {
        let area = title(view, "Inspect", vec![], area, buf);
        return put(area, 0, vec![Span::styled("this fd is not registered any more", view.theme.label)], buf);
    };
    let Some(file) = world.file(item.file) else { return };
    let area = title(view, &format!("fd {} {}", item.fd, world.name(item.file)), vec![], area, buf);
    let width = usize::from(area.width).saturating_sub(2);
    let mut lines = state(view, item, file);
    for (i, line) in wrap(&view.why(epoll, item), width.saturating_sub(13)).into_iter().enumerate() {
        let label = format!("  {:<11}", if i == 0 { "why" } else { "" });
        lines.push(vec![Span::styled(label, view.theme.label), Span::styled(line, view.theme.value)]);
    }
    let mine = records_of(view, item.file, file, HORIZON, 4 * HISTORY);
    bytes(view, &mine, Dir::In, "received", &mut lines);
    bytes(view, &mine, Dir::Out, "sent", &mut lines);
    let mut heading = vec![Span::styled("History, latest first", view.theme.title)];
    if mine.is_empty() {
        let text = format!(": nothing among the last {} records", grouped(HORIZON as u64));
        heading.push(Span::styled(text, view.theme.label));
    }
    lines.push(heading);
    for record in mine.iter().filter(|record| !matches!(record.call, Call::Data { .. })).take(HISTORY) {
        lines.push(vec![Span::styled(format!("  {}", text::line(record)), view.theme.value)]);
    }
    let last = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (0..area.height).zip(lines.into_iter().skip(usize::from(scroll).min(last))) {
        put(area, y, line, buf);
    }
}

fn state(view: &View<'_>, item: &Item, file: &File) -> Vec<Vec<Span<'static>>> {
    let theme = view.theme;
    let row = |label: &str, value: String| {
        vec![Span::styled(format!("  {label:<11}"), theme.label), Span::styled(value, theme.value)]
    };
    let said = item.fdinfo.map_or_else(|| "not asked since it changed".to_owned(), |mask| mask.to_string());
    let mut rows = vec![
        row("watch", format!("{}; fdinfo says: {said}", item.interest)),
        row("armed", if item.armed { "yes".into() } else { format!("no: disarmed by wait #{}", item.last_report) }),
        row("reports", format!("{}, the last by wait #{}", grouped(u64::from(item.reports)), item.last_report)),
    ];
    if let Some(stream) = file.stream() {
        let unread = stream.unread.map_or_else(|| "unknown".to_owned(), grouped);
        rows.push(row("peer", stream.peer.to_string()));
        rows.push(row(
            "bytes",
            format!(
                "in {}, out {}, unread {unread}, unsent {}",
                grouped(stream.received),
                grouped(stream.sent),
                grouped(stream.unsent)
            ),
        ));
        rows.push(row("poll(2)", format!("{} (as far as the trace tells)", stream.ready())));
        if let Some(client) = stream.other.and_then(|other| view.world.file(other)).and_then(|file| file.stream()) {
            let missing = client.sent.saturating_sub(client.received);
            rows.push(row(
                "its client",
                format!(
                    "sent {}, got back {}{}{}",
                    grouped(client.sent),
                    grouped(client.received),
                    if missing > 0 { format!(", waits for {}", grouped(missing)) } else { String::new() },
                    if view.frozen { "; does not read" } else { "" },
                ),
            ));
        }
    }
    if let Some(listener) = file.listener() {
        let pending = listener.pending.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
        rows.push(row("listens", format!("on {}, {pending} waiting to be accepted", listener.addr)));
    }
    rows
}

fn bytes(view: &View<'_>, mine: &[Record], way: Dir, word: &str, lines: &mut Vec<Vec<Span<'static>>>) {
    let all = payload(mine, way);
    if all.is_empty() {
        return;
    }
    let theme = view.theme;
    lines.push(vec![
        Span::styled(format!("Bytes {word}"), theme.title),
        Span::styled(format!(" the last, of each call the first {CAPTURE}; as text and in hexadecimal"), theme.label),
    ]);
    // All that is kept of one long call, or the last of several short ones; the same in both.
    let last = &all[all.len().saturating_sub(CAPTURE)..];
    lines.push(vec![Span::styled(format!("  {}", escape::escape(last)), theme.value)]);
    for row in escape::hexdump(last, 0) {
        lines.push(vec![Span::styled(format!("  {row}"), theme.value)]);
    }
}
