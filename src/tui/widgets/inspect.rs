//! The details of one fd: state, mask, fdinfo, history, and its bytes as text and in hexadecimal.

use ratatui::prelude::{Buffer, Rect, Span};

use super::bytes::{payload, records_of};
use super::{View, padded, put, title, wrap};
use crate::i18n::{Both, grouped, words};
use crate::probe::CAPTURE;
use crate::record::{Call, Dir, Record};
use crate::trace::text;
use crate::trace::world::{Epoll, File, Item};
use crate::tui::escape;

/// The calls of the history, and the records that are searched for them.
const HISTORY: usize = 200;
const HORIZON: u64 = 10_000;

const LABEL: usize = 11;

pub(crate) fn render(view: &View<'_>, scroll: u16, area: Rect, buf: &mut Buffer) {
    let lang = view.lang;
    let Some((epoll, item, file)) = inspected(view) else {
        let area = title(view.theme, lang.of("Inspect", "详情"), vec![], area, buf);
        let text = lang.of("this fd is no longer registered", "这个 fd 已不再注册");
        return put(area, 0, vec![Span::styled(text, view.theme.label)], buf);
    };
    let area = title(view.theme, &heading(view, item), vec![], area, buf);
    let lines = lines(view, epoll, item, file, usize::from(area.width));
    let last = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (0..area.height).zip(lines.into_iter().skip(usize::from(scroll).min(last))) {
        put(area, y, line, buf);
    }
}

/// All that it shows, as text of lines of about this many cells.
pub(crate) fn story(view: &View<'_>, width: usize) -> String {
    let Some((epoll, item, file)) = inspected(view) else { return String::new() };
    let line = |spans: Vec<Span<'_>>| spans.iter().map(|span| &*span.content).collect::<String>();
    let lines = lines(view, epoll, item, file, width).into_iter().map(line);
    std::iter::once(heading(view, item)).chain(lines).collect::<Vec<_>>().join("\n")
}

fn inspected<'a>(view: &View<'a>) -> Option<(&'a Epoll, &'a Item, &'a File)> {
    let epoll = view.world.epoll()?;
    let item = view.world.registration(epoll, view.selected?)?;
    Some((epoll, item, view.world.file(item.file)?))
}

fn heading(view: &View<'_>, item: &Item) -> String {
    format!("fd {} {}", item.fd, view.world.name_of(item, view.lang))
}

