//! What is selected.

use crate::session::ClientId;
use crate::trace::{World, world::FileId};

/// What is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    None,
    /// A built-in client, accepted or not.
    Client(ClientId),
    File(FileId),
}

impl Focus {
    /// The selected file, if it is there in `world`.
    pub(in crate::tui) fn file(self, world: &World) -> Option<FileId> {
        match self {
            Self::None => None,
            Self::File(id) => world.file(id).map(|_| id),
            Self::Client(client) => world.accepted_from_client(client.0),
        }
    }

    /// The built-in client that keys act for.
    pub(in crate::tui) fn client(self, world: &World) -> Option<ClientId> {
        match self {
            Self::None => None,
            Self::Client(id) => Some(id),
            Self::File(id) => {
                let client = world.file(id)?.stream()?.other?;
                world.file(client)?.stream()?.ordinal.map(ClientId)
            }
        }
    }

    /// Whether a connection is selected that no built-in client has made.
    pub(in crate::tui) fn is_outside(self, world: &World) -> bool {
        matches!(self, Self::File(file) if world.file(file).is_some_and(|file| file.stream().is_some()))
    }

    /// Whether the client of the selected connection does not read.
    pub(in crate::tui) fn is_frozen(self, world: &World) -> bool {
        let stream = |id| world.file(id).and_then(|file| file.stream());
        let client = self.file(world).and_then(stream).and_then(|end| stream(end.other?));
        client.is_some_and(|end| end.reads == Some(false))
    }
}
