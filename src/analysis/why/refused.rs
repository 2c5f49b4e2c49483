//! Why a call on an epoll was refused.

use crate::i18n::{Lang, words};
use crate::record::{Call, CtlOp, Fd, FdKind, Interest, Tid};
use crate::sys::Errno;
use crate::trace::World;
use crate::trace::world::{FileId, Kind, Who};

/// What may stand beside EPOLLEXCLUSIVE: `EPOLLEXCLUSIVE_OK_BITS` in `fs/eventpoll.c`.
const EXCLUSIVE: Interest = Interest::IN
    .union(Interest::OUT)
    .union(Interest::ERR)
    .union(Interest::HUP)
    .union(Interest::WAKEUP)
    .union(Interest::ET)
    .union(Interest::EXCLUSIVE);

/// The longest chain of epolls that the kernel allows: `EP_MAX_NESTS` and the one at its end.
const LEVELS: u32 = 5;

/// The most events that a wait may ask for: `EP_MAX_EVENTS`.
const MOST_EVENTS: u32 = i32::MAX.unsigned_abs() / 12;

/// Why the kernel refused `call` of `tid`, an epoll_ctl or epoll_wait that has just failed; nothing where the errno says
/// it all.
pub fn refused(world: &World, tid: Tid, call: &Call, lang: Lang) -> Option<String> {
    let errno = call.ret()?.errno()?;
    let file = |fd| world.file_of(tid, fd).map(|(_, file)| file);
    let closed = |fd| words!(lang, "fd {fd} is not open", "fd {fd} 没有打开");
    let no_epoll = |fd: Fd| words!(lang, "fd {fd} is not an epoll object", "fd {fd} 不是 epoll 对象");
    let is_epoll = |fd| file(fd).is_none_or(|file| matches!(file.kind, Kind::Epoll | Kind::Unknown));
    let (epfd, op, fd, interest) = match call.plain() {
        Call::EpollCtl { epfd, op, fd, interest, .. } => (epfd, op, fd, interest),
        Call::EpollWait { epfd, .. } => {
            return match errno {
                Errno::EBADF => Some(closed(epfd)),
                Errno::EINVAL if !is_epoll(epfd) => Some(no_epoll(epfd)),
                errno => refused_wait(world, tid, epfd, errno, lang),
            };
        }
        _ => return None,
    };
    let item = world
        .epoll_at(tid, epfd)
        .zip(file(fd))
        .and_then(|(epoll, file)| epoll.items().filter(|item| item.file == file.id).min_by_key(|item| item.fd != fd));
    Some(match errno {
        Errno::EBADF if file(fd).is_some_and(|file| file.who() == Who::Made(FdKind::Path)) => words!(
            lang,
            "fd {fd} was opened with O_PATH: it is a place in the file system, and no file that can be watched",
            "fd {fd} 是用 O_PATH 打开的：它只表示文件系统中的一个位置，无法监视"
        ),
        Errno::EBADF => closed(if file(epfd).is_none() { epfd } else { fd }),
        Errno::EEXIST => words!(
            lang,
            "fd {fd} is registered here already; EPOLL_CTL_MOD changes the mask",
            "fd {fd} 已在这里注册；改掩码用 EPOLL_CTL_MOD"
        ),
        Errno::ENOENT => match item {
            Some(item) => {
                let registered = item.fd;
                words!(
                    lang,
                    "its file is registered as fd {registered}, not as fd {fd}",
                    "它的文件是以 fd {registered} 注册的，不是 fd {fd}"
                )
            }
            None => words!(lang, "fd {fd} is not registered here", "fd {fd} 没有在这里注册"),
        },
        Errno::EPERM => words!(
            lang,
            "fd {fd} cannot be watched: a file of its kind, such as a regular one, is always ready and wakes nobody",
            "fd {fd} 无法监视：这类文件（例如普通文件）总是就绪，不会唤醒任何等待者"
        ),
        Errno::ELOOP => {
            let closes_circle = file(fd).zip(file(epfd)).is_some_and(|(from, to)| leads(world, from.id, to.id, LEVELS));
            let why = if closes_circle {
                ("it would close a circle of epolls that watch each other", "这样会使互相监视的 epoll 连成圈")
            } else {
                (
                    "it would make a chain of more than 5 epolls that watch each other",
                    "这样会使互相监视的 epoll 连成 5 层以上的链",
                )
            };
            lang.pick(why).to_owned()
        }
        Errno::ENOSPC => lang
            .of(
                "the user has as many registrations as /proc/sys/fs/epoll/max_user_watches allows",
                "该用户的注册数已达 /proc/sys/fs/epoll/max_user_watches 的上限",
            )
            .to_owned(),
        Errno::EINVAL if fd == epfd => lang.of("an epoll cannot watch itself", "epoll 不能监视自己").to_owned(),
        Errno::EINVAL if !is_epoll(epfd) => no_epoll(epfd),
        Errno::EINVAL if matches!(op, CtlOp::Unknown(_)) => {
            words!(lang, "epoll_ctl has no operation {op}", "epoll_ctl 没有编号为 {op} 的操作")
        }
        Errno::EINVAL if op == CtlOp::Mod && interest.contains(Interest::EXCLUSIVE) => {
            lang.of("EPOLLEXCLUSIVE is for EPOLL_CTL_ADD alone", "EPOLLEXCLUSIVE 只能用于 EPOLL_CTL_ADD").to_owned()
        }
        Errno::EINVAL if item.is_some_and(|item| op == CtlOp::Mod && item.interest.contains(Interest::EXCLUSIVE)) => {
            lang.of(
                "what was registered with EPOLLEXCLUSIVE cannot be modified",
                "用 EPOLLEXCLUSIVE 注册的，不能再用 EPOLL_CTL_MOD 修改",
            )
            .to_owned()
        }
        Errno::EINVAL if interest.contains(Interest::EXCLUSIVE) && !EXCLUSIVE.contains(interest) => {
            let not = interest - EXCLUSIVE;
            words!(lang, "EPOLLEXCLUSIVE does not go with {not}", "EPOLLEXCLUSIVE 不能与 {not} 同用")
        }
        Errno::EINVAL if interest.contains(Interest::EXCLUSIVE) => {
            lang.of("EPOLLEXCLUSIVE cannot watch another epoll", "EPOLLEXCLUSIVE 不能用来监视另一个 epoll").to_owned()
        }
        _ => return None,
    })
}

