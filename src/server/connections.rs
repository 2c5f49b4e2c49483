//! The accepted connections, and the tokens that name them in reports.

use super::connection::Connection;
use crate::record::Fd;
use crate::sys::number;

/// Connections by fd number. The kernel gives the lowest free number, so there are few holes.
#[derive(Default)]
pub(super) struct Connections(Vec<Option<Connection>>);

impl Connections {
    pub(super) fn put(&mut self, connection: Connection) {
        let slot = slot(number(&connection));
        if slot >= self.0.len() {
            self.0.resize_with(slot + 1, || None);
        }
        self.0[slot] = Some(connection);
    }

    /// The connection that `token` names, unless it was closed since, whoever may have its number now.
    #[inline]
    pub(super) fn get(&mut self, token: u64) -> Option<&mut Connection> {
        let connection = self.0.get_mut(slot(fd_of(token)))?.as_mut()?;
        (connection.generation == generation_of(token)).then_some(connection)
    }

    pub(super) fn take(&mut self, token: u64) -> Option<Connection> {
        self.get(token)?;
        self.0[slot(fd_of(token))].take()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.0.iter_mut().flatten()
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = Connection> {
        self.0.into_iter().flatten()
    }
}

/// A registration's token: the fd below, above it the generation that tells one user of a number from the next.
pub(super) fn token_of(fd: Fd, generation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(fd.0.cast_unsigned())
}

#[allow(clippy::cast_possible_truncation, reason = "the lower half is the fd")]
pub(super) fn fd_of(token: u64) -> Fd {
    Fd((token as u32).cast_signed())
}

#[allow(clippy::cast_possible_truncation, reason = "the upper half is the generation")]
fn generation_of(token: u64) -> u32 {
    (token >> 32) as u32
}

/// A negative number is beyond every table.
fn slot(fd: Fd) -> usize {
    fd.0.cast_unsigned() as usize
}
