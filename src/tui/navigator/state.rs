//! The state of a [`Navigator`].

use super::cursor::Cursor;
use super::overlay::{Notice, Overlay};
use crate::analysis::{query::Query, search::Search};
use crate::i18n::Lang;
use crate::probe::Breakpoint;

/// How a timeline is looked at. Every screen that shows one has a navigator.
pub struct Navigator {
    pub(super) lang: Lang,
    pub cursor: Cursor,
    pub(crate) overlay: Overlay,
    pub(crate) notice: Option<Notice>,
    /// The last query, as typed and as read.
    pub(super) sought: Option<(String, Query)>,
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
}
