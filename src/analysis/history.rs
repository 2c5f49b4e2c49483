//! A timeline, with what is worth a look in it.

use std::ops::Deref;

use super::findings::Findings;
use crate::record::Record;
use crate::trace::{Playback, Timeline};

/// A [`Timeline`] that can only grow together with its [`Findings`]. All that a timeline tells can be asked of it.
#[derive(Debug, Default)]
pub struct History {
    timeline: Timeline,
    findings: Findings,
}

impl History {
    /// Goes on with a timeline that is still empty.
    pub fn of(timeline: Timeline) -> Self {
        debug_assert!(timeline.is_empty(), "its findings would be missing");
        Self { timeline, findings: Findings::default() }
    }

    /// Adds the next record; see [`Timeline::push`].
    #[inline]
    pub fn push(&mut self, record: Record) {
        self.timeline.push(record);
        self.findings.apply(&record, self.timeline.now());
    }

    /// Takes in what `playback` has read; see [`Playback::pump`].
    pub fn pump(&mut self, playback: &mut Playback) -> bool {
        playback.pump(&mut self.timeline, |record, world| self.findings.apply(record, world))
    }

    /// What is worth a look, in all records that ever came.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl Deref for History {
    type Target = Timeline;

    #[inline]
    fn deref(&self) -> &Timeline {
        &self.timeline
    }
}
