//! What each key does in a lesson.

use std::rc::Rc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::keys::{self, Action, Kind, Page};
use super::screen::LessonScreen;
use crate::i18n::words;
use crate::lesson::{LessonRun, Said, Standing, Trouble};
use crate::script::{ServerScene, VERBS, Value};
use crate::tui::keymap::binding::interrupts;
use crate::tui::keymap::{self, movement};
use crate::tui::navigator::{Mode, Taken};

/// The most lines typed that are kept in sight.
const TYPED: usize = 100;

/// All verbs of a lab scene, in short.
fn verbs() -> String {
    VERBS.iter().map(|(usage, _)| *usage).collect::<Vec<_>>().join(" · ")
}

impl LessonScreen {
    pub(super) fn heard(&mut self, event: &Event) {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => match &mut self.line {
                Some(line) => {
                    *line = Input::new(format!("{}{}", line.value(), text.lines().next().unwrap_or_default()));
                }
                None => self.navigator.paste(text),
            },
            _ => {}
        }
    }

    fn key(&mut self, key: &KeyEvent) {
        self.navigator.attend();
        if interrupts(key) {
            self.quit = true;
            return;
        }
        if self.line.is_some() {
            return self.typing_key(key);
        }
        if let Some(session) = &self.session
            && self.navigator.take(key, session.play().timeline()) == Taken::Done
        {
            return;
        }
        // A number is typed without being asked for it.
        let digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit());
        if self.kind() == Kind::Number && (digit || key.code == KeyCode::Backspace && !self.number.value().is_empty()) {
            if !digit || self.number.value().len() < 12 {
                self.number.handle_event(&Event::Key(*key));
            }
            return;
        }
        let Some(action) = keys::action(key) else { return self.look(key) };
        match action {
            Action::Quit => self.quit = true,
            Action::Up | Action::Down => self.up_or_down(action == Action::Down),
            Action::PageUp | Action::PageDown if self.page == Page::List => {
                let last = self.lessons.len().saturating_sub(1);
                let down = action == Action::PageDown;
                self.row = if down { (self.row + 10).min(last) } else { self.row.saturating_sub(10) };
            }
            Action::PageUp => self.scroll = self.scroll.saturating_sub(8),
            Action::PageDown => self.scroll = self.scroll.saturating_add(8),
            Action::Swap => self.bench_first = !self.bench_first,
            Action::Go if self.page == Page::List => self.begin(),
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            _ if self.page == Page::List => {}
            Action::List if key.code == KeyCode::Esc && self.navigator.cursor.is_past() => {
                self.navigator.cursor.to_now();
            }
            Action::List => self.leave(),
            Action::Help => self.navigator.mode = Mode::Help { scroll: 0 },
            Action::Breakpoints => self.navigator.mode = Mode::Breakpoints { row: 0 },
            Action::Again => self.again(0, Page::Intro),
            Action::Back => self.back(),
            Action::Go => self.go(),
            Action::Choose(i) => self.choose(i),
            Action::Hint => self.hint = matches!(self.kind(), Kind::Choices | Kind::Number),
            Action::Skip if self.page == Page::Ask => self.play_step(None),
            Action::PlayOn if self.page == Page::Over => self.play_on(),
            Action::Skip | Action::PlayOn => {}
        }
    }

    /// Looks at what the scene has done, and stays on the page.
    fn look(&mut self, key: &KeyEvent) {
        let Some(session) = &self.session else { return };
        match movement(key) {
            Some(to) => self.navigator.go(to, session.play().timeline()),
            None if keymap::action(key).is_some() => self.navigator.say(self.lang.of(
                "a lesson plays its scene by itself: after its last step, g goes on by hand",
                "课程自己执行场景：最后一步之后，用 g 动手继续",
            )),
            None => {}
        }
    }

    fn up_or_down(&mut self, down: bool) {
        let moved = |at: usize, most: usize| if down { (at + 1).min(most) } else { at.saturating_sub(1) };
        match self.kind() {
            Kind::List => self.row = moved(self.row, self.lessons.len().saturating_sub(1)),
            Kind::Choices => {
                let last = self.choices().saturating_sub(1);
                self.choice = Some(self.choice.map_or(if down { 0 } else { last }, |at| moved(at, last)));
            }
            _ => self.scroll = if down { self.scroll.saturating_add(1) } else { self.scroll.saturating_sub(1) },
        }
    }

    pub(crate) fn choices(&self) -> usize {
        self.question().map_or(0, |question| question.choices.len())
    }

    /// The value of the choice that is selected.
    fn chosen(&self) -> Option<Value> {
        self.question()?.choices.get(self.choice?).cloned()
    }

    fn choose(&mut self, i: usize) {
        if self.kind() == Kind::Choices && i < self.choices() {
            self.choice = Some(i);
        }
    }

    /// Begins the selected lesson.
    pub(super) fn begin(&mut self) {
        let Some(lesson) = self.lesson().cloned() else { return };
        self.standing = Standing { of: lesson.steps.len(), ..Standing::default() };
        match LessonRun::open(Rc::clone(&lesson), self.lang) {
            Ok(session) => {
                self.session = Some(session);
                self.turn_to(Page::Intro);
            }
            Err(trouble) => self.in_trouble(&trouble),
        }
    }

    fn leave(&mut self) {
        self.session = None;
        self.turn_to(Page::List);
    }

    fn next_lesson(&mut self) {
        if self.row + 1 >= self.lessons.len() {
            self.navigator.say(self.lang.of("this was the last lesson", "这是最后一课"));
            return;
        }
        self.row += 1;
        self.begin();
    }

    /// Begins anew, plays so many steps, and shows `page`.
    pub(super) fn again(&mut self, steps: usize, page: Page) {
        let Some(session) = &mut self.session else { return };
        match session.again(steps) {
            Ok(()) => self.turn_to(page),
            Err(trouble) => self.in_trouble(&trouble),
        }
    }

    fn back(&mut self) {
        let step = self.step();
        match self.page {
            // A step that is held is asked for anew.
            _ if self.kind() == Kind::Held => self.again(step, Page::Ask),
            Page::Annotation => self.again(step, Page::Ask),
            Page::Over => self.again(step.saturating_sub(1), Page::Ask),
            Page::Ask if step > 0 => self.again(step - 1, Page::Ask),
            Page::Ask => self.turn_to(Page::Intro),
            Page::Intro => self.leave(),
            Page::List => {}
        }
    }

    fn go(&mut self) {
        let lang = self.lang;
        match self.kind() {
            Kind::Choices => {
                if let Some(value) = self.chosen() {
                    self.play_step(Some(value));
                } else {
                    let word = lang.of(
                        "choose with 1, 2, 3 or ↑ ↓ first; s just shows it",
                        "先用 1、2、3 或 ↑ ↓ 选择；s 直接看答案",
                    );
                    self.navigator.warn(word);
                }
            }
            Kind::Number => {
                if let Ok(n) = self.number.value().parse() {
                    self.play_step(Some(Value::Number(n)));
                } else {
                    let word = lang.of("type a number first; s just shows it", "先输入一个数；s 直接看答案");
                    self.navigator.warn(word);
                }
            }
            Kind::Read if self.page == Page::Intro => self.turn_to(Page::Ask),
            Kind::Read | Kind::Held => self.play_step(None),
            Kind::Annotation if self.session.as_ref().is_some_and(|session| session.next().is_none()) => {
                self.turn_to(Page::Over);
            }
            Kind::Annotation => self.turn_to(Page::Ask),
            Kind::Over => self.next_lesson(),
            Kind::List => {}
        }
    }

    /// Plays the step, and keeps what was predicted.
    fn play_step(&mut self, predicted: Option<Value>) {
        let Some(session) = &mut self.session else { return };
        // Whoever has seen a part of it predicts no more.
        let predicted = if session.held().is_some() { self.predicted.take() } else { predicted };
        session.break_at(self.navigator.breakpoints());
        let lesson = Rc::clone(session.lesson());
        let question = lesson.steps.get(session.played()).and_then(|step| step.question.as_ref());
        let answered = match session.advance() {
            Ok(answered) => answered,
            Err(trouble) => return self.in_trouble(&trouble),
        };
        if session.held().is_some() {
            self.predicted = predicted;
            return self.hold();
        }
        let played = session.played();
        if let (Some(question), Some(answered), Some(predicted)) = (question, &answered, &predicted) {
            self.standing.predicted += 1;
            self.standing.right += usize::from(question.measure.agrees(predicted, &answered.value));
        }
        self.turn_to(Page::Annotation);
        (self.predicted, self.answered) = (predicted, answered);
        self.standing.steps = self.standing.steps.max(played);
        if let Err(error) = self.progress.keep(&lesson.id, self.standing) {
            let word = words!(self.lang, "your progress could not be kept: {error}", "无法保存进度：{error}");
            self.navigator.warn(word);
        }
    }

    /// A breakpoint holds the scene in the midst of the step: the page stays, with what has been done so far.
    fn hold(&mut self) {
        self.navigator.cursor.to_now();
        let Some(session) = &self.session else { return };
        match (session.play().server_scene().map(ServerScene::session), session.held()) {
            (Some(session), _) => self.navigator.say_what_stopped(session),
            (None, Some(breakpoint)) => self.navigator.say_what_stopped_a_lab(breakpoint),
            (None, None) => {}
        }
        if let Some(notice) = &mut self.navigator.notice {
            notice.text += self.lang.of("; Enter goes on", "；Enter 继续");
        }
    }

    fn turn_to(&mut self, page: Page) {
        self.page = page;
        self.navigator.cursor.to_now();
        self.navigator.mode = Mode::Screen;
        (self.choice, self.hint, self.scroll) = (None, false, 0);
        (self.predicted, self.answered) = (None, None);
        (self.line, self.number) = (None, Input::default());
        if page != Page::Over {
            self.typed.clear();
            self.reader = None;
        }
    }

    fn in_trouble(&mut self, trouble: &Trouble) {
        self.session = None;
        self.turn_to(Page::List);
        let told = trouble.words(self.lang).replace('\n', self.lang.of("; ", "；"));
        self.navigator.warn(words!(self.lang, "the lesson can't go on: {told}", "这一课无法继续：{told}"));
    }

    /// Handler a server scene over to the workbench, or takes lines for a lab scene.
    fn play_on(&mut self) {
        self.gather();
        let Some(session) = &mut self.session else { return };
        if session.play().lab().is_some() {
            self.reader.get_or_insert_with(|| session.lesson().reader.clone());
            self.line = Some(Input::default());
            return;
        }
        // One that has died serves nobody: the scene as it was before the first step.
        let died = session.play().server_scene().is_some_and(|server_scene| server_scene.session().is_over());
        if died && let Err(trouble) = session.again(0) {
            return self.in_trouble(&trouble);
        }
        self.handed = session.hand_over();
    }

    fn typing_key(&mut self, key: &KeyEvent) {
        match (key.code, &mut self.line) {
            (KeyCode::Esc, line) => *line = None,
            (KeyCode::Enter, _) => self.typed_line(),
            (KeyCode::Up, Some(line)) => {
                if let Some(said) = self.typed.last() {
                    *line = Input::new(said.line.clone());
                }
            }
            (_, Some(line)) => drop(line.handle_event(&Event::Key(*key))),
            (_, None) => {}
        }
    }

    fn typed_line(&mut self) {
        let text = self.line.replace(Input::default()).map(|line| line.value().to_owned()).unwrap_or_default();
        self.navigator.cursor.to_now();
        let (Some(reader), Some(session)) = (&mut self.reader, &mut self.session) else { return };
        match reader.line(&text) {
            _ if text.trim() == "help" => self.typed.push(Said { line: text, said: verbs() }),
            Ok(None) => {}
            Ok(Some(line)) => self.typed.push(session.typed(&line)),
            Err(diagnostic) => self.typed.push(Said { line: text, said: diagnostic.what }),
        }
        let more = self.typed.len().saturating_sub(TYPED);
        self.typed.drain(..more);
        self.scroll = 0;
    }
}
