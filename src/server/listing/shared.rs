//! What both programs ask of a policy.

use crate::record::{Fairness, OutOfFds, Policy, Read, Timeout, Trigger};

/// The flags that a mask ends with.
pub(super) fn flags(policy: &Policy) -> String {
    policy.trigger_flags().iter_names().fold(String::new(), |flags, (name, _)| flags + " | EPOLL" + name)
}

/// The bytes of a turn, where a drain may come to more.
pub(super) fn budget(policy: &Policy) -> Option<u32> {
    match policy.fairness {
        Fairness::RoundRobin(bytes) if policy.read != Read::Once => Some(bytes.get()),
        _ => None,
    }
}

/// Whether the program keeps a list of those that have more to read. Otherwise the kernel's ready list does.
pub(super) fn takes_turns(policy: &Policy) -> bool {
    budget(policy).is_some() && policy.trigger == Trigger::Edge && !policy.oneshot
}

/// Whether a listener for which no fd is free is not reported for some time.
pub(super) fn pauses(policy: &Policy) -> bool {
    matches!(policy.out_of_fds, OutOfFds::Mute | OutOfFds::BackOff)
}

/// The timeout of a wait while the listener is paused, in milliseconds, where that is not the usual one.
pub(super) fn paused_timeout(policy: &Policy) -> Option<i32> {
    let Timeout(usual) = policy.timeout;
    (pauses(policy) && !(0..=500).contains(&usual)).then_some(500)
}
