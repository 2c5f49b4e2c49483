//! What the keys do to where one looks.

use super::{App, Question};
use crate::trace::lang::words;
use crate::trace::why::grouped;
use crate::ui::travel::Move;

impl App {
    pub(super) fn travel(&mut self, to: Move) {
        let timeline = self.stage.timeline();
        match to {
            Move::Play => self.play(),
            Move::Slower | Move::Faster => {
                self.travel.go(to, timeline);
                let n = grouped(self.travel.speed());
                self.say(words!(self.lang, "it plays {n} calls a second (> plays)", "每秒播放 {n} 次调用（> 播放）"));
            }
            Move::Call => self.ask(Question::Call, self.travel.world(timeline).moments().to_string()),
            Move::Search => {
                self.ask(Question::Search, self.sought.as_ref().map_or(String::new(), |(typed, _)| typed.clone()));
            }
            Move::BackHit | Move::ForwardHit => self.search_on(to == Move::ForwardHit),
            Move::BackFinding | Move::ForwardFinding => self.next_finding(to == Move::ForwardFinding),
            _ => {
                self.travel.go(to, timeline);
            }
        }
    }

    /// Plays the past on, or stops. A recording that was seen to its end plays from its beginning.
    fn play(&mut self) {
        let timeline = self.stage.timeline();
        if !self.travel.is_past() && self.stage.live().is_none() {
            self.travel.go(Move::Start, timeline);
        }
        if !self.travel.play_or_pause() && !self.travel.is_past() {
            self.say(self.lang.of(
                "this is now, and there is nothing later to play: ← looks at the past, r runs the server",
                "这就是现在，没有更晚的可以播放：← 回看，r 运行服务器",
            ));
        }
    }

    pub(super) fn answer_call(&mut self, answer: &str) {
        if let Ok(n) = answer.replace([',', '_', ' '], "").parse() {
            return self.travel.go_to_call(n, self.stage.timeline());
        }
        let all = grouped(self.stage.timeline().now().moments());
        let expected = words!(self.lang, "\"{answer}\": expected 0 to {all}", "\"{answer}\"：应为 0 到 {all}");
        self.ask_again(Question::Call, answer, expected);
    }

    fn next_finding(&mut self, forward: bool) {
        let (lang, timeline) = (self.lang, self.stage.timeline());
        let Some(finding) = self.travel.go_to_finding(forward, timeline) else {
            let none = if forward {
                ("no later finding", "之后没有发现")
            } else {
                ("no earlier finding", "之前没有发现")
            };
            return self.say(lang.pick(none));
        };
        let (n, all) = (timeline.findings().known_at(finding.position()), timeline.findings().len());
        let name = finding.lint().name(lang);
        let times = if finding.count > 1 { format!(" ×{}", grouped(finding.count)) } else { String::new() };
        let said = finding.sentence(lang);
        self.say(words!(lang, "finding {n} of {all}, {name}{times}: {said}", "发现 {n}/{all}，{name}{times}：{said}"));
    }
}
