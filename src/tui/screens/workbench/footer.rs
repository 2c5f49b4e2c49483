//! The last lines of the workbench: its keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::i18n::{Both, grouped, words};
use crate::record::Trigger;
use crate::tui::keymap::{Action, KEYS};
use crate::tui::widgets::View;
use crate::tui::widgets::footer::{hint, opened, rows};

const PAST: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    "← → 按调用   [ ] 按等待   { } 发现项   / 搜索   : 编号   > 播放   End 现在",
);
const RECORDING: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  ? help",
    "← → 按调用   [ ] 按等待   { } 发现项   / 搜索   : 编号   > 播放   ? 帮助",
);

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    if opened(view.overlay, view.timeline, theme, lang, area, buf) {
        return;
    }
    if view.track.is_some_and(|track| track.recorded) {
        return hint(theme, lang, RECORDING, area, buf);
    }
    if view.is_past() {
        return hint(theme, lang, PAST, area, buf);
    }
    let keys = KEYS.iter().filter(|binding| !binding.short.0.is_empty()).map(|binding| {
        let word = match binding.action {
            Action::Send => words!(lang, "send {}", "发送 {}", grouped(view.amount as u64)),
            Action::Trigger
                if view.ordered.map(|ordered| ordered.trigger).or(view.trigger()) == Some(Trigger::Edge) =>
            {
                lang.of("level", "改为水平").to_owned()
            }
            Action::Quit if view.taught => lang.of("back", "返回").to_owned(),
            _ => lang.pick(binding.short).to_owned(),
        };
        // The first of its keys is enough in the footer.
        (binding.shown.split(' ').next().unwrap_or_default().to_owned(), word)
    });
    rows(theme, keys, area, buf);
}
