//! Lessons on the screen: the list, and one of them being taken. Nothing here draws.

use std::rc::Rc;

use tui_input::Input;

use super::bench;
use super::keys::{self, Page};
use crate::i18n::Lang;
use crate::lesson::{Answered, Lesson, LessonRun, Progress, Question, Said, Standing};
use crate::record::Record;
use crate::script::Value;
use crate::session::Session;
use crate::tui::widgets::View;
use crate::tui::{Navigator, Theme};

/// The lessons, and the one that is being taken.
pub struct LessonScreen {
    pub(crate) lessons: Vec<Rc<Lesson>>,
    pub(crate) progress: Progress,
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) page: Page,
    /// The lesson that is selected or taken.
    pub(crate) row: usize,
    pub(crate) session: Option<LessonRun>,
    /// The learner, who looks at what the scene has done.
    pub(crate) navigator: Navigator,
    /// The choice that is selected.
    pub(crate) choice: Option<usize>,
    /// The number that is predicted.
    pub(crate) number: Input,
    /// The line for the lab that is being typed.
    pub(crate) line: Option<Input>,
    pub(crate) hint: bool,
    /// Lines of prose that have gone out of sight.
    pub(crate) scroll: u16,
    /// On a small screen the workbench has the larger part.
    pub(crate) bench_first: bool,
    pub(crate) predicted: Option<Value>,
    pub(crate) answered: Option<Answered>,
    pub(crate) standing: Standing,
    /// Lines typed after the last step, with what they came to.
    pub(crate) typed: Vec<Said>,
    pub(super) reader: Option<crate::script::Reader>,
    /// Records for a recording, that nobody has taken in yet.
    pub(super) news: Vec<Record>,
    pub(super) quit: bool,
    pub(super) handed: Option<Session>,
}

impl LessonScreen {
    /// The list of these lessons.
    pub fn new(lessons: Vec<Rc<Lesson>>, progress: Progress, theme: Theme, lang: Lang) -> Self {
        Self {
            lessons,
            progress,
            lang,
            theme,
            page: Page::List,
            row: 0,
            session: None,
            navigator: Navigator::new(lang),
            choice: None,
            number: Input::default(),
            line: None,
            hint: false,
            scroll: 0,
            bench_first: false,
            predicted: None,
            answered: None,
            standing: Standing::default(),
            typed: Vec::new(),
            reader: None,
            news: Vec::new(),
            quit: false,
            handed: None,
        }
    }

    /// Begins with the lesson of this id.
    pub fn take(&mut self, id: &str) {
        if let Some(row) = self.lessons.iter().position(|lesson| lesson.id == id) {
            self.row = row;
            self.begin();
        }
    }

    /// The lesson that is selected or taken.
    pub(crate) fn lesson(&self) -> Option<&Rc<Lesson>> {
        self.lessons.get(self.row)
    }

    /// Keeps what has happened for a recording, before the scene goes.
    pub(super) fn gather(&mut self) {
        self.news.extend(self.session.as_mut().map(LessonRun::news).unwrap_or_default());
    }

    /// Ends the scene. Each record that was not given out yet goes to `each`.
    pub fn end(&mut self, each: &mut dyn FnMut(&Record)) {
        self.gather();
        self.news.extend(self.session.as_mut().map(LessonRun::end).unwrap_or_default());
        self.news.drain(..).for_each(|record| each(&record));
    }

    /// The step that the page is about.
    pub(crate) fn step(&self) -> usize {
        let played = self.session.as_ref().map_or(0, LessonRun::played);
        if self.page == Page::Annotation { played.saturating_sub(1) } else { played }
    }

    /// The question of that step.
    pub(crate) fn question(&self) -> Option<&Question> {
        self.lesson()?.steps.get(self.step())?.question.as_ref()
    }

    /// The kind of the page, as far as its keys differ.
    pub(crate) fn kind(&self) -> keys::Kind {
        if self.session.as_ref().is_some_and(|session| session.held().is_some()) {
            return keys::Kind::Held;
        }
        self.page.kind(self.question().map(|question| question.number))
    }

    /// The server of the lesson with its clients, when the learner wants to go on by hand. [`LessonScreen::come_back`] goes
    /// on with the lesson afterwards.
    pub fn handed_over(&mut self) -> Option<Session> {
        self.handed.take()
    }

    /// The learner has played and comes back to the lesson's last page.
    pub fn come_back(&mut self) {
        self.quit = false;
        if let Some(steps) = self.lesson().map(|lesson| lesson.steps.len()) {
            self.again(steps, Page::Over);
        }
    }

    /// The workbench as the scene stands, if one does; or as it stood at the moment that is looked at.
    pub fn bench(&self) -> Option<View<'_>> {
        Some(bench::of(self.session.as_ref()?.play(), &self.navigator, &self.theme, self.lang))
    }
}
