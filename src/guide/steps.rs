//! The steps of the first minute, in two halves.

use super::led::Mark;
use crate::i18n::{Both, Lang, grouped, words};
use crate::record::{Policy, Read, Trigger};
use crate::trace::World;
use crate::trace::world::{Epoll, Item, Stream};

/// The two halves; each ends with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Level,
    Edge,
    Over,
}

impl Half {
    pub(super) fn rule(self) -> Both {
        match self {
            Self::Level => (
                "Level: as long as anything is unread, every epoll_wait reports it.",
                "水平：只要还有未读的数据，每次 epoll_wait 都会报告。",
            ),
            Self::Edge | Self::Over => (
                "Edge: only new arrivals are reported, so read until EAGAIN.",
                "边缘：有新到达才报告，所以每次都要读到 EAGAIN。",
            ),
        }
    }
}

/// What a step has come to, in words; nothing as long as it is not done.
type Done = fn(&World, Option<&Policy>, Mark, Lang) -> Option<String>;

/// A step: what to press, what that will do, and when it is done.
pub(super) struct Step {
    pub(super) half: Half,
    pub(super) keys: &'static str,
    pub(super) says: Both,
    /// A word that is new on the screen, explained.
    pub(super) term: Both,
    pub(super) done: Done,
    /// What counts for it begins with it, and not with the step before.
    pub(super) begins: bool,
    /// It shows how often bytes are reported, which depends on the policy.
    pub(super) sends: bool,
    /// The server is to read until EAGAIN.
    pub(super) drains: bool,
}

const STEP: Step = Step {
    half: Half::Level,
    keys: "",
    says: ("", ""),
    term: ("", ""),
    done: |_, _, _, _| None,
    begins: true,
    sends: false,
    drains: false,
};

