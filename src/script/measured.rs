//! What is measured of a server and its clients, whoever drives them.

use super::language::Whose;
use super::{Claim, Measure, Value};
use crate::analysis::{History, Tally};
use crate::probe::ServerState;
use crate::record::Call;
use crate::session::Session;
use crate::trace::world::Who;

/// A server and its clients as measures see them.
#[derive(Clone, Copy)]
pub struct Measured<'a> {
    pub timeline: &'a History,
    pub state: ServerState,
    /// The position that counts are taken from.
    pub mark: u64,
}

impl<'a> Measured<'a> {
    /// A session that a user drives, who may let the server rest without a line that says so.
    pub fn driven(session: &'a Session, mark: u64) -> Self {
        let (timeline, world) = (session.timeline(), session.timeline().now());
        let nothing_due = || world.epoll().is_some_and(|epoll| epoll.certain && world.due(epoll).next().is_none());
        let state = match session.state() {
            _ if session.spins() => ServerState::Spinning,
            ServerState::Waiting if world.is_blocked() => ServerState::Quiet,
            ServerState::Before(Call::EpollWaitEnter { .. }) if nothing_due() => ServerState::Quiet,
            state => state,
        };
        Self { timeline, state, mark }
    }

    pub fn measure(&self, measure: &Measure) -> Value {
        let world = self.timeline.now();
        let waits = || world.epoll().into_iter().flat_map(|epoll| epoll.waits().rev());
        let last = || waits().find(|wait| wait.returned.is_some() && wait.seq.0 > self.mark);
        match measure {
            Measure::Events { .. } => last().map_or(Value::Unmeasured, |wait| {
                Value::Events(wait.reports.iter().map(|report| (report.who.to_string(), report.ready)).collect())
            }),
            Measure::Count => {
                last().and_then(|wait| wait.ret?.ok()).map_or(Value::Unmeasured, |n| Value::Number(u64::from(n)))
            }
            Measure::Unread(id) => {
                let mut ends = world.files().filter_map(|(_, file)| file.stream()).filter(|end| end.accepted);
                let end = ends.find(|end| end.client == Some(id.0));
                Value::Number(end.and_then(|end| end.unread).unwrap_or(0))
            }
            Measure::Pending => {
                let listener = world.files().find_map(|(_, file)| file.listener());
                Value::Number(listener.and_then(|listener| listener.pending).map_or(0, u64::from))
            }
            Measure::Server => self.state.into(),
            measure => count(self.timeline, measure, self.mark),
        }
    }

    pub fn agrees(&self, claim: &Claim) -> bool {
        claim.measure.agrees(&claim.value, &self.measure(&claim.measure))
    }
}

/// What is counted since position `mark`, in a scene of either kind.
pub(super) fn count(timeline: &History, measure: &Measure, mark: u64) -> Value {
    if let Measure::Order(names) = measure {
        return Value::Truth(is_order(timeline, names, mark));
    }
    let tally = Tally::since(timeline, mark);
    Value::Number(match measure {
        Measure::Reports(Whose::Listener) => tally.reports(Who::Listener),
        Measure::Reports(Whose::Client(id)) => tally.reports(Who::Client(id.0)),
        Measure::Sent(id) => tally.sent(id.0),
        Measure::Received(id) => tally.received(id.0),
        Measure::Waits => tally.waits,
        Measure::Empty => tally.empty,
        Measure::Calls(None) => tally.calls(),
        Measure::Calls(Some(name)) => tally.calls_named(name),
        Measure::Errors(raw) => tally.errors(*raw),
        Measure::Accepted => tally.accepted,
        Measure::Stranded => timeline.now().stranded().count() as u64,
        // Each kind of scene answers for the others.
        _ => 0,
    })
}

/// Whether calls of these names were made since position `mark`, in this order, with or without others between.
fn is_order(timeline: &History, names: &[String], mark: u64) -> bool {
    let mut wanted = names.iter().peekable();
    for record in timeline.range(mark, timeline.len()) {
        let came = record.call.is_syscall() && wanted.peek().is_some_and(|name| *name == record.call.name());
        wanted.next_if(|_| came);
    }
    wanted.peek().is_none()
}
