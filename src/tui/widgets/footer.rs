//! The last lines of a screen: its keys, or those of what is open over it, or a prompt.

use ratatui::prelude::{Buffer, Rect, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{prompt, put};
use crate::i18n::{Both, Lang};
use crate::trace::Timeline;
use crate::tui::{Theme, navigator::Overlay};

/// Between two keys. Before the first one there is a single cell.
const GAP: &str = "  ";

// The keys of what may be open over a screen.
const HELP: Both = ("↑ ↓ scroll   any other key closes the help", "↑ ↓ 滚动   其他任意键关闭帮助");
const POLICY: Both = (
    "↑ ↓ choose   ← → Space Enter change   Esc closes   other keys as usual",
    "↑ ↓ 选择   ← → Space Enter 修改   Esc 关闭   其他键照常",
);
const BREAKPOINTS: Both = (
    "↑ ↓ choose   Space Enter on, off   Esc closes   other keys as usual",
    "↑ ↓ 选择   Space Enter 开关   Esc 关闭   其他键照常",
);
const INSPECT: Both =
    ("↑ ↓ scroll   Space, c, s, m … still work   Esc closes", "↑ ↓ 滚动   Space、c、s、m … 照常操作   Esc 关闭");

/// Draws the footer of what is open over a screen; returns whether anything is.
pub(crate) fn opened(
    overlay: &Overlay,
    timeline: &Timeline,
    theme: &Theme,
    lang: Lang,
    area: Rect,
    buf: &mut Buffer,
) -> bool {
    let text = match overlay {
        Overlay::Prompt(prompt) => {
            prompt::render(prompt, timeline.now().moments(), theme, lang, area, buf);
            return true;
        }
        Overlay::Help { .. } => HELP,
        Overlay::Policy { .. } => POLICY,
        Overlay::Breakpoints { .. } => BREAKPOINTS,
        Overlay::Inspect { .. } => INSPECT,
        Overlay::None | Overlay::Welcome => return false,
    };
    hint(theme, lang, text, area, buf);
    true
}

pub(crate) fn hint(theme: &Theme, lang: Lang, text: Both, area: Rect, buf: &mut Buffer) {
    put(area, 0, vec![Span::styled(format!(" {}", lang.pick(text)), theme.value)], buf);
}

/// Draws keys with their words, in as many rows as there are.
pub(crate) fn rows(theme: &Theme, keys: impl Iterator<Item = (String, String)>, area: Rect, buf: &mut Buffer) {
    let mut rows: Vec<Vec<Span<'_>>> = vec![Vec::new()];
    let mut used = 0;
    for (shown, word) in keys {
        let key = key(theme, shown, &word);
        let width = GAP.len() + width(&key);
        if used + width > usize::from(area.width) + 1 {
            rows.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(Span::raw(if row.is_empty() { &GAP[1..] } else { GAP }));
            row.extend(key);
        }
    }
    for (y, row) in (0..area.height).zip(rows) {
        put(area, y, row, buf);
    }
}

/// Draws the keys that fit into one row, and `end` on the right.
pub(crate) fn row(
    theme: &Theme,
    keys: impl Iterator<Item = (String, String)>,
    end: &str,
    area: Rect,
    buf: &mut Buffer,
) {
    let room = usize::from(area.width).saturating_sub(end.width());
    let (mut row, mut used) = (Vec::new(), 0);
    for (shown, word) in keys {
        let key = key(theme, shown, &word);
        let gap = if row.is_empty() { &GAP[1..] } else { GAP };
        if used + gap.len() + width(&key) <= room {
            used += gap.len() + width(&key);
            row.push(Span::raw(gap));
            row.extend(key);
        }
    }
    row.push(Span::raw(" ".repeat(room.saturating_sub(used))));
    row.push(Span::styled(end.to_owned(), theme.marker));
    put(area, 0, row, buf);
}

fn key(theme: &Theme, shown: String, word: &str) -> [Span<'static>; 2] {
    let word = if shown.is_empty() { word.to_owned() } else { format!(" {word}") };
    [Span::styled(shown, theme.key), Span::styled(word, theme.value)]
}

fn width(key: &[Span<'_>]) -> usize {
    key.iter().map(Span::width).sum()
}
