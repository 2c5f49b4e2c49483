//! What each twin cost, and what it kept: the table under a comparison.

use super::ledger::{Ledger, unread};
use super::twin::Twin;
use crate::kernel::Errno;
use crate::record::Call;
use crate::trace::Tally;
use crate::trace::lang::Both;
use crate::trace::world::World;

/// The figures of one twin, from its epoll_create1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Bill {
    /// Events that epoll_wait reported.
    pub reports: u64,
    /// System calls of the server.
    pub calls: u64,
    /// epoll_waits that returned without an event.
    pub empty: u64,
    /// Calls that answered EAGAIN.
    pub eagain: u64,
    /// Bytes that the clients got back.
    pub echoed: u64,
    /// Bytes that lie unread and that no coming report will tell of, those of clients that are not accepted among them.
    pub stranded: u64,
    /// Bytes that lay unread in what the server closed.
    pub discarded: u64,
    /// Clients that sent something and got nothing back.
    pub unanswered: u64,
}

impl Bill {
    /// What each figure is called, in the order of [`Bill::figures`].
    pub const ROWS: [Both; 8] = [
        ("reports", "报告"),
        ("system calls", "系统调用"),
        ("empty reports", "空报告"),
        ("EAGAINs", "EAGAIN"),
        ("bytes echoed", "回显的字节"),
        ("bytes stranded", "滞留的字节"),
        ("bytes discarded unread", "未读即丢弃的字节"),
        ("clients never answered", "从未得到回答的客户端"),
    ];

    /// All of them.
    pub fn figures(&self) -> [u64; 8] {
        [self.reports, self.calls, self.empty, self.eagain, self.echoed, self.stranded, self.discarded, self.unanswered]
    }

    pub(super) fn of(twin: &Twin, ledger: &Ledger) -> Self {
        let timeline = twin.timeline();
        let created = timeline.range(0, timeline.len()).find(|record| matches!(record.call, Call::EpollCreate1 { .. }));
        let tally = Tally::since(timeline, created.map_or(0, |record| record.seq.0 - 1));
        let bytes = ledger.bytes().values();
        Self {
            reports: timeline
                .range(0, timeline.len())
                .filter(|record| matches!(record.call, Call::Event { .. }))
                .count() as u64,
            calls: tally.calls(),
            empty: tally.empty,
            eagain: tally.errors(Errno::EAGAIN as i32),
            echoed: bytes.clone().map(|bytes| bytes.received).sum(),
            stranded: stranded(ledger.world()),
            discarded: ledger.discarded(),
            unanswered: bytes.filter(|bytes| bytes.sent > 0 && bytes.received == 0).count() as u64,
        }
    }
}

/// Bytes unread behind a stranded registration.
fn stranded(world: &World) -> u64 {
    let files = world.stranded().filter_map(|(item, _)| world.file(item.file));
    files.map(|file| unread(world, file)).sum()
}
