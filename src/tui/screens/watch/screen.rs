//! A program that is watched: the state of the screen, and how it stands on the stack of screens. `view.rs` draws it.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Duration;

use crossterm::event::Event;
use nix::poll::PollTimeout;
use ratatui::prelude::{Buffer, Rect};

use super::keys::KEYS;
use super::output::Output;
use super::source::Sources;
use crate::analysis::{History, scope::Timebase};
use crate::i18n::Lang;
use crate::probe::{Breakpoint, ServerState};
use crate::record::{Annotation, Call, Chunk, Nanos, Record, Seq, Tid};
use crate::session::Clients;
use crate::trace::{World, world::FileId};
use crate::tui::keymap::binding::{Listed, is_own, listed};
use crate::tui::keymap::past;
use crate::tui::moment::{Now, Playhead};
use crate::tui::navigator::{Notice, Passed};
use crate::tui::screens::workbench::Focus;
pub(super) use crate::tui::screens::workbench::PACES;
use crate::tui::widgets::{CallsView, View};
use crate::tui::{Navigator, Next, Screen, Theme};
use crate::watch::{Ended, Going, HeldCall, Live, WatchError};

/// How far before or after a moment its line of source is looked for, in records.
const NEAR: u64 = 64;

/// The screen of a program that is watched.
#[allow(clippy::struct_excessive_bools, reason = "each is what a key switches, by itself")]
pub struct WatchScreen {
    pub(super) live: Live,
    pub(super) history: History,
    pub(super) clients: Option<Clients>,
    /// How the program ended.
    pub(super) end: Option<Result<Ended, WatchError>>,
    pub(super) theme: Theme,
    pub(super) lang: Lang,
    pub(super) navigator: Navigator,
    pub(super) focus: Focus,
    pub(super) calls: CallsView,
    pub(super) timebase: Timebase,
    pub(super) amount: usize,
    pub(super) pace: usize,
    /// It runs at the pace, and since when no call was made.
    pub(super) paced: bool,
    pub(super) since: Duration,
    /// The calls that threads are held before.
    pub(super) held: Vec<HeldCall>,
    pub(super) hit: Option<Breakpoint>,
    /// The thread that steps.
    pub(super) thread: Option<Tid>,
    /// The epoll that is looked at, whichever is used; and the world that is shown, with that under the scope.
    pub(super) epoll: Option<FileId>,
    looked_at: Option<Box<World>>,
    pub(super) output: Output,
    pub(super) output_shown: bool,
    /// Keys go to the program.
    pub(super) typing: bool,
    /// The last key was Ctrl-C.
    pub(super) interrupted: bool,
    pub(super) sources: Sources,
    line: Option<Chunk>,
    batch: Vec<Record>,
    /// The time of the last record.
    latest: Nanos,
}

impl WatchScreen {
    pub fn new(live: Live, theme: Theme, lang: Lang) -> Self {
        let mut navigator = Navigator::new(lang);
        navigator.say(lang.pick(if live.is_attached() {
            (
                "what was before is unknown; Space holds it, c connects a client to it, q lets it run on as before",
                "此前的事未知；Space 让它停住，c 用客户端连接它，q 放开它，照常运行",
            )
        } else {
            (
                "Space makes the program's next call, w goes to the next wait, r runs it; c connects a client to it",
                "Space 执行程序的下一个调用，w 到下一次等待，r 运行；c 用客户端连接它",
            )
        }));
        Self {
            live,
            history: History::default(),
            clients: None,
            end: None,
            theme,
            lang,
            navigator,
            focus: Focus::None,
            calls: CallsView::default(),
            timebase: Timebase::Calls(1),
            amount: 3000,
            pace: PACES.len() - 1,
            paced: false,
            since: Duration::ZERO,
            held: Vec::new(),
            hit: None,
            thread: None,
            epoll: None,
            looked_at: None,
            output: Output::default(),
            output_shown: false,
            typing: false,
            interrupted: false,
            sources: Sources::default(),
            line: None,
            batch: Vec::new(),
            latest: Nanos(0),
        }
    }

