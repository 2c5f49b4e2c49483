//! The two lists of each epoll of a scene: what it watches, and what it would report.

use super::Name;
use crate::record::{Interest, Ready};
use crate::trace::World;
use crate::trace::world::{Epoll, Item};

/// The lists of one epoll object of a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lists {
    /// Its name in the script; a server's is `server`.
    pub epoll: Name,
    /// The interest list: name, mask, and whether it is armed.
    pub interest: Vec<(Name, Interest, bool)>,
    /// What a wait would report now, in order; inferred.
    pub ready: Vec<(Name, Ready)>,
    /// What may be on the list too, or may not.
    pub unknown: Vec<Name>,
}

impl Lists {
    pub(super) fn of(world: &World, name: &str, epoll: &Epoll, name_of: impl Fn(&Item) -> Name + Copy) -> Self {
        Self {
            epoll: name.to_owned(),
            interest: epoll.items().map(|item| (name_of(item), item.interest, item.armed)).collect(),
            ready: world.due(epoll).map(|(item, mask)| (name_of(item), mask)).collect(),
            unknown: world.unknown(epoll).map(name_of).collect(),
        }
    }
}
