//! The last lines: the keys, from the key table; or the question that is being answered.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{Standing, View, patched, put};
use crate::record::Trigger;
use crate::trace::lang::{Both, words};
use crate::trace::why::grouped;
use crate::ui::app::{CHOICES, Mode, Question};
use crate::ui::keys::{Action, KEYS};

/// Between two keys.
const GAP: &str = "  ";

// The keys that matter while something is open.
const HELP: Both = ("↑ ↓ scroll   any other key closes the help", "↑ ↓ 滚动   其他任意键关闭帮助");
const POLICY: Both = (
    "↑ ↓ choose   ← → Space Enter change   Esc closes   other keys as usual",
    "↑ ↓ 选择   ← → Space Enter 修改   Esc 关闭   其他键照常",
);
const STOPS: Both = (
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
    match view.mode {
        Mode::Prompt { question, input, proposed } => prompt(view, *question, input, *proposed, area, buf),
        Mode::Help { .. } => hint(view, HELP, area, buf),
        Mode::Policy { .. } => hint(view, POLICY, area, buf),
        Mode::Breakpoints { .. } => hint(view, STOPS, area, buf),
        Mode::Inspect { .. } => hint(view, INSPECT, area, buf),
        Mode::Workbench if view.place.is_some_and(|place| place.recorded) => hint(view, RECORDING, area, buf),
        Mode::Workbench if matches!(view.standing, Standing::Past { .. }) => hint(view, PAST, area, buf),
        Mode::Workbench => keys(view, area, buf),
    }
}

fn hint(view: &View<'_>, text: Both, area: Rect, buf: &mut Buffer) {
    put(area, 0, vec![Span::styled(format!(" {}", view.lang.pick(text)), view.theme.value)], buf);
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

fn prompt(view: &View<'_>, question: Question, input: &tui_input::Input, proposed: bool, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let label = match question {
        Question::Amount => view.lang.of(" bytes to send: ", " 要发送的字节数：").to_owned(),
        Question::Text => {
            view.lang.of(" text to send (a newline is added): ", " 要发送的文本（末尾加换行）：").to_owned()
        }
        Question::Call => {
            let all = grouped(view.timeline.now().moments());
            words!(view.lang, " go to call, of {all}: ", " 跳到第几次调用（共 {all} 次）：")
        }
        Question::Search => view
            .lang
            .of(" search (recv, fd 5, EAGAIN, IN, a, \"text\"): ", " 搜索（recv、fd 5、EAGAIN、IN、a、\"文本\"）：")
            .to_owned(),
        Question::Breakpoint => view.lang.of(" stop at: ", " 停在：").to_owned(),
        Question::Choice(row) => {
            let (name, unit) = (view.lang.pick(CHOICES[row].name), view.lang.pick(CHOICES[row].unit()));
            words!(view.lang, " {name}, in {unit}: ", " {name}（{unit}）：")
        }
    };
    let width = Span::raw(&*label).width();
    let room = usize::from(area.width).saturating_sub(width + 2);
    let scroll = input.visual_scroll(room);
    let shown = after(input.value(), scroll);
    put(
        area,
        0,
        vec![Span::styled(label, theme.label), Span::styled(shown, patched(theme.title, theme.selected, proposed))],
        buf,
    );
    // The place where the next letter goes, shown by the cell itself: the terminal's own cursor stays hidden.
    let x = area.x + u16::try_from(width + input.visual_cursor().saturating_sub(scroll)).unwrap_or(u16::MAX);
    if x < area.right() {
        buf.set_style(
            Rect { x, width: 1, height: 1, ..area },
            theme.selected.add_modifier(ratatui::style::Modifier::REVERSED),
        );
    }
    let hint = view.lang.of(" Enter does it   Esc leaves it ", " Enter 确认   Esc 放弃 ");
    let free = usize::from(area.width).saturating_sub(width + input.value().width() + 2);
    if area.height > 1 {
        put(area, 1, vec![Span::styled(hint, theme.value)], buf);
    } else if free > hint.width() {
        let x = area.right() - u16::try_from(hint.width()).unwrap_or(0);
        buf.set_string(x, area.y, hint, theme.value);
    }
}

/// What is left of `text` when so many cells of it have gone out of sight on the left.
fn after(text: &str, cells: usize) -> &str {
    let mut gone = 0;
    let start = text.char_indices().find(|(_, c)| {
        let sees = gone >= cells;
        gone += c.width().unwrap_or(0);
        sees
    });
    start.map_or("", |(at, _)| &text[at..])
}
