//! The table of system calls.

use super::addr::Addr;
use super::annotation::Annotation;
use super::chunk::Chunk;
use super::constant::{Dir, FcntlCmd, How, MaskHow, Signal, SockOpt};
use super::ctl_op::CtlOp;
use super::fd_kind::NewFd;
use super::flags::{Interest, MsgFlags, Ready, TimerFlags};
use super::foreign::Foreign;
use super::policy::Policy;
use super::ret::Ret;
use super::table::{Group, Row, calls};
use super::types::{Fd, Tid, Timeout};

// Each call is declared here and nowhere else; from its row follow the variant, its line in a trace file and how that is
// read, its line of text, what a comparison of two recordings leaves out, and what a search finds. What is left to do for
// a new call is to say what it means, in `World::apply`, and to make it, with a method of `Tap`. A row reads:
//
//     Accept4 "accept4" { fd: Fd } -> Fd [peer: Addr as "addr"];
//        |        |         |          |    what comes back through a pointer: it follows the other fields in the trace
//        |        |         |          |    file, and stands in brackets behind the result in text
//        |        |         |          what it returns, see `Returns`: a new fd, a process, bytes that went through it
//        |        |         the arguments, in the order of the man page and of the trace file, whose name for one is given
//        |        |         with `as` where it is another; their types implement `Field`
//        |        its name in the trace file and in text
//        the variant, which has all these fields, and `ret` for the result
//
// In text the arguments stand between parentheses, separated by commas. Where that is not what a reader wants, a row ends
// with a text of its own, as for `format!`; a second one, behind `=>`, is Chinese. A call of which the entry is a
// record too has a row for each: first the one that says `enter` behind its name, then that of the return. Likewise a call
// that rarely has flags has a row for that before the other, which says `has_flags`.
calls! {
    /// A system call with its arguments and its result; or, in the last groups, what the instrument itself asked or has
    /// to say. The variants carry their kernel names.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Call;

    Syscall {
        /// epoll_create1(2), with other flags.
        EpollCreate1With "epoll_create1" has_flags { flags: i32 } -> Fd, "{flags:#x}";
        /// epoll_create1(2), with `EPOLL_CLOEXEC`.
        EpollCreate1 "epoll_create1" {} -> Fd, "EPOLL_CLOEXEC";
        /// epoll_create(2), which takes no notice of its size if that is more than 0.
        EpollCreate "epoll_create" { size: i32 } -> Fd;
        /// epoll_ctl(2).
        EpollCtl "epoll_ctl" { epfd: Fd, op: CtlOp, fd: Fd, interest: Interest as "events" } -> Ret;
        /// epoll_wait(2) was entered; the thread may now be blocked in it.
        EpollWaitEnter "epoll_wait" enter { epfd: Fd, max_events: u32 as "maxevents", timeout: Timeout },
            "{epfd}, max {}, timeout {timeout}", max_events.cast_signed();
        /// epoll_wait(2) returned.
        EpollWait "epoll_wait" { epfd: Fd } -> Events;
        /// ppoll(2) of one fd.
        Ppoll "ppoll" { fd: Fd, asked: Ready as "events", timeout: Timeout } -> Ret [ready: Ready as "revents"];

        /// socket(2): a TCP socket, `SOCK_NONBLOCK | SOCK_CLOEXEC`.
        Socket "socket" {} -> Fd, "SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC";
        /// setsockopt(2) at `SOL_SOCKET`, or `IPPROTO_TCP` for `TCP_NODELAY`.
        Setsockopt "setsockopt" { fd: Fd, option: SockOpt, value: i32 } -> Ret;
        /// getsockopt(2); `value` is what came back.
        Getsockopt "getsockopt" { fd: Fd, option: SockOpt } -> Ret [value: i32];
        /// bind(2).
        Bind "bind" { fd: Fd, addr: Addr } -> Ret;
        /// listen(2).
        Listen "listen" { fd: Fd, backlog: i32 } -> Ret;
        /// getsockname(2); `addr` is what came back.
        Getsockname "getsockname" { fd: Fd } -> Ret [addr: Addr];
        /// connect(2).
        Connect "connect" { fd: Fd, addr: Addr } -> Ret;
        /// accept4(2); `ret` is the connection's fd, `peer` who connected.
        Accept4 "accept4" { fd: Fd } -> Fd [peer: Addr as "addr"];
        /// accept(2), of another program.
        Accept "accept" { fd: Fd } -> Fd [peer: Addr as "addr"];
        /// recvfrom(2) without an address, that is recv(2).
        Recvfrom "recvfrom" { fd: Fd, len: u32, flags: MsgFlags } -> Received;
        /// sendto(2) without an address, that is send(2), with `MSG_NOSIGNAL`.
        Sendto "sendto" { fd: Fd, len: u32, flags: MsgFlags } -> Sent;
        /// shutdown(2).
        Shutdown "shutdown" { fd: Fd, how: How } -> Ret;
        /// read(2).
        Read "read" { fd: Fd, len: u32 } -> Received;
        /// write(2).
        Write "write" { fd: Fd, len: u32 } -> Sent;
        /// timerfd_settime(2) with `TFD_TIMER_ABSTIME`: the first expiry is a time on the clock of the records.
        TimerfdSettimeAt "timerfd_settime" has_flags { fd: Fd, flags: TimerFlags, first_ms: u32, every_ms: u32 } -> Ret,
            "{fd}, {flags:#}, {first_ms} ms, {every_ms} ms";
        /// timerfd_settime(2): the first expiry and the interval, in milliseconds.
        TimerfdSettime "timerfd_settime" { fd: Fd, first_ms: u32, every_ms: u32 } -> Ret,
            "{fd}, {first_ms} ms, {every_ms} ms";
        /// unlinkat(2), of a file in the scene's folder.
        Unlinkat "unlinkat" { path: Chunk } -> Ret;
        /// execve(2), of another program; the beginning of the path.
        Execve "execve" { path: Chunk } -> Ret, "{path:?}";
        /// fcntl(2) with one of these commands.
        Fcntl "fcntl" { fd: Fd, cmd: FcntlCmd, value: i32 } -> Ret, "{fd}, {cmd}, {}", cmd.argument(value);
        /// kcmp(2): 0 where both are the same open file description.
        Kcmp "kcmp" { fd: Fd, other: Fd } -> Ret, "KCMP_FILE, {fd}, {other}";
        /// rt_sigprocmask(2), for one signal.
        RtSigprocmask "rt_sigprocmask" { how: MaskHow, signal: Signal } -> Ret;
        /// tgkill(2), to this thread.
        Tgkill "tgkill" { to: Tid, signal: Signal } -> Ret;
        /// fork(2), in the parent: `ret` is the child, which has a file table of its own with the same entries.
        Fork "fork" {} -> Tid;
        /// wait4(2) for this child, which was killed: its file table is gone.
        Wait4 "wait4" { pid: Tid } -> Tid;
        /// dup(2) or fcntl(2) with `F_DUPFD`; `ret` is the new number for the same open file description.
        Dup "dup" { fd: Fd } -> Fd;
        /// close(2).
        Close "close" { fd: Fd } -> Ret;
        /// close_range(2) from `first` to the end with `CLOSE_RANGE_UNSHARE`: from here on the thread has a file table of
        /// its own.
        CloseRange "close_range" { first: u32 } -> Ret, "{first}, ~0U, CLOSE_RANGE_UNSHARE";
    }

    Part {
        /// One entry of the event list of the [`Call::EpollWait`] before it.
        Event "event" { epfd: Fd, fd: Fd, ready: Ready as "events" },
            "epoll_wait({epfd}) had reported {fd} {ready:#}" => "epoll_wait({epfd}) 已报告 {fd} {ready:#}";
        /// Bytes that the recv or send before it moved, from the first one on.
        Data "data" { fd: Fd, dir: Dir, chunk: Chunk as "data" },
            "{} on {fd}: {chunk:?}", if dir == Dir::In { "received" } else { "sent" }
            => "{fd} {}：{chunk:?}", if dir == Dir::In { "收到" } else { "发出" };
    }

    Asked {
        /// A connection's queues and readiness: `FIONREAD` and `SIOCOUTQNSD` in bytes (where that is not known, as of a
        /// socket that is not TCP's, `SIOCOUTQ`), and what poll(2) says of it.
        Sample "sample" { fd: Fd, unread: u32, unsent: u32, ready: Ready },
            "{fd} has {unread} unread, {unsent} unsent, {ready:#}" => "{fd} 未读 {unread}，未发 {unsent}，{ready:#}";
        /// A listener's queue: connections that wait for accept, and how many may (`tcpi_unacked` and `tcpi_sacked` of
        /// `TCP_INFO`).
        Backlog "backlog" { fd: Fd, pending: u32, limit: u32 },
            "{fd} has {pending} of {limit} waiting for accept" => "{fd} 有 {pending} 个连接等待接受，最多 {limit} 个";
        /// The address that a socket has itself: getsockname(2), which the program has not called.
        Local "local" { fd: Fd, addr: Addr },
            "{fd} has the address {addr}" => "{fd} 的地址是 {addr}";
        /// The address of a connection's peer, which was open when the watch began: getpeername(2).
        Peer "peer" { fd: Fd, addr: Addr },
            "{fd} is connected to {addr}" => "{fd} 的对端是 {addr}";
        /// How many datagrams were thrown away since a UDP socket was made, because it had no room for them; or how many
        /// arrivals a listener has dropped, for the most part because its queue was full, one client perhaps several times
        /// (`SO_MEMINFO`). Missing while there are none.
        Drops "drops" { fd: Fd, count: u32 },
            "{fd} has dropped {count}" => "{fd} 丢弃了 {count} 次到达";
        /// A line of `/proc/PID/fdinfo/EPFD`: the kernel's own word on a registration.
        Fdinfo "fdinfo" { epfd: Fd, fd: Fd, interest: Interest as "events" },
            "{epfd} watches {fd} for {interest:#}" => "{epfd} 对 {fd} 关注 {interest:#}";
        /// poll(2) on an epoll: whether a wait would report anything. No edge is used up by that, but as a wait does, it
        /// takes what is not ready any more off the head of the ready list, up to the first that is.
        Poll "poll" { epfd: Fd, ready: bool },
            "{epfd} would report {}", if ready { "something" } else { "nothing" }
            => "{epfd} {}", if ready { "会有报告" } else { "不会有报告" };
    }

    Said {
        /// The policy that the server follows from here on.
        Policy "policy" { policy: Policy }, "{policy}" => "{}", policy.words(Lang::Zh);
        /// The program's own word for `fd` from here on, until it is closed: what a script calls it.
        Name "name" { fd: Fd, name: Chunk }, "{fd} is called {name}" => "{fd} 名为 {name}";
        /// The turn before this record, from an epoll_wait to the next, came `turns` times more without anything new; these
        /// `count` records, `calls` of them system calls, were not written.
        Repeated "repeated" { turns: u32, count: u64 as "records", calls: u64 },
            "the last turn came {turns} times more: {count} records are not here"
            => "上一轮又重复了 {turns} 次：省略 {count} 条记录";
        /// Here `count` records are missing: the ring was full, or a recording was damaged.
        Lost "lost" { count: u64 },
            "{count} {} missing here", if count == 1 { "record is" } else { "records are" }
            => "这里缺失 {count} 条记录";
    }

    .. {
        /// A call that makes an fd of another kind, or two that are connected.
        NewFd,
        /// A call that only other programs make.
        Foreign,
        /// What no call tells.
        Annotation,
    }
}

