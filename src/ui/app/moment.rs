//! How the server stood at a moment, and what it came to next: known of the living one, read from the records of the past.

use super::{App, PACES};
use crate::probe::{Mode as GateMode, Position};
use crate::record::{Call, Policy, Told};
use crate::server::ServerError;
use crate::trace::World;
use crate::ui::view::{Standing, is_blocked};

impl App {
    /// The policy in `world`; before the first was told, that first one. `None` where the records do not say.
    pub(super) fn policy_in(&self, world: &World) -> Option<Policy> {
        let told = || self.stage.live().map(|live| *live.policy());
        world.policy().copied().or(self.beginning.policy).or_else(told)
    }

    pub(super) fn standing(&self) -> Standing {
        let timeline = self.stage.timeline();
        if self.travel.is_past() {
            return Standing::Past { behind: self.travel.behind(timeline) };
        }
        let Some(live) = self.stage.live() else { return self.at_the_end() };
        if live.is_over() {
            return Standing::Over;
        }
        if let Some(call) = live.hangs() {
            return Standing::Hangs(call);
        }
        if let (Some(breakpoint), Position::Before(_)) = (live.stopped_by(), live.position()) {
            return Standing::Stopped(breakpoint);
        }
        let runs = self.is_running();
        match live.position() {
            Position::Waiting if is_blocked(timeline.now()) => Standing::Blocked { runs },
            _ if runs => Standing::Runs { pace: PACES[self.pace] },
            _ => Standing::Paused,
        }
    }

    /// Whether the living server makes call after call.
    pub(super) fn is_running(&self) -> bool {
        self.stage.live().is_some_and(|live| matches!(live.mode(), GateMode::Free | GateMode::Paced(_)))
    }

    /// How a recording stands after its last record.
    fn at_the_end(&self) -> Standing {
        let over = self.stage.recording().is_none_or(crate::trace::Playback::is_over);
        match self.stage.timeline().now().ending() {
            Some(_) if over => Standing::Over,
            _ if over => Standing::Ends,
            _ => Standing::Follows,
        }
    }

    /// What ended the server, if nobody told it to.
    pub(super) fn ended(&self) -> Option<ServerError> {
        if self.travel.is_past() {
            return None;
        }
        match self.stage.live() {
            Some(live) => live.ended().cloned(),
            None => match self.stage.timeline().now().ending() {
                Some(&Told::Died { call, fd, ret }) => Some(ServerError::Call {
                    call,
                    fd,
                    errno: ret.errno().unwrap_or(crate::kernel::Errno::UnknownErrno),
                }),
                _ => None,
            },
        }
    }

    /// The server's next call, and the one that it sleeps in.
    pub(super) fn outlook(&self) -> (Option<Call>, Option<Call>) {
        let Some(live) = self.stage.live().filter(|_| !self.travel.is_past()) else {
            return (self.travel.next(), self.travel.hangs());
        };
        match live.position() {
            Position::Before(call) => (Some(call), None),
            Position::Running | Position::Waiting | Position::Inside(_) => (None, live.hangs()),
        }
    }
}
