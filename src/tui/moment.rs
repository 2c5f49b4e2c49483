//! A moment to be shown: the world at a position, and what the world alone does not tell.

use crate::analysis::History;
use crate::probe::{Mode, ServerState};
use crate::record::Call;
use crate::server::ServerError;
use crate::session::Session;
use crate::trace::World;

/// Which moment is shown, and how it goes on from there: what the user chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playhead {
    /// Now; the server is held, and continues when a key says so.
    Held,
    /// Now; the server runs, at a pace or as fast as it can.
    Runs {
        /// Calls a second.
        pace: Option<u64>,
    },
    Demo {
        plays: bool,
    },
    Past {
        /// How many system calls ago.
        behind: u64,
    },
    /// The last record of a recording.
    Ends,
    /// The last record so far of a recording that is still being made or read.
    Follows,
}

/// The track below the panels, a line from the start to now: what it says beside the moment that it marks.
#[derive(Clone, Copy, Debug)]
pub struct Track {
    /// The records are those of a recording; there is no live server.
    pub recorded: bool,
    /// The past plays, at this many calls a second.
    pub playing: Option<u64>,
    /// Whether the live server runs meanwhile, if there is one.
    pub runs_on: Option<bool>,
}

/// What is known about a server at a moment, beside the world: from the live server, or from later records.
#[derive(Clone, Debug)]
pub struct Now {
    pub state: ServerState,
    pub playhead: Playhead,
    pub next: Option<Call>,
    pub ended: Option<ServerError>,
    pub recorded: bool,
    /// Whether the live server can run while the past is shown, and does.
    pub runs_on: Option<bool>,
}

/// A position of a timeline, with all that is shown of it.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    pub timeline: &'a History,
    pub at: u64,
    pub world: &'a World,
    pub now: Now,
    pub track: Option<Track>,
}

impl Now {
    /// For a lab, or the end of a recording, where no live server can be asked.
    pub fn unknown(playhead: Playhead) -> Self {
        let state = ServerState::Working;
        Self { state, playhead, next: None, ended: None, recorded: false, runs_on: None }
    }

    /// How `session` stands now; `pace` is the speed at which it runs when it runs.
    pub fn of(session: &Session, pace: Option<u64>) -> Self {
        let runs = matches!(session.mode(), Mode::Free | Mode::Paced(_));
        Self {
            state: match session.state() {
                ServerState::Waiting if !session.timeline().now().is_blocked() => ServerState::Working,
                state => state,
            },
            playhead: if runs { Playhead::Runs { pace } } else { Playhead::Held },
            next: session.held_before(),
            ended: session.ended().cloned(),
            recorded: false,
            runs_on: Some(runs),
        }
    }
}
