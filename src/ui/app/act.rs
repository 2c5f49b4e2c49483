//! What each key does.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::{App, Focus, Mode, Question};
use crate::record::Trigger;
use crate::script::{Crew, CrewError, Payload};
use crate::trace::lang::words;
use crate::trace::why::grouped;
use crate::ui::keys::{self, Action};

/// The most bytes sent at one key.
const MAX_AMOUNT: usize = 64 << 20;

impl App {
    /// A key was pressed, or something was pasted.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => {
                if let Mode::Prompt { input, proposed, .. } = &mut self.mode {
                    let before = if std::mem::take(proposed) { "" } else { input.value() };
                    *input = Input::new(format!("{before}{text}"));
                }
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &KeyEvent) {
        (self.notice, self.searching) = (None, None);
        // While something is typed every key is a part of it, but for Ctrl-C.
        let interrupts = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
        self.interrupted |= interrupts;
        if matches!(self.mode, Mode::Prompt { .. }) && !interrupts {
            return self.prompt_key(key);
        }
        let Some(action) = keys::action(key) else { return };
        match (self.mode.clone(), action) {
            (_, Action::Quit) | (Mode::Workbench, _) => self.act(action),
            (Mode::Help { scroll }, _) => match scrolled(scroll, action) {
                Some(scroll) => self.mode = Mode::Help { scroll },
                None => self.mode = Mode::Workbench,
            },
            (Mode::Policy { .. }, Action::Escape | Action::Policy)
            | (Mode::Inspect { .. }, Action::Escape | Action::Inspect) => self.mode = Mode::Workbench,
            (Mode::Policy { row }, _) => self.policy_key(row, action),
            (Mode::Breakpoints { row }, _) => self.breakpoint_key(row, action),
            // The server and the clients can be driven while one fd is looked at.
            (Mode::Inspect { scroll }, _) => match scrolled(scroll, action) {
                Some(scroll) => self.mode = Mode::Inspect { scroll },
                None => self.act(action),
            },
            (Mode::Prompt { .. }, _) => {}
        }
    }

    fn prompt_key(&mut self, key: &KeyEvent) {
        let Mode::Prompt { question, mut input, proposed } = self.mode.clone() else { return };
        match key.code {
            KeyCode::Esc => self.mode = after(question),
            KeyCode::Enter => self.answer(question, input.value()),
            _ => {
                if proposed && matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL) {
                    input.reset();
                }
                input.handle_event(&Event::Key(*key));
                self.mode = Mode::Prompt { question, input, proposed: false };
            }
        }
    }

    fn answer(&mut self, question: Question, answer: &str) {
        self.mode = after(question);
        match question {
            Question::Text if answer.is_empty() => {}
            Question::Text => self.send(Payload::Bytes([answer.as_bytes(), b"\n"].concat()), answer.len() + 1),
            Question::Amount => {
                if let Ok(amount @ 1..=MAX_AMOUNT) = answer.replace([',', '_', ' '], "").parse() {
                    self.amount = amount;
                    return self.send(Payload::Pattern(amount), amount);
                }
                let most = grouped(MAX_AMOUNT as u64);
                let expected = words!(
                    self.lang,
                    "\"{answer}\": expected 1 to {most} bytes",
                    "\"{answer}\"：应为 1 到 {most}（字节）"
                );
                self.ask_again(question, answer, expected);
            }
            Question::Choice(row) => self.answer_choice(row, answer),
            Question::Call => self.answer_call(answer),
            Question::Search => self.answer_search(answer),
            Question::Breakpoint => self.answer_breakpoint(answer),
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        if self.stage.live().is_none() && drives(action) {
            return self.say(self.lang.of(
                "a recording can only be looked at: ← → by calls, > plays it, ? lists all keys",
                "录制只能查看：← → 逐次调用，> 播放，? 列出全部按键",
            ));
        }
        match action {
            Action::Step => self.step(),
            Action::NextWait => self.next_wait(),
            Action::Run => self.run_or_pause(),
            Action::Slower | Action::Faster => self.change_pace(action == Action::Faster),
            Action::Connect => self.connect(),
            Action::Send => self.send(Payload::Pattern(self.amount), self.amount),
            Action::SendAmount => self.ask(Question::Amount, self.amount.to_string()),
            Action::Type => self.ask(Question::Text, String::new()),
            Action::Reading => self.freeze(),
            Action::End => {
                let what = self.lang.of(
                    "shut down its writing side: the server reads the end of the stream",
                    "关闭了写方向：服务器会读到流的结尾",
                );
                self.client_does(what, Crew::end);
            }
            Action::Reset => {
                let what = self.lang.of("reset its connection", "重置了连接");
                self.client_does(what, Crew::reset);
            }
            Action::Close => {
                let what = self.lang.of("closed its connection", "关闭了连接");
                self.client_does(what, Crew::close);
            }
            Action::Trigger => self.switch(|policy| {
                policy.trigger = if policy.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level };
            }),
            Action::OneShot => self.switch(|policy| policy.oneshot = !policy.oneshot),
            Action::Policy => self.mode = Mode::Policy { row: 0 },
            Action::Breakpoints => self.mode = Mode::Breakpoints { row: 0 },
            Action::Up => self.select(-1),
            Action::Down => self.select(1),
            Action::Inspect => self.inspect(),
            Action::Travel(to) => self.travel(to),
            Action::Escape => self.travel.to_now(),
            Action::PageUp => self.select(-10),
            Action::PageDown => self.select(10),
            Action::Timebase => self.next_timebase(),
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Help => self.mode = Mode::Help { scroll: 0 },
            Action::Quit => self.quit = true,
        }
    }

    fn select(&mut self, by: isize) {
        let view = self.view();
        let Some(epoll) = view.world.epoll() else { return };
        let selected = view.selected.and_then(|id| view.world.registration(epoll, id));
        if let Some(item) = epoll.beside(selected, by) {
            self.focus = Focus::File(item.file);
        }
    }

    fn inspect(&mut self) {
        if self.view().selected.is_none() {
            return self.warn(self.lang.of("no fd is selected: ↑ and ↓ select one", "没有选中 fd：用 ↑ ↓ 选择"));
        }
        self.mode = Mode::Inspect { scroll: 0 };
    }

    pub(super) fn ask(&mut self, question: Question, answer: String) {
        if matches!(question, Question::Amount | Question::Text) && !self.can_send() {
            return;
        }
        self.mode = Mode::Prompt { question, input: Input::new(answer), proposed: true };
    }

    /// The answer was no answer: the prompt stays as it is, and says what is expected.
    pub(super) fn ask_again(&mut self, question: Question, answer: &str, expected: String) {
        self.mode = Mode::Prompt { question, input: Input::new(answer.to_owned()), proposed: false };
        self.warn(expected);
    }

    /// Whether the selected client can send; says why not.
    fn can_send(&mut self) -> bool {
        let Some(live) = self.stage.live() else { return false };
        let open = self.focused_client(live.timeline().now()).and_then(|id| live.crew().client(id)).is_some();
        if !open {
            self.client_does("", |_, _| Err(CrewError::Gone));
        }
        open
    }
}

