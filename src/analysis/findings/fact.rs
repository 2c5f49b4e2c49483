//! What is looked for, and what there is to say where it is found.

use crate::i18n::Lang;
use crate::record::{Fd, Ready};

/// Declares the lints: each with its name, what to do about it, and the lesson that teaches it.
macro_rules! lints {
    ($( $lint:ident = $en:literal, $zh:literal; $remedy_en:literal, $remedy_zh:literal; $lesson:expr; )*) => {
        /// What is looked for in a trace.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Lint {
            $( #[doc = $en] $lint, )*
        }

        impl Lint {
            pub const ALL: &'static [Self] = &[$( Self::$lint ),*];

            pub fn name(self, lang: Lang) -> &'static str {
                match self {
                    $( Self::$lint => lang.of($en, $zh), )*
                }
            }

            /// What to do about it, in one sentence.
            pub fn remedy(self, lang: Lang) -> &'static str {
                match self {
                    $( Self::$lint => lang.of($remedy_en, $remedy_zh), )*
                }
            }

            /// The number of the lesson that teaches it.
            pub fn lesson(self) -> Option<u32> {
                match self {
                    $( Self::$lint => $lesson, )*
                }
            }
        }
    };
}

lints! {
    Stranded = "stranded", "滞留";
        "read until EAGAIN at every report, or watch the fd level-triggered",
        "每次报告都读到 EAGAIN，或者用水平触发关注它"; Some(8);
    Waiting = "waits to be accepted", "等待接受";
        "accept until EAGAIN at every report of the listener, or watch it level-triggered",
        "监听套接字每次报告都 accept 到 EAGAIN，或者用水平触发关注它"; Some(9);
    Spin = "spin", "空转";
        "do something about each report: read the fd, close it, or no longer ask for that event",
        "对每次报告都要处理：读它、关闭它，或者不再关注这个事件"; Some(10);
    OutArmed = "EPOLLOUT armed", "始终关注 EPOLLOUT";
        "ask for EPOLLOUT only while there are bytes to send, and take it back with EPOLL_CTL_MOD",
        "只在有数据待发时关注 EPOLLOUT，发完用 EPOLL_CTL_MOD 取消"; Some(12);
    Empty = "empty return", "空返回";
        "use timeout -1 where there is nothing to do without an event",
        "没有事件就无事可做时，超时用 -1"; Some(16);
    Interrupted = "interrupted", "被信号中断";
        "make the call again: EINTR is no error of the fd",
        "重新调用：EINTR 不是 fd 的错误"; Some(16);
    Hung = "hang", "卡住";
        "set O_NONBLOCK on every fd that is read or written in the loop",
        "循环里读写的每个 fd 都要设 O_NONBLOCK"; Some(23);
    Ghost = "ghost", "幽灵";
        "call EPOLL_CTL_DEL before close where a duplicate of the fd may stay open",
        "fd 的副本可能还开着时，先 EPOLL_CTL_DEL 再 close"; Some(19);
    NoFd = "no fd left", "fd 用尽";
        "raise RLIMIT_NOFILE, and keep a spare fd to accept and refuse clients with",
        "提高 RLIMIT_NOFILE，并留一个备用 fd，用来接受再拒绝连接"; Some(32);
    DelAfterClose = "DEL after close", "先关闭后 DEL";
        "call EPOLL_CTL_DEL before close, or leave it out where no duplicate of the fd is open",
        "先 EPOLL_CTL_DEL 再 close；没有打开的副本时，也可以省去它"; Some(21);
    Starved = "starvation", "饥饿";
        "read a bounded amount of one fd, then go on with the next",
        "每个 fd 一次只读有限的数据，然后轮到下一个"; Some(18);
    Full = "maxevents reached", "达到 maxevents";
        "nothing is lost; a larger event list saves calls",
        "什么都没有丢；更大的事件列表可以减少调用"; Some(17);
    Short = "short write", "短写";
        "keep the rest, ask for EPOLLOUT, and send it when there is room",
        "保留剩下的字节，关注 EPOLLOUT，有空间时再发送"; Some(24);
    Closed = "use after close", "关闭后使用";
        "note in the handler what was closed, and skip the rest of its events in this batch",
        "记下处理时关闭了哪些 fd，这一批里它们余下的事件一律跳过"; Some(20);
    Disarmed = "one-shot not re-armed", "一次性未重新启用";
        "call EPOLL_CTL_MOD once the report is handled",
        "处理完报告后用 EPOLL_CTL_MOD 重新启用"; Some(14);
    Twice = "registered twice", "重复注册";
        "register one of the numbers: a duplicate is the same open file description",
        "只注册其中一个号码：副本指向同一个打开文件描述"; Some(19);
    Leak = "fd leak", "fd 泄漏";
        "close a connection when its end was read and all is sent",
        "读到末尾并发完所有数据后关闭连接"; Some(11);
    Herd = "thundering herd", "惊群";
        "register the listener with EPOLLEXCLUSIVE, or give each worker one of its own (SO_REUSEPORT)",
        "用 EPOLLEXCLUSIVE 注册监听套接字，或者让每个工作者有自己的一个（SO_REUSEPORT）"; Some(27);
    Lost = "records lost", "记录缺失";
        "read what comes after with care: the lists may be wrong there",
        "之后的内容须谨慎看待：两个列表可能有误"; None;
}

/// What there is to say of a finding. [`Fact::Stranded`] with 0 bytes is the end of a stream; timeouts are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Stranded {
        bytes: u64,
    },
    /// The same of what is not counted in bytes.
    Unread,
    Waiting {
        clients: u64,
    },
    /// `no_fd`: what it could do nothing about is a client for whom no fd is free.
    Spin {
        no_fd: bool,
    },
    /// The same of any program, with what was reported.
    Ignored {
        ready: Ready,
    },
    OutArmed,
    Empty {
        timeout: i32,
    },
    Interrupted {
        call: &'static str,
    },
    Hung {
        call: &'static str,
    },
    Ghost,
    NoFd {
        raw: i32,
    },
    DelAfterClose,
    Starved {
        busy: Fd,
        calls: u32,
    },
    Full {
        max_events: u32,
    },
    /// The rest was not sent.
    Short {
        sent: u32,
        len: u32,
    },
    Closed {
        call: &'static str,
    },
    Disarmed,
    /// By another number too.
    Twice {
        other: Fd,
    },
    /// So many connections are open though their end was read.
    Leak {
        count: u64,
    },
    Herd,
    Lost {
        count: u64,
    },
}

impl Fact {
    pub(super) fn lint(self) -> Lint {
        match self {
            Self::Stranded { .. } | Self::Unread => Lint::Stranded,
            Self::Waiting { .. } => Lint::Waiting,
            Self::Spin { .. } | Self::Ignored { .. } => Lint::Spin,
            Self::OutArmed => Lint::OutArmed,
            Self::Empty { .. } => Lint::Empty,
            Self::Interrupted { .. } => Lint::Interrupted,
            Self::Hung { .. } => Lint::Hung,
            Self::Ghost => Lint::Ghost,
            Self::NoFd { .. } => Lint::NoFd,
            Self::DelAfterClose => Lint::DelAfterClose,
            Self::Starved { .. } => Lint::Starved,
            Self::Full { .. } => Lint::Full,
            Self::Short { .. } => Lint::Short,
            Self::Closed { .. } => Lint::Closed,
            Self::Disarmed => Lint::Disarmed,
            Self::Twice { .. } => Lint::Twice,
            Self::Leak { .. } => Lint::Leak,
            Self::Herd => Lint::Herd,
            Self::Lost { .. } => Lint::Lost,
        }
    }
}