    /// How the program has ended, if it has.
    pub fn end(&self) -> Option<&Result<Ended, WatchError>> {
        self.end.as_ref()
    }

    /// What was found, and all else that happened.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Ends the program, if it has not ended, and takes in its last records.
    pub fn close(&mut self, mut each: impl FnMut(&Record)) {
        let mut rest = Vec::new();
        self.live.end(|live| {
            live.drain(&mut rest);
        });
        self.batch.append(&mut rest);
        self.keep(&mut each);
    }

    pub(super) fn exit_status(&self) -> Option<u8> {
        self.end.as_ref()?.as_ref().ok().map(|end| end.status)
    }

    pub(super) fn shows_output(&self) -> bool {
        self.output_shown || self.typing
    }

    /// The held calls, if now is shown.
    pub(super) fn held_now(&self) -> Option<&[HeldCall]> {
        (!self.navigator.cursor.is_past()).then_some(&*self.held)
    }

    /// The held call that is shown: that of the selected thread, or which Space makes.
    pub(super) fn held_call(&self) -> Option<&HeldCall> {
        let selected = self.held.iter().find(|held| Some(held.tid) == self.thread);
        selected.or(self.held.first().filter(|_| self.thread.is_none()))
    }

    /// The line of source that is shown.
    pub(super) fn line(&self) -> Option<Chunk> {
        self.line
    }

    /// The world at the moment shown, whichever epoll is looked at.
    pub(super) fn shown_world(&self) -> &World {
        self.navigator.cursor.world(&self.history)
    }

    pub(super) fn view(&self) -> View<'_> {
        let mut shown = self.navigator.cursor.shown(&self.history, self.now());
        if let Some(world) = &self.looked_at {
            shown.world = world;
        }
        let world = shown.world;
        View {
            addr: self.listener(),
            selected: self.focus.file(world),
            client: self.focus.client(world).map(|client| client.0),
            frozen: self.focus.is_frozen(world),
            amount: self.amount,
            timebase: self.timebase,
            calls: self.calls,
            taught: true,
            ..View::of(shown, &self.navigator, &self.theme, self.lang)
        }
    }

    fn now(&self) -> Now {
        let world = self.history.now();
        let held = self.held_call();
        let state = match (&self.end, held, world.hung()) {
            (Some(_), ..) => ServerState::Ended,
            (None, Some(held), _) => self.hit.map_or(ServerState::Before(held.call), ServerState::Stopped),
            (None, None, Some(call)) => ServerState::Hung(call),
            (None, None, None) if world.is_blocked() => ServerState::Waiting,
            _ => ServerState::Working,
        };
        let playhead = if self.is_running() {
            let pace = if self.paced { PACES[self.pace] } else { None };
            Playhead::Runs { pace }
        } else {
            Playhead::Held
        };
        let next = held.map(|held| held.call);
        let runs_on = self.end.is_none().then(|| self.is_running());
        Now { state, playhead, next, ended: None, recorded: false, runs_on }
    }

    /// Takes in what has come, in the order of time, and gives each record to `each`.
    fn keep(&mut self, each: &mut dyn FnMut(&Record)) {
        if let Some(clients) = &mut self.clients {
            clients.pump();
            self.batch.extend(clients.take_records());
        }
        if !self.batch.is_sorted_by_key(|record| record.t) {
            self.batch.sort_by_key(|record| record.t);
        }
        for mut record in self.batch.drain(..) {
            self.latest = record.t.max(self.latest);
            (record.seq, record.t) = (Seq(self.history.len() + 1), self.latest);
            self.history.push(record);
            each(&record);
        }
    }

    /// What follows from a new moment: its line of source, and the world with the chosen epoll under the scope.
    fn look(&mut self) {
        let world = self.navigator.cursor.world(&self.history);
        self.looked_at = self
            .epoll
            .filter(|id| world.epolls_of().any(|(epoll, ..)| epoll == *id))
            .map(|id| Box::new(world.looking_at(id)));
        let held = self.held_call().filter(|_| !self.navigator.cursor.is_past());
        self.line = match held {
            Some(held) => held.line,
            None => self.line_of_moment(),
        };
        if let Some(at) = self.line {
            let holds = self.live.holds();
            self.sources.look(at, |name| holds.path(name));
        }
    }

    /// The line of the next call in the past; or else of the wait that a thread is in.
    fn line_of_moment(&self) -> Option<Chunk> {
        let line = |record: &Record| match record.call {
            Call::Annotation(Annotation::Line { at }) => Some(at),
            _ => None,
        };
        let at = self.navigator.cursor.at(&self.history);
        let mut later = self.history.range(at, self.history.len().min(at + NEAR));
        let next = later.find(|record| line(record).is_some() || record.call.is_syscall());
        if let Some(at) = next.as_ref().and_then(line) {
            return Some(at);
        }
        // The line of a call comes right before it, and that of a wait before it is entered.
        let waits = next.is_none_or(|next| matches!(next.call.plain(), Call::EpollWait { .. }));
        let before = self.history.range(at.saturating_sub(NEAR), at).rev();
        let mut own = before.filter(|record| next.is_none_or(|next| next.tid == record.tid));
        own.by_ref().take_while(|record| waits || !record.call.is_syscall()).find_map(|record| line(&record))
    }
}

