//! What fork(2) does to the fds: two file tables refer to the same open file descriptions.

use super::World;
use super::file::{FileId, Table};
use crate::record::{Fd, Ret, Tid};

/// The most entries of file tables that forks copy, all together: what comes behind is not followed.
const MAX_COPIED: u64 = 1 << 24;

impl World {
    /// The child has a table of its own with the same entries, so that each file has a reference more.
    pub(super) fn forked(&mut self, tid: Tid, ret: Ret) {
        let Some(child) = ret.ok().filter(|pid| *pid > 0) else { return };
        self.ended(Tid(child));
        let entries = self.entries(self.table(tid));
        self.copied = self.copied.saturating_add(entries.len() as u64);
        if self.copied > MAX_COPIED {
            return;
        }
        for (fd, id) in entries {
            if self.is_full() {
                break;
            }
            self.fds.insert((Table(child), fd), id);
            if let Some(file) = self.files.get_mut(&id) {
                file.refs += 1;
            }
        }
        self.thread(Tid(child)).table = Table(child);
    }

    /// A child has ended, and its table with it.
    pub(super) fn ended(&mut self, child: Tid) {
        // Table 0 is that of the program under the scope.
        if child.0 == 0 {
            return;
        }
        for (fd, _) in self.entries(Table(child.0)) {
            self.forget_in(Table(child.0), fd);
        }
        self.threads.remove(&child);
    }

    /// What a table holds, by number, as the kernel goes through it.
    fn entries(&self, table: Table) -> Vec<(Fd, FileId)> {
        let of_table = self.fds.iter().filter(|((of, _), _)| *of == table);
        let mut entries: Vec<(Fd, FileId)> = of_table.map(|((_, fd), id)| (*fd, *id)).collect();
        entries.sort_unstable();
        entries
    }
}
