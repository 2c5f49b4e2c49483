//! Lessons on the screen: the list, and one of them being taken. Nothing here draws.

mod act;
pub mod bench;
pub mod keys;

use std::rc::Rc;
use std::time::Duration;

use crossterm::event::Event;
use ratatui::Frame;
use tui_input::Input;

use crate::i18n::Lang;
use crate::lesson::{Answered, Lesson, LessonRun, Progress, Question, Said, Standing};
use crate::record::Record;
use crate::script::Value;
use crate::session::Session;
use crate::tui::cursor::Passed;
use crate::tui::widgets::{lesson, view::View};
use crate::tui::{Navigator, Show, Theme};

/// Where in a lesson one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The list of lessons.
    List,
    /// Before the first step.
    Intro,
    /// Before a step, with its question.
    Ask,
    /// After it, with the kernel's answer.
    Annotation,
    /// After the last.
    Over,
}

/// The lessons, and the one that is being taken.
pub struct LessonScreen {
    pub(in crate::tui) lessons: Vec<Rc<Lesson>>,
    pub(in crate::tui) progress: Progress,
    pub(in crate::tui) lang: Lang,
    pub(in crate::tui) theme: Theme,
    pub(in crate::tui) page: Page,
    /// The lesson that is selected or taken.
    pub(in crate::tui) row: usize,
    pub(in crate::tui) session: Option<LessonRun>,
    /// The learner, who looks at what the scene has done.
    pub(in crate::tui) navigator: Navigator,
    /// The choice that is selected.
    pub(in crate::tui) choice: Option<usize>,
    /// The number that is predicted.
    pub(in crate::tui) number: Input,
    /// The line for the lab that is being typed.
    pub(in crate::tui) line: Option<Input>,
    pub(in crate::tui) hint: bool,
    /// Lines of prose that have gone out of sight.
    pub(in crate::tui) scroll: u16,
    /// On a small screen the workbench has the larger part.
    pub(in crate::tui) bench_first: bool,
    pub(in crate::tui) predicted: Option<Value>,
    pub(in crate::tui) answered: Option<Answered>,
    pub(in crate::tui) standing: Standing,
    /// Lines typed after the last step, with what they came to.
    pub(in crate::tui) typed: Vec<Said>,
    reader: Option<crate::script::Reader>,
    /// Records for a recording, that nobody has taken in yet.
    news: Vec<Record>,
    quit: bool,
    handed: Option<Session>,
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
    pub(in crate::tui) fn lesson(&self) -> Option<&Rc<Lesson>> {
        self.lessons.get(self.row)
    }

    /// Keeps what has happened for a recording, before the scene goes.
    fn gather(&mut self) {
        self.news.extend(self.session.as_mut().map(LessonRun::news).unwrap_or_default());
    }

    /// Ends the scene. Each record that was not given out yet goes to `each`.
    pub fn end(&mut self, each: &mut dyn FnMut(&Record)) {
        self.gather();
        self.news.extend(self.session.as_mut().map(LessonRun::end).unwrap_or_default());
        self.news.drain(..).for_each(|record| each(&record));
    }

    /// The step that the page is about.
    pub(in crate::tui) fn step(&self) -> usize {
        let played = self.session.as_ref().map_or(0, LessonRun::played);
        if self.page == Page::Annotation { played.saturating_sub(1) } else { played }
    }

    /// The question of that step.
    pub(in crate::tui) fn question(&self) -> Option<&Question> {
        self.lesson()?.steps.get(self.step())?.question.as_ref()
    }

    /// The kind of the page, as far as its keys differ.
    pub(in crate::tui) fn kind(&self) -> keys::Kind {
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

impl Show for LessonScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        self.gather();
        self.news.drain(..).for_each(|record| each(&record));
        false
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        lesson::render(self, area, frame.buffer_mut());
    }

    fn input(&mut self, event: &Event) {
        self.heard(event);
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let Some(session) = &self.session else { return Passed::default() };
        self.navigator.pass(passed, session.play().timeline())
    }

    fn is_left(&self) -> bool {
        self.quit || self.handed.is_some()
    }
}