impl Screen for WatchScreen {
    fn take_in(&mut self, each: &mut dyn FnMut(&Record)) -> bool {
        // Asked before, so that all records from before a hold have come with it.
        let held = self.live.holds().held();
        self.live.drain(&mut self.batch);
        let before = self.history.len();
        self.keep(each);
        let mut news = self.history.len() != before;
        let written = self.live.terminal.read();
        news |= !written.is_empty();
        self.output.take(&written);
        if self.end.is_none() {
            self.end = self.live.take_end();
            news |= self.end.is_some();
            if self.end.is_some() {
                // Its last words say why.
                (self.typing, self.output_shown) = (false, true);
            }
        }
        let held = self.judge(held);
        news |= held != self.held;
        self.held = held;
        self.tell_stop();
        self.navigator.cursor.keep_up(&self.history);
        if news {
            self.look();
        }
        news
    }

    fn render(&self, area: Rect, buf: &mut Buffer) {
        self.draw_on(area, buf);
    }

    fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let clients = self.clients.as_ref().map(|clients| clients.as_fd());
        let also: Vec<BorrowedFd<'_>> = also.iter().copied().chain(clients).collect();
        self.live.sleep(&also, timeout);
    }

    fn input(&mut self, event: &Event) -> Next {
        let next = match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) if self.typing => {
                self.type_bytes(text.as_bytes());
                Next::Stay
            }
            Event::Paste(text) => {
                self.navigator.paste(text);
                Next::Stay
            }
            _ => Next::Stay,
        };
        self.look();
        next
    }

    fn pass(&mut self, passed: Duration) -> Passed {
        let played = self.navigator.pass(passed, &self.history);
        let due = self.pass_at_pace(passed);
        if played.moved {
            self.look();
        }
        Passed { again: played.again.into_iter().chain(due).min(), ..played }
    }

    fn keys(&self) -> Vec<Listed> {
        listed(KEYS).chain(past(|code| is_own(KEYS, code))).collect()
    }

    fn looks(&self) -> (Theme, Lang) {
        (self.theme.clone(), self.lang)
    }

    /// Nobody would take in the records of a program that runs on.
    fn rest(&mut self) {
        if self.live.holds().going() != Going::Held {
            self.hold();
        }
        self.paced = false;
    }

    fn recorded(&self) -> Option<&History> {
        Some(&self.history)
    }

    fn tell(&mut self, notice: Notice) {
        self.navigator.notice = Some(notice);
    }
}
