//! What each key does.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::{App, Focus, Mode, Notice, PACES, Question};
use crate::probe::{Mode as GateMode, Position};
use crate::record::{Policy, Trigger};
use crate::script::{Client, ClientId, CrewError, Payload};
use crate::trace::lang::words;
use crate::trace::why::grouped;
use crate::trace::world::FileId;
use crate::ui::keys::{self, Action};
use crate::ui::travel::Move;

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
        self.notice = None;
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
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Step => self.step(),
            Action::NextWait => self.next_wait(),
            Action::Run => self.run_or_pause(),
            Action::Slower => self.change_pace(self.pace.saturating_sub(1)),
            Action::Faster => self.change_pace((self.pace + 1).min(PACES.len() - 1)),
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
                self.client_does(what, |app, id| app.live.crew_mut().end(id));
            }
            Action::Reset => {
                let what = self.lang.of("reset its connection", "重置了连接");
                self.client_does(what, |app, id| app.live.crew_mut().reset(id));
            }
            Action::Close => {
                let what = self.lang.of("closed its connection", "关闭了连接");
                self.client_does(what, |app, id| app.live.crew_mut().close(id));
            }
            Action::Trigger => self.switch(|policy| {
                policy.trigger = if policy.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level };
            }),
            Action::OneShot => self.switch(|policy| policy.oneshot = !policy.oneshot),
            Action::Policy => self.mode = Mode::Policy { row: 0 },
            Action::Up => self.select(-1),
            Action::Down => self.select(1),
            Action::Inspect => self.inspect(),
            Action::Travel(to) => self.travel(to),
            Action::Escape => self.travel.to_now(),
            Action::PageUp => self.select(-10),
            Action::PageDown => self.select(10),
            Action::Timebase => self.next_timebase(),
            Action::Help => self.mode = Mode::Help { scroll: 0 },
            Action::Quit => self.quit = true,
        }
    }

    fn travel(&mut self, to: Move) {
        self.travel.go(to, self.live.timeline());
    }

    fn step(&mut self) {
        if self.travel.pause() {
            return;
        }
        if self.travel.is_past() {
            return self.travel(Move::ForwardCall);
        }
        match (self.live.mode(), self.live.position()) {
            (GateMode::Free | GateMode::Paced(_), _) => {
                self.live.set(GateMode::Held);
                self.say(self.lang.of("paused", "已暂停"));
            }
            (_, Position::Waiting) => self.blocked(),
            (_, Position::Inside(_)) => self.hangs(),
            _ => self.live.set(GateMode::Steps(1)),
        }
    }

    fn blocked(&mut self) {
        self.live.set(GateMode::Held);
        self.say(self.lang.of(
            "nothing is ready, so epoll_wait blocks: connect a client (c), or send (s)",
            "没有就绪的 fd，所以 epoll_wait 阻塞：请连接客户端（c）或发送（s）",
        ));
    }

    fn hangs(&mut self) {
        self.live.set(GateMode::Held);
        self.say("its call does not return until its peer acts: send (s) or read (f), or switch blocking off (p)");
    }

    fn next_wait(&mut self) {
        if self.travel.is_past() {
            return self.travel(Move::ForwardWait);
        }
        match self.live.position() {
            Position::Waiting => return self.blocked(),
            Position::Inside(_) => return self.hangs(),
            _ => {}
        }
        self.live.set(GateMode::NextWait);
    }

    fn run_or_pause(&mut self) {
        self.travel.to_now();
        match self.live.mode() {
            GateMode::Free | GateMode::Paced(_) => self.live.set(GateMode::Held),
            _ => self.live.set(self.gate_pace()),
        }
    }

    fn change_pace(&mut self, pace: usize) {
        let lang = self.lang;
        self.pace = pace;
        self.say(match PACES[pace] {
            Some(1) => lang.of("pace: one call a second (r runs)", "速度：每秒 1 次调用（r 运行）").to_owned(),
            Some(n) => words!(lang, "pace: {n} calls a second (r runs)", "速度：每秒 {n} 次调用（r 运行）"),
            None => lang.of("pace: as fast as it goes (r runs)", "速度：能多快就多快（r 运行）").to_owned(),
        });
        if matches!(self.live.mode(), GateMode::Free | GateMode::Paced(_)) {
            self.live.set(self.gate_pace());
        }
    }

    fn connect(&mut self) {
        self.travel.to_now();
        match self.live.crew_mut().connect() {
            Ok(id) => {
                self.focus = Focus::Client(id);
                self.say(self.lang.of(
                    "a client connects; the kernel queues it at the listener until accept",
                    "客户端已连接；accept 之前由内核在监听套接字上排队",
                ));
            }
            Err(error) => self.warn(words!(self.lang, "no client: {}", "没有客户端：{}", error.words(self.lang))),
        }
    }

    fn send(&mut self, payload: Payload, count: usize) {
        let count = grouped(count as u64);
        let what = words!(self.lang, "sends {count} bytes", "发送 {count} 字节");
        self.client_does(&what, |app, id| app.live.crew_mut().send(id, payload));
    }

    fn freeze(&mut self) {
        let client = self.focused_client(self.live.timeline().now());
        let reading = client.and_then(|id| self.live.crew().client(id)).is_some_and(Client::is_reading);
        let what = if reading {
            ("stops reading; what the server sends piles up", "停止读取；服务器发来的会堆积起来")
        } else {
            ("reads again", "恢复读取")
        };
        self.client_does(self.lang.pick(what), |app, id| app.live.crew_mut().set_reading(id, !reading));
    }

    /// Has the selected client do something; says so, or why not.
    fn client_does(&mut self, what: &str, does: impl FnOnce(&mut Self, ClientId) -> Result<(), CrewError>) {
        self.travel.to_now();
        let lang = self.lang;
        let world = self.live.timeline().now();
        let Some(id) = self.focused_client(world) else {
            let outside =
                matches!(self.focus, Focus::File(file) if world.file(file).is_some_and(|f| f.stream().is_some()));
            self.notice = Some(Notice {
                alert: true,
                text: if outside {
                    lang.of("this client is from outside: it acts by itself", "这个客户端来自外部：它自行其是")
                        .to_owned()
                } else {
                    lang.of("no client is selected: c connects one", "没有选中客户端：c 连接一个").to_owned()
                },
            });
            return;
        };
        match does(self, id) {
            Ok(()) => self.say(words!(lang, "client {id} {what}", "客户端 {id} {what}")),
            Err(error) => self.warn(words!(lang, "client {id}: {}", "客户端 {id}：{}", error.words(lang))),
        }
    }

    pub(super) fn switch(&mut self, change: impl FnOnce(&mut Policy)) {
        self.travel.to_now();
        let mut policy = *self.live.policy();
        let before = policy;
        change(&mut policy);
        self.live.follow(policy);
        let fds = self.live.timeline().now().epoll().map_or(0, crate::trace::world::Epoll::len);
        let rearms =
            before.trigger != policy.trigger || before.oneshot != policy.oneshot || before.write != policy.write;
        if rearms && fds > 0 {
            let n = grouped(fds as u64);
            let all = if fds == 1 { "the one fd".to_owned() } else { format!("all {n} fds") };
            self.say(self.lang.of(
                format!(
                    "EPOLL_CTL_MOD on {all} before the next epoll_wait: it re-arms, so what is ready is reported anew"
                ),
                format!("下一次 epoll_wait 之前对 {n} 个 fd 调用 EPOLL_CTL_MOD：重新启用，已就绪的会再次报告"),
            ));
        }
    }

    fn select(&mut self, by: isize) {
        let view = self.view();
        let ids: Vec<FileId> =
            view.world.epoll().map(|epoll| epoll.items().map(|item| item.file).collect()).unwrap_or_default();
        let at = view.selected.and_then(|id| ids.iter().position(|other| *other == id));
        let next = match at {
            Some(at) => at.saturating_add_signed(by).min(ids.len().saturating_sub(1)),
            None if by < 0 => ids.len().saturating_sub(1),
            None => 0,
        };
        if let Some(id) = ids.get(next) {
            self.focus = Focus::File(*id);
        }
    }

    fn inspect(&mut self) {
        if self.view().selected.is_none() {
            return self.warn(self.lang.of("no fd is selected: ↑ and ↓ select one", "没有选中 fd：用 ↑ ↓ 选择"));
        }
        self.mode = Mode::Inspect { scroll: 0 };
    }

    pub(super) fn ask(&mut self, question: Question, answer: String) {
        if !matches!(question, Question::Choice(_)) && !self.can_send() {
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
        let open = self.focused_client(self.live.timeline().now()).and_then(|id| self.live.crew().client(id)).is_some();
        if !open {
            self.client_does("", |_, _| Err(CrewError::Gone));
        }
        open
    }
}

/// Where an answered question leads back to.
fn after(question: Question) -> Mode {
    match question {
        Question::Choice(row) => Mode::Policy { row },
        Question::Amount | Question::Text => Mode::Workbench,
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