impl Call {
    /// The name in the trace file: the system call's, or the instrument's own.
    pub fn name(&self) -> &'static str {
        Row::name(self)
    }

    /// Whether it is a system call of the program under the scope, a line of its own in a list of calls; not a part of
    /// one, nor something that the instrument asked or said.
    #[inline]
    pub fn is_syscall(&self) -> bool {
        self.group() == Group::Syscall
    }

    /// What it returned; `None` where it has not returned, or is no system call.
    #[inline]
    pub fn ret(&self) -> Option<Ret> {
        self.returned().map(|(_, ret)| ret).filter(|_| self.is_syscall())
    }

    /// The fd that it is about: what was acted on, registered, reported or sampled, or what it brought into being.
    #[inline]
    pub fn fd(&self) -> Option<Fd> {
        Row::fd(self)
    }
}

impl Annotation {
    /// That a thread is about to enter this recv or send, or where it `hangs` there that it does; `None` for other calls.
    pub(crate) fn inside(call: &Call, hangs: bool) -> Option<Self> {
        let (fd, dir, len) = match *call {
            Call::Recvfrom { fd, len, .. } => (fd, Dir::In, len),
            Call::Sendto { fd, len, .. } => (fd, Dir::Out, len),
            _ => return None,
        };
        Some(if hangs { Self::Hung { fd, dir, len } } else { Self::Inside { fd, dir, len } })
    }

    /// The call that the server is held before, and its thread.
    pub fn rests_before(&self) -> Option<(Tid, Call)> {
        match *self {
            Self::Rest { server, epfd, max_events, timeout } => {
                Some((server, Call::EpollWaitEnter { epfd, max_events, timeout }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_described_in_the_documents() {
        let documents = include_str!("../../docs/recordings.md");
        let rows: Vec<&str> = documents
            .lines()
            .filter(|line| line.starts_with("| `"))
            .filter_map(|line| line.split('|').nth(1))
            .collect();
        for (name, _) in Call::names() {
            assert!(rows.iter().any(|row| row.contains(&format!("`{name}`"))), "{name}");
        }
    }
}
