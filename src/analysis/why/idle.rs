//! Why there is nothing to report of a registration.

use super::fact::Idle;
use crate::record::{FdKind, Interest, PairType, Ready};
use crate::trace::World;
use crate::trace::world::{File, Item, Nature, Stance};

pub(super) fn idle(world: &World, item: &Item) -> Idle {
    let Stance { nature, ready, .. } = world.file(item.file).map(File::stance).unwrap_or_default();
    let is_socket = matches!(nature, Nature::Tcp | Nature::Made(FdKind::Socketpair(_) | FdKind::UdpSocket));
    let depth = world.file(item.file).and_then(File::depth);
    let interest = item.interest.plain();
    match nature {
        _ if world.file(item.file).is_some_and(File::is_connecting) => Idle::Connecting,
        _ if !interest.intersects(Interest::IN | Interest::OUT) => Idle::NotAsked,
        _ if !interest.contains(Interest::OUT) && world.file(item.file).is_some_and(File::is_writing_end) => {
            Idle::NeverIn
        }
        _ if interest.contains(Interest::IN | Interest::OUT) && is_socket && !ready.contains(Ready::OUT) => {
            Idle::UnreadNoRoom
        }
        _ if interest.contains(Interest::IN) => idle_reader(nature),
        Nature::Made(FdKind::Eventfd2) => Idle::CounterFull,
        Nature::Made(FdKind::Pipe2) if depth > Some(0) => Idle::PipeFull,
        Nature::Made(FdKind::Socketpair(PairType::Dgram)) => Idle::QueueFull,
        Nature::Tcp | Nature::Made(FdKind::Socketpair(_) | FdKind::UdpSocket) | Nature::Unknown => Idle::NoRoom,
        Nature::Listener | Nature::Epoll | Nature::Made(_) => Idle::NeverOut,
    }
}

/// Why there is nothing to read.
fn idle_reader(nature: Nature) -> Idle {
    match nature {
        Nature::Listener => Idle::Clients,
        Nature::Epoll => Idle::List,
        Nature::Made(FdKind::Eventfd2) => Idle::Counter,
        Nature::Made(FdKind::TimerfdCreate) => Idle::Timer,
        Nature::Made(FdKind::Signalfd4) => Idle::Signal,
        Nature::Made(FdKind::InotifyInit1) => Idle::FileEvent,
        Nature::Made(FdKind::PidfdOpen(_)) => Idle::Process,
        _ if nature.has_datagrams() => Idle::Datagrams,
        _ => Idle::Unread,
    }
}
