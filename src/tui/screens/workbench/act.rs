//! What each key does in the workbench.

use crossterm::event::KeyEvent;

use super::focus::Focus;
use super::screen::WorkbenchScreen;
use crate::i18n::{grouped, words};
use crate::record::Trigger;
use crate::session::{ClientError, Clients, Payload};
use crate::tui::Next;
use crate::tui::choices::{CHOICES, Change};
use crate::tui::copy::{copied, selected};
use crate::tui::keymap::{self, Action, Move};
use crate::tui::navigator::{Overlay, Question, Taken, scrolled};
use crate::tui::palette::Place;
use crate::tui::widgets::CallsView;

const MAX_AMOUNT: usize = 64 << 20;

impl WorkbenchScreen {
    pub(super) fn key(&mut self, key: &KeyEvent) {
        self.navigator.attend();
        if self.welcome_key(key) {
            return;
        }
        self.navigator.only = self.view().only;
        // Any other key would close the help.
        if matches!(self.navigator.overlay, Overlay::Help { .. }) && keymap::action(key) == Some(Action::Copy) {
            return self.perform(Action::Copy);
        }
        match self.navigator.take(key, self.source.timeline()) {
            Taken::Done => return self.arm(),
            Taken::Answer(question, answer) => return self.answer(question, &answer),
            Taken::No => {}
        }
        let Some(action) = keymap::action(key) else { return };
        match (self.navigator.overlay.clone(), action) {
            (Overlay::Policy { .. }, Action::Escape | Action::Policy)
            | (Overlay::Inspect { .. }, Action::Escape | Action::Inspect) => self.navigator.overlay = Overlay::None,
            (Overlay::Policy { row }, _) => self.policy_key(row, action),
            // The server and the clients can be driven while the details of an fd are open.
            (Overlay::Inspect { scroll }, _) if let Some(scroll) = scrolled(scroll, action) => {
                self.navigator.overlay = Overlay::Inspect { scroll };
            }
            _ => self.perform(action),
        }
    }

    fn arm(&mut self) {
        if let Some(session) = self.source.session_mut() {
            self.navigator.arm(session);
        }
    }

    fn answer(&mut self, question: Question, answer: &str) {
        match question {
            Question::Text if answer.is_empty() => {}
            Question::Text => self.send(Payload::Bytes([answer.as_bytes(), b"\n"].concat()), answer.len() + 1),
            Question::Amount => {
                if let Ok(amount @ 1..=MAX_AMOUNT) = answer.replace([',', '_', ' '], "").parse() {
                    self.amount = amount;
                    return self.send(Payload::Pattern(amount), amount);
                }
                let most = grouped(MAX_AMOUNT as u64);
                let expected =
                    words!(self.lang, "\"{answer}\": expected 1 to {most} bytes", "“{answer}”应为 1 到 {most}（字节）");
                self.navigator.ask_again(question, answer, expected);
            }
            Question::Choice(row) => self.answer_choice(row, answer),
            Question::Call | Question::Search | Question::Breakpoint => {}
        }
    }

