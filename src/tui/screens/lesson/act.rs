//! What each key does in a lesson.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::keys::{self, Action, Page, PageKind};
use super::screen::{LessonScreen, warn};
use crate::i18n::words;
use crate::lesson::{Said, Trouble};
use crate::script::{ServerScene, VERBS, Value};
use crate::tui::keymap::{self, movement};
use crate::tui::navigator::{Overlay, Taken};
use crate::tui::{Next, WorkbenchScreen};

const TYPED: usize = 100;

fn verbs() -> String {
    VERBS.iter().map(|(usage, _)| *usage).collect::<Vec<_>>().join(" · ")
}

impl LessonScreen {
    pub(super) fn paste(&mut self, text: &str) {
        match &mut self.line {
            Some(line) => *line = Input::new(format!("{}{}", line.value(), text.lines().next().unwrap_or_default())),
            None => self.navigator.paste(text),
        }
    }

    pub(super) fn key(&mut self, key: &KeyEvent) {
        self.navigator.attend();
        if self.line.is_some() {
            return self.typing_key(key);
        }
        if self.navigator.take(key, self.run.play().timeline()) == Taken::Done {
            return;
        }
        // A predicted number is typed without opening a prompt.
        let digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit());
        if self.kind() == PageKind::Number
            && (digit || key.code == KeyCode::Backspace && !self.input.value().is_empty())
        {
            if !digit || self.input.value().len() < 12 {
                self.input.handle_event(&Event::Key(*key));
            }
            return;
        }
        let Some(action) = keys::action(key) else { return self.look(key) };
        match action {
            Action::Quit => self.next = Next::Quit,
            Action::Up | Action::Down => self.up_or_down(action == Action::Down),
            Action::PageUp => self.scroll = self.scroll.saturating_sub(8),
            Action::PageDown => self.scroll = self.scroll.saturating_add(8),
            Action::Swap => self.bench_first = !self.bench_first,
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::List if key.code == KeyCode::Esc && self.navigator.cursor.is_past() => {
                self.navigator.cursor.to_now();
            }
            Action::List => self.next = Next::Pop,
            Action::Save => self.next = Next::Save,
            Action::CallsView | Action::Language => self.panels.turn(action == Action::Language, self.is_lab()),
            Action::Copy => self.copy(),
            Action::Help => self.navigator.overlay = Overlay::Help { scroll: 0 },
            Action::Breakpoints => self.navigator.overlay = Overlay::Breakpoints { row: 0 },
            Action::Again => self.again(0, Page::Intro),
            Action::Back => self.back(),
            Action::Go if self.page == Page::Played && key.code != KeyCode::Enter => self.next_call(),
            Action::Go => self.go(),
            Action::Choose(i) => self.choose(i),
            Action::Hint => {
                self.hint = matches!(self.kind(), PageKind::Choices | PageKind::Number | PageKind::Task);
            }
            Action::Skip if self.page == Page::Ask => self.play_step(None),
            Action::Skip if self.page == Page::Played => self.go(),
            Action::Skip if self.page == Page::Task => self.turn_to(Page::Over),
            Action::PlayOn if self.page == Page::Task => self.take_task(),
            Action::PlayOn if self.page == Page::Over => self.play_on(),
            Action::Skip | Action::PlayOn => {}
        }
    }

    /// Looks at what the scene has done; the page stays.
    fn look(&mut self, key: &KeyEvent) {
        match movement(key) {
            Some(to) => self.navigator.go(to, self.run.play().timeline()),
            None if keymap::action(key).is_some() => self.navigator.say(self.lang.of(
                "a lesson plays its scene automatically; after the last step, g lets you drive",
                "课程自己执行场景；最后一节之后，用 g 动手继续",
            )),
            None => {}
        }
    }

    fn up_or_down(&mut self, down: bool) {
        let moved = |at: usize, most: usize| if down { (at + 1).min(most) } else { at.saturating_sub(1) };
        match self.kind() {
            PageKind::Choices => {
                let last = self.choices().saturating_sub(1);
                self.choice = Some(self.choice.map_or(if down { 0 } else { last }, |at| moved(at, last)));
            }
            _ => self.scroll = if down { self.scroll.saturating_add(1) } else { self.scroll.saturating_sub(1) },
        }
    }

    fn chosen(&self) -> Option<Value> {
        self.question()?.choices.get(self.choice?).cloned()
    }

    fn choose(&mut self, i: usize) {
        if self.kind() == PageKind::Choices && i < self.choices() {
            self.choice = Some(i);
        }
    }

    fn next_lesson(&mut self) {
        let (number, all) = self.number;
        if number >= all {
            return self.navigator.say(self.lang.of("this was the last lesson", "这是最后一课"));
        }
        self.desk.borrow_mut().row = number;
        self.begin();
    }

    /// Restarts the lesson, plays its first `steps` steps, and shows `page`.
    pub(super) fn again(&mut self, steps: usize, page: Page) {
        match self.run.again(steps) {
            Ok(()) => self.turn_to(page),
            Err(trouble) => self.in_trouble(&trouble),
        }
    }

    fn back(&mut self) {
        let step = self.step();
        match self.page {
            // The question of a step that is held is asked again.
            _ if self.kind() == PageKind::Held => self.again(step, Page::Ask),
            Page::Played | Page::Answer => self.again(step, Page::Ask),
            Page::Over if self.lesson.task.is_some() => self.again(step, Page::Task),
            Page::Over | Page::Task => self.again(step.saturating_sub(1), Page::Ask),
            Page::Ask if step > 0 => self.again(step - 1, Page::Ask),
            Page::Ask => self.turn_to(Page::Intro),
            Page::Intro => self.next = Next::Pop,
        }
    }

    fn go(&mut self) {
        let lang = self.lang;
        match self.kind() {
            PageKind::Choices => match self.chosen() {
                Some(value) => self.play_step(Some(value)),
                None => self.navigator.warn(lang.of(
                    "first choose by its number, or with ↑ ↓; s only shows the answer",
                    "先按编号或用 ↑ ↓ 选择；s 直接看答案",
                )),
            },
            PageKind::Number => match self.input.value().parse() {
                Ok(n) => self.play_step(Some(Value::Number(n))),
                Err(_) => self
                    .navigator
                    .warn(lang.of("first type a number; s only shows the answer", "先输入一个数；s 直接看答案")),
            },
            PageKind::Read if self.page == Page::Intro => self.turn_to(Page::Ask),
            PageKind::Read | PageKind::Held => self.play_step(None),
            // The answer comes with the last call.
            PageKind::Played => self.navigator.cursor.to_now(),
            PageKind::Answer if self.run.next().is_some() => self.turn_to(Page::Ask),
            PageKind::Answer if self.lesson.task.is_some() => self.turn_to(Page::Task),
            PageKind::Answer | PageKind::Done => self.turn_to(Page::Over),
            PageKind::Task => self.take_task(),
            PageKind::Over => self.next_lesson(),
            PageKind::List => {}
        }
    }

    fn play_step(&mut self, predicted: Option<Value>) {
        // After a part of the step was shown, the prediction can no longer change.
        let was_held = self.run.held().is_some();
        let predicted = if was_held { self.predicted.take() } else { predicted };
        self.run.break_at(self.navigator.breakpoints());
        let (step, from) = (self.run.played(), self.run.play().timeline().len());
        let answered = match self.run.advance() {
            Ok(answered) => answered,
            Err(trouble) => return self.in_trouble(&trouble),
        };
        if self.run.held().is_some() {
            self.predicted = predicted;
            return self.hold();
        }
        let predicted = predicted.filter(|_| answered.as_ref().is_none_or(|answered| answered.value.is_clear()));
        let question = self.lesson.steps.get(step).and_then(|step| step.question.as_ref());
        if let (Some(question), Some(answered), Some(predicted)) = (question, &answered, &predicted) {
            self.standing.predicted += 1;
            self.standing.right += usize::from(question.measure.agrees(predicted, &answered.value));
        }
        self.turn_to(Page::Answer);
        (self.predicted, self.answered) = (predicted, answered);
        // What a breakpoint has held was seen already.
        if self.predicted.is_some() && !was_held {
            self.play_forward(from);
        }
        self.standing.steps = self.standing.steps.max(self.run.played());
        self.keep();
    }

    fn keep(&mut self) {
        let kept = self.desk.borrow_mut().progress.keep(&self.lesson.id, self.standing);
        if let Err(error) = kept {
            let error = error.words(self.lang);
            let word = words!(self.lang, "your progress could not be saved: {error}", "无法保存进度：{error}");
            self.navigator.warn(word);
        }
    }

    /// A breakpoint holds the scene in the middle of the step: the page stays, and shows what has been done so far.
    fn hold(&mut self) {
        self.navigator.cursor.to_now();
        match (self.run.play().server_scene().map(ServerScene::session), self.run.held()) {
            (Some(session), _) => self.navigator.say_what_stopped(session),
            (None, Some(breakpoint)) => self.navigator.say_what_stopped_a_lab(breakpoint),
            (None, None) => {}
        }
        if let Some(notice) = &mut self.navigator.notice {
            notice.text += self.lang.of("; Enter goes on", "；Enter 继续");
        }
    }

    pub(super) fn turn_to(&mut self, page: Page) {
        self.page = page;
        self.navigator.cursor.to_now();
        self.navigator.overlay = Overlay::None;
        (self.choice, self.hint, self.scroll) = (None, false, 0);
        (self.predicted, self.answered) = (None, None);
        (self.line, self.input) = (None, Input::default());
        self.typed.clear();
        self.reader = None;
    }

    /// Leaves the lesson; the list says why.
    pub(super) fn in_trouble(&mut self, trouble: &Trouble) {
        self.navigator.overlay = Overlay::None;
        warn(&mut self.navigator, trouble, self.lang);
        self.next = Next::Pop;
    }

    /// Plays what comes before the task, and gives the scene to the learner. A task that was begun begins anew, and stays done
    /// if it was.
    pub(super) fn take_task(&mut self) {
        if self.task.is_some()
            && let Err(trouble) = self.run.again(self.lesson.steps.len())
        {
            return self.in_trouble(&trouble);
        }
        match self.run.begin_task() {
            Ok(task) => (self.task, self.reader) = (task, None),
            Err(trouble) => return self.in_trouble(&trouble),
        }
        self.measure_task();
        self.play_on();
    }

    fn measure_task(&self) {
        if let Some(task) = &self.task {
            task.look(|measure| self.run.play().measure(measure));
        }
    }

    /// Notes that the task is done, if it is.
    pub(super) fn look_at_task(&mut self) {
        if self.is_task_done() && !self.standing.task {
            self.standing.task = true;
            self.keep();
        }
    }

    /// Pushes the workbench with the session of a server scene, or starts taking lines for a lab scene.
    fn play_on(&mut self) {
        self.gather();
        if self.run.play().lab().is_some() {
            self.reader.get_or_insert_with(|| self.lesson.reader.clone());
            self.line = Some(Input::default());
            return;
        }
        // A dead server is of no use to the learner: restart the scene before its first step.
        let died = self.run.play().server_scene().is_some_and(|scene| scene.session().is_over());
        if died && let Err(trouble) = self.run.again(0) {
            return self.in_trouble(&trouble);
        }
        self.gather();
        if let Some(session) = self.run.hand_over() {
            let mut workbench = WorkbenchScreen::new(session, self.theme.clone(), self.lang);
            workbench.welcome_from_lesson();
            if self.page == Page::Task {
                let text = self.lesson.prose(self.lang).task.as_ref().map_or_else(Vec::new, |task| task.text.clone());
                workbench.take_task(self.task.clone(), text);
            }
            self.next = Next::Push(Box::new(workbench));
        }
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
        let Some(reader) = &mut self.reader else { return };
        let told = |line: String, said: String| Said { line, said, from: 0, to: 0 };
        match reader.line(&text) {
            _ if text.trim() == "help" => self.typed.push(told(text, verbs())),
            Ok(None) => {}
            Ok(Some(line)) => self.typed.push(self.run.typed(&line)),
            Err(diagnostic) => self.typed.push(told(text, diagnostic.what.words(self.lang).to_owned())),
        }
        if self.page == Page::Task {
            self.measure_task();
            self.look_at_task();
        }
        let more = self.typed.len().saturating_sub(TYPED);
        self.typed.drain(..more);
        self.scroll = 0;
    }
}
