//! The seven steps of an epoll server, as lesson 1 counts them.

use crate::i18n::Lang;
use crate::record::{Call, CtlOp, Faults, FdKind, NewFd};
use crate::trace::World;

/// One of the seven steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 1: make an epoll object.
    Create,
    /// 2: tell it what to watch.
    Register,
    /// 3: ask what has happened.
    Wait,
    /// 4: act on it.
    Act,
    /// 5: change what is watched.
    Modify,
    /// 6: repeat 3 to 5.
    Repeat,
    /// 7: close everything.
    Destroy,
}

impl Step {
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Register, Self::Wait, Self::Act, Self::Modify, Self::Repeat, Self::Destroy];

    /// Its number, from 1.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    pub fn name(self, lang: Lang) -> &'static str {
        lang.pick(match self {
            Self::Create => ("create", "创建"),
            Self::Register => ("register", "注册"),
            Self::Wait => ("wait", "等待"),
            Self::Act => ("act", "处理"),
            Self::Modify => ("modify", "修改"),
            Self::Repeat => ("repeat", "重复"),
            Self::Destroy => ("destroy", "销毁"),
        })
    }

    /// Whether the server has done it at least once in `world`.
    pub fn is_done(self, world: &World) -> bool {
        let Some(epoll) = world.last_epoll() else { return false };
        match self {
            Self::Create => true,
            Self::Register => !epoll.is_empty() || epoll.wait_count > 0,
            Self::Wait => epoll.wait_count > 0,
            Self::Act => world.counters().accepted > 0,
            Self::Modify => world.counters().changes > 0,
            Self::Repeat => epoll.wait_count > 1,
            Self::Destroy => world.epoll().is_none(),
        }
    }

    /// The step that `call` belongs to, made by the server in `world`; `None` for the calls before step 1, and for what
    /// is not a call.
    pub fn of(call: &Call, world: &World) -> Option<Self> {
        let waited = world.epoll().is_some_and(|epoll| epoll.wait_count > 0);
        match &call.plain() {
            Call::EpollCreate1 { .. } => Some(Self::Create),
            Call::EpollCtl { op: CtlOp::Add, .. } => Some(Self::Register),
            Call::EpollCtl { .. } | Call::Fcntl { .. } => Some(Self::Modify),
            Call::EpollWaitEnter { .. } if waited => Some(Self::Repeat),
            Call::EpollWaitEnter { .. } | Call::EpollWait { .. } => Some(Self::Wait),
            Call::Accept4 { .. } | Call::Recvfrom { .. } | Call::Sendto { .. } | Call::Shutdown { .. } => {
                Some(Self::Act)
            }
            // The spare fd of a server that keeps one.
            Call::NewFd(NewFd { kind: FdKind::Null, .. }) if waited => Some(Self::Act),
            Call::NewFd(NewFd { kind: FdKind::Null, .. }) => Some(Self::Register),
            Call::Close { fd, .. } => {
                let Some(epoll) = world.epoll() else { return Some(Self::Destroy) };
                let Some(item) = epoll.item(*fd) else {
                    let ends = epoll.fd == *fd || world.ending().is_some();
                    return Some(if ends { Self::Destroy } else { Self::Act });
                };
                // A connection that ends is taken off the list before it is closed, unless that is the fault; what is
                // closed while registered is otherwise closed for good.
                let ended = world.file(item.file).and_then(|file| file.stream()).is_some_and(|stream| stream.ended);
                let first = world.policy().is_some_and(|policy| policy.has(Faults::CLOSE_FIRST));
                Some(if ended && first { Self::Act } else { Self::Destroy })
            }
            _ => None,
        }
    }
}
