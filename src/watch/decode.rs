//! A call that has returned, from its number, its arguments and the program's memory, as the record that it is.

mod makes;
mod moves;

use super::fds::Table;
use super::memory::Memory;
use super::numbers::{FIONBIO, old};
use crate::record::{
    Call, CtlOp, Dir, FcntlCmd, Fd, Foreign, How, Interest, Ready, Ret, SockOpt, Timeout, TimeoutNs, WaitMask,
};
use crate::sys;

/// A call that a thread has entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entered {
    pub(super) number: i64,
    pub(super) arguments: [u64; 6],
}

impl Entered {
    pub(super) fn fd(&self, n: usize) -> Fd {
        Fd(self.int(n))
    }

    #[allow(clippy::cast_possible_truncation, reason = "the kernel takes the lower half for an int")]
    pub(super) fn int(&self, n: usize) -> i32 {
        self.arguments[n] as i32
    }

    fn length(&self, n: usize) -> u32 {
        u32::try_from(self.arguments[n]).unwrap_or(u32::MAX)
    }

    /// The wait that this is the entry of.
    pub(super) fn wait(&self, memory: Memory) -> Option<Call> {
        let (epfd, max_events) = (self.fd(0), self.int(2).cast_unsigned());
        let timeout = Timeout(self.int(3));
        match self.number {
            old::EPOLL_WAIT => Some(Call::EpollWaitEnter { epfd, max_events, timeout }),
            libc::SYS_epoll_pwait => {
                let sigmask = self.wait_mask(memory);
                Some(Call::Foreign(Foreign::EpollPwaitEnter { epfd, max_events, timeout, sigmask }))
            }
            libc::SYS_epoll_pwait2 => {
                let (timeout, timeout_ns) = match self.arguments[3] {
                    0 => (Timeout::NONE, TimeoutNs::new(None)),
                    at => {
                        let timeout = Timeout(memory.milliseconds(at).unwrap_or(i32::MAX));
                        (timeout, TimeoutNs::new(memory.nanoseconds(at)))
                    }
                };
                let sigmask = self.wait_mask(memory);
                Some(Call::Foreign(Foreign::EpollPwait2Enter { epfd, max_events, timeout, timeout_ns, sigmask }))
            }
            _ => None,
        }
    }

    fn wait_mask(&self, memory: Memory) -> WaitMask {
        WaitMask::new(Some(self.arguments[4]).filter(|at| *at != 0).and_then(|at| memory.signals(at)))
    }

    /// Which way bytes go, and how many at most, where a call on a blocking socket may sleep.
    pub(super) fn may_hang(&self) -> Option<(Fd, Dir, u32)> {
        let dir = match self.number {
            libc::SYS_read | libc::SYS_readv | libc::SYS_recvfrom | libc::SYS_recvmsg => Dir::In,
            libc::SYS_write | libc::SYS_writev | libc::SYS_sendto | libc::SYS_sendmsg => Dir::Out,
            _ => return None,
        };
        let plain = [libc::SYS_read, libc::SYS_write, libc::SYS_recvfrom, libc::SYS_sendto];
        Some((self.fd(0), dir, if plain.contains(&self.number) { self.length(2) } else { 0 }))
    }

    /// Whether it reads or writes, so that on a regular file it is left out.
    pub(super) fn is_transfer(&self) -> bool {
        [libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev].contains(&self.number)
    }
}

/// A call that has returned, and where what it points to is.
pub(super) struct Returned<'a> {
    pub(super) entered: &'a Entered,
    pub(super) ret: Ret,
    pub(super) memory: Memory,
    pub(super) table: &'a mut Table,
    /// Its parts: events, or the first bytes that it moved.
    pub(super) parts: Vec<Call>,
}

