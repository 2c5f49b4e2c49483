//! Draws an open lesson: its prose on one side, the workbench on the other.

use ratatui::macros::{horizontal, vertical};
use ratatui::prelude::{Buffer, Rect, Span};
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

use super::keys::{self, Page, PageKind};
use super::{page, screen::LessonScreen};
use crate::i18n::{Both, words};
use crate::tui::Theme;
use crate::tui::escape::fit;
use crate::tui::navigator::{Notice, Overlay};
use crate::tui::widgets::footer::{hint, opened, rows};
use crate::tui::widgets::layout::bench;
use crate::tui::widgets::{
    CallsView, View, breakpoints, header, help, is_too_small, put, rule, script, title, typed, wrap,
};

/// From this width on, the workbench stands beside the prose.
const WIDE: u16 = 110;
const PROSE: u16 = 47;
/// From this width on, there is room for longer lines of prose.
const VERY_WIDE: u16 = 160;
const LONG_PROSE: u16 = 66;

/// From this height on, the script of a lab has a panel of its own.
const TALL: u16 = 26;
const SCRIPT: u16 = 9;

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
        let prose = if area.width >= VERY_WIDE { LONG_PROSE } else { PROSE };
        let [left, gap, right] = horizontal![== prose, == 3, >= 1].areas(body);
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
        true => body.height / 4,
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
    if let Some(row) = view.overlay.breakpoint_row() {
        return breakpoints::render(view.breakpoints, row, view.theme, view.lang, area, buf);
    }
    let has_script = view.by_hand && view.calls != CallsView::Code && !view.script.is_empty();
    let rows = if has_script && area.height >= TALL { SCRIPT } else { 0 };
    let [own, area] = vertical![== rows, >= 1].areas(area);
    if rows > 0 {
        script::render(view, own, buf);
    }
    bench(view, area, buf);
}

/// The place, the title, the step, and the trigger of the server. If room is short, words go, then the title's end.
fn heading(screen: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&screen.theme, screen.lang);
    let (at, of) = (screen.step(), screen.lesson.steps.len());
    let (number, all) = screen.number;
    let place = words!(lang, " Lesson {number}/{all} ", " 第 {number}/{all} 课 ");
    let title = format!(" {} ", screen.lesson.prose(lang).title);
    if screen.navigator.cursor.is_past() && screen.page != Page::Played {
        // The state comes before the title, which may be long.
        let view = screen.bench();
        let mut line = vec![Span::styled(place, theme.label), Span::raw(" "), header::standing(&view), Span::raw("  ")];
        if let Some(trigger) = view.trigger().filter(|_| !view.by_hand) {
            line.extend([theme.badge(trigger, lang), Span::raw(" ")]);
        }
        line.push(Span::styled(title, theme.title));
        return put(area, 0, line, buf);
    }
    let step = match screen.page {
        Page::Intro => lang.of("before step 1", "开始之前").to_owned(),
        Page::Task => lang.of("your turn", "轮到你了").to_owned(),
        Page::Over => lang.of("all steps taken", "已学完").to_owned(),
        _ => words!(lang, "step {} of {of}", "第 {}/{of} 节", at + 1),
    };
    let dots: String = (0..of)
        .map(|i| match screen.page {
            Page::Task | Page::Over => "●",
            Page::Answer if i <= at => "●",
            _ if i < at => "●",
            Page::Ask | Page::Played if i == at => "◉",
            _ => "○",
        })
        .collect();
    let trigger = screen.run.play().server_scene().map(|scene| scene.session().policy().trigger);
    let badge = trigger.map(|trigger| theme.badge(trigger, lang));
    let room = usize::from(area.width).saturating_sub(badge.as_ref().map_or(0, |badge| 2 + badge.width()));
    let (short, all, few) = (format!(" {number} "), format!("  {step} {dots}"), format!("  {dots}"));
    let fits = |(place, after): &(&String, &String)| place.width() + title.width() + after.width() <= room;
    let (place, after) =
        [(&place, &all), (&short, &all), (&short, &few)].into_iter().find(fits).unwrap_or((&short, &few));
    let title = fit(&title, room.saturating_sub(place.width() + after.width()));
    let mut line = vec![
        Span::styled(&**place, theme.label),
        Span::styled(title, theme.title),
        Span::styled(&**after, theme.marker),
    ];
    if let Some(badge) = badge {
        line.extend([Span::raw("  "), badge]);
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
