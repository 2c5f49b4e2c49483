//! How a server stands: one type for the gate, the session, scripts, comparisons and screens.

use super::Breakpoint;
use crate::record::Call;

/// How a server stands.
///
/// The gate knows from moment to moment where the server is, which is one of the first four. The others are found by
/// who drives the server and watches its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ServerState {
    /// On its way from one call to the next.
    #[default]
    Working,
    /// Held before this call.
    Before(Call),
    /// In epoll_wait, perhaps blocked.
    Waiting,
    /// In this recv or send, which may block, perhaps asleep.
    Inside(Call),
    /// Held before an epoll_wait that would report nothing, and nothing is on its way to it.
    Quiet,
    /// [`SPIN`](crate::record::SPIN) waits in a row had reports of which nothing came.
    Spinning,
    /// Asleep in this recv or send on a blocking fd, and nobody is about to end that.
    Hung(Call),
    /// Held by this breakpoint.
    Stopped(Breakpoint),
    /// It was told to end, and has closed everything.
    Ended,
    /// A call failed that it can't do without.
    Died,
}

impl ServerState {
    /// The call that it is held before, as far as the gate knows.
    pub fn held_before(self) -> Option<Call> {
        if let Self::Before(call) = self { Some(call) } else { None }
    }
}
