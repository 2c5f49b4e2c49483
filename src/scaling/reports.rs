//! How often one message is reported, by how much of it is read for a report: counted on the real server, not timed.

use std::time::Duration;

use crate::analysis::Tally;
use crate::i18n::Lang;
use crate::probe::{Mode, WhenFull};
use crate::record::{Policy, Read, Trigger};
use crate::server::Setup;
use crate::session::{Payload, Session, SessionError};
use crate::trace::world::Who;

/// The size of the message, in bytes.
pub const SENT: usize = 3_000;

/// Long enough for the slowest machine; nothing waits for it.
const LONG: Duration = Duration::from_secs(10);

/// A way of reading that the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Level-triggered, one recv for a report.
    Level,
    /// One-shot, one recv for a report, and an EPOLL_CTL_MOD.
    OneShot,
    /// Edge-triggered, recv until EAGAIN.
    Edge,
    /// Edge-triggered, one recv for a report: the mistake.
    EdgeOnce,
}

impl Reading {
    pub const ALL: [Self; 4] = [Self::Level, Self::OneShot, Self::Edge, Self::EdgeOnce];

    pub fn name(self, lang: Lang) -> &'static str {
        lang.pick(match self {
            Self::Level => ("level, read once", "水平触发，读一次"),
            Self::OneShot => ("one-shot, read once", "一次性，读一次"),
            Self::Edge => ("edge, read to EAGAIN", "边缘触发，读到 EAGAIN"),
            Self::EdgeOnce => ("edge, read once", "边缘触发，读一次"),
        })
    }

    /// Its name for a program.
    pub fn key(self) -> &'static str {
        match self {
            Self::Level => "level-once",
            Self::OneShot => "oneshot-once",
            Self::Edge => "edge-drain",
            Self::EdgeOnce => "edge-once",
        }
    }

    fn policy(self, read_size: u32) -> Policy {
        let edge = matches!(self, Self::Edge | Self::EdgeOnce);
        Policy {
            trigger: if edge { Trigger::Edge } else { Trigger::Level },
            oneshot: self == Self::OneShot,
            read: if self == Self::Edge { Read::Drain } else { Read::Once },
            read_size,
            ..Policy::default()
        }
    }
}

/// What a server needed to read one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub reports: u64,
    /// System calls of the server's, the wait that then blocks not among them.
    pub calls: u64,
    pub stranded: u64,
}

/// Sends one message of [`SENT`] bytes to a server that reads in this way, `read_size` bytes at a time, and counts until all
/// is quiet.
///
/// # Errors
/// Where no server could be started, or no client connected; the first as [`Session::open`], the other as `NotQuiet`.
pub fn count(reading: Reading, read_size: u32) -> Result<Counted, SessionError> {
    let setup = Setup {
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        policy: reading.policy(read_size),
        gate: Mode::Held,
        capacity: 1 << 12,
        when_full: WhenFull::Wait,
    };
    let mut session = Session::open(&setup)?;
    session.settle(LONG)?;
    let not_quiet = |session: &Session| SessionError::NotQuiet { within: LONG, state: session.state() };
    let client = session.clients_mut().connect().map_err(|_| not_quiet(&session))?;
    session.settle(LONG)?;
    let from = session.timeline().len();
    session.clients_mut().send(client, Payload::Pattern(SENT)).map_err(|_| not_quiet(&session))?;
    session.settle(LONG)?;
    let tally = Tally::since(session.timeline(), from);
    let stranded = session.timeline().now().stranded().map(|(_, bytes)| bytes).sum();
    let counted = Counted { reports: tally.reports(Who::Client(client.0)), calls: tally.calls(), stranded };
    session.close(|_| ())?;
    Ok(counted)
}
