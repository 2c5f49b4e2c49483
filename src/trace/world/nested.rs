//! Epolls that watch epolls. To find out whether the inner one is ready, the kernel goes through its ready list, and that
//! changes the list: items that are not ready are dropped. So the inferred lists must change with it.

use super::epoll::Epoll;
use super::file::FileId;
use super::state::{NESTED, WAKES, World};

impl World {
    /// The kernel asks a registered file whether it is ready. If it is an epoll, that looks through its list up to the first
    /// item that is, and drops those before it. (Most programs have one epoll and many reports: they skip the search.)
    pub(super) fn asked_if_ready(&mut self, file: FileId) {
        if self.epolls.len() > 1 && self.epolls.contains_key(&file) {
            self.look_into(file, NESTED, &mut { WAKES });
        }
    }

    /// A wait on the epoll, or poll(2), asks the items of its list, until `room` of them have been found ready.
    pub(super) fn goes_through(&mut self, id: FileId, room: u32) {
        if self.epolls.len() > 1 {
            self.look_at_inner(id, room, NESTED, &mut { WAKES });
        }
    }

    fn look_at_inner(&mut self, id: FileId, room: u32, levels: u32, ways: &mut u32) {
        for inner in self.epolls.get(&id).map_or_else(Vec::new, |epoll| self.inner_ones(epoll, room)) {
            self.look_into(inner, levels, ways);
        }
    }

    fn look_into(&mut self, id: FileId, levels: u32, ways: &mut u32) {
        if levels == 0 || *ways == 0 {
            return;
        }
        *ways -= 1;
        self.look_at_inner(id, 1, levels - 1, ways);
        if let Some(mut epoll) = self.epolls.remove(&id) {
            epoll.look_through(1, |item| self.is_ready(item));
            self.epolls.insert(id, epoll);
        }
    }

    /// The epolls among the items that a wait with this room looks at.
    fn inner_ones(&self, epoll: &Epoll, room: u32) -> Vec<FileId> {
        let mut room = room;
        let passed = epoll.ready_list().take_while(|item| {
            let fits = room > 0;
            room = room.saturating_sub(u32::from(self.is_ready(item) != Some(false)));
            fits
        });
        passed.map(|item| item.file).filter(|file| self.epolls.contains_key(file)).collect()
    }
}
