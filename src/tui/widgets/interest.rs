//! The interest list: the registered fds, their masks, and how each stands.

use ratatui::prelude::{Buffer, Modifier, Rect, Span, Style};

use super::{View, padded, patched, put, title};
use crate::analysis::why::{NotReported, why_not_reported};
use crate::i18n::{Both, Lang, grouped, words};
use crate::record::Interest;
use crate::trace::world::{Epoll, FileId, Item, Stream, Who, client_name};
use crate::tui::Theme;
use crate::tui::escape::{self, fit};

/// The columns: the head, and the width including one cell of space.
const COLUMNS: [(Both, usize); 7] = [
    (("fd", "fd"), 7),
    (("who", "名称"), 9),
    (("watch", "关注"), 16),
    (("unread", "未读"), 7),
    (("unsent", "未发"), 8),
    (("in", "收"), 8),
    (("out", "发"), 8),
];
const WATCH: usize = 2;
const UNSENT: usize = 4;
const IN: usize = 5;
/// The most that the column of masks is widened by: to `IN OUT PRI RDHUP ET 1SHOT`.
const WIDER: usize = 11;
/// From this column on there are numbers, right-aligned, of at most this many digits.
const NUMBERS: usize = 3;
const DIGITS: usize = 7;
/// The most clients that wait to be accepted and have rows of their own.
const UNACCEPTED: usize = 4;
/// The longest state, with the cell before it.
const STATE: usize = " STRANDED".len();
pub(crate) const WIDTH: usize = {
    let (mut sum, mut i) = (STATE, 0);
    while i < COLUMNS.len() {
        sum += COLUMNS[i].1;
        i += 1;
    }
    sum
};

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let name = lang.of("Interest list", "兴趣列表");
    let Some(epoll) = view.world.epoll() else {
        let area = title(view.theme, name, vec![], area, buf);
        let hint = lang.pick(if view.taught || view.world.ending().is_some() {
            ("no epoll object is open", "没有打开的 epoll 对象")
        } else {
            ("there is no epoll object yet: step 1 creates it", "还没有 epoll 对象，第 1 步创建它")
        });
        return put(area, 0, vec![Span::styled(hint, theme.label)], buf);
    };
    let rows = usize::from(area.height.saturating_sub(2));
    let (first, shown) = epoll.around(view.selected.and_then(|id| view.world.registration(epoll, id)), rows);
    let named = epoll.name.map_or_else(String::new, |name| format!("{}, ", Who::Named(name)));
    let epfd = words!(lang, " ({named}epfd {})", "（{named}epfd {}）", epoll.fd);
    let mut extra = vec![Span::styled(epfd, theme.label)];
    if epoll.len() > rows {
        let [from, to, all] = [first + 1, (first + rows).min(epoll.len()), epoll.len()].map(|n| grouped(n as u64));
        extra.push(Span::styled(words!(lang, " {from}–{to} of {all}", " {from}–{to}，共 {all}"), theme.label));
    }
    let area = title(view.theme, name, extra, area, buf);
    let shown: Vec<&Item> = shown.collect();
    let longest = shown.iter().map(|item| short_mask(item.interest).len()).max().unwrap_or(0);
    let wider = (longest + 1).saturating_sub(COLUMNS[WATCH].1).min(WIDER);
    let columns = columns(area.width, wider);
    let heads = columns.iter().map(|(i, width)| Span::styled(cell(*i, *width, lang.pick(COLUMNS[*i].0)), theme.label));
    put(area, 0, heads.collect(), buf);
    for (i, item) in shown.into_iter().enumerate() {
        let y = u16::try_from(i + 1).unwrap_or(u16::MAX);
        let selected = view.selected == Some(item.file);
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        put(area, y, row(view, epoll, item, selected, &columns), buf);
    }
    let free = rows.saturating_sub(epoll.len());
    for (y, line) in (epoll.len() + 1..).zip(unaccepted(view, free)) {
        put(area, u16::try_from(y).unwrap_or(u16::MAX), line, buf);
    }
    if epoll.is_empty() {
        let line = vec![Span::styled(lang.of("  nothing is registered yet", "  还没有注册任何 fd"), theme.label)];
        put(area, 1, line, buf);
    }
}

