//! A moment as it is shown: the world, and what the world alone does not tell.

use crate::analysis::History;
use crate::probe::{Mode, ServerState};
use crate::record::Call;
use crate::server::ServerError;
use crate::session::Session;
use crate::trace::World;

/// Which moment is shown, and how it goes on from there: what the user chose, not how the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playhead {
    /// Now; the server is held, and goes on when it is told to.
    Held,
    /// Now; the server runs, so many calls a second or as fast as it goes.
    Runs {
        /// Calls a second.
        pace: Option<u64>,
    },
    /// It is what a demo shows, which goes on by itself, or not.
    Demo {
        /// By itself.
        plays: bool,
    },
    /// A moment of the past, so many system calls ago.
    Past {
        /// System calls.
        behind: u64,
    },
    /// The last record of a recording.
    Ends,
    /// The last record so far of a recording that is still being made or read.
    Follows,
}

/// Where the moment that is shown stands among all that there are.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// They are those of a recording, and no server lives.
    pub recorded: bool,
    /// The past plays, so many calls a second.
    pub playing: Option<u64>,
    /// Where there is a server that may run meanwhile: whether it does.
    pub runs_on: Option<bool>,
}

/// How the server stands, which the records do not tell of now, and of a moment of the past those that came later.
#[derive(Clone, Debug)]
pub struct Now {
    /// How it stands.
    pub state: ServerState,
    /// Which moment that is.
    pub playhead: Playhead,
    /// Its next call.
    pub next: Option<Call>,
    /// What ended it, where nobody told it to end.
    pub ended: Option<ServerError>,
    /// No server lives: these are the records of one.
    pub recorded: bool,
    /// Where there is a server that may run while the past is looked at: whether it does.
    pub runs_on: Option<bool>,
}

/// A moment.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    /// All records.
    pub timeline: &'a History,
    /// The position.
    pub at: u64,
    /// The world there.
    pub world: &'a World,
    /// How the server stood.
    pub now: Now,
    /// Where that is; `None` where only now is looked at.
    pub place: Option<Place>,
}

impl Now {
    /// Where nobody knows of a server: a lab, or the end of a recording.
    pub fn unknown(playhead: Playhead) -> Self {
        let state = ServerState::Working;
        Self { state, playhead, next: None, ended: None, recorded: false, runs_on: None }
    }

    /// How `session` stands, that runs so many calls a second when it runs.
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
