//! Draws the list of lessons: groups, how long each takes, how it stands, which comes next, and more on the selected one.

use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Rect, Span, Style};
use unicode_width::UnicodeWidthStr as _;

use super::keys::{PageKind, shown_on};
use super::list::LessonList;
use super::screen::Desk;
use super::view::word;
use crate::i18n::{Both, Lang, words};
use crate::lesson::{Lesson, recommended};
use crate::tui::escape::fit;
use crate::tui::widgets::footer::rows;
use crate::tui::widgets::{is_too_small, padded, put, typed};

/// The columns of a row: the pointer and the number, the minutes, what it needs, how it stands.
const NUMBER: usize = 6;
const MINUTES: usize = 8;
const NEEDS: usize = 22;
const STANDING: usize = 22;
/// From this width on, a row has room for what the lesson needs.
const WIDE: u16 = 104;

enum Row {
    Heading(Both),
    Lesson(usize),
}

pub(super) fn render(list: &LessonList, area: Rect, buf: &mut Buffer) {
    let (desk, lang) = (&*list.desk.borrow(), list.lang);
    let theme = &desk.theme;
    if is_too_small(theme, lang, area, buf) {
        return;
    }
    let [top, body, bottom] = vertical![== 1, >= 1, == 2].areas(area);
    let listed = list.listed(desk);
    let (at, all) = (desk.row + 1, desk.lessons.len());
    let title = words!(lang, " Lessons   {at} of {all}", " 课程表   第 {at} 课，共 {all} 课");
    let check = lang.of("  12 questions: epollscope lesson check", "  12 题测验：epollscope lesson check");
    put(top, 0, vec![Span::styled(title, theme.title), Span::styled(check, theme.label)], buf);
    beyond(lessons(desk, &listed, list.search.is_some(), lang, body, buf), desk, lang, top, buf);
    let notice = desk.navigator.notice.as_ref();
    if notice.is_some_and(|notice| word(theme, notice, true, bottom, buf)) {
        return;
    }
    let [info, keys] = vertical![== 1; 2].areas(bottom);
    if let Some(input) = &list.search {
        let label = Span::styled(lang.of(" search: ", " 搜索："), theme.label);
        typed(label, (input, theme.title), 0, theme, info, buf);
        let n = listed.len();
        let s = if n == 1 { "" } else { "s" };
        let hint = words!(
            lang,
            " {n} lesson{s}   ↑ ↓ choose   Enter take it   Esc all lessons",
            " {n} 课   ↑ ↓ 选择   Enter 开始   Esc 全部课程"
        );
        return put(keys, 0, vec![Span::styled(hint, theme.value)], buf);
    }
    if let (None, Some(lesson)) = (notice, desk.lessons.get(desk.row)) {
        put(info, 0, vec![Span::styled(about(lesson, desk, lang), theme.label)], buf);
    }
    let shown = shown_on(PageKind::List).map(|key| (key.shown.to_owned(), lang.pick(key.short).to_owned()));
    // A message stands in the last row.
    rows(theme, shown, if notice.is_some() { info } else { keys }, buf);
}

/// What the selected lesson has, and what to take before.
fn about(lesson: &Lesson, desk: &Desk, lang: Lang) -> String {
    let (minutes, questions) = (lesson.minutes(), lesson.questions());
    let s = if questions == 1 { "" } else { "s" };
    let mut about =
        words!(lang, " about {minutes} minutes, {questions} prediction{s}", " 约 {minutes} 分钟，{questions} 次预测");
    if lesson.task.is_some() {
        about += lang.of(", a task", "，一个任务");
    }
    let named = |id: &String| {
        let lesson = desk.lessons.iter().find(|lesson| lesson.id == *id)?;
        let (number, title) = (lesson.number().trim_start_matches('0'), &lesson.prose(lang).title);
        let done = if desk.progress.of(id).is_some_and(crate::lesson::Standing::is_done) { " ✓" } else { "" };
        Some(format!("{number} {title}{done}"))
    };
    let needs: Vec<String> = lesson.needs.iter().filter_map(named).collect();
    if !needs.is_empty() {
        let needs = needs.join(lang.of(", ", "、"));
        about += &words!(lang, "; take first: {needs}", "；先学：{needs}");
    }
    about
}

