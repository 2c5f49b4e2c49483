//! What each key does to a program that is watched.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::keys::{self, Action};
use super::screen::WatchScreen;
use crate::i18n::{grouped, words};
use crate::session::{Clients, Payload};
use crate::trace::text;
use crate::tui::Next;
use crate::tui::keymap::{self, Move, interrupts};
use crate::tui::navigator::{Overlay, Question, Taken, scrolled};
use crate::tui::palette::Place;
use crate::tui::screens::workbench::Focus;

const MAX_AMOUNT: usize = 64 << 20;

impl WatchScreen {
    pub(super) fn key(&mut self, key: &KeyEvent) -> Next {
        self.navigator.attend();
        if interrupts(key) {
            return if self.interrupt() { Next::Quit } else { Next::Stay };
        }
        self.interrupted = false;
        if self.typing {
            self.type_key(key);
            return Next::Stay;
        }
        match self.navigator.take(key, &self.history) {
            Taken::Done => {
                self.live.holds().break_at(self.navigator.breakpoints());
                return Next::Stay;
            }
            Taken::Answer(question, answer) => {
                self.answer(question, &answer);
                return Next::Stay;
            }
            Taken::No => {}
        }
        let Some(action) = keys::action(key) else {
            self.say_what_is_not_here(key);
            return Next::Stay;
        };
        if let Overlay::Inspect { scroll } = self.navigator.overlay {
            if matches!(action, Action::Escape | Action::Inspect) {
                self.navigator.overlay = Overlay::None;
                return Next::Stay;
            }
            if let Some(scroll) = keymap::action(key).and_then(|action| scrolled(scroll, action)) {
                self.navigator.overlay = Overlay::Inspect { scroll };
                return Next::Stay;
            }
        }
        self.perform(action)
    }

    /// A key of the workbench that changes the built-in server.
    fn say_what_is_not_here(&mut self, key: &KeyEvent) {
        if matches!(key.code, KeyCode::Char('m' | 'o' | 'p')) {
            self.navigator.say(self.lang.of(
                "the program itself decides how it registers its fds: there is no policy to switch here",
                "程序自己决定如何注册 fd：这里没有可切换的策略",
            ));
        }
    }

    fn perform(&mut self, action: Action) -> Next {
        match action {
            Action::Step => self.step(),
            Action::NextWait => self.next_wait(),
            Action::Run => self.run_or_pause(),
            Action::Slower | Action::Faster => self.change_pace(action == Action::Faster),
            Action::Thread => self.next_thread(),
            Action::Epoll => self.next_epoll(),
            Action::Keys => self.turn_typing(),
            Action::Output => self.output_shown = !self.output_shown,
            Action::Breakpoints => self.navigator.overlay = Overlay::Breakpoints { row: 0 },
            Action::Connect => {
                self.navigator.cursor.to_now();
                self.connect();
            }
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
            Action::Up => self.select(-1),
            Action::Down => self.select(1),
            Action::PageUp => self.select(-10),
            Action::PageDown => self.select(10),
            Action::Inspect => self.inspect(),
            Action::Travel(to) => self.go(to),
            Action::Timebase => self.timebase = self.timebase.next(),
            Action::CallsView => self.calls = self.calls.next(),
            Action::Copy => return self.copy(),
            Action::Save => return Next::Save,
            Action::Projector => self.theme = self.theme.projected(!self.theme.projector),
            Action::Lessons => return Next::Visit(Place::Lessons),
            Action::Help => self.navigator.overlay = Overlay::Help { scroll: 0 },
            Action::Escape => self.navigator.cursor.to_now(),
            Action::Quit => return Next::Pop,
        }
        Next::Stay
    }

    /// Makes a move along the timeline. After the end of the program, playing starts over.
    pub(super) fn go(&mut self, to: Move) {
        if to == Move::Play && self.end.is_some() && !self.navigator.cursor.is_past() {
            self.navigator.cursor.go(Move::Start, &self.history);
        }
        self.navigator.go(to, &self.history);
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
            let none = ("no fd is selected: ↑ and ↓ select one", "没有选中 fd，用 ↑ ↓ 选择");
            return self.navigator.warn(self.lang.pick(none));
        }
        self.navigator.overlay = Overlay::Inspect { scroll: 0 };
    }

    fn answer(&mut self, question: Question, answer: &str) {
        match question {
            Question::Text if !answer.is_empty() => {
                self.send(Payload::Bytes([answer.as_bytes(), b"\n"].concat()), answer.len() + 1);
            }
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
            _ => {}
        }
    }

    fn copy(&mut self) -> Next {
        let view = self.view();
        let item = view.world.epoll().and_then(|epoll| Some((epoll, view.world.registration(epoll, view.selected?)?)));
        let copied = match item {
            Some((epoll, item)) => {
                let (fd, name, why) = (item.fd, view.world.name_of(item, self.lang), view.why(epoll, item));
                Some(words!(self.lang, "fd {fd} {name}: {why}", "fd {fd} {name}：{why}"))
            }
            None => view.next.map(|next| text::call(&next, self.lang)),
        };
        let Some(copied) = copied else {
            self.navigator.warn(self.lang.of("there is nothing to copy yet", "还没有可复制的内容"));
            return Next::Stay;
        };
        let (n, lang) = (grouped(copied.chars().count() as u64), self.lang);
        self.navigator.say(words!(
            lang,
            "copied {n} characters, if the terminal allows it (OSC 52)",
            "已复制 {n} 个字符（若终端允许 OSC 52）"
        ));
        Next::Copy(copied)
    }

    fn turn_typing(&mut self) {
        if self.end.is_some() {
            return self.navigator.warn(self.lang.of("the program has ended", "程序已结束"));
        }
        if self.live.is_attached() {
            return self.navigator.warn(self.lang.of(
                "the program ran already, and has its own terminal: type there",
                "程序早已在运行，有自己的终端：请在那里输入",
            ));
        }
        self.typing = !self.typing;
    }

    fn type_key(&mut self, key: &KeyEvent) {
        if key.code == KeyCode::F(2) {
            return self.turn_typing();
        }
        self.type_bytes(&bytes_of(key));
    }

    pub(super) fn type_bytes(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && !self.live.terminal.write(bytes) {
            self.navigator.warn(self.lang.of("the program does not read its terminal", "程序不读取它的终端"));
        }
    }
}

/// What a terminal sends for a key.
fn bytes_of(key: &KeyEvent) -> Vec<u8> {
    match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            u8::try_from(c).map_or(Vec::new(), |byte| vec![byte & 0x1f])
        }
        KeyCode::Char(c) => c.to_string().into_bytes(),
        KeyCode::Enter => vec![b'\r'],
        KeyCode::Backspace => vec![0x7f],
        KeyCode::Tab => vec![b'\t'],
        KeyCode::Esc => vec![0x1b],
        KeyCode::Up => b"\x1b[A".to_vec(),
        KeyCode::Down => b"\x1b[B".to_vec(),
        KeyCode::Right => b"\x1b[C".to_vec(),
        KeyCode::Left => b"\x1b[D".to_vec(),
        _ => Vec::new(),
    }
}
