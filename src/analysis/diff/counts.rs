//! What counts when two recordings are compared.

use crate::record::{Call, Group, Row as _, choices};

choices! {
    /// What is compared only on request.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Also {
        Fds = "fds": "The numbers of fds",
        Ports = "ports": "The numbers of ports",
        Samples = "samples": "What epollscope itself asked the kernel: samples, backlogs, fdinfo, poll",
        Policy = "policy": "The policy of the server",
    }

    /// What is compared unless it is excluded.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Without {
        Trigger = "trigger": "EPOLLET and EPOLLONESHOT in a mask, to compare level and edge by their effects",
        Bytes = "bytes": "The contents of sent and received bytes; their number is still compared",
    }
}

/// Which records a comparison of two recordings looks at.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub(super) also: Vec<Also>,
    pub(super) without: Vec<Without>,
}

impl Counts {
    /// What counts by itself, and what of `also`, but not what of `without`.
    pub fn new(also: &[Also], without: &[Without]) -> Self {
        Self { also: also.to_vec(), without: without.to_vec() }
    }

    /// Whether a record counts by itself.
    pub(super) fn takes(&self, call: &Call) -> bool {
        match (call.group(), call) {
            (Group::Asked, _) => self.also.contains(&Also::Samples),
            (_, Call::Policy { .. }) => self.also.contains(&Also::Policy),
            (_, Call::Data { .. }) => !self.without.contains(&Without::Bytes),
            (Group::Annotation, _) | (_, Call::Name { .. }) => false,
            _ => true,
        }
    }
}
