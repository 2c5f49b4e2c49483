//! The state of an open lesson. Nothing here draws.

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

/// An open lesson.
pub struct LessonScreen {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) navigator: Navigator,
    pub(super) bench_first: bool,
    pub(super) lesson: Rc<Lesson>,
    /// Its number, from 1, and the number of lessons.
    pub(super) number: (usize, usize),
    pub(super) run: LessonRun,
    pub(super) page: Page,
    /// The selected choice.
    pub(super) choice: Option<usize>,
    /// The predicted number.
    pub(super) input: Input,
    /// The lab line that is being typed.
    pub(super) line: Option<Input>,
    pub(super) hint: bool,
    /// The lines of prose that are scrolled away.
    pub(super) scroll: u16,
    pub(super) predicted: Option<Value>,
    pub(super) answered: Option<Answered>,
    pub(super) standing: Standing,
    /// Lines typed after the last step, with their results.
    pub(super) typed: Vec<Said>,
    pub(super) reader: Option<Reader>,
    /// Records that have not been passed on yet.
    pub(super) news: Vec<Record>,
    /// What the current key leads to.
    pub(super) next: Next,
}

impl LessonScreen {
    /// Opens the selected lesson, before its first step.
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

    /// Switches to the lesson that is selected now.
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

    /// Collects new records before the scene is replaced.
    pub(super) fn gather(&mut self) {
        self.news.extend(self.run.news());
    }

    /// The step that the page is about.
    pub(super) fn step(&self) -> usize {
        let played = self.run.played();
        if self.page == Page::Answer { played.saturating_sub(1) } else { played }
    }

    /// Its question.
    pub(super) fn question(&self) -> Option<&Question> {
        self.lesson.steps.get(self.step())?.question.as_ref()
    }

    pub(super) fn choices(&self) -> usize {
        self.question().map_or(0, |question| question.choices.len())
    }

    pub(super) fn kind(&self) -> PageKind {
        match self.run.held() {
            Some(_) => PageKind::Held,
            None => self.page.kind(self.question().map(|question| question.number)),
        }
    }

    /// The workbench beside the prose.
    pub fn bench(&self) -> View<'_> {
        bench::of(self.run.play(), &self.navigator, &self.theme, self.lang)
    }
}

/// The selected lesson, with its number from 1 and the number of lessons.
fn selected(desk: &SharedDesk) -> (Rc<Lesson>, (usize, usize)) {
    let desk = desk.borrow();
    (Rc::clone(&desk.lessons[desk.row]), (desk.row + 1, desk.lessons.len()))
}

/// No step of `lesson` has been done.
fn standing(lesson: &Lesson) -> Standing {
    Standing { of: lesson.steps.len(), ..Standing::default() }
}
