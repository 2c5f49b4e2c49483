//! The list of lessons, with the progress: its state, its keys, and how it is drawn.

use std::cell::RefCell;
use std::rc::Rc;

use crossterm::event::{Event, KeyEvent};
use ratatui::macros::vertical;
use ratatui::prelude::{Buffer, Rect, Span, Style};
use unicode_width::UnicodeWidthStr as _;

use super::keys::{self, Action, PageKind, shown_on};
use super::panels::Panels;
use super::screen::{Desk, LessonScreen, SharedDesk, warn};
use super::view::word;
use crate::i18n::{Lang, words};
use crate::lesson::{Lesson, Progress};
use crate::server::listing::Language;
use crate::tui::keymap::binding::Listed;
use crate::tui::navigator::Notice;
use crate::tui::widgets::footer::rows;
use crate::tui::widgets::{is_too_small, padded, put};
use crate::tui::{Navigator, Next, Screen, Theme};

/// The list of lessons; an open lesson is pushed on top of it.
pub struct LessonList {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
}

impl LessonList {
    pub fn new(lessons: Vec<Rc<Lesson>>, progress: Progress, theme: Theme, lang: Lang) -> Self {
        let navigator = Navigator::new(lang);
        let desk = Desk { lessons, progress, row: 0, theme, navigator, bench_first: false, panels: Panels::default() };
        Self { desk: Rc::new(RefCell::new(desk)), lang }
    }

    /// Shows servers' code in this language.
    pub fn prefer(&mut self, code: Language) {
        self.desk.borrow_mut().panels.language = code;
    }

    /// Selects and opens the lesson of this id; if that fails, the list says why.
    pub fn take(&mut self, id: &str) -> Option<LessonScreen> {
        let row = self.desk.borrow().lessons.iter().position(|lesson| lesson.id == id)?;
        self.desk.borrow_mut().row = row;
        self.open()
    }

    fn open(&mut self) -> Option<LessonScreen> {
        let opened = LessonScreen::open(Rc::clone(&self.desk), self.lang);
        opened.map_err(|trouble| warn(&mut self.desk.borrow_mut().navigator, &trouble, self.lang)).ok()
    }

    pub(super) fn key(&mut self, key: &KeyEvent) -> Next {
        let mut desk = self.desk.borrow_mut();
        desk.navigator.attend();
        let Some(action) = keys::action(key) else { return Next::Stay };
        let (row, last) = (desk.row, desk.lessons.len().saturating_sub(1));
        desk.row = match action {
            Action::Up => row.saturating_sub(1),
            Action::Down => (row + 1).min(last),
            Action::PageUp => row.saturating_sub(10),
            Action::PageDown => (row + 10).min(last),
            _ => row,
        };
        match action {
            Action::Quit => return Next::Quit,
            Action::Save => return Next::Save,
            Action::Projector => desk.theme = desk.theme.projected(!desk.theme.projector),
            Action::Swap => desk.bench_first = !desk.bench_first,
            Action::Go if !desk.lessons.is_empty() => {
                drop(desk);
                return self.open().map_or(Next::Stay, |lesson| Next::Push(Box::new(lesson)));
            }
            _ => {}
        }
        Next::Stay
    }
}

impl Screen for LessonList {
    fn render(&self, area: Rect, buf: &mut Buffer) {
        render(self, area, buf);
    }

    fn keys(&self) -> Vec<Listed> {
        let keys = shown_on(PageKind::List).filter_map(|binding| {
            Some(Listed { code: *binding.codes.first()?, shown: binding.shown.to_owned(), says: binding.short })
        });
        keys.collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.desk.borrow().theme.clone(), self.lang)
    }

    fn tell(&mut self, notice: Notice) {
        self.desk.borrow_mut().navigator.notice = Some(notice);
    }

    fn input(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) => self.key(key),
            _ => Next::Stay,
        }
    }
}

fn render(list: &LessonList, area: Rect, buf: &mut Buffer) {
    let (desk, lang) = (&*list.desk.borrow(), list.lang);
    if is_too_small(&desk.theme, lang, area, buf) {
        return;
    }
    let [top, body, bottom] = vertical![== 1, >= 1, == 2].areas(area);
    let (at, all) = (desk.row + 1, desk.lessons.len());
    let title = words!(lang, " Lessons   {at} of {all}", " 课程表   第 {at} 课，共 {all} 课");
    put(top, 0, vec![Span::styled(title, desk.theme.title)], buf);
    let first = lessons(desk, lang, body, buf);
    let below = all.saturating_sub(first + usize::from(body.height));
    let beyond: String = [("↑", first), ("↓", below)]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(sign, n)| words!(lang, "{sign} {n} more  ", "{sign} 还有 {n} 课  "))
        .collect();
    let width = u16::try_from(beyond.width()).unwrap_or(0).min(top.width);
    let right = Rect { x: top.right() - width, width, ..top };
    put(right, 0, vec![Span::styled(beyond, desk.theme.label)], buf);
    let notice = desk.navigator.notice.as_ref();
    if notice.is_some_and(|notice| word(&desk.theme, notice, true, bottom, buf)) {
        return;
    }
    let keys = shown_on(PageKind::List).map(|binding| (binding.shown.to_owned(), lang.pick(binding.short).to_owned()));
    let rows_left = if notice.is_some() { 1 } else { bottom.height };
    rows(&desk.theme, keys, Rect { height: rows_left, ..bottom }, buf);
}

fn lessons(desk: &Desk, lang: Lang, area: Rect, buf: &mut Buffer) -> usize {
    let theme = &desk.theme;
    let rows = usize::from(area.height);
    let first = desk.row.saturating_sub(rows.saturating_sub(2)).min(desk.lessons.len().saturating_sub(rows));
    for (y, (i, lesson)) in (0..area.height).zip(desk.lessons.iter().enumerate().skip(first)) {
        let selected = i == desk.row;
        let style = |style: Style| if selected { style.patch(theme.selected) } else { style };
        if selected {
            buf.set_style(Rect { y: area.y + y, height: 1, ..area }, theme.selected);
        }
        let standing = match desk.progress.of(&lesson.id) {
            Some(standing) if standing.task && standing.right < standing.predicted => {
                let (right, of) = (standing.right, standing.predicted);
                words!(lang, "✓ {right} of {of} predicted, task", "{right}/{of} 正确，任务完成")
            }
            Some(standing) if standing.task => lang.of("✓ done, task too", "✓ 完成，任务也完成").to_owned(),
            Some(standing) if standing.is_done() && standing.right < standing.predicted => {
                let (right, of) = (standing.right, standing.predicted);
                words!(lang, "✓ {right} of {of} predicted", "{right}/{of} 正确")
            }
            Some(standing) if standing.is_done() => lang.of("✓ done", "✓ 完成").to_owned(),
            Some(standing) => format!("… {}/{}", standing.steps, standing.of),
            None => String::new(),
        };
        let number = lesson.id.split('-').next().unwrap_or_default();
        let title = lesson.prose(lang).title.clone();
        let pointer = if selected { "▶ " } else { "  " };
        let room = usize::from(area.width).saturating_sub(30);
        let line = vec![
            Span::styled(pointer, style(theme.marker)),
            Span::styled(format!("{number}  "), style(theme.label)),
            Span::styled(padded(&title, room), style(theme.value)),
            Span::styled(standing, style(theme.good)),
        ];
        put(area, y, line, buf);
    }
    first
}
