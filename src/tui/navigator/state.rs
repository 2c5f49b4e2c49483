//! The state of a [`Navigator`].

use super::cursor::Cursor;
use super::overlay::{Notice, Overlay};
use crate::analysis::query::Query;
use crate::analysis::search::{Search, Wanted, Way};
use crate::i18n::Lang;
use crate::probe::Breakpoint;
use crate::trace::world::FileId;

/// How a timeline is looked at. Every screen that shows one has a navigator.
pub struct Navigator {
    pub(super) lang: Lang,
    pub cursor: Cursor,
    pub(crate) overlay: Overlay,
    pub(crate) notice: Option<Notice>,
    /// The last query, as typed and as read.
    pub(super) sought: Option<(String, Query)>,
    /// The hits of the last search are marked.
    pub(crate) marks: bool,
    /// The search is for calls about this file only.
    pub(crate) only: Option<FileId>,
    /// More records will come if a search asks for them, so it does not begin again from the other end yet.
    pub(crate) more_to_come: bool,
    pub(super) searching: Option<Searching>,
    /// A search that has come to the end of the timeline.
    pub(super) exhausted: Option<Searching>,
    pub(super) breakpoints: Vec<Breakpoint>,
    /// The breakpoint that held the server when that was last reported.
    pub(super) stopped: Option<Breakpoint>,
}

impl Navigator {
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            cursor: Cursor::default(),
            overlay: Overlay::None,
            notice: None,
            sought: None,
            marks: false,
            only: None,
            more_to_come: false,
            searching: None,
            exhausted: None,
            breakpoints: Vec::new(),
            stopped: None,
        }
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alert: false });
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), alert: true });
    }

    /// A key comes: the last message was for the key before, and a search ends.
    pub(crate) fn attend(&mut self) {
        (self.notice, self.searching, self.exhausted) = (None, None, None);
    }

    /// The last search, while its hits are marked.
    pub(crate) fn sought(&self) -> Option<Search> {
        let (_, query) = self.sought.clone().filter(|_| self.marks)?;
        Some(Search::new(Wanted::Query(query), Way::Forward, 0).only(self.only))
    }

    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }
}

/// A search that has not come to its end; any key ends it.
#[derive(Clone, Debug)]
pub(super) struct Searching {
    pub(super) search: Search,
    pub(super) forward: bool,
    pub(super) typed: String,
    /// Where it began.
    pub(super) from: u64,
    /// It has come to the end, and begun again from the other.
    pub(super) wrapped: bool,
}
