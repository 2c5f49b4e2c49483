//! The welcome, and the band of the guide.

use ratatui::prelude::{Buffer, Rect, Span};

use super::{ground, padded, put, title, wrap};
use crate::guide::Guide;
use crate::i18n::{Both, Lang, words};
use crate::tui::Theme;
use crate::tui::escape::width;

/// The rows of the band: what was done, what to press, and the rule, or before there is one a word explained.
pub(crate) const ROWS: u16 = 3;

const WHAT: Both = (
    "A real epoll server, held before each of its system calls. You let it make the next one, you act as its clients, and \
     the panels show what the kernel reports, and why: level-triggered, edge-triggered, call by call.",
    "这是一个真实的 epoll 服务器，在每个系统调用之前停住。你让它执行下一个调用，也扮演它的客户端；各面板显示内核报告了什么、为什么报告：水平触发、边缘触发，逐次调用。",
);

const WAYS: [(&str, Both); 4] = [
    ("Enter", ("the first minute, guided: level and edge in eleven steps", "带向导的第一分钟：用十一步看懂水平与边缘")),
    ("l", ("lessons: predict what epoll will do, and the kernel answers", "课程：先预测 epoll 会怎么做，再由内核回答")),
    ("d", ("the tour: three minutes that play by themselves", "导览：自动播放，三分钟")),
    ("C", ("compare: the same traffic against level and edge, side by side", "比较：同样的流量，水平与边缘并排")),
];

const REST: [Both; 2] = [
    (
        "Any other key works as always and closes this: Space steps, c connects, ? lists all keys.",
        "其他键照常起作用，并关闭此页：Space 单步，c 连接，? 列出全部按键。",
    ),
    (
        "Ctrl-P finds every action, lesson and scene by a part of its name; F1 opens the guide at any time.",
        "Ctrl-P 按名字的一部分查找操作、课程和场景；F1 随时打开向导。",
    ),
];

/// Draws the welcome in the place of the panels.
pub(crate) fn welcome(theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
    let area = title(theme, lang.of("Welcome", "欢迎"), Vec::new(), area, buf);
    let room = usize::from(area.width.min(100)).saturating_sub(4);
    let mut lines: Vec<Vec<Span<'_>>> = Vec::new();
    let say = |text: &str, style| {
        let lines = wrap(text, room).into_iter();
        lines.map(move |line| vec![Span::styled(line, style)]).collect::<Vec<_>>()
    };
    lines.push(vec![Span::styled(
        lang.of("epollscope, the scope for epoll", "epollscope：epoll 的示波器"),
        theme.title,
    )]);
    lines.push(Vec::new());
    lines.extend(say(lang.pick(WHAT), theme.value));
    lines.push(Vec::new());
    for (key, leads) in WAYS {
        let pad = " ".repeat(7 - key.len());
        lines.push(vec![
            Span::raw("  "),
            Span::styled(key, theme.key),
            Span::raw(pad),
            Span::styled(lang.pick(leads), theme.value),
        ]);
    }
    lines.push(Vec::new());
    for rest in REST {
        lines.extend(say(lang.pick(rest), theme.label));
    }
    // In the middle of a large screen, where it is looked for.
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let columns = u16::try_from(room).unwrap_or(u16::MAX);
    let (x, y) = (area.width.saturating_sub(columns) / 2, area.height.saturating_sub(rows) / 3);
    let area = Rect { x: area.x + x, y: area.y + y, width: area.width - x, height: area.height - y };
    for (y, line) in (0..area.height).zip(lines) {
        put(area, y, line, buf);
    }
}

/// Draws the band of the guide.
pub(crate) fn render(guide: &Guide, theme: &Theme, lang: Lang, area: Rect, buf: &mut Buffer) {
    ground(area, theme.caption, buf);
    let style = theme.caption;
    let (step, all) = guide.step();
    let (place, leave) = if guide.is_over() {
        (lang.of(" First minute: done ", " 第一分钟：完成 ").to_owned(), lang.of("F1 closes ", "F1 关闭 "))
    } else {
        (words!(lang, " First minute {step}/{all} ", " 第一分钟 {step}/{all} "), lang.of("F1 leaves ", "F1 离开 "))
    };
    let told = guide.told().map_or(String::new(), |told| format!(" ✓ {told}"));
    put(area, 0, vec![Span::styled(place, theme.title.patch(style)), Span::styled(told, style)], buf);
    let (keys, says) = guide.to_do();
    let keys = vec![
        Span::styled(" ▶ ", style),
        Span::styled(keys, theme.key.patch(style)),
        Span::styled(format!("  {says}"), style),
    ];
    put(area, 1, keys, buf);
    let (said, looks) = guide.rule().map_or((guide.term(), style), |rule| (rule, theme.title.patch(style)));
    let room = usize::from(area.width).saturating_sub(width(leave));
    let said = Span::styled(padded(&format!("   {said}"), room), looks);
    put(area, 2, vec![said, Span::styled(leave, style)], buf);
}
