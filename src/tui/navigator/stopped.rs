//! The message when a breakpoint holds the server.

use super::breakpoints::meaning;
use super::state::Navigator;
use crate::analysis::why;
use crate::i18n::{Lang, words};
use crate::probe::Breakpoint;
use crate::session::Session;
use crate::trace::text;

/// How many of the last records are searched for the one that hit the breakpoint.
const NEAR: usize = 1_000;

impl Navigator {
    /// Says once which breakpoint holds `session`, and why.
    pub(crate) fn tell_stop(&mut self, session: &Session) {
        let stopped = session.stopped_by();
        if std::mem::replace(&mut self.stopped, stopped) == stopped {
            return;
        }
        self.say_what_stopped(session);
    }

    /// Says which breakpoint holds `session`, if one does, and why.
    pub(crate) fn say_what_stopped(&mut self, session: &Session) {
        if let Some(breakpoint) = session.stopped_by() {
            self.say_stop(breakpoint, &why_stopped(session, breakpoint, self.lang));
        }
    }

    /// The same for a lab, which has no server to ask for the reason.
    pub(crate) fn say_what_stopped_a_lab(&mut self, breakpoint: Breakpoint) {
        self.say_stop(breakpoint, &meaning(breakpoint, self.lang));
    }

    pub(super) fn say_stop(&mut self, breakpoint: Breakpoint, why: &str) {
        self.say(words!(self.lang, "breakpoint {breakpoint}: {why}", "断点 {breakpoint}：{why}"));
    }
}

fn why_stopped(session: &Session, breakpoint: Breakpoint, lang: Lang) -> String {
    let timeline = session.timeline();
    let world = timeline.now();
    if let (Some(next), Breakpoint::Stranded) = (session.held_before(), breakpoint) {
        let tids = timeline.range(timeline.first(), timeline.len()).rev().map(|record| record.tid);
        let server = tids.take(NEAR).find(|tid| world.serves(*tid));
        let item = server.and_then(|tid| world.about_to_strand(tid, &next).next());
        if let (Some(epoll), Some(item)) = (world.epoll(), item) {
            let (fd, said) = (item.fd, why::not_reported(world, epoll, item, lang));
            return format!("fd {fd}: {said}");
        }
    }
    let mut back = timeline.range(timeline.first(), timeline.len()).rev().take(NEAR);
    let hit = back.find(|record| world.serves(record.tid) && breakpoint.is_hit_by(&record.call));
    let hit = hit.filter(|_| !matches!(breakpoint, Breakpoint::Reported(_)));
    hit.map_or_else(|| meaning(breakpoint, lang), |hit| text::brief(&hit, lang))
}
