//! Rules that those who record and those who read have in common.

use super::call::Call;

/// Of the fds that a wait reports, the first so many are sampled right after it.
pub const SAMPLED_AFTER_WAIT: usize = 16;

/// This many waits in a row with reports of which nothing comes are a spin.
pub const SPIN: u32 = 64;

/// Counts waits that had reports, until something comes of one: bytes or a connection, or a change of what is asked for.
#[allow(
    clippy::inline_always,
    reason = "measured: inlined, what it looks for in a call is known where the call is made"
)]
#[inline(always)]
pub fn idle_waits(before: u32, call: &Call) -> u32 {
    match call {
        Call::EpollWait { ret, .. } => before.saturating_add(u32::from(ret.ok().is_some_and(|n| n > 0))),
        Call::Recvfrom { ret, .. } | Call::Sendto { ret, .. } | Call::Accept4 { ret, .. } if ret.ok().is_none() => {
            before
        }
        call if call.is_syscall() && !matches!(call, Call::EpollWaitEnter { .. }) => 0,
        _ => before,
    }
}