    /// Does what a key asks for.
    pub fn perform(&mut self, action: Action) {
        if self.source.session().is_none() && drives(action) {
            return self.navigator.say(self.lang.of(
                "a recording is read-only: ← → by calls, > plays it, ? lists all keys",
                "录制文件只能查看：← → 逐次调用，> 播放，? 列出全部按键",
            ));
        }
        match action {
            Action::Step => self.step(),
            Action::NextWait => self.next_wait(),
            Action::Run => self.run_or_pause(),
            Action::Slower | Action::Faster => self.change_pace(action == Action::Faster),
            Action::Connect => self.at_now(Self::connect),
            Action::Send => self.send(Payload::Pattern(self.amount), self.amount),
            Action::SendAmount => self.ask_to_send(Question::Amount, self.amount.to_string()),
            Action::Type => self.ask_to_send(Question::Text, String::new()),
            Action::Reading => self.freeze(),
            Action::End => {
                let what = self.lang.of(
                    "closed its sending side: the server reads the end of the stream",
                    "关闭了写方向，服务器会读到流的末尾（EOF）",
                );
                self.client_does(what, Clients::end);
            }
            Action::Reset => self.client_does(self.lang.of("reset its connection", "重置了连接"), Clients::reset),
            Action::Close => self.client_does(self.lang.of("closed its connection", "关闭了连接"), Clients::close),
            Action::Trigger => self.switch(|policy| {
                policy.trigger = if policy.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level };
            }),
            Action::OneShot => self.switch(|policy| policy.oneshot = !policy.oneshot),
            Action::Policy => self.navigator.overlay = Overlay::Policy { row: 0 },
            Action::Breakpoints => self.navigator.overlay = Overlay::Breakpoints { row: 0 },
            Action::Up => self.select(-1),
            Action::Down => self.select(1),
            Action::Inspect => self.inspect(),
            Action::Travel(to) => self.go(to),
            Action::Escape => {
                self.navigator.marks = false;
                self.navigator.cursor.to_now();
            }
            Action::PageUp => self.select(-10),
            Action::PageDown => self.select(10),
            Action::Timebase => self.timebase = self.timebase.next(),
            Action::CallsView => self.calls = self.calls.next(),
            Action::Only => self.turn_filter(),
            Action::Language => self.show_code_in_another_language(),
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Copy => {
                let selected = selected(&self.view());
                self.next = copied(selected, &mut self.navigator, self.lang);
            }
            Action::Save => self.next = Next::Save,
            Action::Help => self.navigator.overlay = Overlay::Help { scroll: 0 },
            Action::Guide => self.turn_guide(),
            Action::TaskAgain => self.begin_task_again(),
            Action::Lessons => self.next = Next::Visit(Place::Lessons),
            Action::Tour => self.next = Next::Visit(Place::Demo("tour".to_owned())),
            Action::Compare => self.next = Next::Visit(Place::Compare("message".to_owned())),
            Action::Find => {}
            Action::Quit => {
                self.leave_guide();
                self.next = Next::Pop;
            }
        }
    }

    fn show_code_in_another_language(&mut self) {
        if self.calls == CallsView::Code {
            self.language.turn();
        }
        self.calls = CallsView::Code;
    }

    fn turn_filter(&mut self) {
        let selected = self.view().selected;
        if selected.is_none() && !self.only {
            return self.say_that_none_is_selected();
        }
        self.only = !self.only;
        self.navigator.only = selected.filter(|_| self.only);
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
            return self.say_that_none_is_selected();
        }
        self.navigator.overlay = Overlay::Inspect { scroll: 0 };
    }

    fn say_that_none_is_selected(&mut self) {
        let view = self.view();
        let none = view.world.epoll().is_none_or(crate::trace::world::Epoll::is_empty);
        let waits = view.client.is_some();
        self.navigator.warn(self.lang.pick(if waits {
            (
                "the selected client has no fd yet: the server's accept4 makes it",
                "选中的客户端还没有 fd，服务器调用 accept4 才会得到",
            )
        } else if none {
            ("no fd is registered that could be inspected", "此刻没有已注册的 fd 可查看")
        } else {
            ("no fd is selected: ↑ and ↓ select one", "没有选中 fd，用 ↑ ↓ 选择")
        }));
    }

    fn ask_to_send(&mut self, question: Question, proposal: String) {
        if self.can_send() {
            self.navigator.ask(question, proposal);
        }
    }

    /// Makes a move along the timeline. At the end of a recording, playing starts over.
    pub(super) fn go(&mut self, to: Move) {
        let timeline = self.source.timeline();
        if to == Move::Play && self.source.session().is_none() && !self.navigator.cursor.is_past() {
            self.navigator.cursor.go(Move::Start, timeline);
        }
        self.navigator.go(to, timeline);
    }

    /// Whether the selected client can send; if not, says why.
    fn can_send(&mut self) -> bool {
        let Some(session) = self.source.session() else { return false };
        let open = self.focused_client(session.timeline().now()).and_then(|id| session.clients().client(id)).is_some();
        if !open {
            self.client_does("", |_, _| Err(ClientError::Gone));
        }
        open
    }
}

/// Whether an action needs a live server.
fn drives(action: Action) -> bool {
    use Action::{Close, Connect, End, Guide, OneShot, Reading, Reset, Send, SendAmount, Trigger, Type};
    matches!(action, Guide | Connect | Send | SendAmount | Type | Reading | End | Reset | Close | Trigger | OneShot)
}

impl WorkbenchScreen {
    pub(super) fn policy_key(&mut self, row: usize, action: Action) {
        let (last, lives) = (CHOICES.len() - 1, self.source.session().is_some());
        match action {
            Action::Up => self.navigator.overlay = Overlay::Policy { row: row.saturating_sub(1) },
            Action::Down => self.navigator.overlay = Overlay::Policy { row: (row + 1).min(last) },
            Action::Inspect | Action::Travel(Move::ForwardCall) | Action::Step if lives => self.change(row, true),
            Action::Travel(Move::BackCall) if lives => self.change(row, false),
            // The server and the clients can be driven meanwhile.
            _ => self.perform(action),
        }
    }

    fn change(&mut self, row: usize, forward: bool) {
        match CHOICES[row].change {
            Change::Turn { turn, .. } => self.switch(|policy| turn(policy, forward)),
            Change::Fault(fault, _) => self.switch(|policy| policy.faults.toggle(fault)),
            Change::Number { get, .. } => {
                let Some(session) = self.source.session() else { return };
                self.navigator.ask(Question::Choice(row), get(session.policy()).to_string());
            }
        }
    }

    pub(super) fn answer_choice(&mut self, row: usize, answer: &str) {
        let Change::Number { unit, least, most, set, .. } = CHOICES[row].change else { return };
        match answer.replace([',', '_', ' '], "").parse() {
            Ok(n) if (least..=most).contains(&n) => self.switch(|policy| set(policy, n)),
            _ => {
                let (most, unit) = (grouped(most.unsigned_abs()), self.lang.pick(unit));
                let expected = words!(
                    self.lang,
                    "\"{answer}\": expected {least} to {most} {unit}",
                    "“{answer}”应为 {least} 到 {most}（{unit}）"
                );
                self.navigator.ask_again(Question::Choice(row), answer, expected);
            }
        }
    }
}
