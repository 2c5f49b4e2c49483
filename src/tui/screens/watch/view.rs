//! Draws the screen: the header, the panels or what is open over them, the next call, and the keys.

use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Rect};

use super::keys::{Action, KEYS};
use super::screen::WatchScreen;
use crate::i18n::{Both, grouped, words};
use crate::tui::moment::Playhead;
use crate::tui::navigator::Overlay;
use crate::tui::widgets::footer::{hint, opened, rows};
use crate::tui::widgets::{View, breakpoints, header, help, inspect, is_too_small};

/// The heading of the help.
const HEADING: Both = ("Watch a program", "观察程序");

const PAST: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    "← → 按调用   [ ] 按等待   { } 发现项   / 搜索   : 编号   > 播放   End 现在",
);

const TYPING: Both =
    ("every key goes to the program, Ctrl-C too; F2 ends that", "每个按键都送给程序，Ctrl-C 也是；F2 结束");

impl WatchScreen {
    pub(super) fn draw_on(&self, area: Rect, buf: &mut Buffer) {
        let view = &self.view();
        if is_too_small(view.theme, view.lang, area, buf) {
            return;
        }
        let (next_rows, key_rows) = (if area.height >= 24 { 4 } else { 3 }, if area.height >= 30 { 2 } else { 1 });
        let [top, body, next, bottom] = vertical![== 1, >= 1, == next_rows, == key_rows].areas(area);
        header::render(view, top, buf);
        // What is open over the panels also covers the next call.
        let covers = matches!(view.overlay, Overlay::Help { .. } | Overlay::Breakpoints { .. });
        let body = if covers { Rect { height: body.height + next.height, ..body } } else { body };
        match view.overlay {
            Overlay::Help { scroll } => help::screen(view.theme, view.lang, HEADING, KEYS, *scroll, body, buf),
            Overlay::Inspect { scroll } => inspect::render(view, *scroll, body, buf),
            mode => match mode.breakpoint_row() {
                Some(row) => breakpoints::render(view.breakpoints, row, view.theme, view.lang, body, buf),
                None => self.panels(view, body, buf),
            },
        }
        if !covers {
            self.next_call(view, next, buf);
        }
        self.footer(view, bottom, buf);
    }

    fn footer(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let (theme, lang) = (view.theme, view.lang);
        if opened(view.overlay, view.timeline, theme, lang, area, buf) {
            return;
        }
        if self.typing {
            return hint(theme, lang, TYPING, area, buf);
        }
        if view.is_past() {
            return hint(theme, lang, PAST, area, buf);
        }
        let runs = matches!(view.playhead, Playhead::Runs { .. });
        let keys = KEYS.iter().filter(|binding| !binding.short.0.is_empty()).map(|binding| {
            let word = match binding.action {
                Action::Send => words!(lang, "send {}", "发送 {}", grouped(view.amount as u64)),
                Action::Step | Action::Run if runs => lang.of("pause", "暂停").to_owned(),
                _ => lang.pick(binding.short).to_owned(),
            };
            (binding.shown.split(' ').next().unwrap_or_default().to_owned(), word)
        });
        rows(theme, keys, area, buf);
    }
}
