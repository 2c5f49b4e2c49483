//! How masks and policies are written.

use std::fmt;

use bitflags::Flags;

use crate::record::{Accept, Annotation, Dir, Fairness, Policy, Read, Trigger, WriteInterest};
use crate::trace::file::names::bits_of;

pub(super) fn write_policy(f: &mut fmt::Formatter<'_>, policy: &Policy) -> fmt::Result {
    let trigger = match policy.trigger {
        Trigger::Level => "level",
        Trigger::Edge => "edge",
    };
    let oneshot = if policy.oneshot { ", one-shot" } else { "" };
    let read = match policy.read {
        Read::Once => "once",
        Read::Drain => "until EAGAIN",
        Read::DrainShort => "until a short read",
    };
    let accept = match policy.accept {
        Accept::Once => "once",
        Accept::Drain => "until EAGAIN",
    };
    let write = match policy.write {
        WriteInterest::OnDemand => "on demand",
        WriteInterest::Always => "always",
    };
    write!(f, "policy: {trigger}{oneshot}, read {} B {read}, accept {accept}, EPOLLOUT {write}", policy.read_size)?;
    match policy.fairness {
        Fairness::Greedy => f.write_str(", greedy")?,
        Fairness::RoundRobin(most) => write!(f, ", at most {most} B a turn")?,
    }
    write!(f, ", max {}, timeout {}", policy.max_events, policy.timeout)?;
    if policy.faults.is_empty() { Ok(()) } else { write!(f, "; faults: {}", policy.faults) }
}

/// What no call tells.
pub(super) fn write_told(f: &mut fmt::Formatter<'_>, told: &Annotation) -> fmt::Result {
    match told {
        Annotation::Follow(policy) => {
            f.write_str("told to follow, ")?;
            write_policy(f, policy)
        }
        Annotation::Reading { fd, on: true } => write!(f, "the client reads on {fd}"),
        Annotation::Reading { fd, on: false } => write!(f, "the client does not read on {fd}"),
        Annotation::Inside { fd, dir: Dir::In, len } => write!(f, "inside recvfrom({fd}, {len})"),
        Annotation::Inside { fd, dir: Dir::Out, len } => write!(f, "inside sendto({fd}, {len})"),
        Annotation::Rest { epfd, .. } => write!(f, "at rest before epoll_wait({epfd})"),
        Annotation::FinAcked { fd } => write!(f, "the FIN of {fd} is acknowledged"),
        Annotation::Stop => f.write_str("told to stop"),
        Annotation::Died { call, fd, ret } => write!(f, "died: {} on {fd} {}", call.name(), super::result(*ret)),
    }
}

/// A mask as strace writes it: `EPOLLIN|EPOLLET`, `0` for an empty one.
pub(super) struct Mask<'a, F>(pub(super) &'a F);

impl<F: Flags<Bits = u32>> fmt::Display for Mask<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (names, rest) = bits_of(self.0);
        let mut bar = "";
        for name in names {
            write!(f, "{bar}EPOLL{name}")?;
            bar = "|";
        }
        match rest {
            0 if bar.is_empty() => f.write_str("0"),
            0 => Ok(()),
            _ => write!(f, "{bar}{rest:#x}"),
        }
    }
}
