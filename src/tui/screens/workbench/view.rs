//! Draws the workbench: the header, the panels or what is open over them, the next call, and the keys.

use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Frame, Rect, Span, Widget};

use crate::i18n::{Both, grouped, words};
use crate::record::Trigger;
use crate::tui::keymap::{Action, KEYS};
use crate::tui::moment::Playhead;
use crate::tui::navigator::{Overlay, Prompt, Question};
use crate::tui::widgets::footer::{hint, opened, rows};
use crate::tui::widgets::layout::panels;
use crate::tui::widgets::{View, breakpoints, guide, header, help, inspect, is_too_small, next, policy, put, task};

fn render(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    if is_too_small(view.theme, view.lang, area, buf) {
        return;
    }
    let (next_rows, key_rows) = (if area.height >= 24 { 4 } else { 3 }, if area.height >= 30 { 2 } else { 1 });
    let guide_rows = if view.guide.is_some() { guide::ROWS } else { 0 };
    let [top, band, body, next, bottom] = vertical![== 1, == guide_rows, >= 1, == next_rows, == key_rows].areas(area);
    header::render(view, top, buf);
    if let Some(led) = view.guide {
        guide::render(led, view.theme, view.lang, band, buf);
    }
    let mut body = body;
    if let Some(task) = view.task {
        let rows = task::rows(view, task, (area.width, area.height));
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let [band, rest] = vertical![== height, >= 1].areas(body);
        task::render(&rows, band, buf);
        body = rest;
    }
    // What is open over the workbench also covers the next call: a teacher asks the class before showing it.
    let covers = matches!(view.overlay, Overlay::Help { .. } | Overlay::Policy { .. } | Overlay::Breakpoints { .. });
    let body = if covers { Rect { height: body.height + next.height, ..body } } else { body };
    match view.overlay {
        Overlay::Help { scroll } => help::workbench(view, *scroll, body, buf),
        Overlay::Policy { row } | Overlay::Prompt(Prompt { question: Question::Choice(row), .. }) => {
            policy::render(view, *row, body, buf);
        }
        Overlay::Welcome => guide::welcome(view.theme, view.lang, body, buf),
        Overlay::Inspect { scroll } => inspect::render(view, *scroll, body, buf),
        mode => match mode.breakpoint_row() {
            Some(row) => breakpoints::render(view.breakpoints, row, view.theme, view.lang, body, buf),
            None => panels(view, None, body, buf),
        },
    }
    if !covers {
        next::render(view, next, buf);
    }
    footer(view, bottom, buf);
}

impl Widget for &View<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        render(self, area, buf);
    }
}

impl View<'_> {
    pub fn draw(&self, frame: &mut Frame<'_>) {
        frame.render_widget(self, frame.area());
    }
}

const HELP: Both = (
    "↑ ↓ scroll   y copies the commands at the end   any other key closes the help",
    "↑ ↓ 滚动   y 复制末尾的命令   其他任意键关闭帮助",
);
const PAST: Both = (
    "← → by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    "← → 按调用   [ ] 按等待   { } 发现项   / 搜索   : 编号   > 播放   End 现在",
);
const RECORDING: Both = (
    "← → calls  [ ] waits  { } findings  / search  : number  > play  ? help  q leave",
    "← → 按调用  [ ] 按等待  { } 发现项  / 搜索  : 编号  > 播放  ? 帮助  q 离开",
);

fn footer(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (view.theme, view.lang);
    if let (Overlay::Help { .. }, Some(notice)) = (view.overlay, view.notice) {
        return put(area, 0, vec![Span::styled(format!(" {}", notice.text), notice.style(theme))], buf);
    }
    if matches!(view.overlay, Overlay::Help { .. }) && !inspect::commands(view).is_empty() {
        return hint(theme, lang, HELP, area, buf);
    }
    if opened(view.overlay, view.timeline, theme, lang, area, buf) {
        return;
    }
    if view.track.is_some_and(|track| track.recorded) {
        return hint(theme, lang, RECORDING, area, buf);
    }
    if view.is_past() {
        return hint(theme, lang, PAST, area, buf);
    }
    let mut bindings: Vec<_> = KEYS.iter().filter(|binding| !binding.short.0.is_empty()).collect();
    if view.task.is_some() {
        // Tasks are done with the policy, and nobody begins the first minute there.
        bindings.retain(|binding| binding.action != Action::Guide);
        bindings.sort_by_key(|binding| match binding.action {
            Action::Step | Action::Connect | Action::Send | Action::Trigger | Action::NextWait => 0,
            Action::Policy => 1,
            _ => 2,
        });
    }
    let keys = bindings.into_iter().map(|binding| {
        let word = match binding.action {
            Action::Send => words!(lang, "send {}", "发送 {}", grouped(view.amount as u64)),
            Action::Trigger
                if view.ordered.map(|ordered| ordered.trigger).or(view.trigger()) == Some(Trigger::Edge) =>
            {
                lang.of("level", "改为水平").to_owned()
            }
            Action::Step | Action::Run if matches!(view.playhead, Playhead::Runs { .. }) => {
                lang.of("pause", "暂停").to_owned()
            }
            Action::Quit if view.taught => lang.of("back", "返回").to_owned(),
            _ => lang.pick(binding.short).to_owned(),
        };
        // The first of its keys is enough in the footer.
        (binding.shown.split(' ').next().unwrap_or_default().to_owned(), word)
    });
    rows(theme, keys, area, buf);
}
