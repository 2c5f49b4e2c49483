//! How the server stood at a moment, and what it came to next: known of the living one, read from the records of the past.

use super::{App, PACES};
use crate::probe::{Mode as GateMode, Position};
use crate::record::{Call, Nanos, Policy, Record, Timeout, Told};
use crate::server::ServerError;
use crate::trace::{Timeline, World};
use crate::ui::view::{Standing, is_blocked};

/// A call that came back within this time did not hang.
const AT_ONCE: u64 = 1_000_000;

/// What is shown of a moment, and is not in the world there.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlook {
    /// Which moment it is of, and how many records there were.
    of: Option<(u64, u64)>,
    /// The server's next call.
    pub(super) next: Option<Call>,
    /// The recv or send that it sleeps in.
    pub(super) hangs: Option<Call>,
}

impl Outlook {
    /// Looks anew, where the moment is another one, or records that were missing may have come.
    pub(super) fn look(&mut self, timeline: &Timeline, at: u64, world: &World) {
        let answered = self.next.is_some() && self.hangs.is_none();
        let seen = self.of.is_some_and(|(of, len)| of == at && (answered || len == timeline.len()));
        if seen {
            return;
        }
        self.of = Some((at, timeline.len()));
        let next = next_record(timeline, at, world);
        self.next = next.map(|record| record.call).filter(|_| !is_blocked(world));
        let inside = world.inside();
        self.hangs = inside.filter(|(_, since)| next.is_none_or(|next| lasted(*since, next.t))).map(|(call, _)| call);
        if self.hangs.is_some() {
            self.next = None;
        }
    }
}

fn lasted(since: Nanos, to: Nanos) -> bool {
    to.0.saturating_sub(since.0) > AT_ONCE
}

/// What the server came to after the moment `at`: the call that it made next, or was held before. It takes orders right
/// before an epoll_wait, and does not make that one.
fn next_record(timeline: &Timeline, at: u64, world: &World) -> Option<Record> {
    let now = timeline.now();
    let mut later = timeline.range(at, timeline.len()).filter(|record| now.serves(record.tid));
    let next = later.find(|record| {
        record.call.is_syscall()
            || world.epoll().is_some() && matches!(record.call, Call::Policy(_) | Call::Told(Told::Stop))
    })?;
    if next.call.is_syscall() {
        return Some(next);
    }
    let (epoll, policy) = (world.epoll()?, world.policy()?);
    // With work of its own left it asks without waiting, and does so still after the order.
    let timeout = later.find_map(|record| match record.call {
        Call::EpollWaitEnter { timeout: Timeout::ZERO, .. } => Some(Timeout::ZERO),
        Call::EpollWaitEnter { .. } => Some(policy.timeout),
        _ => None,
    });
    let timeout = timeout.unwrap_or(policy.timeout);
    Some(Record { call: Call::EpollWaitEnter { epfd: epoll.fd, max_events: policy.max_events, timeout }, ..next })
}

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
        if self.travel.is_past() {
            return (self.outlook.next, self.outlook.hangs);
        }
        let Some(live) = self.stage.live() else { return (None, self.outlook.hangs) };
        match live.position() {
            Position::Before(call) => (Some(call), None),
            Position::Running | Position::Waiting | Position::Inside(_) => (None, live.hangs()),
        }
    }

    /// Looks at what comes after the moment that is shown, so that drawing it costs nothing more.
    pub(super) fn look_ahead(&mut self) {
        let timeline = self.stage.timeline();
        if self.travel.is_past() || self.stage.live().is_none() {
            self.outlook.look(timeline, self.travel.at(timeline), self.travel.world(timeline));
        }
    }
}