/// Draws the rows; returns how many lessons are above and below them.
fn lessons(desk: &Desk, listed: &[usize], flat: bool, lang: Lang, area: Rect, buf: &mut Buffer) -> [usize; 2] {
    let mut all: Vec<Row> = Vec::new();
    let mut group = None;
    for i in listed {
        let its = desk.lessons[*i].group.filter(|_| !flat);
        all.extend(its.filter(|_| its != group).map(Row::Heading));
        group = its;
        all.push(Row::Lesson(*i));
    }
    let rows = usize::from(area.height);
    let here = all.iter().position(|row| matches!(row, Row::Lesson(i) if *i == desk.row)).unwrap_or(0);
    let first = here.saturating_sub(rows / 2).min(all.len().saturating_sub(rows));
    let next = recommended(&desk.lessons, &desk.progress);
    for (y, row) in (0..area.height).zip(&all[first..]) {
        match row {
            Row::Heading(heading) => {
                let line = vec![Span::raw(" ".repeat(NUMBER)), Span::styled(lang.pick(*heading), desk.theme.title)];
                put(area, y, line, buf);
            }
            Row::Lesson(i) => one(desk, *i, next == Some(*i), lang, Rect { y: area.y + y, height: 1, ..area }, buf),
        }
    }
    let lessons = |rows: &[Row]| rows.iter().filter(|row| matches!(row, Row::Lesson(_))).count();
    [lessons(&all[..first]), lessons(&all[(first + rows).min(all.len())..])]
}

fn one(desk: &Desk, i: usize, is_next: bool, lang: Lang, area: Rect, buf: &mut Buffer) {
    let (theme, lesson, selected) = (&desk.theme, &desk.lessons[i], i == desk.row);
    let style = |style: Style| if selected { style.patch(theme.selected) } else { style };
    if selected {
        buf.set_style(area, theme.selected);
    }
    let (needs, ready) = lesson.needs(&desk.progress);
    let needs = match &*needs {
        _ if area.width < WIDE => None,
        "" => Some(String::new()),
        needs => Some(words!(lang, "needs {needs}", "需要 {needs}")),
    };
    let room =
        usize::from(area.width).saturating_sub(NUMBER + MINUTES + STANDING + needs.as_ref().map_or(0, |_| NEEDS));
    let minutes = lesson.minutes();
    let minutes = words!(lang, "{minutes} min", "{minutes} 分钟");
    let pointer = if selected { "▶ " } else { "  " };
    let mut line = vec![
        Span::styled(pointer, style(theme.marker)),
        Span::styled(format!("{}  ", lesson.number()), style(theme.label)),
        Span::styled(padded(&fit(&lesson.prose(lang).title, room.saturating_sub(1)), room), style(theme.value)),
        Span::styled(padded(&minutes, MINUTES), style(theme.label)),
    ];
    if let Some(needs) = needs {
        let its = if ready { theme.label } else { theme.notice };
        line.push(Span::styled(padded(&fit(&needs, NEEDS - 1), NEEDS), style(its)));
    }
    if let Some(standing) = desk.progress.of(&lesson.id) {
        line.push(Span::styled(standing.words(lang) + " ", style(theme.good)));
    }
    if is_next {
        line.push(Span::styled(lang.of("← next", "← 下一课"), style(theme.marker)));
    }
    put(area, 0, line, buf);
}

/// How many lessons are not to be seen, on the right of the first line.
fn beyond(hidden: [usize; 2], desk: &Desk, lang: Lang, top: Rect, buf: &mut Buffer) {
    let beyond: String = ["↑", "↓"]
        .into_iter()
        .zip(hidden)
        .filter(|(_, n)| *n > 0)
        .map(|(sign, n)| words!(lang, "{sign} {n} more  ", "{sign} 还有 {n} 课  "))
        .collect();
    let width = u16::try_from(beyond.width()).unwrap_or(0).min(top.width);
    let right = Rect { x: top.right() - width, width, ..top };
    put(right, 0, vec![Span::styled(beyond, desk.theme.label)], buf);
}
