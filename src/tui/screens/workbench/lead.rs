//! How the workbench begins: its first message, what is preferred, and for a new user the welcome and the guide.

use crossterm::event::{KeyCode, KeyEvent};

use super::focus::Focus;
use super::screen::{PACES, WorkbenchScreen};
use crate::guide::{Guide, Kept};
use crate::session::ClientId;
use crate::tui::CodeLanguage;
use crate::tui::navigator::Overlay;

/// Where somebody stands who is led.
#[derive(Default)]
pub(super) struct Lead {
    kept: Kept,
    /// The guide as far as it has got, also while it is put away.
    guide: Option<Guide>,
    shown: bool,
}

impl Lead {
    pub(super) fn guide(&self) -> Option<&Guide> {
        self.guide.as_ref().filter(|_| self.shown)
    }
}

impl WorkbenchScreen {
    /// The first message: a warning, or the key to begin with.
    pub fn welcome(&mut self, warning: Option<String>) {
        match warning {
            Some(warning) => self.navigator.warn(warning),
            None => self.navigator.say(self.lang.of(
                "Space makes the next system call; c connects a client; the panels show what the kernel did",
                "Space 执行下一个系统调用；c 连接一个客户端；各面板显示内核做了什么",
            )),
        }
    }

    /// The first message after a demo. Its client is selected, and the moment shown that it showed.
    pub fn welcome_from_demo(&mut self, client: Option<ClientId>, at: u64) {
        self.taught = true;
        self.navigator.cursor.look_at(at, self.source.timeline());
        self.focus = client.map_or(Focus::None, Focus::Client);
        self.navigator.say(
            self.lang.of(
                "you have taken over the demo's server; q goes back to the demo",
                "你已接管演示的服务器；q 回到演示",
            ),
        );
    }

    /// Begins with the code in this language, and at this pace, in calls a second; 0 is as fast as it can.
    pub fn prefer(&mut self, code: CodeLanguage, pace: u64) {
        self.language = code;
        self.pace = PACES.iter().position(|each| each.unwrap_or(0) == pace).unwrap_or(PACES.len() - 1);
    }

    /// Begins with the welcome, unless `kept` knows that it has been seen, and keeps there how the guide was left.
    pub fn lead(&mut self, kept: Kept, welcome: bool) {
        if welcome && kept.welcomes() {
            self.navigator.overlay = Overlay::Welcome;
        }
        self.lead.kept = kept;
    }

    /// A key at the welcome closes it. Returns whether it was for the guide; any other key works as always.
    pub(super) fn welcome_key(&mut self, key: &KeyEvent) -> bool {
        if !matches!(self.navigator.overlay, Overlay::Welcome) {
            return false;
        }
        self.navigator.overlay = Overlay::None;
        match key.code {
            KeyCode::Enter => self.turn_guide(),
            // The guide itself says how it was left.
            KeyCode::F(1) => return false,
            KeyCode::Esc => self.lead.kept.leave(),
            _ => {
                self.lead.kept.leave();
                return false;
            }
        }
        true
    }

    /// Opens the guide, where it was left before, or puts it away.
    pub(super) fn turn_guide(&mut self) {
        let lead = &mut self.lead;
        lead.shown = !lead.shown;
        if !lead.shown {
            if lead.guide.as_ref().is_some_and(Guide::is_over) {
                lead.guide = None;
                return;
            }
            lead.kept.leave();
            return self.navigator.say(self.lang.of("F1 takes the guide up again", "F1 继续向导"));
        }
        lead.guide.get_or_insert_with(|| Guide::new(self.lang));
        self.look_what_is_done();
    }

    /// Ticks off what has been done since. Returns whether there is something new to say.
    pub(super) fn look_what_is_done(&mut self) -> bool {
        let world = self.source.timeline().now();
        let policy = self.policy_in(world);
        let Some(guide) = self.lead.guide.as_mut().filter(|_| self.lead.shown) else { return false };
        let news = guide.look(world, policy.as_ref());
        if guide.is_over() {
            self.lead.kept.finish();
        }
        news
    }

    /// The program ends, or the screen is left, with the welcome or the guide open.
    pub(super) fn leave_guide(&mut self) {
        let open = self.lead.guide().is_some_and(|guide| !guide.is_over());
        if open || matches!(self.navigator.overlay, Overlay::Welcome) {
            self.lead.kept.leave();
        }
    }
}
