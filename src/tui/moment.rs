//! A moment to be shown: the world at a position, and what the world alone does not tell.

use crate::analysis::History;
use crate::probe::{Mode, ServerState};
use crate::record::Call;
use crate::server::ServerError;
use crate::session::Session;
use crate::trace::World;

/// Which moment is shown, and how it goes on from there. The user chooses this; how the server stands is another
/// matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playhead {
    /// Now; the server is held, and continues when a key says so.
    Held,
    /// Now; the server runs, at a pace or as fast as it can.
    Runs {
        /// Calls a second.
        pace: Option<u64>,
    },
    /// A moment of a demo.
    Demo {
        /// The demo goes on by itself.
        plays: bool,
    },
    /// A moment of the past.
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

/// What is known about the server at a moment, beside the world. Now it comes from the live server; in the past, from
/// the records that came later.
#[derive(Clone, Debug)]
pub struct Now {
    /// How it stands.
    pub state: ServerState,
    /// Which moment that is.
    pub playhead: Playhead,
    /// Its next call.
    pub next: Option<Call>,
    /// The error that ended it.
    pub ended: Option<ServerError>,
    /// There is no live server, only the records of one.
    pub recorded: bool,
    /// Whether the live server can run while the past is shown, and does.
    pub runs_on: Option<bool>,
}

/// A moment to be shown.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names of most fields say what they are")]
pub struct Moment<'a> {
    pub timeline: &'a History,
    /// Its position.
    pub at: u64,
    pub world: &'a World,
    pub now: Now,
    /// The track, unless only now can be shown.
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
