//! What the panels of a workbench show, and questions that several of them ask about it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::analysis::{History, scope::Timebase, search::Search, why};
use crate::guide::Guide;
use crate::i18n::Lang;
use crate::lesson::{Block, Scripted, Standpoint};
use crate::probe::{Breakpoint, ServerState};
use crate::record::{Call, Policy, Trigger};
use crate::server::ServerError;
use crate::server::listing::Language;
use crate::trace::World;
use crate::trace::world::{Epoll, FileId, Item};
use crate::tui::Theme;
use crate::tui::moment::{Moment, Playhead, Track};
use crate::tui::navigator::{Navigator, Notice, Overlay};

/// What the panel of calls shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallsView {
    /// The waits, each with its events and a sentence on each.
    #[default]
    Waits,
    /// Every call of the server with its result.
    Calls,
    /// The server's program, with the line of the next call marked.
    Code,
}

impl CallsView {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Waits => Self::Calls,
            Self::Calls => Self::Code,
            Self::Code => Self::Waits,
        }
    }
}

/// The task of a lesson: what it asks for, how each of its claims stands, and whether it is done.
#[derive(Clone, Copy)]
pub struct TaskView<'a> {
    pub text: &'a [Block],
    pub stands: &'a [Standpoint],
    pub is_done: bool,
}

/// Everything that the panels show.
pub struct View<'a> {
    pub theme: &'a Theme,
    pub lang: Lang,
    pub overlay: &'a Overlay,
    pub notice: Option<&'a Notice>,
    pub timeline: &'a History,
    pub at: u64,
    pub world: &'a World,
    pub state: ServerState,
    /// Which moment that is, and how it goes on from there.
    pub playhead: Playhead,
    pub ended: Option<ServerError>,
    pub next: Option<Call>,
    pub addr: Option<SocketAddr>,
    pub policy: Option<Policy>,
    /// A policy that it was given and does not follow yet.
    pub ordered: Option<Policy>,
    pub selected: Option<FileId>,
    /// The selected client, by its place in the order of connecting, also while it is not accepted yet.
    pub client: Option<u32>,
    pub frozen: bool,
    /// The process of the live server.
    pub process: Option<u32>,
    /// The bytes that `s` sends.
    pub amount: usize,
    /// What a column of the scope stands for.
    pub timebase: Timebase,
    pub taught: bool,
    /// The calls are made by hand, so the server does no work between two of them.
    pub by_hand: bool,
    pub track: Option<Track>,
    pub breakpoints: &'a [Breakpoint],
    pub calls: CallsView,
    /// Only the calls about this file are shown.
    pub only: Option<FileId>,
    /// The search whose hits are marked.
    pub sought: Option<Search>,
    /// For how long nothing has happened, up to a second.
    pub still: Duration,
    /// The language that the server's program is shown in.
    pub language: Language,
    /// The lines of a lab that is played.
    pub script: Vec<Scripted<'a>>,
    /// The task of a lesson, while it is tried.
    pub task: Option<TaskView<'a>>,
    /// The guide through the first minute, while it is open.
    pub guide: Option<&'a Guide>,
}

impl<'a> View<'a> {
    /// The view of a moment: nothing is selected, and the policy is that of the records.
    pub fn of(shown: Moment<'a>, navigator: &'a Navigator, theme: &'a Theme, lang: Lang) -> Self {
        let Moment { timeline, at, world, now, track } = shown;
        Self {
            theme,
            lang,
            overlay: &navigator.overlay,
            notice: navigator.notice.as_ref(),
            timeline,
            at,
            world,
            state: now.state,
            playhead: now.playhead,
            ended: now.ended,
            next: now.next,
            addr: None,
            policy: world.policy().copied(),
            ordered: world.ordered().copied(),
            selected: None,
            client: None,
            frozen: false,
            process: None,
            amount: 0,
            timebase: Timebase::Calls(1),
            taught: false,
            by_hand: false,
            track,
            breakpoints: navigator.breakpoints(),
            calls: CallsView::default(),
            only: None,
            sought: None,
            still: Duration::ZERO,
            language: Language::default(),
            script: Vec::new(),
            task: None,
            guide: None,
        }
    }
}

impl View<'_> {
    /// At most `most` connections: the selected one first, then the youngest, in their order.
    pub(super) fn connections(&self, most: usize) -> Vec<FileId> {
        let Some(epoll) = self.world.epoll() else { return Vec::new() };
        let mut ids: Vec<FileId> = self.selected.into_iter().collect();
        let is_stream = |id| self.world.file(id).is_some_and(|file| file.stream().is_some());
        let others =
            epoll.items().rev().map(|item| item.file).filter(|id| is_stream(*id) && Some(*id) != self.selected);
        let mut others: Vec<FileId> = others.take(most.saturating_sub(ids.len())).collect();
        others.reverse();
        ids.extend(others);
        ids
    }

    /// The trigger of the policy, or else of the first registration.
    pub(crate) fn trigger(&self) -> Option<Trigger> {
        let first = || self.world.epoll()?.items().next();
        let of = |item: &Item| if item.interest.is_edge() { Trigger::Edge } else { Trigger::Level };
        self.policy.map(|policy| policy.trigger).or_else(|| first().map(of))
    }

    pub(crate) fn is_past(&self) -> bool {
        matches!(self.playhead, Playhead::Past { .. })
    }

    /// Whether the server has dealt with everything that was reported: it waits, or is about to. Unread bytes that will
    /// not be reported are stranded then, unless the ready list is in doubt.
    pub(super) fn at_rest(&self) -> bool {
        let Some(epoll) = self.world.epoll() else { return false };
        if self.by_hand { epoll.certain } else { self.world.at_rest(epoll, self.next.as_ref()) }
    }

    /// The sentence on a registration. Nothing is called stranded while the server still works.
    pub(crate) fn why(&self, epoll: &Epoll, item: &Item) -> String {
        let why = if self.at_rest() { why::not_reported } else { why::at_work };
        why(self.world, epoll, item, self.lang)
    }
}

/// The call in which the server hangs, in short: `recv(5)`.
pub(crate) fn hanging(call: &Call) -> String {
    let name = if matches!(call, Call::Sendto { .. }) { "send" } else { "recv" };
    call.fd().map_or_else(|| name.to_owned(), |fd| format!("{name}({fd})"))
}
