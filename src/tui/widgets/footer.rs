//! The last lines: the keys, from the key table; or the question that is being answered.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr as _;

use super::{cells::put, prompt, view::View};
use crate::analysis::why::grouped;
use crate::i18n::Lang;
use crate::i18n::{Both, words};
use crate::record::Trigger;
use crate::tui::Theme;
use crate::tui::navigator::Mode;
use crate::tui::{Action, keys::KEYS};

/// Between two keys.
const GAP: &str = "  ";

// The keys that matter while something is open.
pub(super) const HELP: Both = ("↑ ↓ scroll   any other key closes the help", "↑ ↓ 滚动   其他任意键关闭帮助");
const POLICY: Both = (
    "↑ ↓ choose   ← → Space Enter change   Esc closes   other keys as usual",
    "↑ ↓ 选择   ← → Space Enter 修改   Esc 关闭   其他键照常",
);
pub(super) const STOPS: Both = (
    "↑ ↓ choose   Space Enter on, off   Esc closes   other keys as usual",
    "↑ ↓ 选择   Space Enter 开关   Esc 关闭   其他键照常",
);
const INSPECT: Both =
    ("↑ ↓ scroll   Space, c, s, m … go on working   Esc closes", "↑ ↓ 滚动   Space、c、s、m … 照常操作   Esc 关闭");
const PAST: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    "← → 按调用   [ ] 按等待   { } 发现   / 搜索   : 编号   > 播放   End 现在",
);
const RECORDING: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  ? help",
    "← → 按调用   [ ] 按等待   { } 发现   / 搜索   : 编号   > 播放   ? 帮助",
);

pub(super) fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let text = match view.mode {
        Mode::Prompt(prompt) => {
            return prompt::render(prompt, view.timeline.now().moments(), view.theme, view.lang, area, buf);
        }
        Mode::Help { .. } => HELP,
        Mode::Policy { .. } => POLICY,
        Mode::Breakpoints { .. } => STOPS,
        Mode::Inspect { .. } => INSPECT,
        Mode::Screen if view.place.is_some_and(|place| place.recorded) => RECORDING,
        Mode::Screen if view.is_past() => PAST,
        Mode::Screen => return keys(view, area, buf),
    };
    hint(view.theme, view.lang, text, area, buf);
}

/// Which keys there are just now.
pub(super) fn hint(theme: &Theme, lang: Lang, text: Both, area: Rect, buf: &mut Buffer) {
    put(area, 0, vec![Span::styled(format!(" {}", lang.pick(text)), theme.value)], buf);
}

fn keys(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let mut rows: Vec<Vec<Span<'_>>> = vec![Vec::new()];
    let mut used = 0;
    for binding in KEYS.iter().filter(|binding| !binding.short.0.is_empty()) {
        let word = match binding.action {
            Action::Send => words!(view.lang, "send {}", "发送 {}", grouped(view.amount as u64)),
            Action::Trigger
                if view.ordered.map(|ordered| ordered.trigger).or(view.trigger()) == Some(Trigger::Edge) =>
            {
                view.lang.of("level", "水平触发").to_owned()
            }
            Action::Quit if view.taught => view.lang.of("back", "返回").to_owned(),
            _ => view.lang.pick(binding.short).to_owned(),
        };
        // The first of its keys is enough here.
        let shown = binding.shown.split(' ').next().unwrap_or_default();
        let width = GAP.len() + Span::raw(shown).width() + 1 + word.width();
        if used + width > usize::from(area.width) + 1 {
            rows.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            // The first stands one cell from the edge.
            row.push(Span::raw(if row.is_empty() { &GAP[1..] } else { GAP }));
            row.push(Span::styled(shown, theme.key));
            row.push(Span::styled(format!(" {word}"), theme.value));
        }
    }
    for (y, row) in (0..area.height).zip(rows) {
        put(area, y, row, buf);
    }
}