impl Returned<'_> {
    /// The call; `None` for one that has no record.
    pub(super) fn call(&mut self) -> Option<Call> {
        self.moves().or_else(|| self.of_epoll()).or_else(|| self.of_socket()).or_else(|| self.makes())
    }

    fn ok(&self) -> bool {
        self.ret.ok().is_some()
    }

    fn of_epoll(&mut self) -> Option<Call> {
        let (ret, epfd) = (self.ret, self.entered.fd(0));
        Some(match self.entered.number {
            old::EPOLL_WAIT => Call::EpollWait { epfd, ret: self.with_events() },
            libc::SYS_epoll_pwait => Call::Foreign(Foreign::EpollPwait { epfd, ret: self.with_events() }),
            libc::SYS_epoll_pwait2 => Call::Foreign(Foreign::EpollPwait2 { epfd, ret: self.with_events() }),
            libc::SYS_epoll_ctl => {
                let op = match self.entered.int(1) {
                    libc::EPOLL_CTL_ADD => CtlOp::Add,
                    libc::EPOLL_CTL_MOD => CtlOp::Mod,
                    libc::EPOLL_CTL_DEL => CtlOp::Del,
                    _ => return None,
                };
                let fd = self.entered.fd(2);
                let event =
                    if op == CtlOp::Del { Vec::new() } else { self.memory.bytes(self.entered.arguments[3], EVENT) };
                let (mask, data) = event_at(&event).unwrap_or((0, 0));
                if self.ok() && op != CtlOp::Del {
                    self.table.registered(epfd, fd, data);
                }
                Call::EpollCtl { epfd, op, fd, interest: Interest::from_bits_retain(mask), ret }
            }
            libc::SYS_io_uring_setup => {
                let entries = u32::try_from(self.entered.arguments[0]).unwrap_or(0);
                Call::Foreign(Foreign::IoUringSetup { entries, ret })
            }
            _ => return None,
        })
    }

    /// The result of a wait, whose events become its parts.
    fn with_events(&mut self) -> Ret {
        let (epfd, count) = (self.entered.fd(0), self.ret.ok().unwrap_or(0) as usize);
        let list = self.memory.bytes(self.entered.arguments[1], EVENT * count);
        for (mask, data) in list.chunks_exact(EVENT).filter_map(event_at) {
            let fd = self.table.fd_of(epfd, data);
            self.parts.push(Call::Event { epfd, fd, ready: Ready::from_bits_truncate(mask) });
        }
        self.ret
    }

    fn of_socket(&mut self) -> Option<Call> {
        let (fd, ret) = (self.entered.fd(0), self.ret);
        let arguments = self.entered.arguments;
        let foreign = Call::Foreign;
        Some(match self.entered.number {
            libc::SYS_bind => Call::Bind { fd, addr: self.memory.addr(arguments[1], arguments[2]), ret },
            libc::SYS_connect => Call::Connect { fd, addr: self.memory.addr(arguments[1], arguments[2]), ret },
            libc::SYS_listen => Call::Listen { fd, backlog: self.entered.int(1), ret },
            libc::SYS_shutdown => {
                let how = match self.entered.int(1) {
                    libc::SHUT_RD => How::Read,
                    libc::SHUT_WR => How::Write,
                    _ => How::Both,
                };
                Call::Shutdown { fd, how, ret }
            }
            libc::SYS_setsockopt => self.option(),
            libc::SYS_close => Call::Close { fd, ret },
            libc::SYS_dup => Call::Dup { fd, ret },
            old::DUP2 => foreign(Foreign::Dup2 { fd, to: self.entered.fd(1), ret }),
            libc::SYS_dup3 => foreign(Foreign::Dup3 { fd, to: self.entered.fd(1), ret }),
            libc::SYS_fcntl => {
                let cmd = match self.entered.int(1) {
                    libc::F_DUPFD => FcntlCmd::DupFd,
                    libc::F_DUPFD_CLOEXEC => FcntlCmd::DupFdCloexec,
                    _ => FcntlCmd::SetFl,
                };
                Call::Fcntl { fd, cmd, value: self.entered.int(2), ret }
            }
            libc::SYS_ioctl if self.entered.int(1).cast_unsigned() == FIONBIO => {
                foreign(Foreign::Fionbio { fd, on: self.memory.i32(arguments[2]).unwrap_or(0) != 0, ret })
            }
            libc::SYS_timerfd_settime => {
                // struct itimerspec: the interval first.
                let at = |at| self.memory.milliseconds(at).and_then(|ms| u32::try_from(ms).ok()).unwrap_or(0);
                Call::TimerfdSettime { fd, first_ms: at(arguments[2] + 16), every_ms: at(arguments[2]), ret }
            }
            _ => return None,
        })
    }

    fn option(&self) -> Call {
        let Entered { arguments, .. } = *self.entered;
        let (fd, ret) = (self.entered.fd(0), self.ret);
        let option = sys::option_named(self.entered.int(1), self.entered.int(2));
        let value = self.memory.i32(arguments[3]).unwrap_or(0);
        match option {
            // struct linger: whether, and how long. Switched off it has no row.
            SockOpt::Linger if value == 0 => Call::Setsockopt { fd, option: SockOpt::Other, value, ret },
            SockOpt::Linger => {
                Call::Setsockopt { fd, option, value: self.memory.i32(arguments[3] + 4).unwrap_or(0), ret }
            }
            option => Call::Setsockopt { fd, option, value, ret },
        }
    }
}

/// `struct epoll_event`, which is packed on x86-64.
const EVENT: usize = size_of::<libc::epoll_event>();
const DATA: usize = std::mem::offset_of!(libc::epoll_event, u64);

/// The mask and the data of an event.
fn event_at(bytes: &[u8]) -> Option<(u32, u64)> {
    let mask = u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?);
    Some((mask, u64::from_ne_bytes(bytes.get(DATA..DATA + 8)?.try_into().ok()?)))
}
