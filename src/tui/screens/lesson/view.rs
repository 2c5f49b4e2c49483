//! A lesson: its prose on one side, the workbench on the other; or the list of all.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

use super::keys;
use super::keys::Page;
use super::page;
use super::screen::LessonScreen;
use crate::i18n::{Both, words};
use crate::script::ServerScene;
use crate::tui::navigator::Mode;
use crate::tui::widgets::cells::put;
use crate::tui::widgets::footer::{hint, opened, rows};
use crate::tui::widgets::help::{self, Section};
use crate::tui::widgets::layout::{bench, is_too_small};
use crate::tui::widgets::rules::{rule, title};
use crate::tui::widgets::text::{padded, wrap};
use crate::tui::widgets::{View, header, stops};

/// From this width on the workbench stands beside the prose.
const WIDE: u16 = 110;
/// Cells of prose on a wide screen.
const PROSE: u16 = 47;

/// The keys while the past is looked at: the arrows are the lesson's own.
const PAST: Both = (
    ", . by calls  [ ] waits  { } findings  / search  : number  > play  End now",
    ", . 按调用   [ ] 按等待   { } 发现   / 搜索   : 编号   > 播放   End 现在",
);

/// What else there is on a small screen.
const PAST_SMALL: Both =
    ("Tab more room for the server  Esc now  ? all keys", "Tab 给服务器更多空间   Esc 现在   ? 全部按键");

pub(crate) fn render(room: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    if is_too_small(theme, lang, area, buf) {
        return;
    }
    let [top, body, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(2)]).areas(area);
    heading(room, top, buf);
    footer(room, bottom, buf);
    match room.bench() {
        None => list(room, body, buf),
        Some(_) if room.page == Page::List => list(room, body, buf),
        Some(View { mode: Mode::Help { scroll }, .. }) => {
            let own = Section::new(("The lesson", "课程"), keys::helped());
            help::render(theme, lang, [&[own], &[Section::past(keys::is_own)]], *scroll, body, buf);
        }
        Some(view) if area.width >= WIDE => {
            let [left, gap, right] =
                Layout::horizontal([Constraint::Length(PROSE), Constraint::Length(3), Constraint::Min(1)]).areas(body);
            rule(theme, gap, buf);
            page::render(room, Rect { x: left.x + 1, width: left.width - 1, ..left }, buf);
            beside(&view, right, buf);
        }
        Some(view) => {
            // What the kernel did wants more room once it has been asked, or is being asked.
            let panels = match room.kind() {
                keys::Kind::Annotation => 10,
                keys::Kind::Held => 12,
                _ => 8,
            };
            // What is opened, or looked at, is in sight.
            let opened = matches!(view.mode, Mode::Breakpoints { .. } | Mode::Prompt(_)) || view.place.is_some();
            let rows = match room.bench_first {
                true => body.height / 3,
                // Hardly room for one of the two.
                false if body.height < 17 && opened => body.height / 2,
                false if body.height < 17 => body.height - 1,
                false => body.height.saturating_sub(panels),
            };
            let [upper, lower] = Layout::vertical([Constraint::Length(rows), Constraint::Min(1)]).areas(body);
            page::render(room, Rect { x: upper.x + 1, width: upper.width - 2, ..upper }, buf);
            if lower.height > 1 {
                beside(&view, lower, buf);
            } else {
                let hint = lang.of(" Tab: what the server does", " Tab：看服务器在做什么");
                title(theme, lang.of("Server", "服务器"), vec![Span::styled(hint, theme.label)], lower, buf);
            }
        }
    }
}

/// The workbench, or what is opened over it.
fn beside(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    match view.mode.breakpoint_row() {
        Some(row) => stops::render(view.stops, row, view.theme, view.lang, area, buf),
        None => bench(view, area, buf),
    }
}

fn heading(room: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    let Some(lesson) = room.lesson().filter(|_| room.page != Page::List) else {
        let (at, all) = (room.row + 1, room.lessons.len());
        let title = words!(lang, " Lessons   {at} of {all}", " 课程表   第 {at} 课，共 {all} 课");
        return put(area, 0, vec![Span::styled(title, theme.title)], buf);
    };
    let (at, of) = (room.step(), lesson.steps.len());
    let step = match room.page {
        Page::Intro => lang.of("before the first step", "第一步之前").to_owned(),
        Page::Over => lang.of("all steps taken", "已走完").to_owned(),
        _ => words!(lang, "step {} of {of}", "第 {} 步，共 {of} 步", at + 1),
    };
    let (number, all) = (room.row + 1, room.lessons.len());
    let place = words!(lang, " Lesson {number}/{all} ", " 第 {number}/{all} 课 ");
    let mut line =
        vec![Span::styled(place, theme.label), Span::styled(format!(" {} ", lesson.prose(lang).title), theme.title)];
    if let Some(view) = room.bench().filter(View::is_past) {
        // A long title gives way.
        line.splice(1..1, [Span::raw(" "), header::standing(&view), Span::raw("  ")]);
        return put(area, 0, line, buf);
    }
    line.push(Span::styled(format!("  {step} "), theme.marker));
    let dots: String = (0..of)
        .map(|i| match room.page {
            Page::Over => "●",
            Page::Annotation if i <= at => "●",
            _ if i < at => "●",
            Page::Ask if i == at => "◉",
            _ => "○",
        })
        .collect();
    line.push(Span::styled(dots, theme.marker));
    if let Some(session) =
        room.session.as_ref().and_then(|session| session.play().server_scene()).map(ServerScene::session)
    {
        let badge = theme.badge(session.policy().trigger);
        // Half a word would be worse than none.
        if line.iter().map(Span::width).sum::<usize>() + 2 + badge.width() <= usize::from(area.width) {
            line.extend([Span::raw("  "), badge]);
        }
    }
    put(area, 0, line, buf);
}

