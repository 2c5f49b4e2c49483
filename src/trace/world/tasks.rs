//! The threads of a watched program, and which epoll belongs to which process.

use super::epoll::Epoll;
use super::file::FileId;
use super::state::World;
use crate::record::{Call, Chunk, Fd, Tid};

/// A thread of a watched program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub tid: Tid,
    /// The process, or thread, that first had its fd table.
    pub table: Tid,
    pub name: Option<Chunk>,
    /// The epoll that it waits in.
    pub waits: Option<Fd>,
    /// The recv or send in which it hangs.
    pub hangs: Option<Call>,
}

impl World {
    /// The threads of a watched program that live, by their numbers.
    pub fn tasks(&self) -> impl Iterator<Item = Task> + '_ {
        let own = self.threads.iter().filter(|(_, thread)| self.watched && thread.serves);
        own.map(|(tid, thread)| {
            let waits = |epoll: &&Epoll| epoll.waits().any(|wait| wait.tid == *tid && wait.returned.is_none());
            Task {
                tid: *tid,
                table: Tid(thread.table.0),
                name: thread.name,
                waits: self.epolls().find(waits).map(|epoll| epoll.fd),
                hangs: thread.inside.filter(|(_, hung)| *hung).map(|(call, _)| call),
            }
        })
    }

    /// The epoll objects that are open, each with its file and the process, or thread, that first had its fd table.
    pub fn epolls_of(&self) -> impl Iterator<Item = (FileId, Tid, &Epoll)> + '_ {
        self.epolls.iter().map(|(id, epoll)| {
            let table = self.files.get(*id).map_or(0, |file| file.table.0);
            (*id, Tid(table), &**epoll)
        })
    }

    /// The same world with this epoll under the scope, whichever was used last.
    #[must_use]
    pub fn looking_at(&self, epoll: FileId) -> Self {
        Self { used: Some(epoll), ..self.clone() }
    }
}
