//! What a [`Navigator`] knows.

use super::cursor::Cursor;
use super::overlay::{Mode, Notice};
use crate::analysis::query::Query;
use crate::analysis::search::Search;
use crate::i18n::Lang;
use crate::probe::Breakpoint;

/// One who looks.
pub struct Navigator {
    pub(super) lang: Lang,
    /// Where they look.
    pub cursor: Cursor,
    pub(crate) mode: Mode,
    pub(crate) notice: Option<Notice>,
    /// What the calls were searched for last.
    pub(super) sought: Option<(String, Query)>,
    pub(super) searching: Option<Searching>,
    /// A search that has come to the end of what there is.
    pub(super) exhausted: Option<Searching>,
    pub(super) breakpoints: Vec<Breakpoint>,
    /// The breakpoint that stopped the server, as it was last told.
    pub(super) stopped: Option<Breakpoint>,
}

impl Navigator {
    /// One who looks at now, and was told nothing yet.
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            cursor: Cursor::default(),
            mode: Mode::Screen,
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

    /// A key comes: what was told was for the one before, and a search that goes on ends.
    pub(crate) fn attend(&mut self) {
        (self.notice, self.searching, self.exhausted) = (None, None, None);
    }

    /// Where the server is to stop.
    pub fn breakpoints(&self) -> &[Breakpoint] {
        &self.breakpoints
    }
}

/// A search that is not at its end; any key ends it.
#[derive(Clone, Debug)]
pub(super) struct Searching {
    pub(super) search: Search,
    pub(super) forward: bool,
    /// What was asked for, escaped.
    pub(super) typed: String,
}
