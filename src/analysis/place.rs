//! Where the server's program makes a call.

use crate::record::{Call, CtlOp, FdKind, MsgFlags, NewFd, OutOfFds};
use crate::server::listing::Place;
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::{File, Kind};

/// Where the server of `world` makes `call`, if `before` is the call that it made last on the same fd. `None` for the
/// calls that the listing leaves out.
pub fn place(call: &Call, before: Option<&Call>, world: &World) -> Option<Place> {
    let epoll = world.epoll();
    let listens = |fd| {
        let item = epoll.and_then(|epoll| epoll.item(fd));
        item.and_then(|item| world.file(item.file)).is_some_and(|file| file.listener().is_some())
    };
    let is_muted = |fd| epoll.and_then(|epoll| epoll.item(fd)).is_some_and(|item| item.interest.is_empty());
    // The listener and the spare may be off the interest list.
    let is_open = |fd, is_one: &dyn Fn(&File) -> bool| world.files().any(|(_, file)| file.fd == fd && is_one(file));
    let is_spare = |file: &File| matches!(&file.kind, Kind::Other(other) if other.made_by == FdKind::Null);
    let has_freed_it = world.policy().is_some_and(|policy| policy.out_of_fds == OutOfFds::Spare)
        && !world.files().any(|(_, file)| is_spare(file));
    let ends = world.ending().is_some();
    Some(match call.plain() {
        Call::EpollCreate1 { .. } => Place::Create,
        Call::EpollCtl { op: CtlOp::Add, .. } if epoll.is_none_or(|epoll| epoll.wait_count == 0) => Place::Register,
        Call::EpollCtl { op: CtlOp::Add, fd, .. } if is_open(fd, &|file| file.listener().is_some()) => Place::ComeBack,
        Call::EpollCtl { op: CtlOp::Add, .. } => Place::Add,
        Call::EpollCtl { op: CtlOp::Mod, fd, interest, .. } if listens(fd) && interest.is_empty() => Place::Mute,
        Call::EpollCtl { op: CtlOp::Mod, fd, .. } if listens(fd) && is_muted(fd) => Place::Unmute,
        Call::EpollCtl { op: CtlOp::Mod, fd, .. } if listens(fd) => Place::ArmListener,
        Call::EpollCtl { op: CtlOp::Mod, .. } => Place::Modify,
        Call::EpollCtl { op: CtlOp::Del, fd, .. } if listens(fd) => Place::BackOff,
        Call::EpollCtl { op: CtlOp::Del, .. } => Place::Delete,
        Call::EpollWaitEnter { .. } | Call::EpollWait { .. } => Place::Wait,
        // Right after it found no free fd: one has been freed for it.
        Call::Accept4 { .. } if has_freed_it && found_none(before) => Place::AcceptToClose,
        Call::Accept4 { .. } => Place::Accept,
        Call::NewFd(NewFd { kind: FdKind::Null, .. }) => Place::OpenSpare,
        Call::Recvfrom { flags, .. } if flags.contains(MsgFlags::OOB) => Place::ReceiveUrgent,
        Call::Recvfrom { .. } => Place::Receive,
        Call::Sendto { .. } if matches!(before, Some(Call::Recvfrom { .. })) => Place::Echo,
        Call::Sendto { .. } => Place::Flush,
        Call::Close { fd, .. } if epoll.is_none_or(|epoll| epoll.fd == fd) => Place::DestroyEpoll,
        Call::Close { fd, .. } if listens(fd) => Place::DestroyListener,
        Call::Close { fd, .. } if is_open(fd, &is_spare) => {
            if ends {
                Place::DestroySpare
            } else {
                Place::FreeSpare
            }
        }
        // Never registered, so that it was not taken off the list either.
        Call::Close { fd, .. } if !ends && !is_del(before) && epoll.is_some_and(|epoll| epoll.item(fd).is_none()) => {
            Place::TurnAway
        }
        // While the server goes on, a connection is closed where it ends; at the end, all of them are.
        Call::Close { .. } if !ends => Place::Close,
        Call::Close { .. } => Place::DestroyConnections,
        _ => return None,
    })
}

/// Whether `call` is an accept4 that found no free fd.
fn found_none(call: Option<&Call>) -> bool {
    matches!(call, Some(Call::Accept4 { ret, .. }) if ret.is(Errno::EMFILE))
}

fn is_del(call: Option<&Call>) -> bool {
    matches!(call, Some(Call::EpollCtl { op: CtlOp::Del, .. }))
}
