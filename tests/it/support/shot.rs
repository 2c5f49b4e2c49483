//! A recording, a moment of it, and how it is looked at: all that a screen is made of.

use std::path::PathBuf;

use epollscope::analysis::History;
use epollscope::analysis::scope::Timebase;
use epollscope::i18n::Lang;
use epollscope::probe::ServerState;
use epollscope::record::{Call, Fd, Policy, Record, Tid, Trigger};
use epollscope::server::ServerError;
use epollscope::server::listing::Language;
use epollscope::trace::world::FileId;
use epollscope::trace::{Reader, World};
use epollscope::tui::Theme;
use epollscope::tui::moment::Playhead;
use epollscope::tui::navigator::{Notice, Overlay};
use epollscope::tui::theme::{Depth, Ground};
use epollscope::tui::widgets::{CallsView, View};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// Where a recording lies.
pub(crate) fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.jsonl"))
}

/// A recording.
pub(crate) struct Tape {
    pub(crate) records: Vec<Record>,
    server: Tid,
}

impl Tape {
    pub(crate) fn load(name: &str) -> Self {
        let reader = Reader::open(&data(name)).expect("a recording");
        Self::new(reader.collect::<Result<_, _>>().expect("a whole recording"))
    }

    /// The server makes the first call of all.
    pub(crate) fn new(records: Vec<Record>) -> Self {
        let server = records[0].tid;
        Self { records, server }
    }

    /// The position before the server's next call from `from` on that is as wanted; the end where there is none.
    pub(crate) fn before(&self, from: usize, wanted: fn(&Call) -> bool) -> usize {
        let mut calls = self.records.iter().enumerate().skip(from);
        let found = calls.find(|(_, record)| record.tid == self.server && wanted(&record.call));
        found.map_or(self.end(), |(k, _)| k)
    }

    /// The position before the server's last call up to `to` that is as wanted.
    pub(crate) fn last(&self, to: usize, wanted: fn(&Call) -> bool) -> usize {
        let found = self.records[..to].iter().rposition(|record| record.tid == self.server && wanted(&record.call));
        found.expect("such a call")
    }

    pub(crate) fn end(&self) -> usize {
        self.records.len()
    }

    /// The screen when these were all the records there were.
    pub(crate) fn at(&self, k: usize) -> Shot {
        let mut timeline = History::default();
        self.records[..k].iter().for_each(|record| timeline.push(*record));
        let next = self.next(k);
        let in_wait = matches!(next, Some(Call::EpollWait { .. }));
        let nothing_due = timeline.now().epoll().is_some_and(|epoll| timeline.now().due(epoll).next().is_none());
        let state = if in_wait && nothing_due { ServerState::Waiting } else { ServerState::Working };
        Shot::new(timeline, state, next.filter(|_| !in_wait))
    }

    /// The server's next call; a recording ends where it is held before a wait.
    pub(crate) fn next(&self, k: usize) -> Option<Call> {
        let mut calls = self.records[k..].iter().filter(|r| r.tid == self.server && r.call.is_syscall());
        let last_wait = || self.records.iter().rev().find(|r| matches!(r.call, Call::EpollWaitEnter { .. }));
        calls.next().or_else(last_wait).map(|record| record.call)
    }

    /// The screen when one looks back from the recording's end.
    pub(crate) fn back_at(&self, k: usize) -> Shot {
        let mut shot = self.at(self.end());
        let then = self.at(k);
        shot.world = then.world;
        shot.at = k as u64;
        shot.next = self.next(k);
        let behind = self.records[k..].iter().filter(|record| record.call.is_syscall()).count() as u64;
        shot.playhead = Playhead::Past { behind };
        shot.state = then.state;
        shot
    }
}

/// All that a [`View`] borrows.
pub(crate) struct Shot {
    timeline: History,
    at: u64,
    world: World,
    next: Option<Call>,
    state: ServerState,
    playhead: Playhead,
    pub(crate) theme: Theme,
    lang: Lang,
    overlay: Overlay,
    notice: Option<Notice>,
    ordered: Option<Policy>,
    selected: Option<FileId>,
    frozen: bool,
    ended: Option<ServerError>,
}

impl Shot {
    pub(crate) fn new(timeline: History, state: ServerState, next: Option<Call>) -> Self {
        Self {
            at: timeline.len(),
            world: timeline.now().clone(),
            timeline,
            next,
            state,
            playhead: Playhead::Held,
            theme: Theme::new(Depth::True, Ground::Dark),
            lang: Lang::En,
            overlay: Overlay::None,
            notice: None,
            ordered: None,
            selected: None,
            frozen: false,
            ended: None,
        }
    }

    pub(crate) fn selecting(mut self, fd: i32) -> Self {
        let epoll = self.world.epoll().expect("an epoll");
        self.selected = Some(epoll.item(Fd(fd)).expect("registered").file);
        self
    }

    pub(crate) fn standing(self, (playhead, state): (Playhead, ServerState)) -> Self {
        let next = self.next.filter(|_| !matches!(state, ServerState::Hung(_)));
        Self { next, state, playhead, ..self }
    }

    pub(crate) fn died(self, error: ServerError) -> Self {
        Self { state: ServerState::Died, next: None, ended: Some(error), ..self }
    }

    pub(crate) fn frozen(self) -> Self {
        Self { frozen: true, ..self }
    }

    pub(crate) fn overlay(self, overlay: Overlay) -> Self {
        Self { overlay, ..self }
    }

    pub(crate) fn notice(self, text: &str, alert: bool) -> Self {
        Self { notice: Some(Notice { text: text.to_owned(), alert }), ..self }
    }

    /// The server was told the other trigger, and has not come to it.
    pub(crate) fn switching(mut self) -> Self {
        let now = self.policy();
        let other = if now.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level };
        self.ordered = Some(Policy { trigger: other, ..now });
        self
    }

    pub(crate) fn themed(self, depth: Depth, ground: Ground) -> Self {
        Self { theme: Theme::new(depth, ground), ..self }
    }

    pub(crate) fn in_chinese(self) -> Self {
        self.speaking(Lang::Zh)
    }

    pub(crate) fn speaking(self, lang: Lang) -> Self {
        Self { lang, ..self }
    }

    pub(crate) fn policy(&self) -> Policy {
        self.world.policy().copied().unwrap_or_default()
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            theme: &self.theme,
            lang: self.lang,
            overlay: &self.overlay,
            notice: self.notice.as_ref(),
            timeline: &self.timeline,
            at: self.at,
            world: &self.world,
            state: self.state,
            playhead: self.playhead,
            ended: self.ended.clone(),
            track: None,
            breakpoints: &[],
            next: self.next,
            addr: "127.0.0.1:9292".parse().ok(),
            policy: Some(self.policy()),
            ordered: self.ordered,
            selected: self.selected,
            client: None,
            frozen: self.frozen,
            process: None,
            amount: 3000,
            timebase: Timebase::Calls(1),
            taught: false,
            by_hand: false,
            calls: CallsView::default(),
            only: None,
            sought: None,
            still: std::time::Duration::ZERO,
            language: Language::default(),
            task: None,
            script: Vec::new(),
            guide: None,
        }
    }

    /// The cells of a screen of so many columns and rows.
    pub(crate) fn draw(&self, (columns, rows): (u16, u16)) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
        terminal.draw(|frame| self.view().draw(frame)).expect("drawn");
        terminal.backend().buffer().clone()
    }
}
