//! The table of annotations: what the instrument knows without having asked the kernel. What it told the server and its
//! clients, and where they are.

use super::chunk::Chunk;
use super::constant::{Dir, FatalCall};
use super::flags::Interest;
use super::policy::Policy;
use super::table::calls;
use super::types::{Fd, Tid, Timeout};

// The rows are written as in the table of system calls.
calls! {
    /// What the instrument adds to the calls.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Annotation;

    Annotation {
        /// The server was told to follow this policy, and does so before its next epoll_wait.
        Follow "follow" { policy: Policy }, "told to follow, {policy}" => "收到指示，{}", policy.words(Lang::Zh);
        /// The client receives what comes to `fd` from here on, or leaves it where it is.
        Reading "reading" { fd: Fd, on: bool },
            "the client {} on {fd}", if on { "reads" } else { "does not read" }
            => "{fd} {}", if on { "的客户端恢复读取" } else { "的客户端停止读取" };
        /// The thread is about to enter a recv or send of `len` bytes on a blocking fd, and may sleep in it.
        Inside "inside" { fd: Fd, dir: Dir, len: u32 },
            "inside {}({fd}, {len})", dir.call()
            => "正在 {}({fd}, {len}) 里", dir.call();
        /// The thread hangs in the recv or send that it was `inside`: it sleeps there, nothing is on its way that would end
        /// that, and no built-in client is about to. The session found it so, and noted it in the thread's name; the call has
        /// its own record when it returns.
        Hung "hung" { fd: Fd, dir: Dir, len: u32 },
            "hangs in {}({fd}, {len})", dir.call()
            => "卡在 {}({fd}, {len}) 里", dir.call();
        /// The thread `server` is held before this epoll_wait, everything has come to rest, and it would leave something
        /// unread that no report will tell of. Whether it makes that wait, and when, is up to the caller. Of a watched program:
        /// all threads of the process sleep, and `server` does so in this epoll_wait.
        Rest "rest" { server: Tid, epfd: Fd, max_events: u32 as "maxevents", timeout: Timeout },
            "at rest before epoll_wait({epfd})" => "静止，停在 epoll_wait({epfd}) 之前";
        /// The peer's kernel has acknowledged that this fd's side of the stream ended: its FIN, which shutdown(2) sent.
        /// The connection's state changes with it, and epoll hears of that as of any arrival. tcp(7)
        FinAcked "fin_acked" { fd: Fd }, "the FIN of {fd} is acknowledged" => "{fd} 的 FIN 已得到确认";
        /// The instrument itself interrupts the call that this thread is in: its EINTR is nobody else's doing.
        Woken "woken" {}, "the instrument interrupts the call" => "由本工具中断了这次调用";
        /// A lab's name for this thread.
        Thread "thread" { name: Chunk }, "thread {name}" => "线程 {name}";
        /// This thread belongs to a program that is watched; its name, from /proc/PID/comm.
        Program "program" { name: Chunk as "comm" }, "watched: {name}" => "受观察：{name}";
        /// This thread ran already when the watch began; it has the fds of `process`.
        Attached "attached" { process: Tid },
            "runs already, in process {process}" => "早已在运行，属于进程 {process}";
        /// This fd was open when the watch began: the same open file description as `with` of the process `of`, which is
        /// itself where no earlier one is the same.
        Open "open" { fd: Fd, of: Tid, with: Fd },
            "{fd} is open already, as {with} of {of}" => "{fd} 早已打开，即 {of} 的 {with}";
        /// When the watch began, `epfd` watched a file as `fd` that is not, or no longer, that fd's: a copy keeps it open.
        Ghost "ghost" { epfd: Fd, fd: Fd, interest: Interest as "events" },
            "{epfd} watches a ghost, {fd}, for {interest:#}" => "{epfd} 对幽灵 {fd} 关注 {interest:#}";
        /// This fd was closed by execve(2), or with others by close_range(2).
        Closed "closed" { fd: Fd }, "{fd} is closed by that" => "{fd} 随之关闭";
        /// This thread has ended, and where it is the last of its process, the process: with this status as a shell gives
        /// it, 128 and more for a signal.
        Exited "exited" { status: u32 }, "exited with status {status}" => "已退出，状态 {status}";
        /// Where in its source the thread makes its next call: the end of the file's name, and the line.
        Line "line" { at: Chunk }, "at {at}" => "位于 {at}";
        /// From here on the server gets no fd number from `fds` on: the instrument has filled the rest of its file table.
        Limit "limit" { fds: u32 }, "no fd number from {fds} on is available" => "无法得到编号 {fds} 及以上的 fd";
        /// The server was told to stop, and closes everything.
        Stop "stop" {}, "told to stop" => "收到指示，停止";
        /// The server ended, since it can't do without this call on `fd`, which failed.
        Died "died" { call: FatalCall as "of", fd: Fd } -> Ret, "died: {call} on {fd}" => "异常退出：对 {fd} 的 {call}";
    }
}
