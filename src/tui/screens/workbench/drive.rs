//! What keys do to the live server and its clients.

use std::time::Duration;

use super::focus::Focus;
use super::screen::{PACES, WorkbenchScreen};
use crate::i18n::{grouped, words};
use crate::probe::{Mode as GateMode, ServerState};
use crate::record::Policy;
use crate::session::{Client, ClientError, ClientId, Clients, Payload};
use crate::tui::keymap::Move;
use crate::tui::navigator::{Notice, Passed};
use crate::tui::widgets::scope::STILL;

impl WorkbenchScreen {
    pub(super) fn is_still(&self) -> bool {
        self.still >= STILL
    }

    /// Time passes. A running server that has become idle is drawn once more, since nothing else would do that.
    pub(super) fn stand_still(&mut self, passed: Duration, then: Passed) -> Passed {
        if self.is_still() || !self.is_running() {
            return then;
        }
        self.still += passed;
        let left = (!self.is_still()).then(|| STILL.saturating_sub(self.still));
        Passed { moved: then.moved || left.is_none(), again: then.again.into_iter().chain(left).min() }
    }

    pub(super) fn step(&mut self) {
        if self.navigator.cursor.autoplay.stop() {
            return;
        }
        let Some(session) = self.source.session_mut().filter(|_| !self.navigator.cursor.is_past()) else {
            return self.go(Move::ForwardCall);
        };
        match (session.mode(), session.state()) {
            (GateMode::Free | GateMode::Paced(_), _) => {
                session.set(GateMode::Held);
                self.navigator.say(self.lang.of("paused", "已暂停"));
            }
            (_, ServerState::Waiting) => self.blocked(),
            (_, ServerState::Inside(_) | ServerState::Hung(_)) => self.hangs(),
            _ => session.set(GateMode::Steps(1)),
        }
    }

    pub(super) fn blocked(&mut self) {
        self.hold();
        self.navigator.say_blocked(self.source.timeline().now());
    }

    pub(super) fn hangs(&mut self) {
        self.hold();
        self.navigator.say(self.lang.of(
            "the call does not return until the peer acts: send (s) or read (f), or switch blocking off (p)",
            "对端没有动作，这次调用就不会返回；请发送（s）或读取（f），或关闭 blocking（p）",
        ));
    }

    pub(super) fn next_wait(&mut self) {
        let Some(session) = self.source.session_mut().filter(|_| !self.navigator.cursor.is_past()) else {
            return self.go(Move::ForwardWait);
        };
        match session.state() {
            ServerState::Waiting => self.blocked(),
            ServerState::Inside(_) | ServerState::Hung(_) => self.hangs(),
            _ => session.set(GateMode::NextWait),
        }
    }

    /// Lets the live server run, or holds it, also while the past is shown. A recording plays, or stops.
    pub(super) fn run_or_pause(&mut self) {
        let (runs, pace) = (self.is_running(), self.gate_pace());
        let Some(session) = self.source.session_mut() else { return self.go(Move::Play) };
        session.set(if runs { GateMode::Held } else { pace });
        if self.navigator.cursor.is_past() {
            self.navigator.say(self.lang.pick(if runs {
                ("meanwhile the live server waits; End goes back to now", "实时服务器在此期间等待；End 回到现在")
            } else {
                ("meanwhile the live server runs on; End goes back to now", "实时服务器在此期间继续运行；End 回到现在")
            }));
        }
    }

    fn hold(&mut self) {
        if let Some(session) = self.source.session_mut() {
            session.set(GateMode::Held);
        }
    }

    /// Changes the speed of what is shown: of playing the past, or else of the live server.
    pub(super) fn change_pace(&mut self, faster: bool) {
        if self.navigator.cursor.is_past() || self.source.session().is_none() {
            return self.go(if faster { Move::Faster } else { Move::Slower });
        }
        let lang = self.lang;
        self.pace = if faster { (self.pace + 1).min(PACES.len() - 1) } else { self.pace.saturating_sub(1) };
        self.navigator.say(match PACES[self.pace] {
            Some(1) => lang.of("pace: one call per second (r runs)", "速度：每秒 1 次调用（r 运行）").to_owned(),
            Some(n) => words!(lang, "pace: {n} calls per second (r runs)", "速度：每秒 {n} 次调用（r 运行）"),
            None => lang.of("pace: as fast as possible (r runs)", "速度：不限（r 运行）").to_owned(),
        });
        let pace = self.gate_pace();
        if let Some(session) =
            self.source.session_mut().filter(|session| matches!(session.mode(), GateMode::Free | GateMode::Paced(_)))
        {
            session.set(pace);
        }
    }