/// How many rows it would fill: the registrations, and the clients that wait to be accepted.
pub(super) fn entries(view: &View<'_>) -> usize {
    view.world
        .epoll()
        .map_or(0, |epoll| epoll.len() + view.world.unaccepted(UNACCEPTED).len() + usize::from(outside(view) > 0))
}

/// The connections that wait to be accepted and of whose clients the records do not tell.
fn outside(view: &View<'_>) -> u32 {
    view.world.pending().saturating_sub(u32::try_from(view.world.unaccepted(usize::MAX).len()).unwrap_or(u32::MAX))
}

/// A row for each client that has connected and has no fd at the server yet. They are on no list.
fn unaccepted(view: &View<'_>, free: usize) -> Vec<Vec<Span<'static>>> {
    let (theme, lang) = (view.theme, view.lang);
    let waits = lang.of("connected, not accepted yet", "已连接，尚未接受");
    let outside = outside(view);
    let clients = view.world.unaccepted(free.min(UNACCEPTED));
    let row = |ordinal: Option<u32>, name: String, said: String| {
        let selected = ordinal.is_some() && ordinal == view.client;
        let style = |style: Style| patched(style, theme.selected, selected);
        let fd = cell(0, COLUMNS[0].1, if selected { "▶–" } else { " –" });
        vec![
            Span::styled(fd + &cell(1, COLUMNS[1].1, &name), style(theme.value)),
            Span::styled(said, style(theme.label)),
        ]
    };
    let client = |id: &FileId| {
        let ordinal = view.world.file(*id)?.stream()?.ordinal?;
        Some(row(Some(ordinal), client_name(ordinal), waits.to_owned()))
    };
    let mut rows: Vec<_> = clients.iter().filter_map(client).collect();
    if outside > 0 {
        let said = words!(lang, "{outside} more: {waits}", "另有 {outside} 个：{waits}");
        let alone = if rows.is_empty() && outside == 1 { waits.to_owned() } else { said };
        rows.push(row(None, lang.of("outside", "外部").to_owned(), alone));
    }
    rows.truncate(free);
    rows
}

/// The columns that fit, with their widths. The state and the whole mask are more important than numbers that are shown
/// elsewhere too.
fn columns(width: u16, wider: usize) -> Vec<(usize, usize)> {
    let missing = (WIDTH + wider).saturating_sub(usize::from(width));
    let both = missing > COLUMNS[UNSENT].1;
    // A mask is only long where bytes could not be sent, and then those count.
    let (without_unsent, without_in) = if wider > 0 { (both, missing > 0) } else { (missing > 0, both) };
    let wider = wider.saturating_sub(missing.saturating_sub(COLUMNS[UNSENT].1 + COLUMNS[IN].1));
    let shown = (0..COLUMNS.len()).filter(|i| !(*i == UNSENT && without_unsent || *i == IN && without_in));
    shown.map(|i| (i, COLUMNS[i].1 + if i == WATCH { wider } else { 0 })).collect()
}

fn row(view: &View<'_>, epoll: &Epoll, item: &Item, selected: bool, columns: &[(usize, usize)]) -> Vec<Span<'static>> {
    let theme = view.theme;
    let patch = |style: Style| patched(style, theme.selected, selected);
    let value = patch(theme.value);
    let file = view.world.file(item.file);
    let stream = file.and_then(|file| file.stream());
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), short);
    let of_stream = |n: fn(&Stream) -> Option<u64>| stream.map_or_else(|| "–".to_owned(), |s| number(n(s)));
    let unread = match file.map(|file| (file.listener(), file.depth())) {
        Some((Some(_), Some(pending))) => pending.to_string(),
        Some((_, depth)) if file.is_some_and(|file| !file.counts_bytes()) => depth.map_or("?", |_| "–").to_owned(),
        Some((_, depth)) => number(depth),
        None => "?".to_owned(),
    };
    let pointer = if selected { "▶" } else { " " };
    let texts = [
        format!("{pointer}{}", item.fd),
        view.world.name_of(item, view.lang),
        String::new(),
        unread,
        of_stream(|s| Some(s.unsent)),
        of_stream(|s| Some(s.received)),
        of_stream(|s| Some(s.sent)),
    ];
    let mut spans = Vec::with_capacity(columns.len() + 3);
    for (i, width) in columns {
        if *i != WATCH {
            spans.push(Span::styled(cell(*i, *width, &texts[*i]), value));
            continue;
        }
        let text = cell(*i, *width, &watch(item.interest, width - 1, view.lang));
        // Without colours the mask is underlined, its padding is not.
        let mask = text.trim_end();
        let pad = " ".repeat(text.len() - mask.len());
        let style = if item.interest.is_edge() { theme.edge } else { theme.level };
        spans.push(Span::styled(mask.to_owned(), patch(style)));
        spans.push(Span::styled(pad, value));
    }
    if let Some((word, style)) = state(view, epoll, item) {
        spans.push(Span::styled(" ", value));
        spans.push(Span::styled(word, if selected { in_selected(theme, style) } else { style }));
    }
    spans
}

