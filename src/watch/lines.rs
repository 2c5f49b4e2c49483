//! Where in its source a program makes a call: what its stack or its markers say.

use std::path::Path;

use super::decode::Entered;
use super::memory::Memory;
use super::source::{LONGEST, Marker};
use super::tracer::Tracer;
use crate::record::{Annotation, Call, Chunk, Fd, Tid};

impl Tracer {
    /// Where in the source a thread makes the call that it enters.
    pub(super) fn line(&mut self, tid: Tid, entered: &Entered) -> Option<Chunk> {
        let thread = self.threads.of.get(&tid)?;
        if let Some(marker) = &thread.marker {
            return marker.makes(entered.number).then_some(marker.at);
        }
        let (at, path) = self.stacks.as_mut()?.line(thread.process, tid)?;
        self.is_heard_of(&path);
        Some(at)
    }

    /// A file of source was named.
    fn is_heard_of(&mut self, path: &Path) {
        if !self.files.contains(path) {
            self.files.insert(path.to_owned());
            self.orders.holds().is_at(path);
        }
    }

    /// Whether the call is a marker of the Python hook, which is kept.
    pub(super) fn is_marker(&mut self, tid: Tid, entered: &Entered) -> bool {
        if entered.number != libc::SYS_write || entered.fd(0) != Fd(-1) {
            return false;
        }
        let length = usize::try_from(entered.arguments[2]).unwrap_or(0).min(LONGEST);
        let marker = Marker::read(&Memory(tid).bytes(entered.arguments[1], length));
        let is_marker = marker.is_some();
        if let Some(path) = marker.as_ref().and_then(Marker::path) {
            self.is_heard_of(&path);
        }
        if let Some(thread) = self.threads.of.get_mut(&tid).filter(|_| is_marker) {
            thread.marker = marker;
        }
        is_marker
    }

    pub(super) fn note_line(&mut self, tid: Tid, line: Option<Chunk>) {
        if let Some(at) = line {
            if let Some(stacks) = &mut self.stacks {
                stacks.has_found = true;
            }
            self.note(tid, Call::Annotation(Annotation::Line { at }));
        }
    }
}
