//! The state of an open lesson. Nothing here draws.

use std::cell::RefCell;
use std::rc::Rc;

use tui_input::Input;

use super::keys::{Page, PageKind};
use super::panels::Panels;
use crate::i18n::{Lang, words};
use crate::lesson::{Answered, Lesson, LessonRun, Progress, Question, Said, Standing, TaskRun, Trouble};
use crate::record::Record;
use crate::script::{Reader, SceneRunner, ServerScene, Value};
use crate::session::Session;
use crate::tui::moment::{Now, Playhead};
use crate::tui::{Navigator, Next, Theme, widgets::View};

/// What all lessons share. The list and the lesson on top of it hold the desk together.
pub(super) struct Desk {
    pub(super) lessons: Vec<Rc<Lesson>>,
    pub(super) progress: Progress,
    /// The lesson that is selected in the list, or open.
    pub(super) row: usize,
    pub(super) theme: Theme,
    /// Keeps breakpoints and the last search from lesson to lesson. An open lesson takes it, and puts it back.
    pub(super) navigator: Navigator,
    /// On a small screen, the workbench gets more room than the prose.
    pub(super) bench_first: bool,
    pub(super) panels: Panels,
}

pub(super) type SharedDesk = Rc<RefCell<Desk>>;

pub(super) fn warn(navigator: &mut Navigator, trouble: &Trouble, lang: Lang) {
    let told = trouble.words(lang).replace('\n', lang.of("; ", "；"));
    navigator.warn(words!(lang, "the lesson cannot continue: {told}", "这一课无法继续：{told}"));
}

/// An open lesson.
pub struct LessonScreen {
    pub(super) desk: SharedDesk,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) navigator: Navigator,
    pub(super) bench_first: bool,
    pub(super) panels: Panels,
    pub(super) lesson: Rc<Lesson>,
    /// Its number, from 1, and the number of lessons.
    pub(super) number: (usize, usize),
    pub(super) run: LessonRun,
    pub(super) page: Page,
    pub(super) choice: Option<usize>,
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
    /// The task, once it was begun.
    pub(super) task: Option<TaskRun>,
    pub(super) news: Vec<Record>,
    pub(super) next: Next,
}

impl LessonScreen {
    /// Opens the selected lesson, before its first step.
    pub(super) fn open(desk: SharedDesk, lang: Lang) -> Result<Self, Trouble> {
        let (lesson, number) = selected(&desk);
        let run = LessonRun::open(Rc::clone(&lesson), lang)?;
        let (theme, navigator, bench_first, panels) = {
            let mut desk = desk.borrow_mut();
            let navigator = std::mem::replace(&mut desk.navigator, Navigator::new(lang));
            (desk.theme.clone(), navigator, desk.bench_first, desk.panels.clone())
        };
        let mut screen = Self {
            desk,
            lang,
            theme,
            navigator,
            bench_first,
            panels,
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
            task: None,
            news: Vec::new(),
            next: Next::Stay,
        };
        screen.turn_to(Page::Intro);
        Ok(screen)
    }

    pub(super) fn begin(&mut self) {
        self.gather();
        (self.lesson, self.number) = selected(&self.desk);
        self.standing = standing(&self.lesson);
        match LessonRun::open(Rc::clone(&self.lesson), self.lang) {
            Ok(run) => {
                (self.run, self.task) = (run, None);
                self.turn_to(Page::Intro);
            }
            Err(trouble) => self.in_trouble(&trouble),
        }
    }

    pub(super) fn gather(&mut self) {
        self.news.extend(self.run.news());
    }

    /// The step that the page is about.
    pub(super) fn step(&self) -> usize {
        let played = self.run.played();
        if matches!(self.page, Page::Played | Page::Answer) { played.saturating_sub(1) } else { played }
    }

    pub(super) fn question(&self) -> Option<&Question> {
        self.lesson.steps.get(self.step())?.question.as_ref()
    }

    pub(super) fn choices(&self) -> usize {
        self.question().map_or(0, |question| question.choices.len())
    }

    pub(super) fn kind(&self) -> PageKind {
        match self.run.held() {
            Some(_) => PageKind::Held,
            None if self.page == Page::Task && self.is_task_done() => PageKind::Done,
            None => self.page.kind(self.question().map(|question| question.number)),
        }
    }

    /// Whether the task was done since the lesson was opened.
    pub(super) fn is_task_done(&self) -> bool {
        self.task.as_ref().is_some_and(TaskRun::is_done)
    }

    pub fn bench(&self) -> View<'_> {
        let to_come = self.page == Page::Ask;
        View {
            calls: self.panels.calls,
            language: self.panels.language.language,
            script: if self.is_lab() { self.run.script(to_come) } else { Vec::new() },
            ..bench(self.run.play(), &self.navigator, &self.theme, self.lang)
        }
    }

    pub(super) fn is_lab(&self) -> bool {
        self.run.play().lab().is_some()
    }
}

/// The selected lesson, with its number from 1 and the number of lessons.
fn selected(desk: &SharedDesk) -> (Rc<Lesson>, (usize, usize)) {
    let desk = desk.borrow();
    (Rc::clone(&desk.lessons[desk.row]), (desk.row + 1, desk.lessons.len()))
}

fn standing(lesson: &Lesson) -> Standing {
    Standing { of: lesson.steps.len(), ..Standing::default() }
}

/// The workbench beside the prose of a scene, now or at the moment in the past that `navigator` shows.
pub fn bench<'a>(play: &'a SceneRunner, navigator: &'a Navigator, theme: &'a Theme, lang: Lang) -> View<'a> {
    let session = play.server_scene().map(ServerScene::session);
    // A lab waits for its next line; nothing runs while the past is shown.
    let now = session.map_or_else(|| Now::unknown(Playhead::Held), |session| Now::of(session, None));
    let shown = navigator.cursor.shown(play.timeline(), Now { runs_on: None, ..now });
    View {
        addr: session.map(Session::addr),
        policy: shown.world.policy().or(session.map(Session::policy)).copied(),
        taught: true,
        by_hand: session.is_none(),
        ..View::of(shown, navigator, theme, lang)
    }
}