pub(super) const STEPS: &[Step] = &[
    Step {
        keys: "Space",
        says: (
            "makes the first call, epoll_create1: an interest list and a ready list",
            "执行第一个调用 epoll_create1，得到兴趣列表和就绪列表",
        ),
        done: |world, _, _, lang| {
            let fd = world.epoll()?.fd;
            Some(words!(
                lang,
                "epoll_create1 returned fd {fd}: both lists are empty",
                "epoll_create1 返回 fd {fd}，两个列表都是空的"
            ))
        },
        ..STEP
    },
    Step {
        keys: "Space",
        says: ("registers the listening socket: the kernel is to watch it", "注册监听套接字，让内核关注它"),
        term: (
            "inferred: worked out from the calls; no call shows the ready list",
            "推断：由各次调用推出；没有调用能直接看到就绪列表",
        ),
        done: |world, _, _, lang| {
            let fd = world.epoll()?.items().next()?.fd;
            Some(words!(lang, "fd {fd} is on the interest list", "fd {fd} 已在兴趣列表中"))
        },
        ..STEP
    },
    Step {
        keys: "Space",
        says: ("waits: nothing is ready, so epoll_wait will block", "等待：没有就绪的 fd，epoll_wait 将会阻塞"),
        done: |world, _, _, lang| {
            let blocks = lang
                .of("the server is blocked in epoll_wait, and uses no CPU", "服务器阻塞在 epoll_wait 中，不占用 CPU");
            let waited = lang.of("the server has waited in epoll_wait", "服务器已在 epoll_wait 中等待过");
            let said = if world.is_blocked() { blocks } else { waited };
            (world.is_blocked() || world.counters().accepted > 0).then(|| said.to_owned())
        },
        ..STEP
    },
    Step {
        keys: "c",
        says: ("connects a client", "连接一个客户端"),
        term: ("timeout -1: the wait lasts until something is ready", "超时 -1：一直等到有 fd 就绪"),
        done: |world, _, _, lang| {
            let reports = world.epoll()?.report_count;
            let waits = !world.unaccepted(1).is_empty();
            let said = if waits || world.counters().accepted == 0 {
                lang.of("epoll_wait returned: a client waits to be accepted", "epoll_wait 返回：有客户端等待接受")
            } else {
                lang.of("epoll_wait returned: a client has connected", "epoll_wait 返回：有客户端连接")
            };
            // Whoever opens the guide late may have closed the clients of before.
            let is_there = waits || connections(world).next().is_some();
            (reports > 0 && is_there).then(|| said.to_owned())
        },
        ..STEP
    },
    Step {
        keys: "Space",
        says: (
            "three times: accept the client, register its fd, wait again",
            "按三次：accept 客户端，注册它的 fd，再次等待",
        ),
        done: |world, _, _, lang| {
            let (item, _) = connections(world).next()?;
            let fd = item.fd;
            if world.is_blocked() {
                return Some(words!(
                    lang,
                    "fd {fd} is the client's, and the server is blocked again",
                    "fd {fd} 属于这个客户端，服务器再次阻塞"
                ));
            }
            // The guide was opened while the server was at work for a client.
            let is_at_work = world.counters().bytes_in > 0 || unread(world) > 0;
            is_at_work.then(|| words!(lang, "fd {fd} is the client's", "fd {fd} 属于这个客户端"))
        },
        ..STEP
    },
    Step {
        keys: "s",
        says: ("the client sends 3,000 bytes", "客户端发送 3,000 字节"),
        term: (
            "IN: bytes to read. PRI: urgent data. RDHUP: peer sends no more",
            "IN：有数据可读。PRI：有紧急数据。RDHUP：对端不再发送",
        ),
        done: |world, _, mark, lang| {
            let said = lang.of("epoll_wait returned: the connection is ready to be read", "epoll_wait 返回：连接可读");
            (reports(world.epoll()?, world, mark) > 0 || world.counters().bytes_in > mark.bytes_in)
                .then(|| said.to_owned())
        },
        sends: true,
        ..STEP
    },
    Step {
        keys: "w",
        says: (
            "reads 1,024 bytes for each report: press it until the server blocks",
            "每次报告读取 1,024 字节，一直按到服务器阻塞",
        ),
        done: |world, _, mark, lang| {
            let n = reports(world.epoll()?, world, mark);
            let said = || {
                let s = if n == 1 { "" } else { "s" };
                words!(
                    lang,
                    "{n} report{s} for one message, and nothing is unread",
                    "一条消息报告了 {n} 次，没有剩下未读的"
                )
            };
            (world.is_blocked() && unread(world) == 0).then(said)
        },
        begins: false,
        sends: true,
        ..STEP
    },
    Step {
        half: Half::Edge,
        keys: "m w",
        says: ("switches to edge-triggered, and waits again", "改为边缘触发，再次等待"),
        done: |world, policy, _, lang| {
            let all = world.epoll()?.items().all(|item| item.interest.is_edge());
            let said = lang.of("EPOLL_CTL_MOD has set EPOLLET on every fd", "EPOLL_CTL_MOD 给每个 fd 设置了 EPOLLET");
            (all && policy?.trigger == Trigger::Edge && world.is_blocked()).then(|| said.to_owned())
        },
        ..STEP
    },
    Step {
        half: Half::Edge,
        keys: "s w",
        says: ("sends 3,000 bytes again, and lets the server read once", "再发送 3,000 字节，让服务器读一次"),
        done: |world, _, mark, lang| {
            let n = reports(world.epoll()?, world, mark);
            let left: u64 = world.stranded().map(|(_, depth)| depth).sum();
            let (left, s) = (grouped(left), if n == 1 { "" } else { "s" });
            (world.is_blocked() && world.stranded().next().is_some()).then(|| {
                words!(
                    lang,
                    "{n} report{s}; {left} bytes are STRANDED: no wait reports them",
                    "报告了 {n} 次，{left} 字节滞留：不会再有报告"
                )
            })
        },
        sends: true,
        ..STEP
    },
    Step {
        half: Half::Edge,
        keys: "p",
        says: (
            "opens the policy: ↓ ↓ Enter sets read to drain to EAGAIN, Esc closes",
            "打开策略：↓ ↓ Enter 把 read 设为读到 EAGAIN，Esc 关闭",
        ),
        done: |_, policy, _, lang| {
            let said = lang.of("from now on the server reads until EAGAIN", "此后服务器每次都读到 EAGAIN");
            (policy?.read == Read::Drain).then(|| said.to_owned())
        },
        ..STEP
    },
    Step {
        half: Half::Edge,
        keys: "Esc s w",
        says: (
            "it still reads only after a report, so send again; w until it blocks",
            "它仍然有报告才读取，所以要再发送一次；按 w 直到服务器阻塞",
        ),
        done: |world, _, mark, lang| {
            let n = reports(world.epoll()?, world, mark);
            let s = if n == 1 { "" } else { "s" };
            let over = n > 0 && world.is_blocked() && unread(world) == 0;
            over.then(|| words!(lang, "{n} report{s}, and nothing is left unread", "报告了 {n} 次，没有剩下未读的"))
        },
        sends: true,
        drains: true,
        ..STEP
    },
];

/// The connections on the interest list.
fn connections(world: &World) -> impl Iterator<Item = (&Item, &Stream)> {
    let items = world.epoll().into_iter().flat_map(Epoll::items);
    items.filter_map(|item| Some((item, world.file(item.file)?.stream()?)))
}

/// Bytes that no connection's owner has read.
fn unread(world: &World) -> u64 {
    connections(world).filter_map(|(_, stream)| stream.unread).fold(0, u64::saturating_add)
}

/// How often a connection was reported by waits that began after the mark, or were entered then.
fn reports(epoll: &Epoll, world: &World, mark: Mark) -> usize {
    let waits = epoll.waits().rev().take_while(|wait| wait.number >= mark.waits);
    let reports = waits.flat_map(|wait| &wait.reports);
    reports.filter(|report| report.file.and_then(|id| world.file(id)?.stream()).is_some()).count()
}
