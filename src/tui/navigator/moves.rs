//! Moves along the timeline, and what is said to each.

use std::time::Duration;

use super::{autoplay::Passed, overlay::Question, state::Navigator};
use crate::analysis::{Finding, History};
use crate::i18n::{grouped, words};
use crate::trace::{Timeline, World};
use crate::tui::keymap::Move;

impl Navigator {
    /// Makes a move and reports on it; asks first for a number or a query if the move needs one.
    pub(crate) fn go(&mut self, to: Move, timeline: &History) {
        match to {
            Move::Play => self.play(),
            Move::Slower | Move::Faster => {
                self.cursor.go(to, timeline);
                self.tell_speed(self.cursor.autoplay.speed());
            }
            Move::Call => self.ask(Question::Call, self.cursor.world(timeline).moments().to_string()),
            Move::Search => {
                self.ask(Question::Search, self.sought.as_ref().map_or(String::new(), |(typed, _)| typed.clone()));
            }
            Move::BackHit | Move::ForwardHit => self.search_on(to == Move::ForwardHit, timeline),
            Move::BackFinding | Move::ForwardFinding => self.next_finding(to == Move::ForwardFinding, timeline),
            _ => {
                self.cursor.go(to, timeline);
                if to == Move::Start {
                    self.tell_what_is_gone(0, timeline);
                }
            }
        }
    }

    pub(crate) fn pass(&mut self, passed: Duration, timeline: &Timeline) -> Passed {
        self.search_slice(timeline).unwrap_or_else(|| self.play_on(passed, timeline))
    }

    /// Says so if call `n` is older than the oldest record that is kept.
    fn tell_what_is_gone(&mut self, n: u64, timeline: &Timeline) {
        if timeline.first() == 0 {
            return;
        }
        let first = timeline.at(timeline.first()).moments();
        if n < first {
            let gone = grouped(first);
            self.say(words!(
                self.lang,
                "the first {gone} calls are no longer kept; a recording (--record) keeps all",
                "最早的 {gone} 次调用已不再保留；录制文件（--record）会保留全部"
            ));
        }
    }

    fn play(&mut self) {
        if !self.cursor.play_or_pause() && !self.cursor.is_past() {
            self.say(self.lang.of(
                "this is now, there is nothing later to play: , goes to the past",
                "这就是现在，没有更晚的可以播放；用 , 回看",
            ));
        }
    }

    pub(super) fn answer_call(&mut self, answer: &str, timeline: &Timeline) {
        let calls = timeline.now().moments();
        if let Some(n) = answer.replace([',', '_', ' '], "").parse().ok().filter(|n| *n <= calls) {
            self.cursor.go_to_call(n, timeline);
            return self.tell_what_is_gone(n, timeline);
        }
        let all = grouped(calls);
        let expected = words!(self.lang, "\"{answer}\": expected 0 to {all}", "“{answer}”应为 0 到 {all}");
        self.ask_again(Question::Call, answer, expected);
    }

    /// The server waits, and no key of its own leads on.
    pub(crate) fn say_blocked(&mut self, world: &World) {
        self.say(if world.stranded().next().is_some() {
            self.lang.of(
                "epoll_wait blocks: what is unread was reported already; send more (s), or read until EAGAIN (p)",
                "epoll_wait 阻塞：未读的数据已经报告过；可再发送（s），或改为读到 EAGAIN（p）",
            )
        } else {
            self.lang.of(
                "nothing is ready, so epoll_wait blocks: connect a client (c) or send (s)",
                "没有就绪的 fd，epoll_wait 阻塞；请连接客户端（c）或发送（s）",
            )
        });
    }

    pub(crate) fn tell_speed(&mut self, speed: u64) {
        let n = grouped(speed);
        self.say(words!(self.lang, "speed: {n} calls per second (> plays)", "每秒播放 {n} 次调用（> 播放）"));
    }

    fn next_finding(&mut self, forward: bool, timeline: &History) {
        let gone_to = self.cursor.go_to_finding(forward, timeline);
        // A finding made by the very last record lies at now already, so no move leads there.
        let now = (!forward && !self.cursor.is_past()).then(|| timeline.len());
        let here =
            || now.and_then(|now| timeline.findings().until(now).rev().find(|f| f.position() == now || f.last == now));
        match gone_to.or_else(|| here().copied()) {
            Some(finding) => self.say(self.finding_in_words(&finding, timeline)),
            None => self.say_no_finding(forward),
        }
    }

    pub(crate) fn say_no_finding(&mut self, forward: bool) {
        let none = if forward {
            ("no later finding", "更晚处没有发现项")
        } else {
            ("no earlier finding", "更早处没有发现项")
        };
        self.say(self.lang.pick(none));
    }

    pub(crate) fn finding_in_words(&self, finding: &Finding, timeline: &History) -> String {
        let lang = self.lang;
        let (n, all) = (timeline.findings().known_at(finding.position()), timeline.findings().len());
        let name = finding.lint().name(lang);
        let times = if finding.count > 1 { format!(" ×{}", grouped(finding.count)) } else { String::new() };
        let said = finding.sentence(lang);
        words!(lang, "finding {n} of {all}, {name}{times}: {said}", "发现项 {n}/{all}，{name}{times}：{said}")
    }
}
