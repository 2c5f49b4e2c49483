//! Breakpoints. They hold a live server, and stop the playing of the past.

use std::time::Duration;

use super::overlay::{Overlay, Question};
use super::{autoplay::Passed, state::Navigator};
use crate::analysis::{query::breakpoint, why};
use crate::i18n::{Lang, words};
use crate::probe::Breakpoint;
use crate::record::Record;
use crate::session::Session;
use crate::trace::{Timeline, World, text};
use crate::tui::keymap::Action;

/// The breakpoints that the panel always lists; others are typed.
const OFFERED: [Breakpoint; 3] = [Breakpoint::Fails(libc::EAGAIN), Breakpoint::Stranded, Breakpoint::Empty];

/// The rows of the panel: the breakpoints, and whether each is set. One more row, below them, is for typing another.
pub fn rows(set: &[Breakpoint]) -> Vec<(Breakpoint, bool)> {
    let typed = set.iter().filter(|breakpoint| !OFFERED.contains(breakpoint));
    let offered = OFFERED.iter().map(|breakpoint| (*breakpoint, set.contains(breakpoint)));
    offered.chain(typed.map(|breakpoint| (*breakpoint, true))).collect()
}

pub fn meaning(breakpoint: Breakpoint, lang: Lang) -> String {
    match breakpoint {
        Breakpoint::Reported(fd) => words!(lang, "epoll_wait reports fd {fd}", "epoll_wait 报告 fd {fd}"),
        Breakpoint::Fails(_) => words!(lang, "a call fails with {breakpoint}", "某次调用以 {breakpoint} 失败"),
        Breakpoint::Empty => lang.of("epoll_wait returns no event", "epoll_wait 返回空列表").to_owned(),
        Breakpoint::Made(name) => words!(lang, "{name} was called", "调用了 {name}"),
        Breakpoint::Stranded => {
            lang.of("a wait would leave bytes or clients stranded", "等待会让字节或连接滞留").to_owned()
        }
    }
}

/// Whether `record`, which led to `world`, hits `breakpoint`.
pub fn is_hit(breakpoint: Breakpoint, record: &Record, world: &World) -> bool {
    let is_made = world.serves(record.tid) && breakpoint.is_hit_by(&record.call);
    is_made || breakpoint == Breakpoint::Stranded && world.strands_at(record)
}

impl Navigator {
    pub(super) fn breakpoint_key(&mut self, row: usize, action: Action) -> bool {
        let rows = rows(&self.breakpoints);
        let row = row.min(rows.len());
        match action {
            Action::Escape | Action::Breakpoints => self.overlay = Overlay::None,
            Action::Up => self.overlay = Overlay::Breakpoints { row: row.saturating_sub(1) },
            Action::Down => self.overlay = Overlay::Breakpoints { row: (row + 1).min(rows.len()) },
            Action::Inspect | Action::Step => match rows.get(row) {
                Some((breakpoint, _)) => self.turn(*breakpoint),
                None => self.ask(Question::Breakpoint, String::new()),
            },
            // The server and the clients can be driven while the panel is open.
            _ => return false,
        }
        true
    }

    pub(super) fn answer_breakpoint(&mut self, answer: &str) {
        match breakpoint(answer) {
            Ok(breakpoint) => {
                if !self.breakpoints.contains(&breakpoint) {
                    self.turn(breakpoint);
                }
            }
            Err(misread) => self.ask_again(Question::Breakpoint, answer, misread.words(self.lang)),
        }
    }

    pub(crate) fn arm(&self, session: &mut Session) {
        if session.breakpoints() != self.breakpoints {
            session.break_at(&self.breakpoints);
        }
    }

    fn turn(&mut self, breakpoint: Breakpoint) {
        let before = self.breakpoints.len();
        self.breakpoints.retain(|set| *set != breakpoint);
        if self.breakpoints.len() == before {
            self.breakpoints.push(breakpoint);
        }
    }

    pub(super) fn play_on(&mut self, passed: Duration, timeline: &Timeline) -> Passed {
        let mut hit = None;
        let breakpoints = &self.breakpoints;
        let passed = self.cursor.pass(passed, timeline, |world, record| {
            hit = breakpoints
                .iter()
                .find(|breakpoint| is_hit(**breakpoint, record, world))
                .map(|found| (*found, *record))
                .or(hit);
            hit.is_some()
        });
        if let Some((breakpoint, record)) = hit {
            self.say_stop(breakpoint, &text::brief(&record, self.lang));
        }
        passed
    }
}

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

    pub(crate) fn say_stop(&mut self, breakpoint: Breakpoint, why: &str) {
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
