//! `expect`: what a script claims, against what the kernel did.

use super::{Lab, Outcome, Stop};
use crate::record::{Ready, errno_name};
use crate::script::language::{Expect, Name};
use crate::trace::why::grouped;

impl Lab {
    pub(super) fn check(&self, expect: &Expect) -> Outcome {
        match self.disagrees(expect) {
            None => Outcome { said: "ok".to_owned(), stop: None },
            Some(came) => Outcome { said: "FAILED".to_owned(), stop: Some(Stop::Failed(came)) },
        }
    }

    /// What came instead, where something else came.
    fn disagrees(&self, expect: &Expect) -> Option<String> {
        let last = &self.last;
        match expect {
            Expect::Events { events, ordered } => {
                let (mut ours, mut theirs) = (events.clone(), last.events.clone());
                if !ordered {
                    let by_name = |(name, ready): &(Name, Ready)| (name.clone(), ready.bits());
                    ours.sort_by_key(by_name);
                    theirs.sort_by_key(by_name);
                }
                (ours != theirs).then(|| list(&last.events))
            }
            Expect::Count(n) => (last.events.len() != *n).then(|| list(&last.events)),
            Expect::Error(raw) => (last.result.err().map(|errno| errno as i32) != Some(*raw)).then(|| self.result()),
            Expect::Ok => last.result.is_err().then(|| self.result()),
            Expect::Returned(n) => (last.result != Ok(*n)).then(|| self.result()),
            Expect::Mask(mask) => (last.mask != *mask).then(|| format!("the mask {}", last.mask)),
        }
    }

    fn result(&self) -> String {
        match self.last.result {
            Ok(n) => format!("it returned {}", grouped(n)),
            Err(errno) => format!("it failed with {} ({})", errno_name(errno as i32), errno.desc()),
        }
    }
}

/// An event list by names.
pub(super) fn list(events: &[(Name, Ready)]) -> String {
    if events.is_empty() {
        return "no event".to_owned();
    }
    events.iter().map(|(name, ready)| format!("{name} {ready}")).collect::<Vec<_>>().join(", ")
}
