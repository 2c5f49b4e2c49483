//! The first line: address, trigger, policy, how the server stands, and counts.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{View, put, view::hanging};
use crate::i18n::{Lang, grouped, words};
use crate::probe::ServerState;
use crate::record::{Accept, Fairness, Faults, HalfClose, OutOfFds, Policy, Read, WriteInterest};
use crate::trace::world::Epoll;
use crate::tui::linear::plain;
use crate::tui::moment::Playhead;

/// From this width on, the Chinese line says where the server blocks; below it the counts need the room.
const WIDE: u16 = 100;
const SIGN: &str = " ! ";

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let mut left: Vec<Span<'_>> = badge(view).into_iter().collect();
    if view.policy.is_some_and(|policy| policy.oneshot) {
        left.push(Span::styled(lang.of(" 1-SHOT", " 一次性"), theme.label));
    }
    if let Some(faults) = view.policy.and_then(|policy| faults(&policy, lang)) {
        left.push(Span::styled(faults, theme.alert));
    }
    let mut standing = standing(view);
    if area.width < WIDE {
        standing.content = standing.content.replace("阻塞于 epoll_wait", "阻塞").into();
    }
    left.extend([Span::raw("  "), standing, Span::raw(" ")]);
    if let Some(ordered) = &view.ordered {
        left.push(Span::styled("→ ", theme.marker));
        left.push(if Some(ordered.trigger) == view.trigger() {
            Span::raw(lang.of("policy", "策略"))
        } else {
            theme.badge(ordered.trigger, lang)
        });
        left.push(Span::styled(lang.of(" changes before the next wait ", " 下次等待前切换 "), theme.label));
    }
    let used: usize = left.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(used);
    let right = right(view, room);
    let pad = room.saturating_sub(right.iter().map(Span::width).sum());
    left.push(Span::raw(" ".repeat(pad)));
    left.extend(right);
    put(area, 0, left, buf);
}

