//! The call that comes next, who makes it, and its line of source.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::screen::WatchScreen;
use crate::i18n::{grouped, words};
use crate::probe::ServerState;
use crate::record::Tid;
use crate::trace::text;
use crate::tui::moment::Playhead;
use crate::tui::widgets::{View, bar, hanging, next, put, title};
use crate::watch::{PROGRAM, ending};

impl WatchScreen {
    pub(super) fn next_call(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let (theme, lang) = (view.theme, view.lang);
        let name = lang.of("Next", "下一步");
        let rule = Rect { height: 1.min(area.height), ..area };
        let area = title(theme, name, vec![], area, buf);
        let used = u16::try_from(name.width() + 3).unwrap_or(0).min(rule.width);
        let beside = Rect { x: rule.x + used, width: rule.width - used, ..rule };
        if view.track.is_some() {
            bar::render(view, beside, buf);
        } else {
            next::last(view, beside, buf);
        }
        put(area, 0, self.what(view), buf);
        let takes_two = view.notice.is_some_and(|notice| notice.text.width() + 3 > usize::from(area.width));
        if takes_two {
            next::note(view, area, buf);
            return;
        }
        put(area, 1, self.source_line(view), buf);
        // Its first row is taken.
        next::note(view, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, buf);
    }

    fn what(&self, view: &View<'_>) -> Vec<Span<'static>> {
        let (theme, lang) = (view.theme, view.lang);
        let title = |text: String| Span::styled(text, theme.title);
        let value = |text: String| Span::styled(text, theme.value);
        let mut line = vec![Span::styled("● ", theme.marker)];
        if let Some(status) = self.exit_status().filter(|_| !view.is_past()) {
            let style = if status == 0 { theme.title } else { theme.alert };
            line.push(Span::styled(ending(PROGRAM, status.into(), lang), style));
            line.push(value(lang.of("; q leaves, ← goes back", "；q 离开，← 回看").to_owned()));
            return line;
        }
        match (&view.next, view.state) {
            (Some(call), _) => {
                if let Some(held) = self.held_call().filter(|_| !view.is_past()) {
                    let who = called(view, held.tid);
                    line.push(Span::styled(words!(lang, "{who}: ", "{who}："), theme.label));
                }
                let reason = format!("  {}", next::reason(view, &call.plain()));
                line.extend([title(text::call(call, lang)), value(reason)]);
            }
            (None, ServerState::Hung(call)) => {
                let name = hanging(&call);
                line.push(title(words!(lang, "a thread hangs in {name}", "有线程卡在 {name} 里")));
            }
            (None, _) if view.world.is_blocked() => {
                line.push(title(lang.of("the program waits in epoll_wait", "程序正在 epoll_wait 中等待").to_owned()));
                line.push(value(
                    lang.of("  until something comes: c connects a client", "  等到有事件：c 连接一个客户端")
                        .to_owned(),
                ));
            }
            (None, _) => {
                let text = match view.playhead {
                    Playhead::Past { .. } => ("no later call is known yet", "还没有更晚的调用"),
                    Playhead::Runs { .. } => ("unknown: the program runs", "未定，程序正在运行"),
                    _ => ("the program is between two calls, or in one", "程序在两次调用之间，或在某次调用中"),
                };
                line.push(title(lang.pick(text).to_owned()));
            }
        }
        line
    }

    /// `server.py:20  text = client.recv(1024)`, and how many others are held.
    fn source_line(&self, view: &View<'_>) -> Vec<Span<'static>> {
        let (theme, lang) = (view.theme, view.lang);
        let mut line = vec![Span::raw("  ")];
        if let Some(at) = self.line() {
            line.push(Span::styled(format!("@ {at}  "), theme.label));
            let text = self.sources.text(at).unwrap_or_default().to_owned();
            line.push(Span::styled(text + "  ", theme.title));
        }
        let more = self.held_now().map_or(0, |held| held.len().saturating_sub(1));
        if more > 0 {
            let (n, s) = (grouped(more as u64), if more == 1 { " is" } else { "s are" });
            line.push(Span::styled(words!(lang, "{n} more thread{s} held", "另有 {n} 个线程停住"), theme.label));
        }
        line
    }
}

/// `python3 1234`
fn called(view: &View<'_>, tid: Tid) -> String {
    let name = view.world.thread_name(tid).map(|name| format!("{name} ")).unwrap_or_default();
    format!("{name}{tid}")
}