    fn gate_pace(&self) -> GateMode {
        match PACES[self.pace] {
            Some(per_second) => GateMode::Paced(Duration::from_millis(1000 / per_second)),
            None => GateMode::Free,
        }
    }

    /// Actions happen now: if the past is shown, this returns to now first, and the message says so.
    pub(super) fn at_now(&mut self, acts: impl FnOnce(&mut Self)) {
        if self.source.session().is_none() {
            return;
        }
        let was_past = self.navigator.cursor.is_past();
        self.navigator.cursor.to_now();
        acts(self);
        if !was_past {
            return;
        }
        let lang = self.lang;
        match &mut self.navigator.notice {
            Some(Notice { text, .. }) => *text = words!(lang, "back to now: {text}", "回到现在：{text}"),
            None => self.navigator.say(lang.of("back to now", "回到现在")),
        }
    }

    pub(super) fn connect(&mut self) {
        let Some(session) = self.source.session_mut() else { return };
        match session.clients_mut().connect() {
            Ok(id) => {
                self.focus = Focus::Client(id);
                self.navigator.say(self.lang.of(
                    "a client connects; the kernel queues it until accept",
                    "客户端已连接；accept 之前由内核在监听套接字上排队",
                ));
            }
            Err(error) => {
                let why = error.words(self.lang);
                self.navigator.warn(words!(self.lang, "no client: {why}", "无法连接客户端：{why}"));
            }
        }
    }

    pub(super) fn send(&mut self, payload: Payload, count: usize) {
        let count = grouped(count as u64);
        let what = words!(self.lang, "sends {count} bytes", "发送 {count} 字节");
        self.client_does(&what, |clients, id| clients.send(id, payload));
    }

    pub(super) fn freeze(&mut self) {
        let Some(session) = self.source.session() else { return };
        let client = self.focused_client(session.timeline().now());
        let reading = client.and_then(|id| session.clients().client(id)).is_some_and(Client::is_reading);
        let what = if reading {
            ("stops reading; the bytes that the server sends pile up", "停止读取；服务器发来的会堆积起来")
        } else {
            ("reads again", "恢复读取")
        };
        self.client_does(self.lang.pick(what), |clients, id| clients.set_reading(id, !reading));
    }

    /// Lets the selected client act, and says what it did, or why it could not.
    pub(super) fn client_does(
        &mut self,
        what: &str,
        does: impl FnOnce(&mut Clients, ClientId) -> Result<(), ClientError>,
    ) {
        self.at_now(|app| app.client_does_now(what, does));
    }

    fn client_does_now(&mut self, what: &str, does: impl FnOnce(&mut Clients, ClientId) -> Result<(), ClientError>) {
        let lang = self.lang;
        let world = self.source.timeline().now();
        let Some(id) = self.focused_client(world) else {
            return self.navigator.warn(lang.pick(if self.focus.is_outside(world) {
                ("this is an external client: it cannot be controlled here", "这是外部客户端，不受这里控制")
            } else {
                ("no client is selected: c connects one", "没有选中客户端，c 连接一个")
            }));
        };
        let Some(session) = self.source.session_mut() else { return };
        match does(session.clients_mut(), id) {
            Ok(()) => self.navigator.say(words!(lang, "client {id} {what}", "客户端 {id} {what}")),
            Err(error) => self.navigator.warn(words!(lang, "client {id}: {}", "客户端 {id}：{}", error.words(lang))),
        }
    }

    pub(super) fn switch(&mut self, change: impl FnOnce(&mut Policy)) {
        self.at_now(|app| app.switch_now(change));
    }

    fn switch_now(&mut self, change: impl FnOnce(&mut Policy)) {
        let Some(session) = self.source.session_mut() else { return };
        let mut policy = *session.policy();
        let before = policy;
        change(&mut policy);
        session.follow(policy);
        let fds = session.timeline().now().epoll().map_or(0, crate::trace::world::Epoll::len);
        let rearms =
            before.trigger != policy.trigger || before.oneshot != policy.oneshot || before.write != policy.write;
        if rearms && fds > 0 {
            let n = grouped(fds as u64);
            let all = if fds == 1 { "the one fd".to_owned() } else { format!("all {n} fds") };
            self.navigator.say(self.lang.of(
                format!(
                    "EPOLL_CTL_MOD on {all} before the next epoll_wait: it checks each, and a ready fd is reported again"
                ),
                format!("下一次等待之前对 {n} 个 fd 调用 EPOLL_CTL_MOD，重新检查，已就绪的会再次报告"),
            ));
        }
    }
}