/// Whether it acts on the server or a client, and not only on what is looked at.
fn drives(action: Action) -> bool {
    match action {
        Action::Connect
        | Action::Send
        | Action::SendAmount
        | Action::Type
        | Action::Reading
        | Action::End
        | Action::Reset
        | Action::Close
        | Action::Trigger
        | Action::OneShot => true,
        Action::Step
        | Action::NextWait
        | Action::Run
        | Action::Slower
        | Action::Faster
        | Action::Policy
        | Action::Breakpoints
        | Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::Inspect
        | Action::Travel(_)
        | Action::Escape
        | Action::Timebase
        | Action::Projector
        | Action::Help
        | Action::Quit => false,
    }
}

/// Where an answered question leads back to.
fn after(question: Question) -> Mode {
    match question {
        Question::Choice(row) => Mode::Policy { row },
        Question::Breakpoint => Mode::Breakpoints { row: usize::MAX },
        Question::Amount | Question::Text | Question::Call | Question::Search => Mode::Workbench,
    }
}

/// Where `action` scrolls to, if it scrolls.
fn scrolled(scroll: u16, action: Action) -> Option<u16> {
    match action {
        Action::Up => Some(scroll.saturating_sub(1)),
        Action::Down => Some(scroll.saturating_add(1)),
        Action::PageUp => Some(scroll.saturating_sub(10)),
        Action::PageDown => Some(scroll.saturating_add(10)),
        _ => None,
    }
}
