//! A moment as it is shown: the world, and what the world alone does not tell.

use crate::probe::{Breakpoint, Mode, Position};
use crate::record::Call;
use crate::server::ServerError;
use crate::session::Session;
use crate::trace::{Timeline, World};

use super::widgets::view::is_blocked;

/// How the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Held before its next call.
    Paused,
    /// Held by a breakpoint.
    Stopped(Breakpoint),
    /// It is what a demo shows, which goes on by itself, or not.
    Demo {
        /// By itself.
        plays: bool,
    },
    /// It runs, so many calls a second or as fast as it goes.
    Runs {
        /// Calls a second.
        pace: Option<u64>,
    },
    /// In epoll_wait, with nothing to report: blocked.
    Blocked {
        /// It goes on by itself when the wait returns.
        runs: bool,
    },
    /// In a recv or send on a blocking fd, asleep.
    Hangs(Call),
    /// A moment of the past is shown, so many system calls ago.
    Past {
        /// System calls.
        behind: u64,
    },
    /// It has ended.
    Over,
    /// The last record of a recording is shown, which tells of no end.
    Ends,
    /// The last record is shown of a recording that is still being made or read.
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
    pub standing: Standing,
    /// Its next call.
    pub next: Option<Call>,
    /// The recv or send on a blocking fd that it sleeps in.
    pub hangs: Option<Call>,
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
    pub timeline: &'a Timeline,
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
    pub fn standing(standing: Standing) -> Self {
        Self { standing, next: None, hangs: None, ended: None, recorded: false, runs_on: None }
    }

    /// How `live` stands, that runs so many calls a second when it runs.
    pub fn of(session: &Session, pace: Option<u64>) -> Self {
        let runs = matches!(session.mode(), Mode::Free | Mode::Paced(_));
        let (position, hangs) = (session.position(), session.hangs());
        let standing = match (hangs, session.stopped_by(), position) {
            _ if session.is_over() => Standing::Over,
            (Some(call), ..) => Standing::Hangs(call),
            (_, Some(breakpoint), Position::Before(_)) => Standing::Stopped(breakpoint),
            (_, _, Position::Waiting) if is_blocked(session.timeline().now()) => Standing::Blocked { runs },
            _ if runs => Standing::Runs { pace },
            _ => Standing::Paused,
        };
        let next = match position {
            Position::Before(call) => Some(call),
            Position::Running | Position::Waiting | Position::Inside(_) => None,
        };
        let hangs = hangs.filter(|_| next.is_none());
        Self { standing, next, hangs, ended: session.ended().cloned(), recorded: false, runs_on: Some(runs) }
    }
}