fn footer(room: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    if let Some(line) = &room.line {
        return typing(room, line, area, buf);
    }
    let [first, second] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
    if let Some(notice) = &room.navigator.notice {
        let style = if notice.alert { theme.alert } else { theme.notice };
        let mut lines = wrap(&notice.text, usize::from(area.width).saturating_sub(3));
        // A long one takes the place of the keys, until the next of them; an answer that is typed stays in sight.
        let spreads = lines.len() > 1 && matches!(room.navigator.mode, Mode::Screen);
        if lines.len() > usize::from(area.height) {
            lines.truncate(usize::from(area.height));
            if let Some(last) = lines.last_mut() {
                last.push_str(" …");
            }
        }
        let (rows, lines) = if spreads { (area, lines) } else { (second, vec![notice.text.clone()]) };
        for (y, line) in (0..rows.height).zip(lines) {
            put(rows, y, vec![Span::raw(" "), Span::styled(line, style)], buf);
        }
        if spreads {
            return;
        }
    }
    let timeline = room.session.as_ref().map(|session| session.play().timeline());
    if timeline.is_some_and(|timeline| opened(&room.navigator.mode, timeline, theme, lang, first, buf)) {
        return;
    }
    let has_notice = room.navigator.notice.is_some();
    if room.navigator.cursor.is_past() {
        hint(theme, lang, PAST, first, buf);
        if area.width < WIDE && !has_notice {
            hint(theme, lang, PAST_SMALL, second, buf);
        }
        return;
    }
    let keys = keys::shown_on(room.kind()).map(|binding| {
        // So many choices as there are.
        let shown = if binding.shown == "1–" { format!("1–{}", room.choices()) } else { binding.shown.to_owned() };
        (shown, lang.pick(binding.short).to_owned())
    });
    // A word to the learner comes before the keys that are not of this page alone.
    rows(theme, keys, if has_notice { first } else { area }, buf);
}

fn typing(room: &LessonScreen, input: &Input, area: Rect, buf: &mut Buffer) {
    let theme = &room.theme;
    let label = " lab> ";
    let value = input.value();
    put(area, 0, vec![Span::styled(label, theme.marker), Span::styled(value.to_owned(), theme.title)], buf);
    let x = area.x + u16::try_from(label.width() + input.visual_cursor()).unwrap_or(u16::MAX);
    if x < area.right() {
        buf.set_style(Rect { x, width: 1, height: 1, ..area }, Style::new().add_modifier(Modifier::REVERSED));
    }
    let hint = room.lang.of(" Enter does it   Esc back to the lesson", " 回车执行   Esc 回到课程");
    put(area, 1, vec![Span::styled(hint, theme.value)], buf);
}

/// All lessons, with how far each was taken.
fn list(room: &LessonScreen, area: Rect, buf: &mut Buffer) {
    let (theme, lang) = (&room.theme, room.lang);
    let rows = usize::from(area.height);
    let first = room.row.saturating_sub(rows.saturating_sub(2)).min(room.lessons.len().saturating_sub(rows));
    for (y, (i, lesson)) in (0..area.height).zip(room.lessons.iter().enumerate().skip(first)) {
        let selected = i == room.row;
        let style = |style: Style| if selected { style.patch(theme.selected) } else { style };
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let standing = match room.progress.of(&lesson.id) {
            Some(standing) if standing.is_done() && standing.right < standing.predicted => {
                let (right, of) = (standing.right, standing.predicted);
                words!(lang, "✓ {right} of {of} predicted", "✓ 预测对 {right}/{of}")
            }
            Some(standing) if standing.is_done() => lang.of("✓ done", "✓ 完成").to_owned(),
            Some(standing) => format!("… {}/{}", standing.steps, standing.of),
            None => String::new(),
        };
        let number = lesson.id.split('-').next().unwrap_or_default();
        let title = lesson.prose(lang).title.clone();
        let pointer = if selected { "▶ " } else { "  " };
        let room_left = usize::from(area.width).saturating_sub(30);
        put(
            area,
            y,
            vec![
                Span::styled(pointer, style(theme.marker)),
                Span::styled(format!("{number}  "), style(theme.label)),
                Span::styled(padded(&title, room_left), style(theme.value)),
                Span::styled(standing, style(theme.good)),
            ],
            buf,
        );
    }
}
