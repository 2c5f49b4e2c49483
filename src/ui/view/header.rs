//! The first line: where, which trigger, which policy, how the server stands, and counts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Standing, View, hanging, put};
use crate::record::{Accept, Fairness, Faults, Policy, Read, Trigger, WriteInterest};
use crate::trace::why::grouped;

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let (word, style) = match view.standing {
        Standing::Paused => ("‖ paused".to_owned(), theme.marker),
        Standing::Runs { pace: None } => ("▶ runs".to_owned(), theme.good),
        Standing::Runs { pace: Some(pace) } => (format!("▶ runs, {pace} calls/s"), theme.good),
        Standing::Blocked { runs: true } => ("▶ blocked in epoll_wait".to_owned(), theme.good),
        Standing::Blocked { runs: false } => ("‖ blocked in epoll_wait".to_owned(), theme.marker),
        Standing::Hangs(call) => (format!("▶ hangs in {}", hanging(&call)), theme.alert),
        Standing::Past { behind } => {
            let more = if behind == Standing::FAR { "more than " } else { "" };
            let calls = if behind == 1 { "call" } else { "calls" };
            (format!("◀ the past, {more}{} {calls} ago", grouped(behind as u64)), theme.alert)
        }
        Standing::Over => (if view.ended.is_some() { "■ died" } else { "■ ended" }.to_owned(), theme.alert),
    };
    let mut left = vec![badge(view, &view.policy)];
    if view.policy.oneshot {
        left.push(Span::styled(" 1-SHOT", theme.label));
    }
    if let Some(faults) = faults(&view.policy) {
        left.push(Span::styled(faults, theme.alert));
    }
    left.push(Span::styled(format!("  {word} "), style));
    if let Some(ordered) = &view.ordered {
        left.push(Span::styled("→ ", theme.marker));
        left.push(if ordered.trigger == view.policy.trigger { Span::raw("policy") } else { badge(view, ordered) });
        left.push(Span::styled(" changes before the next wait ", theme.label));
    }
    let [counts, fewer, least] = counts(view);
    let used: usize = left.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(used);
    let full = format!("{} · {} · {counts}", view.addr, policy(&view.policy));
    let right = [full, format!("{} · {counts}", view.addr), counts, fewer, least]
        .into_iter()
        .find(|text| Span::raw(text).width() < room)
        .unwrap_or_default();
    let pad = room.saturating_sub(Line::raw(&*right).width());
    left.push(Span::raw(" ".repeat(pad)));
    left.push(Span::styled(right, theme.label));
    put(area, 0, left, buf);
}

fn badge(view: &View<'_>, policy: &Policy) -> Span<'static> {
    match policy.trigger {
        Trigger::Level => view.theme.level_badge(),
        Trigger::Edge => view.theme.edge_badge(),
    }
}

/// What the server does wrong on purpose.
fn faults(policy: &Policy) -> Option<String> {
    match policy.faults {
        Faults::NOTES => Some(" ALL FAULTS".to_owned()),
        faults if faults.bits().count_ones() > 1 => Some(format!(" {} FAULTS", faults.bits().count_ones())),
        faults => faults.names().next().map(|name| format!(" FAULT {name}")),
    }
}

/// The choices in a few words; those that are as usual are left out.
fn policy(policy: &Policy) -> String {
    let read = match policy.read {
        Read::Once => "read once",
        Read::Drain => "read to EAGAIN",
        Read::DrainShort => "read to a short read",
    };
    let mut words = vec![format!("{read}, {} B", grouped(u64::from(policy.read_size)))];
    let accept = match policy.accept {
        Accept::Once => "accept once",
        Accept::Drain => "accept to EAGAIN",
    };
    words.push(accept.to_owned());
    if policy.write == WriteInterest::Always {
        words.push("OUT always".to_owned());
    }
    if let Fairness::RoundRobin(budget) = policy.fairness {
        words.push(format!("{} B a turn", grouped(u64::from(budget.get()))));
    }
    if policy.max_events != Policy::default().max_events {
        words.push(format!("maxevents {}", policy.max_events));
    }
    if policy.timeout.0 >= 0 {
        words.push(format!("timeout {} ms", policy.timeout));
    }
    words.join(" · ")
}

/// The counts: all, fewer, and the least of them.
fn counts(view: &View<'_>) -> [String; 3] {
    let counters = view.world.counters();
    let waits = view.world.epoll().map_or(0, |epoll| epoll.wait_count);
    let open = view.world.open_connections();
    let waits = format!("wait #{}", grouped(u64::from(waits)));
    let lost = if counters.lost > 0 { format!(" · {} RECORDS LOST", grouped(counters.lost)) } else { String::new() };
    let conns = format!("{} conn{}", grouped(open), if open == 1 { "" } else { "s" });
    let bytes = format!("in {} out {}", grouped(counters.bytes_in), grouped(counters.bytes_out));
    [format!("{waits} · {conns} · {bytes}{lost} "), format!("{waits} · {conns}{lost} "), format!("{waits}{lost} ")]
}
