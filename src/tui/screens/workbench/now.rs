//! How the server stands now: asked of the live one, or read from the last records of a recording.

use super::screen::{PACES, WorkbenchScreen};
use crate::probe::{Mode as GateMode, ServerState};
use crate::record::{Annotation, Policy};
use crate::server::ServerError;
use crate::trace::World;
use crate::tui::moment::{Now, Playhead};

impl WorkbenchScreen {
    /// The policy in `world`; before the first policy record, the first one to come. `None` if the records do not say.
    pub(super) fn policy_in(&self, world: &World) -> Option<Policy> {
        let told = || self.source.session().map(|session| *session.policy());
        world.policy().copied().or(self.beginning.policy).or_else(told)
    }

    pub(super) fn now(&self) -> Now {
        match self.source.session() {
            Some(session) => Now::of(session, PACES[self.pace]),
            None => self.at_the_end(),
        }
    }

    /// Whether the live server runs.
    pub(super) fn is_running(&self) -> bool {
        self.source.session().is_some_and(|session| matches!(session.mode(), GateMode::Free | GateMode::Paced(_)))
    }

    /// How things stand after the last record of a recording.
    fn at_the_end(&self) -> Now {
        let over = self.source.recording().is_none_or(crate::trace::Playback::is_over);
        let ending = self.source.timeline().now().ending();
        let ended = match ending {
            Some(&Annotation::Died { call, fd, ret }) => {
                Some(ServerError::Call { call, fd, errno: ret.errno().unwrap_or(crate::sys::Errno::UnknownErrno) })
            }
            _ => None,
        };
        let state = match ending {
            Some(Annotation::Died { .. }) if over => ServerState::Died,
            Some(_) if over => ServerState::Ended,
            _ => ServerState::Working,
        };
        let playhead = if over { Playhead::Ends } else { Playhead::Follows };
        Now { state, ended, recorded: true, ..Now::unknown(playhead) }
    }
}
