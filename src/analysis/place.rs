//! Where the server's program makes a call.

use crate::record::{Call, CtlOp, MsgFlags};
use crate::server::listing::Place;
use crate::trace::World;

/// Where the server of `world` makes `call`, if `before` is the call that it made last on the same fd. `None` for the
/// calls that the listing leaves out.
pub fn place(call: &Call, before: Option<&Call>, world: &World) -> Option<Place> {
    let epoll = world.epoll();
    let listens = |fd| {
        let item = epoll.and_then(|epoll| epoll.item(fd));
        item.and_then(|item| world.file(item.file)).is_some_and(|file| file.listener().is_some())
    };
    Some(match *call {
        Call::EpollCreate1 { .. } => Place::Create,
        Call::EpollCtl { op: CtlOp::Add, .. } if epoll.is_none_or(|epoll| epoll.wait_count == 0) => Place::Register,
        Call::EpollCtl { op: CtlOp::Add, .. } => Place::Add,
        Call::EpollCtl { op: CtlOp::Mod, fd, .. } if listens(fd) => Place::ArmListener,
        Call::EpollCtl { op: CtlOp::Mod, .. } => Place::Modify,
        Call::EpollCtl { op: CtlOp::Del, .. } => Place::Delete,
        Call::EpollWaitEnter { .. } | Call::EpollWait { .. } => Place::Wait,
        Call::Accept4 { .. } => Place::Accept,
        Call::Recvfrom { flags, .. } if flags.contains(MsgFlags::OOB) => Place::ReceiveUrgent,
        Call::Recvfrom { .. } => Place::Receive,
        Call::Sendto { .. } if matches!(before, Some(Call::Recvfrom { .. })) => Place::Echo,
        Call::Sendto { .. } => Place::Flush,
        Call::Close { fd, .. } if epoll.is_none_or(|epoll| epoll.fd == fd) => Place::DestroyEpoll,
        Call::Close { fd, .. } if listens(fd) => Place::DestroyListener,
        // While the server goes on, a connection is closed where it ends; at the end, all of them are.
        Call::Close { .. } if world.ending().is_none() => Place::Close,
        Call::Close { .. } => Place::DestroyConnections,
        _ => return None,
    })
}
