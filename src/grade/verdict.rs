//! What came of a case.

use std::time::Duration;

use super::case::Case;
use crate::analysis::findings::Lint;
use crate::i18n::{Both, Lang};
use crate::record::{Interest, Record};

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// The right bytes, and wrong manners.
    Unclean(Said),
    Fail(Said),
    /// It can't be told of this server, and why.
    NotApplicable(String),
}

/// Why a server did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub expected: String,
    pub seen: String,
    pub mistake: Option<Mistake>,
    /// At most six calls of the server.
    pub proof: Vec<String>,
    /// The number of the record to look at.
    pub moment: u64,
}

/// A mistake of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// One that a finding names.
    Found(Lint),
    /// Text was made of the bytes.
    Text,
    /// What send did not take was not kept.
    Lost,
    /// Bytes of another connection were sent.
    Mixed,
    /// A connection was closed before all was read and sent.
    ClosedEarly,
    /// An error of one connection, or an interruption, ended the server.
    Fatal,
    /// That there is no free fd for a client ended the server.
    OutOfFds,
    /// EAGAIN of send was taken for an error.
    Again,
    /// SIGPIPE ended the server.
    Sigpipe,
    /// What a peer does not read is kept without a bound.
    Unbounded,
    /// A call that returns EAGAIN is made again at once.
    Retries,
    /// Waits end again and again with nothing to do.
    Polling,
    /// SIGTERM does not end it.
    Endless,
    /// Clients that could not be accepted are forgotten.
    Forgotten,
}

impl Mistake {
    /// Its name.
    pub fn name(self, lang: Lang) -> &'static str {
        lang.pick(self.row().0)
    }

    /// What to do about it.
    pub fn remedy(self, lang: Lang) -> &'static str {
        lang.pick(self.row().1)
    }

    /// The number of the lesson that teaches it.
    pub fn lesson(self) -> Option<u32> {
        self.row().2
    }

    #[allow(clippy::too_many_lines, reason = "a table, a row for each mistake")]
    fn row(self) -> (Both, Both, Option<u32>) {
        match self {
            Self::Found(lint) => (
                (lint.name(Lang::En), lint.name(Lang::Zh)),
                (lint.remedy(Lang::En), lint.remedy(Lang::Zh)),
                lint.lesson(),
            ),
            Self::Text => (
                ("text instead of bytes", "把字节当成文本"),
                ("echo the bytes as they came, and decode nothing", "原样回显字节，不要解码"),
                Some(22),
            ),
            Self::Lost => (
                ("output lost", "输出丢失"),
                (
                    "keep what send did not take, ask for EPOLLOUT, and send it when there is room",
                    "保留 send 没有收下的字节，关注 EPOLLOUT，有空间时再发送",
                ),
                Some(24),
            ),
            Self::Mixed => (
                ("bytes of another connection", "别的连接的字节"),
                (
                    "keep a buffer for each connection, and forget it at close: the fd number comes again",
                    "每个连接各用一个缓冲区，关闭时一并丢弃：fd 编号会被复用",
                ),
                Some(20),
            ),
            Self::ClosedEarly => (
                ("closed too early", "过早关闭"),
                (
                    "read until recv returns 0, send what is left, and close only then",
                    "读到 recv 返回 0，发完剩下的字节，然后才关闭",
                ),
                Some(11),
            ),
            Self::Fatal => (
                ("an error ends the server", "一个错误终止了服务器"),
                (
                    "close the one connection that failed and go on; after EINTR make the call again",
                    "只关闭出错的那个连接，然后继续；遇到 EINTR 就重新调用",
                ),
                Some(11),
            ),
            Self::OutOfFds => (
                ("an error ends the server", "一个错误终止了服务器"),
                (
                    "keep a spare fd: close it, accept the client, close that, open it again; or leave the listener alone until a connection was closed",
                    "留一个备用 fd：关闭它，接受客户端，关闭该连接，再打开它；或者在有连接关闭之前不再关注监听套接字",
                ),
                Some(32),
            ),
            Self::Again => (
                ("EAGAIN taken for an error", "把 EAGAIN 当成错误"),
                (
                    "EAGAIN of send is no error: keep the rest, ask for EPOLLOUT, and send it when there is room",
                    "send 的 EAGAIN 不是错误：保留剩下的字节，关注 EPOLLOUT，有空间时再发送",
                ),
                Some(24),
            ),
            Self::Sigpipe => (
                ("SIGPIPE", "SIGPIPE"),
                ("ignore SIGPIPE, or send with MSG_NOSIGNAL", "忽略 SIGPIPE，或用 MSG_NOSIGNAL 发送"),
                Some(24),
            ),
            Self::Unbounded => (
                ("unbounded buffer", "缓冲区没有上限"),
                (
                    "stop reading from a peer while more than a bound is unsent to it",
                    "发给某个对端的数据积压超过上限时，停止读它",
                ),
                Some(24),
            ),
            Self::Retries => (
                ("EAGAIN tried again at once", "EAGAIN 之后立即重试"),
                (
                    "after EAGAIN keep the rest, ask for EPOLLOUT, and go back to epoll_wait",
                    "遇到 EAGAIN 就保留剩下的数据，关注 EPOLLOUT，回到 epoll_wait",
                ),
                Some(24),
            ),
            Self::Polling => (
                ("polling", "轮询"),
                (
                    "wait with timeout -1, or with the time until the next deadline",
                    "等待的超时用 -1，或用到下一个期限的时间",
                ),
                Some(16),
            ),
            Self::Endless => (
                ("SIGTERM ignored", "忽略 SIGTERM"),
                (
                    "leave SIGTERM as it is, or end the loop after the wait that it interrupts",
                    "不要改变 SIGTERM，或在它中断的等待之后结束循环",
                ),
                Some(1),
            ),
            Self::Forgotten => (
                ("waiting clients forgotten", "遗忘等待中的客户端"),
                (
                    "after EMFILE accept again once a connection was closed: with edge triggering no report comes",
                    "EMFILE 之后，有连接关闭就要再次 accept：边缘触发不会再报告",
                ),
                Some(32),
            ),
        }
    }
}

/// A case with what came of it.
#[derive(Clone, Debug)]
pub struct Graded {
    pub case: &'static Case,
    pub verdict: Verdict,
    /// How it registers, where that was seen.
    pub uses: Uses,
    /// All calls, if they were asked for.
    pub records: Vec<Record>,
    pub took: Duration,
}

/// How a server registers its fds, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub listener: Option<(Interest, String)>,
    pub connection: Option<(Interest, String)>,
}
