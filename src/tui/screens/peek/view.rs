//! Draws a look at a running process: each epoll with its registrations, and how each stands.

use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Rect, Span};

use super::keys::KEYS;
use super::screen::PeekScreen;
use crate::i18n::{Both, Lang, grouped, words};
use crate::tui::Theme;
use crate::tui::escape::fit;
use crate::tui::widgets::footer::rows;
use crate::tui::widgets::{help, is_too_small, padded, put, title};
use crate::watch::{Peeked, PeekedEpoll, PeekedItem, refusal};

const HEADING: Both = ("Look at a running process", "查看正在运行的进程");

/// The columns: the head, and the width with a cell of space. What a registration's queues and state are follows.
const COLUMNS: [(Both, usize); 4] =
    [((" fd", " fd"), 6), (("who", "名称"), 27), (("watch", "关注"), 20), (("unread", "未读"), 8)];
const UNSENT: (Both, usize) = (("unsent", "未发"), 8);

/// A row of what is seen.
enum Row<'a> {
    Epoll(&'a Peeked, &'a PeekedEpoll),
    Heads,
    Item(&'a PeekedEpoll, &'a PeekedItem),
    Nothing(&'a Peeked),
}

impl PeekScreen {
    fn seen_rows(&self) -> Vec<Row<'_>> {
        let mut all = Vec::new();
        for process in &self.seen {
            if process.epolls.is_empty() {
                all.push(Row::Nothing(process));
            }
            for epoll in &process.epolls {
                all.extend([Row::Epoll(process, epoll), Row::Heads]);
                all.extend(epoll.items.iter().map(|item| Row::Item(epoll, item)));
            }
        }
        all
    }

    pub(super) fn rows(&self) -> usize {
        self.seen_rows().len()
    }

    pub(super) fn draw_on(&self, area: Rect, buf: &mut Buffer) {
        let (theme, lang) = (&self.theme, self.lang);
        if is_too_small(theme, lang, area, buf) {
            return;
        }
        let [top, body, note, bottom] = vertical![== 1, >= 1, == 1, == 1].areas(area);
        self.header(top, buf);
        if self.help {
            help::alone(theme, lang, HEADING, KEYS, body, buf);
        } else {
            self.body(body, buf);
        }
        if let Some(notice) = &self.notice {
            put(note, 0, vec![Span::styled(format!(" {}", notice.text), notice.style(theme))], buf);
        } else if let Some(said) = self.stranded().next() {
            put(note, 0, vec![Span::styled(format!(" {said}"), theme.notice)], buf);
        } else if let Some(why) = refusal(&self.seen, lang) {
            put(note, 0, vec![Span::styled(format!(" {why}"), theme.notice)], buf);
        }
        let keys = KEYS.iter().filter(|binding| !binding.short.0.is_empty());
        rows(theme, keys.map(|binding| (binding.shown.to_owned(), lang.pick(binding.short).to_owned())), bottom, buf);
    }

    /// What is to be said of each registration that is stranded.
    fn stranded(&self) -> impl Iterator<Item = &'static str> + '_ {
        let epolls = self.seen.iter().flat_map(|process| &process.epolls);
        epolls.flat_map(|epoll| epoll.items.iter().filter_map(|item| item.strands(epoll, self.lang)))
    }

    fn header(&self, area: Rect, buf: &mut Buffer) {
        let (theme, lang) = (&self.theme, self.lang);
        let name = self.seen.first().map(|process| process.name.to_string()).unwrap_or_default();
        let stranded = self.stranded().count();
        let pid = self.pid;
        let mut line = vec![Span::styled(format!(" {name} {pid}  "), theme.title)];
        line.push(match (&self.over, self.kept) {
            (Some(error), _) => Span::styled(error.words(lang), theme.alert),
            (None, true) => {
                Span::styled(lang.of("‖ kept; the process runs on", "‖ 已保留；进程继续运行"), theme.marker)
            }
            (None, false) => {
                let ms = grouped(u64::try_from(self.every.as_millis()).unwrap_or(0));
                Span::styled(
                    words!(lang, "▶ looked at every {ms} ms, and never stopped", "▶ 每 {ms} ms 查看一次，从不停下它"),
                    theme.good,
                )
            }
        });
        if stranded > 0 {
            let s = if stranded == 1 { "" } else { "s" };
            line.push(Span::raw("  "));
            line.push(Span::styled(
                words!(lang, " {stranded} fd{s} STRANDED ", " {stranded} 个 fd 滞留 "),
                theme.alert,
            ));
        }
        put(area, 0, line, buf);
    }

    fn body(&self, area: Rect, buf: &mut Buffer) {
        let (theme, lang) = (&self.theme, self.lang);
        let all = self.seen_rows();
        let first = self.scroll.min(all.len().saturating_sub(usize::from(area.height)));
        for (y, row) in (0..area.height).zip(all.iter().skip(first)) {
            match row {
                Row::Nothing(process) => {
                    let none = vec![Span::styled(lang.of(" no epoll", " 没有 epoll"), theme.label)];
                    title(
                        theme,
                        &format!("{} {}", process.name, process.pid),
                        none,
                        Rect { y: area.y + y, height: 1, ..area },
                        buf,
                    );
                }
                Row::Epoll(process, epoll) => {
                    let name = format!("{} {} · epoll {}", process.name, process.pid, epoll.fd);
                    let said = vec![Span::styled(format!(" {}", epoll.says(lang)), theme.label)];
                    title(theme, &name, said, Rect { y: area.y + y, height: 1, ..area }, buf);
                }
                Row::Heads => {
                    let heads = COLUMNS.iter().chain([&UNSENT]);
                    let heads = heads.enumerate().map(|(i, (head, width))| cell(lang.pick(*head), *width, i >= 3));
                    put(area, y, vec![Span::styled(heads.collect::<String>(), theme.label)], buf);
                }
                Row::Item(epoll, item) => put(area, y, item_row(epoll, item, theme, lang), buf),
            }
        }
    }
}

