//! What keys do to the program: hold it, step it, let it run.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::screen::{PACES, WatchScreen};
use crate::analysis::why;
use crate::i18n::words;
use crate::probe::Breakpoint;
use crate::record::Tid;
use crate::trace::text;
use crate::tui::keymap::Move;
use crate::tui::navigator::meaning;
use crate::watch::{Going, HeldCall};

/// How many of the last records are searched for the one that hit a breakpoint.
const NEAR: usize = 1_000;

/// What Ctrl-C is on a terminal.
const INTERRUPT: &[u8] = b"\x03";

impl WatchScreen {
    /// Whether the program may make calls without being asked each time.
    pub(super) fn is_running(&self) -> bool {
        self.end.is_none() && (self.paced || self.live.holds().going() != Going::Held)
    }

    pub(super) fn step(&mut self) {
        if self.navigator.cursor.autoplay.stop() {
            return;
        }
        if self.navigator.cursor.is_past() || self.end.is_some() {
            return self.go(Move::ForwardCall);
        }
        if self.is_running() {
            self.hold();
            let paused = ("paused: each thread stops before its next call", "已暂停：每个线程都停在下一个调用之前");
            return self.navigator.say(self.lang.pick(paused));
        }
        if self.held.is_empty() && self.all_wait() {
            return self.blocked();
        }
        if !self.live.step(self.thread) {
            let none = self.thread.is_some();
            self.navigator.say(self.lang.pick(if none {
                (
                    "the selected thread is before no call yet: its next one passes",
                    "选中的线程还没有到达下一个调用：到达后会执行",
                )
            } else {
                ("no thread is before a call yet: the next one passes", "还没有线程到达下一个调用：到达后会执行")
            }));
        }
    }

    /// Whether each thread waits in an epoll, or hangs.
    fn all_wait(&self) -> bool {
        let mut tasks = self.history.now().tasks();
        tasks.all(|task| task.waits.is_some() || task.hangs.is_some())
    }

    fn blocked(&mut self) {
        self.navigator.say_blocked(self.history.now());
    }

    pub(super) fn next_wait(&mut self) {
        if self.navigator.cursor.is_past() || self.end.is_some() {
            return self.go(Move::ForwardWait);
        }
        if self.held.is_empty() && self.all_wait() {
            self.blocked();
        }
        self.paced = false;
        self.live.go(Going::UntilWait(self.thread));
    }

    pub(super) fn hold(&mut self) {
        self.paced = false;
        self.live.holds().hold();
    }

    pub(super) fn run_or_pause(&mut self) {
        if self.end.is_some() {
            return self.go(Move::Play);
        }
        let runs = self.is_running();
        if runs {
            self.hold();
        } else {
            self.run();
        }
        if self.navigator.cursor.is_past() {
            self.navigator.say(self.lang.pick(if runs {
                ("meanwhile the program waits; End goes back to now", "程序在此期间等待；End 回到现在")
            } else {
                ("meanwhile the program runs on; End goes back to now", "程序在此期间继续运行；End 回到现在")
            }));
        }
    }

    fn run(&mut self) {
        self.paced = PACES[self.pace].is_some();
        self.since = Duration::ZERO;
        if !self.paced {
            self.live.go(Going::Free);
        }
    }

    pub(super) fn change_pace(&mut self, faster: bool) {
        if self.navigator.cursor.is_past() || self.end.is_some() {
            return self.go(if faster { Move::Faster } else { Move::Slower });
        }
        let lang = self.lang;
        let runs = self.is_running();
        self.pace = if faster { (self.pace + 1).min(PACES.len() - 1) } else { self.pace.saturating_sub(1) };
        self.navigator.say(match PACES[self.pace] {
            Some(1) => lang.of("pace: one call per second (r runs)", "速度：每秒 1 次调用（r 运行）").to_owned(),
            Some(n) => words!(lang, "pace: {n} calls per second (r runs)", "速度：每秒 {n} 次调用（r 运行）"),
            None => lang.of("pace: as fast as possible (r runs)", "速度：不限（r 运行）").to_owned(),
        });
        if runs {
            self.hold();
            self.run();
        }
    }

    /// Makes the calls that are due at the pace; returns when the next one is.
    pub(super) fn pass_at_pace(&mut self, passed: Duration) -> Option<Duration> {
        let per_second = PACES[self.pace].filter(|_| self.paced && self.end.is_none())?;
        let each = Duration::from_millis(1000 / per_second);
        self.since += passed.min(each);
        if self.since >= each {
            self.since = Duration::ZERO;
            if !self.held.is_empty() {
                self.live.step(self.thread);
            }
        }
        Some(each.saturating_sub(self.since))
    }

