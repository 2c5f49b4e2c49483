//! Breakpoints: where the server is to be held, and the playing of the past to stop.

use super::{App, Mode, Question};
use crate::probe::{Breakpoint, Position};
use crate::record::{Call, Record};
use crate::trace::lang::words;
use crate::trace::query::breakpoint;
use crate::trace::{Lang, World, text, why};
use crate::ui::keys::Action;

/// Those that the panel always offers; others are typed.
const OFFERED: [Breakpoint; 3] = [Breakpoint::Fails(libc::EAGAIN), Breakpoint::Stranded, Breakpoint::Empty];

/// The records that are looked through for the one that hit a breakpoint.
const NEAR: usize = 1_000;

/// A row of the panel: a breakpoint, and whether it is set. Below them all is a row to type another one.
pub fn rows(set: &[Breakpoint]) -> Vec<(Breakpoint, bool)> {
    let typed = set.iter().filter(|breakpoint| !OFFERED.contains(breakpoint));
    let offered = OFFERED.iter().map(|breakpoint| (*breakpoint, set.contains(breakpoint)));
    offered.chain(typed.map(|breakpoint| (*breakpoint, true))).collect()
}

/// What it stops at, in words.
pub fn meaning(breakpoint: Breakpoint, lang: Lang) -> String {
    match breakpoint {
        Breakpoint::Reported(fd) => words!(lang, "epoll_wait reports fd {fd}", "epoll_wait 报告 fd {fd}"),
        Breakpoint::Fails(_) => words!(lang, "a call fails with {breakpoint}", "某次调用以 {breakpoint} 失败"),
        Breakpoint::Empty => lang.of("epoll_wait returns without an event", "epoll_wait 返回时没有事件").to_owned(),
        Breakpoint::Made(name) => words!(lang, "{name} was called", "调用了 {name}"),
        Breakpoint::Stranded => {
            lang.of("a wait would leave bytes or clients stranded", "等待会让字节或连接滞留").to_owned()
        }
    }
}

/// Whether `record` of the server, which led to `world`, is where `breakpoint` stops.
fn is_hit(breakpoint: Breakpoint, record: &Record, world: &World) -> bool {
    let strands = || match record.call {
        Call::EpollWaitEnter { epfd, .. } => {
            world.epoll_at(record.tid, epfd).is_some_and(|epoll| world.newly_stranded(epoll).next().is_some())
        }
        _ => false,
    };
    world.serves(record.tid) && (breakpoint.is_hit_by(&record.call) || breakpoint == Breakpoint::Stranded && strands())
}

impl App {
    pub(super) fn breakpoint_key(&mut self, row: usize, action: Action) {
        let rows = rows(&self.breakpoints);
        let row = row.min(rows.len());
        match action {
            Action::Escape | Action::Breakpoints => self.mode = Mode::Workbench,
            Action::Up => self.mode = Mode::Breakpoints { row: row.saturating_sub(1) },
            Action::Down => self.mode = Mode::Breakpoints { row: (row + 1).min(rows.len()) },
            Action::Inspect | Action::Step => match rows.get(row) {
                Some((breakpoint, _)) => self.turn(*breakpoint),
                None => self.ask(Question::Breakpoint, String::new()),
            },
            // The server and the clients can be driven meanwhile.
            _ => self.act(action),
        }
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

    /// Sets a breakpoint, or takes it away.
    fn turn(&mut self, breakpoint: Breakpoint) {
        let before = self.breakpoints.len();
        self.breakpoints.retain(|set| *set != breakpoint);
        if self.breakpoints.len() == before {
            self.breakpoints.push(breakpoint);
        }
        if let Some(live) = self.stage.live_mut() {
            live.break_at(&self.breakpoints);
        }
    }

    /// Says which breakpoint has stopped the living server, and why, once.
    pub(super) fn tell_stop(&mut self) {
        let stopped = self.stage.live().and_then(crate::script::Live::stopped_by);
        if std::mem::replace(&mut self.stopped, stopped) == stopped {
            return;
        }
        if let Some(breakpoint) = stopped {
            let why = self.why_stopped(breakpoint);
            self.say(words!(self.lang, "breakpoint {breakpoint}: {why}", "断点 {breakpoint}：{why}"));
        }
    }

    fn why_stopped(&self, breakpoint: Breakpoint) -> String {
        let timeline = self.stage.timeline();
        let world = timeline.now();
        if let Some(Position::Before(next)) = self.stage.live().map(crate::script::Live::position)
            && breakpoint == Breakpoint::Stranded
        {
            let tids = timeline.range(timeline.first(), timeline.len()).rev().map(|record| record.tid);
            let server = tids.take(NEAR).find(|tid| world.serves(*tid));
            let epoll = world.epoll();
            let item = server.and_then(|tid| world.about_to_strand(tid, &next).next());
            if let (Some(epoll), Some(item)) = (epoll, item) {
                let (fd, said) = (item.fd, why::not_reported(world, epoll, item, self.lang));
                return format!("fd {fd}: {said}");
            }
        }
        let mut back = timeline.range(timeline.first(), timeline.len()).rev().take(NEAR);
        let hit = back.find(|record| world.serves(record.tid) && breakpoint.is_hit_by(&record.call));
        let hit = hit.filter(|_| !matches!(breakpoint, Breakpoint::Reported(_)));
        hit.map_or_else(|| meaning(breakpoint, self.lang), |hit| text::line(&hit, self.lang).trim().to_owned())
    }

    /// Plays the past on for so long; a breakpoint stops it.
    pub(super) fn play_on(&mut self, passed: std::time::Duration) -> crate::ui::travel::Passed {
        let mut hit = None;
        let breakpoints = &self.breakpoints;
        let passed = self.travel.pass(passed, self.stage.timeline(), |world, record| {
            hit = breakpoints
                .iter()
                .find(|breakpoint| is_hit(**breakpoint, record, world))
                .map(|found| (*found, *record))
                .or(hit);
            hit.is_some()
        });
        if let Some((breakpoint, record)) = hit {
            let line = text::line(&record, self.lang);
            let line = line.trim();
            self.say(words!(self.lang, "breakpoint {breakpoint}: {line}", "断点 {breakpoint}：{line}"));
        }
        passed
    }
}
