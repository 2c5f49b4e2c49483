//! The next call and its reason, and its place among the seven steps.

use ratatui::prelude::{Buffer, Rect, Span};

use unicode_width::UnicodeWidthStr as _;

use super::{View, bar, calls, put, title, view::hanging, wrap};
use crate::analysis::{Step, why::MANY};
use crate::i18n::{Lang, grouped, words};
use crate::probe::ServerState;
use crate::record::{Call, CtlOp, FdKind, NewFd, Record};
use crate::script::death;
use crate::sys::Errno;
use crate::trace::text;
use crate::tui::moment::Playhead;

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let (theme, lang) = (view.theme, view.lang);
    let name = lang.of("Next", "下一步");
    let rule = Rect { height: 1.min(area.height), ..area };
    let area = title(view.theme, name, vec![], area, buf);
    let used = u16::try_from(name.width() + 3).unwrap_or(0).min(rule.width);
    let beside = Rect { x: rule.x + used, width: rule.width - used, ..rule };
    if view.track.is_some() {
        bar::render(view, beside, buf);
    } else {
        last(view, beside, buf);
    }
    let now = step(view);
    let mut line = vec![Span::styled("● ", theme.marker)];
    let label = |text: String| Span::styled(text, theme.label);
    let title = |text: String| Span::styled(text, theme.title);
    let value = |text: String| Span::styled(text, theme.value);
    match (&view.next, view.state) {
        (Some(call), _) if view.by_hand => line.push(title(text::call(call, lang))),
        (None, _) if view.by_hand && view.is_past() => {
            line.push(title(lang.of("nothing more happened", "没有更晚的调用").to_owned()));
        }
        (Some(call), _) => {
            let before = || lang.of("before step 1: ", "第 1 步之前：").to_owned();
            let place = now.map_or_else(before, |step| place(step, lang));
            let reason = format!("  {}", reason(view, call));
            line.extend([label(place), title(text::call(call, lang)), value(reason)]);
        }
        (None, ServerState::Hung(call)) => {
            let name = hanging(&call);
            let hangs = words!(lang, "the server hangs in {name}", "服务器卡在 {name} 里");
            let why = format!("  {}", hang(&call, lang));
            line.extend([label(place(Step::Act, lang)), title(hangs), value(why)]);
        }
        (None, _) if view.world.is_blocked() => {
            let waits = lang.of("the server is in epoll_wait", "服务器正在 epoll_wait 中").to_owned();
            let wait = view.world.epoll().and_then(|epoll| epoll.in_wait());
            let timeout = wait.map_or(-1, |wait| wait.timeout.0);
            let mut until = lang.of("  until a client acts", "  直到有客户端动作").to_owned();
            if timeout >= 0 {
                until += &words!(lang, ", or {timeout} ms have passed", "，或 {timeout} ms 到时");
            }
            line.extend([label(place(Step::Wait, lang)), title(waits), value(until)]);
        }
        (None, ServerState::Died) if let Some(error) = &view.ended => {
            line.push(Span::styled(lang.of("the server died: ", "服务器异常退出："), theme.alert));
            line.push(title(death(error, lang)));
        }
        (None, state) => {
            let has_ended = matches!(state, ServerState::Ended | ServerState::Died);
            let text = match view.playhead {
                Playhead::Past { .. } => ("no later call is known yet", "还没有更晚的调用"),
                _ if has_ended => ("nothing: the server has ended", "没有了，服务器已结束"),
                Playhead::Runs { .. } => ("unknown: the server runs", "未定，服务器正在运行"),
                Playhead::Held | Playhead::Demo { .. } => {
                    ("the server is between two calls", "服务器即将到达下一个调用")
                }
                Playhead::Ends => ("unknown: the recording ends here", "未知，录制文件到此为止"),
                Playhead::Follows => ("unknown: the recording continues", "未定，录制文件仍在增长"),
            };
            line.push(title(lang.pick(text).to_owned()));
        }
    }
    // If room is short, the row of steps alone tells the step.
    if line.iter().map(Span::width).sum::<usize>() > usize::from(area.width) && now.is_some() && line.len() == 4 {
        line.remove(1);
    }
    put(area, 0, line, buf);
    let rows = if area.height > 2 { 1 + note(view, area, buf) } else { 1 };
    put(area, rows, steps(view, now), buf);
}

pub(crate) fn place_among_steps(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    put(area, 0, steps(view, step(view)), buf);
}

/// What the last call returned, from step 1 on; that before a wait which has not returned. If room is short, its arguments
/// go, and then the events.
pub(crate) fn last(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    if view.world.last_epoll().is_none() {
        return;
    }
    let has_returned = |(record, told): (Record, String)| Some((record.call.ret()?, told));
    let Some((ret, told)) = calls::latest(view, 2).into_iter().find_map(has_returned) else { return };
    let (call, result) = told.rsplit_once(" = ").unwrap_or((&told, ""));
    let (name, number) = (call.split('(').next().unwrap_or(call), result.split("  ").next().unwrap_or(result));
    let style = match ret.errno() {
        None => theme.value,
        Some(Errno::EAGAIN) => theme.label,
        Some(_) => theme.alert,
    };
    let label = lang.of(" last: ", " 上一次：");
    for (call, result) in [(call, result), (name, result), (name, number)] {
        let result = format!(" = {result} ");
        if label.width() + call.width() + result.width() < usize::from(area.width) {
            let spans =
                [Span::styled(label, theme.label), Span::styled(call, theme.value), Span::styled(result, style)];
            return put(area, 0, spans.to_vec(), buf);
        }
    }
}

fn place(step: Step, lang: Lang) -> String {
    let (number, name) = (step.number(), step.name(lang));
    words!(lang, "step {number}, {name}: ", "第 {number} 步，{name}：")
}

