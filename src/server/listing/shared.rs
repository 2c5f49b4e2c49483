//! What both programs ask of a policy.

use crate::record::{Fairness, Policy, Read, Trigger};

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
