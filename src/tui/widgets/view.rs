//! What a workbench shows, and what panels ask about it.

use std::net::SocketAddr;

use crate::analysis::History;
use crate::analysis::scope::Timebase;
use crate::analysis::why;
use crate::i18n::Lang;
use crate::probe::{Breakpoint, ServerState};
use crate::record::{Call, Policy, Trigger};
use crate::server::ServerError;
use crate::trace::World;
use crate::trace::world::{Epoll, FileId, Item};
use crate::tui::Theme;
use crate::tui::moment::{Moment, Place, Playhead};
use crate::tui::navigator::{Mode, Navigator, Notice};

/// All that the screen shows.
pub struct View<'a> {
    /// Styles.
    pub theme: &'a Theme,
    /// Its language.
    pub lang: Lang,
    /// What has the keys.
    pub mode: &'a Mode,
    /// A word to the user.
    pub notice: Option<&'a Notice>,
    /// All records.
    pub timeline: &'a History,
    /// The position that is shown.
    pub at: u64,
    /// The world there.
    pub world: &'a World,
    /// How the server stands.
    pub state: ServerState,
    /// Which moment that is, and how it goes on from there.
    pub playhead: Playhead,
    /// What ended the server, where nobody told it to end.
    pub ended: Option<ServerError>,
    /// Its next call.
    pub next: Option<Call>,
    /// Where it listens, if that is known.
    pub addr: Option<SocketAddr>,
    /// The policy that it follows, if that is known.
    pub policy: Option<Policy>,
    /// A policy that it was told and does not follow yet.
    pub ordered: Option<Policy>,
    /// The selected file.
    pub selected: Option<FileId>,
    /// The selected client does not read.
    pub frozen: bool,
    /// How many bytes `s` sends.
    pub amount: usize,
    /// What a column of the scope stands for.
    pub timebase: Timebase,
    /// It is shown in a lesson, or in the middle of one.
    pub taught: bool,
    /// The calls are made by hand, so that between two of them nothing is being worked on.
    pub by_hand: bool,
    /// Where that is; `None` where only now is looked at.
    pub place: Option<Place>,
    /// The breakpoints that are set.
    pub stops: &'a [Breakpoint],
}

impl<'a> View<'a> {
    /// What is shown of a moment to `viewer`; nothing is selected, and the policy is the one that the records tell.
    pub fn of(shown: Moment<'a>, navigator: &'a Navigator, theme: &'a Theme, lang: Lang) -> Self {
        let Moment { timeline, at, world, now, place } = shown;
        Self {
            theme,
            lang,
            mode: &navigator.mode,
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
            frozen: false,
            amount: 0,
            timebase: Timebase::Calls(1),
            taught: false,
            by_hand: false,
            place,
            stops: navigator.breakpoints(),
        }
    }
}

impl View<'_> {
    /// The connections of most interest, at most `most`: the selected one first, then the youngest, in their order.
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

    /// The trigger: the policy's, else as the first that is registered has it.
    pub(crate) fn trigger(&self) -> Option<Trigger> {
        let first = || self.world.epoll()?.items().next();
        let of = |item: &Item| if item.interest.is_edge() { Trigger::Edge } else { Trigger::Level };
        self.policy.map(|policy| policy.trigger).or_else(|| first().map(of))
    }

    /// Whether a moment of the past is shown.
    pub(crate) fn is_past(&self) -> bool {
        matches!(self.playhead, Playhead::Past { .. })
    }

    /// Whether the server is done with what was reported: it waits, or is about to. What is unread then and will not be
    /// reported is stranded, unless it is in doubt what will be.
    pub(super) fn at_rest(&self) -> bool {
        let Some(epoll) = self.world.epoll() else { return false };
        if self.by_hand { epoll.certain } else { self.world.at_rest(epoll, self.next.as_ref()) }
    }

    /// The sentence on a registration. Nothing is called stranded while the server is still at work on it.
    pub(super) fn why(&self, epoll: &Epoll, item: &Item) -> String {
        let why = if self.at_rest() { why::not_reported } else { why::at_work };
        why(self.world, epoll, item, self.lang)
    }
}

/// The call that the server hangs in, in short: `recv(5)`.
pub(super) fn hanging(call: &Call) -> String {
    let name = if matches!(call, Call::Sendto { .. }) { "send" } else { "recv" };
    call.fd().map_or_else(|| name.to_owned(), |fd| format!("{name}({fd})"))
}
