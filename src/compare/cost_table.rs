//! What each variant cost and what it left behind: the table under a comparison.

use crate::i18n::Both;
use crate::record::Call;
use crate::sys::Errno;

/// The figures of one variant, from its epoll_create1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CostTable {
    pub reports: u64,
    pub calls: u64,
    /// epoll_waits that returned without an event.
    pub empty: u64,
    pub eagain: u64,
    /// Bytes that the clients got back.
    pub echoed: u64,
    /// Unread bytes that no coming report will announce, including those of clients that are not accepted.
    pub stranded: u64,
    /// Bytes that were unread in sockets when the server closed them.
    pub unread: u64,
    /// Bytes that the server had read, but not sent back when it closed the connection.
    pub unsent: u64,
    /// Clients that sent something and got nothing back.
    pub unanswered: u64,
}

impl CostTable {
    /// The name of each figure, in the order of [`CostTable::figures`].
    pub const ROWS: [Both; 9] = [
        ("reports", "报告"),
        ("system calls", "系统调用"),
        ("empty reports", "空列表"),
        ("EAGAINs", "EAGAIN"),
        ("bytes echoed", "回显的字节"),
        ("bytes stranded", "滞留的字节"),
        ("bytes discarded unread", "未读即丢弃的字节"),
        ("bytes discarded unsent", "未发即丢弃的字节"),
        ("clients never answered", "从未收到回显的客户端"),
    ];
    /// This many rows from the first on grow without end while a server spins.
    pub(super) const SPUN: usize = 4;

    pub fn figures(&self) -> [u64; 9] {
        let Self { reports, calls, empty, eagain, echoed, stranded, unread, unsent, unanswered } = *self;
        [reports, calls, empty, eagain, echoed, stranded, unread, unsent, unanswered]
    }

    pub(super) fn count(&mut self, call: &Call) {
        self.reports += u64::from(matches!(call, Call::Event { .. }));
        let begins = self.calls > 0 || matches!(call, Call::EpollCreate1 { .. });
        if !begins || !call.is_syscall() || matches!(call, Call::EpollWaitEnter { .. }) {
            return;
        }
        self.calls += 1;
        self.empty += u64::from(matches!(call, Call::EpollWait { ret, .. } if ret.ok() == Some(0)));
        self.eagain += u64::from(call.ret().is_some_and(|ret| ret.is(Errno::EAGAIN)));
    }
}
