//! A lesson being taken: the page, what was predicted, and the scene. Nothing here draws.

use std::rc::Rc;

use tui_input::Input;

use super::bench;
use super::desk::SharedDesk;
use super::keys::{Page, PageKind};
use crate::i18n::Lang;
use crate::lesson::{Answered, Lesson, LessonRun, Question, Said, Standing, Trouble};
use crate::record::Record;
use crate::script::{Reader, Value};
use crate::tui::stack::Next;
use crate::tui::widgets::View;
use crate::tui::{Navigator, Theme};

/// A lesson being taken.
pub struct LessonScreen {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    /// What the learner looks at of what the scene has done.
    pub(super) navigator: Navigator,
    pub(super) bench_first: bool,
    pub(super) lesson: Rc<Lesson>,
    /// Which of how many lessons it is, from 1.
    pub(super) number: (usize, usize),
    pub(super) run: LessonRun,
    pub(super) page: Page,
    /// The choice that is selected.
    pub(super) choice: Option<usize>,
    /// The number that is predicted.
    pub(super) input: Input,
    /// The line for the lab that is being typed.
    pub(super) line: Option<Input>,
    pub(super) hint: bool,
    /// Lines of prose that have gone out of sight.
    pub(super) scroll: u16,
    pub(super) predicted: Option<Value>,
    pub(super) answered: Option<Answered>,
    pub(super) standing: Standing,
    /// Lines typed after the last step, with what they came to.
    pub(super) typed: Vec<Said>,
    pub(super) reader: Option<Reader>,
    /// Records for a recording, that nobody has taken in yet.
    pub(super) news: Vec<Record>,
    /// What the key that is dealt with leads to.
    pub(super) next: Next,
}

impl LessonScreen {
    /// Opens the lesson that is selected, before its first step.
    pub(super) fn open(desk: SharedDesk, lang: Lang) -> Result<Self, Trouble> {
        let (lesson, number) = selected(&desk);
        let run = LessonRun::open(Rc::clone(&lesson), lang)?;
        let (theme, navigator, bench_first) = {
            let mut desk = desk.borrow_mut();
            let navigator = std::mem::replace(&mut desk.navigator, Navigator::new(lang));
            (desk.theme.clone(), navigator, desk.bench_first)
        };
        let mut screen = Self {
            desk,
            lang,
            theme,
            navigator,
            bench_first,
            standing: standing(&lesson),
            lesson,
            number,
            run,
            page: Page::Intro,
            choice: None,
            input: Input::default(),
            line: None,
            hint: false,
            scroll: 0,
            predicted: None,
            answered: None,
            typed: Vec::new(),
            reader: None,
            news: Vec::new(),
            next: Next::Stay,
        };
        screen.turn_to(Page::Intro);
        Ok(screen)
    }

    /// Goes on with the lesson that is selected now.
    pub(super) fn begin(&mut self) {
        self.gather();
        (self.lesson, self.number) = selected(&self.desk);
        self.standing = standing(&self.lesson);
        match LessonRun::open(Rc::clone(&self.lesson), self.lang) {
            Ok(run) => {
                self.run = run;
                self.turn_to(Page::Intro);
            }
            Err(trouble) => self.in_trouble(&trouble),
        }
    }

    /// Keeps what has happened for a recording, before the scene goes.
    pub(super) fn gather(&mut self) {
        self.news.extend(self.run.news());
    }

    /// The step that the page is about.
    pub(super) fn step(&self) -> usize {
        let played = self.run.played();
        if self.page == Page::Answer { played.saturating_sub(1) } else { played }
    }

    /// The question of that step.
    pub(super) fn question(&self) -> Option<&Question> {
        self.lesson.steps.get(self.step())?.question.as_ref()
    }

    /// How many choices that question has.
    pub(super) fn choices(&self) -> usize {
        self.question().map_or(0, |question| question.choices.len())
    }

    /// The kind of the page, as far as its keys differ.
    pub(super) fn kind(&self) -> PageKind {
        match self.run.held() {
            Some(_) => PageKind::Held,
            None => self.page.kind(self.question().map(|question| question.number)),
        }
    }

    /// The workbench as the scene stands, or as it stood at the moment that is looked at.
    pub fn bench(&self) -> View<'_> {
        bench::of(self.run.play(), &self.navigator, &self.theme, self.lang)
    }
}

/// The lesson that is selected, and which of how many it is, from 1.
fn selected(desk: &SharedDesk) -> (Rc<Lesson>, (usize, usize)) {
    let desk = desk.borrow();
    (Rc::clone(&desk.lessons[desk.row]), (desk.row + 1, desk.lessons.len()))
}

/// Nothing of `lesson` has been done yet.
fn standing(lesson: &Lesson) -> Standing {
    Standing { of: lesson.steps.len(), ..Standing::default() }
}
