//! The ready list. The kernel does not expose it, so it is inferred, and labelled so.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr;

use super::{View, put, title};
use crate::i18n::{grouped, words};

pub(crate) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    let epoll = view.world.epoll();
    let doubtful = epoll.is_some_and(|epoll| !epoll.certain);
    let label = if doubtful {
        lang.of(" (inferred, uncertain until a wait's list is not full)", "（推断；在某次等待的列表未满之前存疑）")
    } else {
        lang.of(" (inferred)", "（推断）")
    };
    let area = title(view.theme, lang.of("Ready list", "就绪列表"), vec![Span::styled(label, theme.label)], area, buf);
    let Some(epoll) = epoll.filter(|epoll| epoll.ready_len() > 0) else {
        let word = match epoll {
            None if view.taught || view.world.ending().is_some() => {
                ("no epoll object is open", "没有打开的 epoll 对象")
            }
            None => ("step 1 creates it, empty", "第 1 步创建它，初始为空"),
            Some(_) if doubtful => ("no fd is known to be on it", "不知道其中有什么"),
            Some(_) => ("empty: a wait now would block", "空，现在等待会阻塞"),
        };
        return put(area, 0, vec![Span::styled(lang.pick(word), theme.label)], buf);
    };
    let more = |n: &str| words!(lang, "→ … {n} more", "→ … 还有 {n} 个");
    // The cells that are kept free for the number of further fds.
    let kept = more("99,999").width();
    let head = lang.of("head ", "队头 ");
    let mut spans = vec![Span::styled(head, theme.label)];
    let (mut used, mut left) = (head.width(), epoll.ready_len());
    for item in epoll.ready_list() {
        let mask = view.world.ready_for(item);
        let (text, style) = if view.world.is_unknown(item) {
            (format!("{} ?", item.fd), theme.label)
        } else if mask.is_empty() {
            // It was ready when it was put on the list. The next wait will check it, and drop it.
            (words!(lang, "{} (no longer ready)", "{}（不再就绪）", item.fd), theme.label)
        } else if view.world.is_ghost(item) {
            (words!(lang, "{} {mask} (ghost)", "{} {mask}（幽灵）", item.fd), theme.good)
        } else {
            (format!("{} {mask}", item.fd), theme.good)
        };
        used += text.width() + 3;
        if used + if left > 1 { kept } else { 0 } > usize::from(area.width) + 1 {
            break;
        }
        left -= 1;
        spans.push(Span::styled("→ ", theme.label));
        spans.push(Span::styled(text, style));
        spans.push(Span::raw(" "));
    }
    if left > 0 {
        spans.push(Span::styled(more(&grouped(left as u64)), theme.label));
    }
    put(area, 0, spans, buf);
}