/// The whole mask, if it fits. EPOLLPRI and EPOLLRDHUP accompany every EPOLLIN of a connection here, so they are the first
/// to be only counted.
fn watch(interest: Interest, room: usize, lang: Lang) -> String {
    if interest.is_empty() {
        return lang.of("nothing", "无").to_owned();
    }
    let (whole, rest) = (short_mask(interest), interest - Interest::PRI - Interest::RDHUP);
    if whole.len() <= room || rest == interest {
        return whole;
    }
    let counted = (interest - rest).bits().count_ones();
    format!("{} +{counted}", short_mask(rest))
}

fn short_mask(interest: Interest) -> String {
    interest.to_string().replace("ONESHOT", "1SHOT")
}

/// `style` in the selected row. An alarm keeps its own ground, or is reversed back if the row is reversed; everything
/// else looks like the row.
fn in_selected(theme: &Theme, style: Style) -> Style {
    match (style.add_modifier.contains(Modifier::REVERSED), theme.base.bg) {
        (true, Some(page)) => style.bg(page),
        (true, None) => style.remove_modifier(Modifier::REVERSED),
        (false, _) => style.patch(theme.selected),
    }
}

/// The state of a registration, if it needs a word.
fn state(view: &View<'_>, epoll: &Epoll, item: &Item) -> Option<(&'static str, Style)> {
    let (theme, lang) = (view.theme, view.lang);
    let file = view.world.file(item.file)?;
    if view.world.is_ghost(item) {
        return Some((lang.of("GHOST", "幽灵"), theme.alert));
    }
    match why_not_reported(view.world, epoll, item) {
        NotReported::Stranded { .. } if view.at_rest() => Some((lang.of("STRANDED", "滞留"), theme.alert)),
        NotReported::Disarmed { .. } => Some((lang.of("disarmed", "停用"), theme.notice)),
        NotReported::None | NotReported::ListFull { .. } => Some((lang.of("ready", "就绪"), theme.good)),
        NotReported::NotAsked { .. } if file.stream().is_some() => Some((lang.of("masked", "未关注"), theme.notice)),
        _ if file.stream().is_some_and(|stream| stream.full) => Some((lang.of("no room", "发不出"), theme.notice)),
        _ => None,
    }
}

/// A number in at most seven cells: `1,976`, and `20.9 M` from a million on.
fn short(n: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    match n {
        ..=999_999 => grouped(n),
        1_000_000..=999_999_999 => format!("{:.1} M", n as f64 / 1e6),
        _ => format!("{:.1} G", n as f64 / 1e9),
    }
}

fn cell(i: usize, width: usize, text: &str) -> String {
    if i < NUMBERS {
        return padded(&fit(text, width - 1), width);
    }
    let text = fit(text, DIGITS);
    format!("{}{text}", " ".repeat(width.saturating_sub(escape::width(&text))))
}