fn lines(view: &View<'_>, epoll: &Epoll, item: &Item, file: &File, width: usize) -> Vec<Vec<Span<'static>>> {
    let lang = view.lang;
    let width = width.saturating_sub(2);
    let mut lines = state(view, item, file);
    for (i, line) in wrap(&view.why(epoll, item), width.saturating_sub(LABEL + 2)).into_iter().enumerate() {
        let label = format!("  {}", padded(if i == 0 { lang.of("why", "原因") } else { "" }, LABEL));
        lines.push(vec![Span::styled(label, view.theme.label), Span::styled(line, view.theme.value)]);
    }
    let mine = records_of(view, item.file, file, HORIZON, 4 * HISTORY);
    bytes(view, &mine, Dir::In, ("Bytes received", "收到的字节"), &mut lines);
    bytes(view, &mine, Dir::Out, ("Bytes sent", "发出的字节"), &mut lines);
    see_for_yourself(view, &mut lines);
    let mut heading = vec![Span::styled(lang.of("History, latest first", "历史，最新在前"), view.theme.title)];
    if mine.is_empty() {
        let n = grouped(HORIZON);
        let text = words!(lang, ": nothing among the last {n} records", "，最近 {n} 条记录中没有");
        heading.push(Span::styled(text, view.theme.label));
    }
    lines.push(heading);
    for record in mine.iter().filter(|record| !matches!(record.call, Call::Data { .. })).take(HISTORY) {
        lines.push(vec![Span::styled(format!("  {}", text::line(record, lang)), view.theme.value)]);
    }
    lines
}

/// The commands that show the same from outside, with the numbers of now.
fn see_for_yourself(view: &View<'_>, lines: &mut Vec<Vec<Span<'static>>>) {
    let (theme, lang) = (view.theme, view.lang);
    let commands = commands(view);
    if commands.is_empty() {
        return;
    }
    let hint = lang.of(
        ", in another terminal; lsof, and ss without T, show nothing: the server's thread has its own fd table",
        "，在另一个终端里；lsof 和不带 T 的 ss 什么也看不到，因为服务器线程有自己的 fd 表",
    );
    lines.push(vec![
        Span::styled(lang.of("See for yourself", "亲自查看"), theme.title),
        Span::styled(hint, theme.label),
    ]);
    for command in commands {
        lines.push(vec![Span::styled(format!("  {command}"), theme.value)]);
    }
}

/// The commands; none before the server's first wait, which tells its thread, nor for a recording.
pub(crate) fn commands(view: &View<'_>) -> Vec<String> {
    let waited = view.world.epoll().and_then(|epoll| Some((epoll.fd, epoll.waits().next_back()?.tid.0)));
    let Some((pid, (epfd, tid))) = view.process.zip(waited) else { return Vec::new() };
    vec![
        format!("cat /proc/{pid}/task/{tid}/fdinfo/{epfd}"),
        format!("ls -l /proc/{pid}/task/{tid}/fd"),
        "ss -tnpT".to_owned(),
        format!("strace -f -p {pid} -e trace=%network,epoll_ctl,epoll_wait,epoll_pwait"),
    ]
}

fn state(view: &View<'_>, item: &Item, file: &File) -> Vec<Vec<Span<'static>>> {
    let (theme, lang) = (view.theme, view.lang);
    let row = |label: Both, value: String| {
        let label = format!("  {}", padded(lang.pick(label), LABEL));
        vec![Span::styled(label, theme.label), Span::styled(value, theme.value)]
    };
    let unknown = || lang.of("unknown", "未知").to_owned();
    let unasked = || lang.of("not queried since it changed", "变更后尚未查询").to_owned();
    let said = item.fdinfo.map_or_else(unasked, |mask| mask.to_string());
    let (mask, last, reports) = (item.interest, item.last_report, grouped(u64::from(item.reports)));
    let armed = if item.armed {
        lang.of("yes", "是").to_owned()
    } else {
        words!(lang, "no: disarmed by wait #{last}", "否，第 {last} 次等待报告后已停用")
    };
    let reported = match last {
        0 => lang.of("none", "无").to_owned(),
        _ => words!(lang, "{reports}, the last by wait #{last}", "{reports} 次，最近一次是第 {last} 次等待"),
    };
    let mut rows = vec![
        row(("watch", "关注"), words!(lang, "{mask}; fdinfo says: {said}", "{mask}；fdinfo 显示：{said}")),
        row(("armed", "启用"), armed),
        row(("reports", "报告"), reported),
    ];
    if let Some(stream) = file.stream() {
        let unread = stream.unread.map_or_else(unknown, grouped);
        rows.push(row(("peer", "对端"), stream.peer.to_string()));
        let [came, went, unsent] = [stream.received, stream.sent, stream.unsent].map(grouped);
        let bytes = words!(
            lang,
            "in {came}, out {went}, unread {unread}, unsent {unsent}",
            "收 {came}，发 {went}，未读 {unread}，未发 {unsent}"
        );
        rows.push(row(("bytes", "字节"), bytes));
        let ready = stream.ready();
        let ready = words!(lang, "{ready} (as far as the trace shows)", "{ready}（仅据记录所知）");
        rows.push(row(("poll(2)", "poll(2)"), ready));
        if let Some(client) = stream.other.and_then(|other| view.world.file(other)).and_then(|file| file.stream()) {
            let missing = client.sent.saturating_sub(client.received);
            let [sent, back, rest] = [client.sent, client.received, missing].map(grouped);
            let mut said = words!(lang, "sent {sent}, got back {back}", "已发 {sent}，收到 {back}");
            if missing > 0 {
                said += &words!(lang, ", waits for {rest}", "，还在等 {rest}");
            }
            if view.frozen {
                said += lang.of("; does not read", "；停止读取");
            }
            rows.push(row(("its client", "其客户端"), said));
        }
    }
    if let Some(listener) = file.listener() {
        let pending = listener.pending.map_or_else(unknown, |n| n.to_string());
        let addr = listener.addr;
        if listener.dropped > 0 {
            let dropped = grouped(u64::from(listener.dropped));
            rows.push(row(
                ("drops", "丢弃"),
                words!(lang, "{dropped} arrivals: its queue was full", "{dropped} 次到达，因为队列已满"),
            ));
        }
        rows.push(row(
            ("listens", "监听"),
            words!(lang, "on {addr}, {pending} waiting to be accepted", "{addr}，等待接受的连接：{pending}"),
        ));
    }
    rows
}

fn bytes(view: &View<'_>, mine: &[Record], way: Dir, heading: Both, lines: &mut Vec<Vec<Span<'static>>>) {
    let all = payload(mine, way);
    if all.is_empty() {
        return;
    }
    let theme = view.theme;
    lines.push(vec![
        Span::styled(view.lang.pick(heading), theme.title),
        Span::styled(
            words!(
                view.lang,
                " the last, of each call the first {CAPTURE}; as text and in hexadecimal",
                " 最近部分，每次调用保留开头 {CAPTURE} 字节；文本与十六进制"
            ),
            theme.label,
        ),
    ]);
    // The kept bytes of one long call, or of the last short ones; the same in both forms.
    let last = &all[all.len().saturating_sub(CAPTURE)..];
    lines.push(vec![Span::styled(format!("  {}", escape::escape(last)), theme.value)]);
    for row in escape::hexdump(last, 0) {
        lines.push(vec![Span::styled(format!("  {row}"), theme.value)]);
    }
}
