//! Rules that recording and reading have in common.

use super::call::Call;
use super::ctl_op::CtlOp;

/// How many of the fds that a wait reports, the first ones, are sampled right after it.
pub const SAMPLED_AFTER_WAIT: usize = 16;

/// How many waits in a row, with reports of which nothing comes, are a spin.
pub const SPIN: u32 = 64;

/// Counts waits with reports, until something comes of one: bytes, a connection, or any other call. A recv, send or accept
/// that fails leaves the count as it is, since a server that spins makes such calls; so does a MOD, by which a one-shot
/// registration is armed again.
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
        Call::EpollCtl { op: CtlOp::Mod, .. } => before,
        call if call.is_syscall() && !matches!(call, Call::EpollWaitEnter { .. }) => 0,
        _ => before,
    }
}