/// Whether an epoll watches another one, itself or by way of others.
fn leads(world: &World, from: FileId, to: FileId, levels: u32) -> bool {
    let epoll = world.epolls_of().find(|(id, ..)| *id == from).filter(|_| levels > 0);
    epoll.is_some_and(|(_, _, epoll)| {
        epoll.items().any(|item| item.file == to || leads(world, item.file, to, levels - 1))
    })
}

/// Why a wait on an epoll failed.
fn refused_wait(world: &World, tid: Tid, epfd: Fd, errno: Errno, lang: Lang) -> Option<String> {
    let said = match errno {
        Errno::EINVAL => {
            let max = world.epoll_at(tid, epfd)?.waits().next_back()?.max_events.cast_signed();
            return Some(words!(
                lang,
                "maxevents is {max}, and must be from 1 to {MOST_EVENTS}",
                "maxevents 是 {max}，应为 1 到 {MOST_EVENTS}"
            ));
        }
        Errno::EFAULT => (
            "an event was there, and its place in the event list is no memory of the program",
            "有事件要报告，但事件列表的地址不属于程序的内存",
        ),
        Errno::EINTR => (
            "a signal came and was handled; this call is never begun again, even with SA_RESTART",
            "收到信号并已处理；即使设了 SA_RESTART，这个调用也不会重新开始",
        ),
        _ => return None,
    };
    Some(lang.pick(said).to_owned())
}
