//! What was found so far.

use std::collections::{HashMap, VecDeque};

use super::fact::{Fact, Lint};
use super::finding::Finding;
use crate::record::Fd;
use crate::trace::World;
use crate::trace::world::{FileId, Who};

/// The findings so far. While the same condition comes again with each wait it stays one finding, with a count.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// By [`Finding::seq`].
    pub(super) list: VecDeque<Finding>,
    /// How many were dropped from the front.
    pub(super) dropped: u64,
    /// Those that may come again: their place, counted from the first there ever was, and the wait that they came with.
    pub(super) open: HashMap<(Lint, Subject), (u64, u32)>,
}

/// What a repetition has to be about to be one: a file, or where it is not known an fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    File(FileId),
    Fd(Option<Fd>),
}

impl Found {
    /// The most findings that are kept; the oldest go first.
    pub(super) const KEPT: usize = 1 << 14;
    /// The most that are watched for coming again.
    pub(super) const OPEN: usize = 1 << 12;

    /// The last turn came `turns` times more, up to the wait with this number: so did what was found in it.
    pub(super) fn repeated(&mut self, turns: u32, wait: u32) {
        let before = wait.wrapping_sub(turns);
        for (place, last) in self.open.values_mut().filter(|(_, last)| *last == before) {
            *last = wait;
            let index = place.checked_sub(self.dropped).and_then(|index| usize::try_from(index).ok());
            if let Some(finding) = index.and_then(|index| self.list.get_mut(index)) {
                finding.count += u64::from(turns);
            }
        }
    }

    pub(super) fn found(&mut self, fact: Fact, fd: Option<Fd>, file: Option<FileId>, world: &World, wait: u32) {
        let seq = world.seq().0;
        let who = file.map_or(Who::Unknown, |id| world.who(id));
        let finding = Finding { seq, last: seq, count: 1, fd, who, fact };
        let subject = match fact {
            // It is the epoll's, whoever has to wait this time.
            Fact::Full { .. } => Subject::Fd(None),
            _ => file.map_or(Subject::Fd(fd), Subject::File),
        };
        let key = (fact.lint(), subject);
        if let Some((place, last)) = self.open.get_mut(&key) {
            // Again with the same wait, or with the next one.
            let again = wait.wrapping_sub(*last) <= 1;
            *last = wait;
            let index = place.checked_sub(self.dropped).and_then(|index| usize::try_from(index).ok());
            if let Some(earlier) = index.filter(|_| again).and_then(|index| self.list.get_mut(index)) {
                earlier.last = seq;
                earlier.count += 1;
                if let (Fact::Lost { count }, Fact::Lost { count: more }) = (&mut earlier.fact, fact) {
                    *count = count.saturating_add(more);
                }
                return;
            }
        }
        if self.open.len() >= Self::OPEN {
            self.open.retain(|_, (_, last)| wait.wrapping_sub(*last) <= 1);
            if self.open.len() >= Self::OPEN {
                self.open.clear();
            }
        }
        self.open.insert(key, (self.dropped + self.list.len() as u64, wait));
        if self.list.len() == Self::KEPT {
            self.list.pop_front();
            self.dropped += 1;
        }
        self.list.push_back(finding);
    }
}