fn step(view: &View<'_>) -> Option<Step> {
    match &view.next {
        Some(call) => Step::of(call, view.world),
        None if matches!(view.state, ServerState::Hung(_)) => Some(Step::Act),
        None => view.world.epoll().and_then(|epoll| epoll.in_wait()).map(|_| Step::Wait),
    }
}

fn hang(call: &Call, lang: Lang) -> &'static str {
    match call {
        Call::Sendto { .. } => {
            lang.of("the fd is blocking, and its peer does not read", "这个 fd 是阻塞模式的，而对端不再收数据")
        }
        _ => lang.of("the fd is blocking, and there is nothing to read", "这个 fd 是阻塞模式的，而没有数据"),
    }
}

/// Why `call` comes next, or what it is for.
pub(crate) fn reason(view: &View<'_>, call: &Call) -> String {
    let lang = view.lang;
    if matches!(call, Call::EpollCreate1 { .. }) {
        return lang.of("an interest list, a ready list", "得到一个兴趣列表和一个就绪列表").to_owned();
    }
    let Some(epoll) = view.world.epoll() else { return String::new() };
    match *call {
        Call::Accept4 { fd, .. } | Call::Recvfrom { fd, .. } | Call::Sendto { fd, .. } => {
            let item = epoll.item(fd).filter(|item| item.last_report > 0);
            let wait = item.map(|item| item.last_report);
            wait.map(|n| words!(lang, "for wait #{n} reported fd {fd}", "因为第 {n} 次等待报告了 fd {fd}"))
                .unwrap_or_default()
        }
        Call::EpollWaitEnter { .. } => match (0..MANY).zip(view.world.due(epoll)).count() as u64 {
            0 if !epoll.certain => lang.of("it is unknown what is ready", "不知道哪些已就绪").to_owned(),
            0 => lang.of("nothing is ready: it blocks", "没有就绪的 fd，将会阻塞").to_owned(),
            MANY => {
                let many = grouped(MANY);
                words!(lang, "{many} or more ready (inferred): returns", "{many} 个以上就绪（推断），将会返回")
            }
            n => words!(lang, "{n} ready (inferred): returns", "{n} 个就绪（推断），将会返回"),
        },
        Call::EpollWait { .. } => lang.of("it returns", "它返回").to_owned(),
        Call::Fcntl { value: 1.., .. } => lang.of("EAGAIN from now on", "此后返回 EAGAIN").to_owned(),
        Call::Fcntl { .. } => lang.of("its calls block from now on", "此后它的调用会阻塞").to_owned(),
        Call::EpollCtl { op: CtlOp::Add, fd, .. } => {
            words!(lang, "put fd {fd} on the interest list", "把 fd {fd} 加入兴趣列表")
        }
        Call::EpollCtl { op: CtlOp::Mod, interest, .. } if interest.is_empty() => {
            lang.of("mask 0: it is not reported for now", "掩码 0，暂不报告").to_owned()
        }
        Call::NewFd(NewFd { kind: FdKind::Null, .. }) => {
            lang.of("a spare fd, for when no other is free", "备用 fd，留到没有空闲的 fd 时用").to_owned()
        }
        Call::EpollCtl { op: CtlOp::Mod, .. } => lang
            .of("a new mask: what is ready now, the next wait reports", "检查 fd，就绪的会由下一次等待报告")
            .to_owned(),
        Call::EpollCtl { op: CtlOp::Del, fd, .. } if epoll.item(fd).is_none() => {
            lang.of("closed already: EBADF", "已经关闭，会得到 EBADF").to_owned()
        }
        Call::EpollCtl { op: CtlOp::Del, .. } => {
            lang.of("remove it from the list before close", "关闭之前先移出列表").to_owned()
        }
        _ => String::new(),
    }
}

/// The message, or else why the selected fd would be reported or not; returns the rows used, which may be those of the
/// seven steps.
pub(crate) fn note(view: &View<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let theme = view.theme;
    if let Some(notice) = view.notice {
        let style = notice.style(theme);
        let mut lines = wrap(&notice.text, usize::from(area.width).saturating_sub(3));
        let cut = lines.len() > 2;
        lines.truncate(2);
        if let (true, Some(last)) = (cut, lines.last_mut()) {
            last.push_str(" …");
        }
        let rows = u16::try_from(lines.len()).unwrap_or(1);
        for (y, line) in (1..area.height).zip(lines) {
            put(area, y, vec![Span::raw("  "), Span::styled(line, style)], buf);
        }
        return rows;
    }
    let Some(epoll) = view.world.epoll() else { return 1 };
    let Some(item) = view.selected.and_then(|id| view.world.registration(epoll, id)) else { return 1 };
    let frozen =
        if view.frozen { view.lang.of("; its client does not read", "；其客户端停止读取") } else { "" };
    let (fd, why) = (item.fd, view.why(epoll, item));
    let said = words!(view.lang, "  fd {fd}: {why}{frozen}", "  fd {fd} {why}{frozen}");
    put(area, 1, vec![Span::styled(said, theme.label)], buf);
    1
}

/// The seven steps: those that are done, and the current one.
fn steps(view: &View<'_>, now: Option<Step>) -> Vec<Span<'static>> {
    let theme = view.theme;
    let mut spans = Vec::new();
    for step in Step::ALL {
        let (mark, style) = if now == Some(step) {
            ("●", theme.marker)
        } else if step.is_done(view.world) {
            ("✓", theme.good)
        } else {
            (" ", theme.label)
        };
        // The steps go in a circle.
        let back = if step == Step::Repeat { " 3–5" } else { "" };
        spans.push(Span::raw("  "));
        spans.push(Span::styled(format!("{} {}{back}{mark}", step.number(), step.name(view.lang)), style));
    }
    spans
}