    /// Ctrl-C goes to the program, unless that has a terminal of its own, whose threads must go on to hear of it. A second one ends the watch, and one where the
    /// program has ended; returns whether it does.
    pub(super) fn interrupt(&mut self) -> bool {
        if self.end.is_some() || self.interrupted || self.live.is_attached() {
            return true;
        }
        self.interrupted = true;
        self.paced = false;
        self.live.go(Going::Free);
        if !self.live.terminal.write(INTERRUPT) {
            self.live.signal(Signal::SIGINT);
        }
        self.navigator.say(self.lang.of(
            "Ctrl-C was sent to the program, and all its threads run; once more ends the watch",
            "Ctrl-C 已送给程序，它的全部线程继续运行；再按一次结束观察",
        ));
        false
    }

    /// Decides which of these waits would leave something stranded. Gives those that stay held.
    pub(super) fn judge(&self, held: Vec<HeldCall>) -> Vec<HeldCall> {
        if !held.iter().any(|held| held.judged) {
            return held;
        }
        let world = self.history.now();
        for held in held.iter().filter(|held| held.judged) {
            let strands = world.about_to_strand(held.tid, &held.call).next().is_some();
            self.live.judge(held.tid, strands);
        }
        self.live.holds().held().into_iter().filter(|held| !held.judged).collect()
    }

    /// Says once which breakpoint has stopped the program.
    pub(super) fn tell_stop(&mut self) {
        let hit = self.live.holds().hit();
        if std::mem::replace(&mut self.hit, hit) == hit {
            return;
        }
        if let Some(breakpoint) = hit {
            self.paced = false;
            let why = self.why_stopped(breakpoint);
            self.navigator.say_stop(breakpoint, &why);
        }
    }

    fn why_stopped(&self, breakpoint: Breakpoint) -> String {
        let (world, lang) = (self.history.now(), self.lang);
        if breakpoint == Breakpoint::Stranded {
            let left = self.live.holds().held().into_iter().find_map(|held| {
                let item = world.about_to_strand(held.tid, &held.call).next()?;
                let epoll = world.epoll()?;
                Some(words!(lang, "fd {}: {}", "fd {}：{}", item.fd, why::not_reported(world, epoll, item, lang)))
            });
            return left.unwrap_or_else(|| meaning(breakpoint, lang));
        }
        let mut back = self.history.range(self.history.first(), self.history.len()).rev().take(NEAR);
        let hit = back.find(|record| breakpoint.is_hit_by(&world.plain(record.tid, record.call)));
        let hit = hit.filter(|_| !matches!(breakpoint, Breakpoint::Reported(_)));
        hit.map_or_else(|| meaning(breakpoint, lang), |hit| text::brief(&hit, lang))
    }

    /// Selects the next thread; after the last one, any.
    pub(super) fn next_thread(&mut self) {
        let tasks: Vec<Tid> = self.history.now().tasks().map(|task| task.tid).collect();
        let at = self.thread.and_then(|tid| tasks.iter().position(|task| *task == tid));
        self.thread = match at {
            None => tasks.first().copied(),
            Some(at) => tasks.get(at + 1).copied(),
        };
        let lang = self.lang;
        self.navigator.say(match self.thread {
            Some(tid) => words!(lang, "Space and w are for thread {tid}", "Space 和 w 作用于线程 {tid}"),
            None => lang.of("Space and w are for any thread", "Space 和 w 作用于任一线程").to_owned(),
        });
    }

    /// Looks at the next epoll; after the last one, at that which is in use.
    pub(super) fn next_epoll(&mut self) {
        let lang = self.lang;
        let world = self.shown_world();
        let all: Vec<_> = world.epolls_of().map(|(id, process, epoll)| (id, process, epoll.fd)).collect();
        let at = self.epoll.and_then(|id| all.iter().position(|epoll| epoll.0 == id));
        let next = match at {
            None => all.first(),
            Some(at) => all.get(at + 1),
        };
        let n = next.and_then(|next| all.iter().position(|epoll| epoll == next)).map_or(0, |at| at + 1);
        let said = match next {
            Some((_, process, epfd)) => {
                let count = all.len();
                words!(
                    lang,
                    "epoll {epfd} of process {process}, {n} of {count}",
                    "进程 {process} 的 epoll {epfd}，第 {n} 个，共 {count} 个"
                )
            }
            None if all.is_empty() => lang.of("no epoll object is open", "没有打开的 epoll 对象").to_owned(),
            None => lang.of("the epoll that is in use", "正在使用的 epoll").to_owned(),
        };
        self.epoll = next.map(|next| next.0);
        self.navigator.say(said);
    }
}