fn cell(text: &str, width: usize, right: bool) -> String {
    let text = fit(text, width - 1);
    if right {
        format!("{}{text}", " ".repeat(width.saturating_sub(Span::raw(&*text).width())))
    } else {
        padded(&text, width)
    }
}

fn item_row(epoll: &PeekedEpoll, item: &PeekedItem, theme: &Theme, lang: Lang) -> Vec<Span<'static>> {
    let [fd, who, watch, unread] = COLUMNS.map(|(_, width)| width);
    let style = if item.interest.is_edge() { theme.edge } else { theme.level };
    let mask = fit(&item.interest.to_string(), watch - 1);
    let pad = " ".repeat(watch.saturating_sub(Span::raw(&*mask).width()));
    let (left, unsent) = match (item.queue, item.depths) {
        (Some((pending, _)), _) => (grouped(pending.into()), "–".to_owned()),
        (None, Some((unread, unsent, _))) => (grouped(unread.into()), grouped(unsent.into())),
        (None, None) => ("?".to_owned(), "?".to_owned()),
    };
    let mut spans = vec![
        Span::styled(cell(&format!(" {}", item.fd), fd, false), theme.value),
        Span::styled(cell(&item.who(lang), who, false), theme.value),
        Span::styled(mask, style),
        Span::styled(pad, theme.value),
        Span::styled(cell(&left, unread, true), theme.value),
        Span::styled(cell(&unsent, UNSENT.1, true), theme.value),
        Span::raw("  "),
    ];
    if item.is_stranded(epoll) {
        spans.push(Span::styled(lang.of("STRANDED", "滞留"), theme.alert));
        spans.push(Span::raw(" "));
    }
    for off in item.is_off(lang) {
        spans.push(Span::styled(off + " ", theme.notice));
    }
    let ends = item.ends();
    if !ends.is_empty() {
        spans.push(Span::styled(format!("{ends} "), theme.notice));
    }
    if let Some((pending @ 1.., limit)) = item.queue {
        spans.push(Span::styled(
            words!(lang, "{pending} of {limit} wait for accept", "{pending} 个等待接受，最多 {limit} 个"),
            theme.notice,
        ));
    }
    spans
}
