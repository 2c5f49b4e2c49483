//! Draws an open lesson: its prose on one side, the workbench on the other.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Rect, Span};
use tui_input::Input;

use super::keys::{self, Page, PageKind};
use super::{page, screen::LessonScreen};
use crate::i18n::{Both, words};
use crate::script::ServerScene;
use crate::tui::Theme;
use crate::tui::navigator::{Notice, Overlay};
use crate::tui::widgets::footer::{hint, opened, rows};
use crate::tui::widgets::layout::bench;
use crate::tui::widgets::{View, breakpoints, header, help, is_too_small, put, rule, title, typed, wrap};

/// From this width on, the workbench stands beside the prose.
const WIDE: u16 = 110;
const PROSE: u16 = 47;

/// The keys while the past is shown; the arrows have another meaning in a lesson.
const PAST: Both = (
    ", . by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    ", . 按调用   [ ] 按等待   { } 发现项   / 搜索   : 编号   > 播放   End 现在",
);

/// More of them, for a small screen.
const PAST_SMALL: Both =
    ("Tab more room for the server  Esc now  ? all keys", "Tab 给服务器更多空间   Esc 现在   ? 全部按键");

pub(super) fn render(screen: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    if is_too_small(theme, lang, area, buf) {
        return;
    }
    let [top, body, bottom] = vertical![== 1, >= 1, == 2].areas(area);
    heading(screen, top, buf);
    footer(screen, bottom, buf);
    let view = screen.bench();
    if let Overlay::Help { scroll } = view.overlay {
        return help::screen(theme, lang, ("The lesson", "课程"), keys::KEYS, *scroll, body, buf);
    }
    if area.width >= WIDE {
        let [left, gap, right] = horizontal![== PROSE, == 3, >= 1].areas(body);
        rule(theme, gap, buf);
        page::render(screen, Rect { x: left.x + 1, width: left.width - 1, ..left }, buf);
        return side(&view, right, buf);
    }
    // When the kernel is asked, or has answered, its doings need more room.
    let panels = match screen.kind() {
        PageKind::Answer => 10,
        PageKind::Held | PageKind::Played => 12,
        _ => 8,
    };
    // What is open, or looked at, must be visible.
    let opened = matches!(view.overlay, Overlay::Breakpoints { .. } | Overlay::Prompt(_)) || view.track.is_some();
    let rows = match screen.bench_first {
        true => body.height / 3,
        // There is hardly room for one of the two.
        false if body.height < 17 && opened => body.height / 2,
        false if body.height < 17 => body.height - 1,
        false => body.height.saturating_sub(panels),
    };
    let [upper, lower] = vertical![== rows, >= 1].areas(body);
    page::render(screen, Rect { x: upper.x + 1, width: upper.width - 2, ..upper }, buf);
    if lower.height > 1 {
        side(&view, lower, buf);
    } else {
        let hint = lang.of(" Tab: what the server does", " Tab 看服务器在做什么");
        title(theme, lang.of("Server", "服务器"), vec![Span::styled(hint, theme.label)], lower, buf);
    }
}

fn side(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    match view.overlay.breakpoint_row() {
        Some(row) => breakpoints::render(view.breakpoints, row, view.theme, view.lang, area, buf),
        None => bench(view, area, buf),
    }
}

fn heading(screen: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    let (at, of) = (screen.step(), screen.lesson.steps.len());
    let step = match screen.page {
        Page::Intro => lang.of("before the first step", "开始之前").to_owned(),
        Page::Task => lang.of("your turn", "轮到你了").to_owned(),
        Page::Over => lang.of("all steps taken", "已学完").to_owned(),
        _ => words!(lang, "step {} of {of}", "第 {}/{of} 节", at + 1),
    };
    let (number, all) = screen.number;
    let place = words!(lang, " Lesson {number}/{all} ", " 第 {number}/{all} 课 ");
    let mut line = vec![
        Span::styled(place, theme.label),
        Span::styled(format!(" {} ", screen.lesson.prose(lang).title), theme.title),
    ];
    if screen.navigator.cursor.is_past() && screen.page != Page::Played {
        // The state comes before the title, which may be long.
        line.splice(1..1, [Span::raw(" "), header::standing(&screen.bench()), Span::raw("  ")]);
        return put(area, 0, line, buf);
    }
    line.push(Span::styled(format!("  {step} "), theme.marker));
    let dots: String = (0..of)
        .map(|i| match screen.page {
            Page::Task | Page::Over => "●",
            Page::Answer if i <= at => "●",
            _ if i < at => "●",
            Page::Ask | Page::Played if i == at => "◉",
            _ => "○",
        })
        .collect();
    line.push(Span::styled(dots, theme.marker));
    if let Some(session) = screen.run.play().server_scene().map(ServerScene::session) {
        let badge = theme.badge(session.policy().trigger, lang);
        // Left out rather than cut.
        if line.iter().map(Span::width).sum::<usize>() + 2 + badge.width() <= usize::from(area.width) {
            line.extend([Span::raw("  "), badge]);
        }
    }
    put(area, 0, line, buf);
}

fn footer(screen: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang, navigator) = (&screen.theme, screen.lang, &screen.navigator);
    if let Some(line) = &screen.line {
        return typing(screen, line, area, buf);
    }
    let spreads = matches!(navigator.overlay, Overlay::None);
    if let Some(notice) = &navigator.notice
        && word(theme, notice, spreads, area, buf)
    {
        return;
    }
    let [first, second] = vertical![== 1; 2].areas(area);
    if opened(&navigator.overlay, screen.run.play().timeline(), theme, lang, first, buf) {
        return;
    }
    let has_notice = navigator.notice.is_some();
    if navigator.cursor.is_past() && screen.page != Page::Played {
        hint(theme, lang, PAST, first, buf);
        if area.width < WIDE && !has_notice {
            hint(theme, lang, PAST_SMALL, second, buf);
        }
        return;
    }
    let keys = keys::shown_on(screen.kind()).map(|binding| {
        // The number of choices differs.
        let shown =
            if binding.shown == "1–" { format!("1–{}", screen.choices()) } else { binding.shown.to_owned() };
        (shown, lang.pick(binding.short).to_owned())
    });
    // A message takes the place of the second row of keys.
    rows(theme, keys, if has_notice { first } else { area }, buf);
}

/// Shows a message in the second row. If `spreads`, a long one takes both rows, and the keys are left out until the
/// next key; returns whether it does.
pub(super) fn word(theme: &Theme, notice: &Notice, spreads: bool, area: Rect, buf: &mut Buffer) -> bool {
    let style = notice.style(theme);
    let mut lines = wrap(&notice.text, usize::from(area.width).saturating_sub(3));
    let spreads = spreads && lines.len() > 1;
    if !spreads {
        lines = vec![String::new(), notice.text.clone()];
    } else if lines.len() > usize::from(area.height) {
        lines.truncate(usize::from(area.height));
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    for (y, line) in (0..area.height).zip(lines).filter(|(_, line)| !line.is_empty()) {
        put(area, y, vec![Span::raw(" "), Span::styled(line, style)], buf);
    }
    spreads
}

fn typing(screen: &LessonScreen, input: &Input, area: Rect, buf: &mut Buffer) {
    let theme = &screen.theme;
    typed(Span::styled(" lab> ", theme.marker), (input, theme.title), 0, theme, area, buf);
    let hint = screen.lang.of(" Enter runs it   Esc back to the lesson", " Enter 执行   Esc 回到课程");
    put(area, 1, vec![Span::styled(hint, theme.value)], buf);
}