/// The same in words, without the counts: a line each for the trigger with the policy, and how the server stands.
pub(crate) fn in_words(view: &View<'_>) -> Vec<String> {
    let lang = view.lang;
    let trigger = badge(view).map(|badge| plain(&badge.content).trim_end().to_lowercase());
    let oneshot = view.policy.filter(|policy| policy.oneshot).map(|_| lang.of("one-shot", "一次性").to_owned());
    let faults = view.policy.and_then(|policy| faults(&policy, lang)).map(|faults| faults.trim().to_owned());
    let policy = view.policy.map(|said| policy(&said, lang).replace(" · ", lang.of(", ", "，")));
    let said = [trigger, oneshot, faults, policy].into_iter().flatten().collect::<Vec<_>>().join(lang.of(", ", "，"));
    let ordered =
        view.ordered.map(|_| lang.of("the policy changes before the next wait", "下次等待前切换策略").to_owned());
    let addr = view.addr.map(|addr| words!(lang, "address {addr}", "地址 {addr}"));
    let standing = plain(&standing(view).content).to_owned();
    [addr, Some(said), ordered, Some(standing)].into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

/// Address, policy and counts, as many as fit, and what is missing. The address is the last to go.
fn right(view: &View<'_>, room: usize) -> [Span<'static>; 2] {
    /// Which of them are shown, from all to the fewest.
    const SHOWN: [&[usize]; 6] = [&[0, 1, 2, 3, 4], &[0, 5, 2, 3, 4], &[0, 2, 3, 4], &[0, 2, 3], &[0, 2], &[0]];
    let (theme, lang) = (view.theme, view.lang);
    let addr = view.addr.map_or_else(|| lang.of("address unknown", "地址未知").to_owned(), |addr| addr.to_string());
    let policy = match &view.policy {
        Some(said) => policy(said, lang),
        None if view.world.is_watched() => program(view),
        None => lang.of("policy unknown", "策略未知").to_owned(),
    };
    let [waits, conns, bytes] = counts(view);
    // How much is read at once explains most of what is left unread; the rest of the policy goes first.
    let read = policy.split(" · ").next().unwrap_or_default().to_owned();
    let all = [addr, policy, waits, conns, bytes, read];
    let missing = missing(view);
    let sign = &missing[..missing.len().min(SIGN.len())];
    let join = |shown: &[usize]| {
        let shown = shown.iter().map(|i| &*all[*i]).filter(|text| !text.is_empty());
        shown.collect::<Vec<_>>().join(" · ")
    };
    let shown = SHOWN.iter().map(|shown| (join(shown), &*missing));
    let mut texts = shown.chain([(all[0].clone(), sign)]);
    let fits = |(text, missing): &(String, &str)| Span::raw(text).width() + Span::raw(*missing).width() < room;
    let (text, missing) = texts.find(fits).unwrap_or_default();
    [Span::styled(text, theme.label), Span::styled(format!("{missing} "), theme.notice)]
}

/// `python3 1234, epoll 1 of 2`: the process of the epoll that is shown, in a program that is watched.
fn program(view: &View<'_>) -> String {
    let (world, lang) = (view.world, view.lang);
    let all: Vec<_> = world.epolls_of().collect();
    let at = world.epoll().and_then(|used| all.iter().position(|(.., epoll)| std::ptr::eq(*epoll, used)));
    let table = at.map(|at| all[at].1);
    let of_epoll = world.tasks().find(|task| Some(task.tid) == table);
    let Some(task) = of_epoll.or_else(|| world.tasks().next()) else { return String::new() };
    let name = task.name.map(|name| format!("{name} ")).unwrap_or_default();
    let mut said = format!("{name}{}", task.tid);
    if let (Some(at), 2..) = (at, all.len()) {
        let (n, count) = (at + 1, all.len());
        said += &words!(lang, ", epoll {n} of {count}", "，第 {n} 个 epoll，共 {count} 个");
    }
    let findings = view.timeline.findings().len();
    if findings > 0 {
        let s = if findings == 1 { "" } else { "s" };
        said += &words!(lang, " · {findings} finding{s} {{", " · {findings} 个发现项 {{");
    }
    said
}

/// The trigger; of a program that is watched, whether all registrations have the same.
fn badge(view: &View<'_>) -> Option<Span<'static>> {
    let (theme, lang) = (view.theme, view.lang);
    let mut items = view.world.epoll().into_iter().flat_map(Epoll::items);
    let first = items.next().map(|item| item.interest.is_edge());
    if view.policy.is_none() && first.is_some_and(|first| items.any(|item| item.interest.is_edge() != first)) {
        return Some(Span::styled(lang.of(" ▂╱▔ MIXED ", " ▂╱▔ 混合 "), theme.key));
    }
    view.trigger().map(|trigger| theme.badge(trigger, lang))
}

/// How the server stands, or which moment of the past is shown.
pub(crate) fn standing(view: &View<'_>) -> Span<'static> {
    let (theme, lang) = (view.theme, view.lang);
    let (word, style) = match (view.playhead, view.state) {
        (Playhead::Past { behind }, _) => {
            let calls = if behind == 1 { "call" } else { "calls" };
            let n = grouped(behind);
            let words = if behind == 0 {
                lang.of("◀ the past, right before now", "◀ 回看，就在现在之前").to_owned()
            } else if view.track.is_some_and(|track| track.recorded) {
                words!(lang, "◀ recording, {n} {calls} to its end", "◀ 录制文件，距末尾 {n} 次调用")
            } else {
                words!(lang, "◀ the past, {n} {calls} ago", "◀ 回看，{n} 次调用之前")
            };
            (words, theme.alert)
        }
        (_, ServerState::Died) => (lang.of("■ died", "■ 异常退出").to_owned(), theme.alert),
        (_, ServerState::Ended) => (lang.of("■ ended", "■ 已结束").to_owned(), theme.alert),
        (Playhead::Ends, _) => (lang.of("■ end of the recording", "■ 录制文件到此为止").to_owned(), theme.alert),
        (Playhead::Follows, _) => (lang.of("▶ follows the recording", "▶ 跟随录制文件").to_owned(), theme.good),
        (Playhead::Demo { plays: true }, _) => (lang.of("▶ demo", "▶ 演示中").to_owned(), theme.good),
        (Playhead::Demo { plays: false }, _) => (lang.of("‖ demo held", "‖ 演示暂停").to_owned(), theme.marker),
        (_, ServerState::Hung(call)) => {
            let call = hanging(&call);
            (words!(lang, "▶ HANGS in {call}", "▶ 卡在 {call} 里"), theme.alert)
        }
        (_, ServerState::Stopped(breakpoint)) => {
            (words!(lang, "‖ breakpoint {breakpoint}", "‖ 断点 {breakpoint}"), theme.alert)
        }
        (Playhead::Runs { .. }, ServerState::Waiting) => {
            (lang.of("▶ blocked in epoll_wait", "▶ 阻塞于 epoll_wait").to_owned(), theme.good)
        }
        (Playhead::Held, ServerState::Waiting) => {
            (lang.of("‖ blocked in epoll_wait", "‖ 阻塞于 epoll_wait").to_owned(), theme.marker)
        }
        (Playhead::Runs { .. }, _) if view.timeline.findings().spins() => {
            let spins = match waits_per_second(view) {
                Some(n) => words!(lang, "▶ SPINS at {} waits/s", "▶ 空转，每秒等待 {} 次", grouped(n)),
                None => lang.of("▶ SPINS", "▶ 空转").to_owned(),
            };
            (spins, theme.alert)
        }
        (Playhead::Runs { pace: None }, _) => (lang.of("▶ runs", "▶ 运行中").to_owned(), theme.good),
        (Playhead::Runs { pace: Some(pace) }, _) => {
            (words!(lang, "▶ runs, {pace} calls/s", "▶ 运行中，每秒 {pace} 次调用"), theme.good)
        }
        (Playhead::Held, _) => (lang.of("‖ paused", "‖ 已暂停").to_owned(), theme.marker),
    };
    Span::styled(word, style)
}

/// How many waits return in a second, by the times of the last ones.
fn waits_per_second(view: &View<'_>) -> Option<u64> {
    const SECOND: u64 = 1_000_000_000;
    let mut returned = view.world.epoll()?.waits().filter_map(|wait| wait.returned);
    let first = returned.next()?;
    let (n, last) = returned.fold((0, first), |(n, _), last| (n + 1, last));
    (n * SECOND).checked_div(last.0.checked_sub(first.0)?)
}

fn faults(policy: &Policy, lang: Lang) -> Option<String> {
    let count = policy.faults.bits().count_ones();
    match policy.faults {
        Faults::TUTORIAL => Some(lang.of(" ALL FAULTS", " 全部缺陷").to_owned()),
        _ if count > 1 => Some(words!(lang, " {count} FAULTS", " {count} 个缺陷")),
        faults => faults.names().next().map(|name| words!(lang, " FAULT {name}", " 缺陷 {name}")),
    }
}

/// The choices in a few words; defaults are left out.
fn policy(policy: &Policy, lang: Lang) -> String {
    let read = match policy.read {
        Read::Once => ("read once", "读一次"),
        Read::Drain => ("read to EAGAIN", "读到 EAGAIN"),
        Read::DrainShort => ("read to a short read", "读到短读"),
    };
    let (read, size) = (lang.pick(read), grouped(u64::from(policy.read_size)));
    let mut words = vec![words!(lang, "{read}, {size} B", "{read}，{size} 字节")];
    let accept = match policy.accept {
        Accept::Once => ("accept once", "接受一次"),
        Accept::Drain => ("accept to EAGAIN", "接受到 EAGAIN"),
    };
    words.push(lang.pick(accept).to_owned());
    if policy.write == WriteInterest::Always {
        words.push(lang.of("OUT always", "始终关注 OUT").to_owned());
    }
    if let Fairness::RoundRobin(budget) = policy.fairness {
        words.push(words!(lang, "{} B a turn", "每轮 {} 字节", grouped(u64::from(budget.get()))));
    }
    if policy.max_events != Policy::default().max_events {
        words.push(format!("maxevents {}", policy.max_events));
    }
    if policy.timeout.0 >= 0 {
        words.push(words!(lang, "timeout {} ms", "超时 {} ms", policy.timeout));
    }
    match policy.out_of_fds {
        OutOfFds::Mute => {}
        OutOfFds::BackOff => words.push(lang.of("no fd: back off", "fd 用尽时退避").to_owned()),
        OutOfFds::Spare => words.push(lang.of("no fd: spare", "fd 用尽时用备用").to_owned()),
        OutOfFds::Spin => words.push(lang.of("no fd: spin", "fd 用尽时空转").to_owned()),
    }
    if policy.half_close == HalfClose::Close {
        words.push(lang.of("half-close: close", "半关闭时立即关闭").to_owned());
    }
    words.join(" · ")
}

fn counts(view: &View<'_>) -> [String; 3] {
    let (counters, lang) = (view.world.counters(), view.lang);
    let waits = view.world.last_epoll().map_or(0, |epoll| epoll.wait_count);
    let open = view.world.open_connections();
    let s = if open == 1 { "" } else { "s" };
    let [waits, open, came, went] = [u64::from(waits), open, counters.bytes_in, counters.bytes_out].map(grouped);
    [
        words!(lang, "wait #{waits}", "等待 {waits} 次"),
        words!(lang, "{open} conn{s}", "{open} 个连接"),
        words!(lang, "in {came} out {went}", "收 {came} 发 {went}"),
    ]
}

/// What listeners dropped, records that were lost, and those that could not be attributed.
fn missing(view: &View<'_>) -> String {
    let (counters, lang) = (view.world.counters(), view.lang);
    let mut missing = String::new();
    if counters.dropped > 0 {
        missing += &words!(lang, "{SIGN}{} arrivals dropped", "{SIGN}丢弃 {} 次到达", grouped(counters.dropped));
    }
    if counters.lost > 0 {
        let s = if counters.lost == 1 { "" } else { "s" };
        missing += &words!(lang, "{SIGN}{} record{s} lost", "{SIGN}缺 {} 条记录", grouped(counters.lost));
    }
    if counters.crowded > 0 {
        missing += &words!(lang, "{SIGN}{} not distinguished", "{SIGN}{} 次未能区分", grouped(counters.crowded));
    }
    missing
}
