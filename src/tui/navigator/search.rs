//! What `/`, `n` and `N` do. A search runs in slices, so that keys are answered however long the timeline is.

use std::time::Duration;

use super::state::{Navigator, Searching};
use super::{autoplay::Passed, overlay::Question};
use crate::analysis::query::Query;
use crate::analysis::search::{Hit, Searched};
use crate::i18n::{grouped, words};
use crate::record::Record;
use crate::trace::{Timeline, World, text, world::client_name};
use crate::tui::escape::escape;

impl Navigator {
    pub(super) fn answer_search(&mut self, answer: &str, timeline: &Timeline) {
        // As in less(1), an empty query repeats the last one.
        if !answer.trim().is_empty() {
            match Query::parse(answer) {
                Ok(query) => self.sought = Some((answer.trim().to_owned(), query)),
                Err(misread) => return self.ask_again(Question::Search, answer, misread.words(self.lang)),
            }
        }
        self.search_on(true, timeline);
    }

    /// Moves to the next hit of the last query, or to the one before.
    pub(super) fn search_on(&mut self, forward: bool, timeline: &Timeline) {
        let Some((typed, query)) = self.sought.clone() else {
            return self.say(self.lang.of("nothing to search for yet: / starts a search", "还没有搜索过，用 / 搜索"));
        };
        let (search, from) = (self.cursor.search(forward, query, timeline), self.cursor.at(timeline));
        let search = search.only(self.only);
        self.cursor.autoplay.stop();
        self.marks = true;
        // The first slice runs at once, so that near hits are found without a delay.
        let typed = escape(typed.as_bytes());
        let typed = match self.only.and_then(|only| timeline.now().file(only)) {
            Some(file) => words!(self.lang, "{typed} (only fd {})", "{typed}（只看 fd {}）", file.fd),
            None => typed,
        };
        self.search_further(Searching { search, forward, typed, from, wrapped: false }, timeline);
    }

    pub(super) fn search_slice(&mut self, timeline: &Timeline) -> Option<Passed> {
        let searching = self.searching.take()?;
        self.search_further(searching, timeline);
        Some(Passed { moved: true, again: self.searches_again() })
    }

    pub(crate) fn searches_again(&self) -> Option<Duration> {
        self.searching.as_ref().map(|_| Duration::ZERO)
    }

    /// Whether a forward search has reached the end of the timeline, and wants later records.
    pub(crate) fn may_come(&self) -> bool {
        self.exhausted.is_some()
    }

    /// Continues a forward search that had reached the end, in the records that have come since.
    pub(crate) fn search_what_came(&mut self, timeline: &Timeline) {
        if let Some(searching) = self.exhausted.take() {
            self.notice = None;
            self.search_further(searching, timeline);
        }
    }

    fn search_further(&mut self, mut searching: Searching, timeline: &Timeline) {
        let lang = self.lang;
        let mut searched = searching.search.step(timeline);
        if searched == Searched::Nowhere && !searching.wrapped {
            if searching.forward && self.more_to_come {
                self.exhausted = Some(searching);
                return;
            }
            (searching.search, searching.wrapped) = (searching.search.wrapped(timeline), true);
            searched = searching.search.step(timeline);
        }
        let typed = &searching.typed;
        match searched {
            Searched::Found(hit) if searching.wrapped && hit.position == searching.from => {
                self.warn(words!(lang, "/{typed}: there is no other", "/{typed}：没有别的了"));
            }
            Searched::Found(hit) if !searching.wrapped => self.show_hit(hit, typed, timeline),
            Searched::Found(hit) if searching.forward => {
                let typed = words!(lang, "{typed}, again from the beginning, earlier", "{typed}，从开头继续，更早");
                self.show_hit(hit, &typed, timeline);
            }
            Searched::Found(hit) => {
                let typed = words!(lang, "{typed}, again from the end, later", "{typed}，从末尾继续，更晚");
                self.show_hit(hit, &typed, timeline);
            }
            Searched::Nowhere => self.warn(words!(lang, "/{typed}: not in any call", "/{typed}：没有这样的调用")),
            Searched::GoOn(at) => {
                let [at, all] = [at, timeline.len()].map(grouped);
                self.say(words!(
                    lang,
                    "/{typed}: searching, at record {at} of {all}; any key stops it",
                    "/{typed}：正在搜索，第 {at} 条记录，共 {all} 条；按任意键停止"
                ));
                self.searching = Some(searching);
            }
        }
    }

    fn show_hit(&mut self, hit: Hit, typed: &str, timeline: &Timeline) {
        if let Some(call) = self.cursor.go_to_hit(hit, timeline) {
            let (lang, said) = (self.lang, text::brief(&call, self.lang));
            // A call of the server needs no name before it; a client's does.
            let after = self.cursor.world(timeline);
            let client = client_behind(&call, after).or_else(|| client_behind(&call, &timeline.at(hit.seq - 1)));
            self.say(match client {
                Some(client) => {
                    words!(lang, "/{typed}: client {client}: {said}", "/{typed}：客户端 {client} 的 {said}")
                }
                None => words!(lang, "/{typed}: {said}", "/{typed}：{said}"),
            });
        }
    }
}

/// The name of the client that made a call, if one did.
pub(crate) fn client_behind(record: &Record, world: &World) -> Option<String> {
    if world.serves(record.tid) {
        return None;
    }
    let (_, file) = world.file_of(record.tid, record.call.fd()?)?;
    file.stream()?.ordinal.map(client_name)
}
