//! The table of cases.

use super::plays::{self, Played};
use super::stage::Stage;
use crate::i18n::Both;

/// A case: what the clients do, and what a right server does about it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub id: &'static str,
    pub title: Both,
    pub expects: Both,
    /// The mistake that it is made for.
    pub catches: Both,
    /// The lesson that teaches it.
    pub lesson: u32,
    /// `RLIMIT_NOFILE` of the server; 0 for as many as there are.
    pub(super) limit: u32,
    pub(super) play: fn(&mut Stage) -> Played,
}

impl Case {
    /// The case of this id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        CASES.iter().find(|case| case.id == id)
    }
}

/// Declares the cases: id, play, lesson, fds; then title, what is expected, and what is caught, in both languages.
macro_rules! cases {
    ($( $id:literal $play:ident $lesson:literal $limit:literal: $title:expr, $expects:expr, $catches:expr; )*) => {
        /// All cases, in the order in which they are played.
        pub const CASES: &[Case] = &[$(
            Case {
                id: $id,
                title: $title,
                expects: $expects,
                catches: $catches,
                lesson: $lesson,
                limit: $limit,
                play: plays::$play,
            },
        )*];
    };
}

cases! {
    "big-message" big_message 8 0:
        ("one big message", "一条大消息"),
        ("all 100,000 bytes come back", "100,000 字节全部回显"),
        ("one read for each edge", "每个边缘只读一次");
    "byte-by-byte" byte_by_byte 22 0:
        ("byte by byte", "逐字节"),
        ("each byte comes back before the next is sent", "每个字节都在下一个发出之前回显"),
        ("text made of the bytes", "把字节当成文本");
    "exact-buffer" exact_buffer 8 0:
        ("exactly the buffer's size", "恰好等于读取长度"),
        ("the whole message comes back, and the next one too", "整条消息回显，下一条也一样"),
        ("a full read taken for the last one", "把读满当成读完");
    "buffer-multiple" buffer_multiple 8 0:
        ("a multiple of it, then silence", "它的整数倍，然后静默"),
        ("all of it comes back, though nothing else ever comes", "全部回显，即使此后再无数据"),
        ("bytes left for an edge that does not come", "把字节留给不会来的边缘");
    "two-in-one-edge" two_in_one_edge 9 0:
        ("two clients in one edge", "一个边缘里的两个客户端"),
        ("both are served, though no third one comes", "两个都得到服务，即使没有第三个到来"),
        ("one accept for each edge", "每个边缘只 accept 一次");
    "burst" burst 9 0:
        ("300 connects at once", "同时 300 个连接"),
        ("each client gets its echo", "每个客户端都收到回显"),
        ("an accept queue that is not emptied", "没有清空的接受队列");
    "max-events" max_events 17 0:
        ("more ready than maxevents", "就绪的多于 maxevents"),
        ("each client gets its echo", "每个客户端都收到回显"),
        ("an event list taken for all there is", "以为事件列表就是全部");
    "reset-before-accept" reset_before_accept 31 0:
        ("a reset before accept", "accept 之前的重置"),
        ("the server goes on, and serves the others", "服务器继续运行，并服务其他客户端"),
        ("an error of accept or of the first read taken for fatal", "把 accept 或首次读取的错误当成致命错误");
    "reset-idle" reset_idle 10 0:
        ("a reset while idle", "空闲时的重置"),
        ("the server closes that connection and goes on", "服务器关闭那个连接，然后继续"),
        ("EPOLLERR or EPOLLHUP without a branch: a spin", "没有处理 EPOLLERR 或 EPOLLHUP 的分支，因而空转");
    "reset-write" reset_write 11 0:
        ("a reset during a write", "写的过程中的重置"),
        ("the server closes that connection and goes on", "服务器关闭那个连接，然后继续"),
        ("EPIPE or SIGPIPE taken for fatal", "EPIPE 或 SIGPIPE 终止服务器");
    "end-idle" end_idle 21 0:
        ("the end while idle", "空闲时的结束"),
        ("the server ends its side too, and goes on", "服务器也结束自己这一侧，然后继续"),
        ("close before EPOLL_CTL_DEL, or no close at all", "先 close 后 EPOLL_CTL_DEL，或根本不 close");
    "half-close" half_close 11 0:
        ("half-close, with more to echo", "半关闭，还有数据要回显"),
        ("all bytes come back, then the end of the stream", "先回显全部字节，然后是流的末尾"),
        ("a close at EPOLLRDHUP with bytes unread", "EPOLLRDHUP 时就关闭，还有字节未读");
    "data-and-end" data_and_end 10 0:
        ("data and the end together", "数据和结束同时到达"),
        ("the bytes come back, then the end of the stream", "先回显字节，然后是流的末尾"),
        ("a mask compared with ==", "用 == 比较掩码");
    "end-pending" end_pending 11 0:
        ("the end while output is pending", "还有输出待发时的结束"),
        ("what is pending is sent, then the stream ends", "先发完待发的字节，然后流结束"),
        ("a close that forgets its output", "关闭时遗忘了待发的输出");
    "never-reads" never_reads 23 0:
        ("a peer that never reads 10 MB", "从不读取的对端，10 MB"),
        ("the other clients are served as before", "其他客户端照常得到服务"),
        ("a blocking send", "阻塞的 send");
    "memory-bounded" memory_bounded 24 0:
        ("the same, memory bounded", "同上，内存有上限"),
        ("the server stops reading that peer at some bound", "服务器积压到某个上限就停止读那个对端"),
        ("a buffer without a bound", "没有上限的缓冲区");
    "peer-resumes" peer_resumes 24 0:
        ("that peer reads again", "那个对端恢复读取"),
        ("each byte comes back, in order", "每个字节都按顺序回显"),
        ("the part that send did not take is lost", "send 没有收下的部分丢失了");
    "out-after-drain" out_after_drain 12 0:
        ("EPOLLOUT after the drain", "发完之后的 EPOLLOUT"),
        ("once all is sent the server sleeps", "发完之后服务器睡眠"),
        ("EPOLLOUT left armed: a spin", "一直关注 EPOLLOUT，因而空转");
    "slow-beside-fast" slow_beside_fast 24 0:
        ("a slow peer beside a fast one", "慢的对端旁边有快的"),
        ("the fast one never waits for the slow one", "快的从不等待慢的"),
        ("one buffer, or one wait, for all", "所有连接共用一个缓冲区或一次等待");
    "flooder" flooder 18 0:
        ("a flooder beside a quiet one", "洪水旁边有安静的客户端"),
        ("the quiet one gets its turn after a bounded number of reads", "安静的客户端在有限次读取之后轮到"),
        ("a drain loop without a bound", "没有上限的读取循环");
    "number-reused" number_reused 20 0:
        ("close and connect in one batch", "一批里既关闭又连接"),
        ("the new client gets its own bytes, and only those", "新客户端只收到自己的字节"),
        ("state kept for an fd number that is reused", "为被复用的 fd 编号保留了旧状态");
    "duplicate" duplicate 19 0:
        ("a duplicate alive at close", "关闭时还有副本"),
        ("nothing is reported of what was closed", "关闭的 fd 不再被报告"),
        ("close without EPOLL_CTL_DEL while a duplicate lives", "副本还在就 close，没有 EPOLL_CTL_DEL");
    "out-of-fds" out_of_fds 32 32:
        ("out of fds, with clients waiting", "fd 用尽，还有客户端等待"),
        ("the server serves those it has, and does not spin", "服务器照常服务已有的客户端，不空转"),
        ("a listener that stays armed at EMFILE", "EMFILE 时监听套接字仍被关注");
    "fds-recovery" fds_recovery 32 32:
        ("recovery from it", "从中恢复"),
        ("those that waited are served, or turned away", "等待的客户端得到服务，或被拒绝"),
        ("an accept that is not tried again", "没有再次尝试 accept");
    "signals-wait" signals_wait 16 0:
        ("signals during the wait", "等待时的信号"),
        ("the server waits again and goes on", "服务器重新等待，然后继续"),
        ("EINTR taken for an error", "把 EINTR 当成错误");
    "signals-read" signals_read 16 0:
        ("signals during reads and writes", "读写时的信号"),
        ("all bytes come back", "全部字节都回显"),
        ("a short read or EINTR taken for the end", "把短读或 EINTR 当成结束");
    "urgent-byte" urgent_byte 4 0:
        ("an urgent byte", "紧急字节"),
        ("the bytes before and behind it come back", "它前后的字节都回显"),
        ("a read that ends at the mark taken for the last one", "读到标记处结束，被当成读完");
    "idle" idle 16 0:
        ("idle for two seconds", "空闲两秒"),
        ("the server sleeps, and uses no processor time", "服务器睡眠，不占用处理器时间"),
        ("polling, or a spin", "轮询或空转");
    "churn" churn 21 0:
        ("1,000 connects and closes", "1,000 次连接和关闭"),
        ("no fd stays open", "没有 fd 一直开着"),
        ("connections that are never closed", "从不关闭的连接");
    "terminate" terminate 1 0:
        ("SIGTERM under load", "负载下的 SIGTERM"),
        ("the server ends", "服务器结束"),
        ("a loop that nothing ends", "无法结束的循环");
}
