//! What is looked for, and what there is to say where it is found.

use crate::i18n::{Both, Lang};
use crate::record::Fd;

/// What is looked for in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lint {
    Stranded,
    /// Connections stranded at an edge-triggered listener.
    Waiting,
    Spin,
    /// EPOLLOUT armed with nothing to send.
    OutArmed,
    Empty,
    Interrupted,
    Hung,
    Ghost,
    NoFd,
    DelAfterClose,
    Starved,
    Full,
    Lost,
}

impl Lint {
    pub const ALL: [Self; 13] = [
        Self::Stranded,
        Self::Waiting,
        Self::Spin,
        Self::OutArmed,
        Self::Empty,
        Self::Interrupted,
        Self::Hung,
        Self::Ghost,
        Self::NoFd,
        Self::DelAfterClose,
        Self::Starved,
        Self::Full,
        Self::Lost,
    ];

    pub fn name(self, lang: Lang) -> &'static str {
        let name: Both = match self {
            Self::Stranded => ("stranded", "滞留"),
            Self::Waiting => ("waits to be accepted", "等待接受"),
            Self::Spin => ("spin", "空转"),
            Self::OutArmed => ("EPOLLOUT armed", "始终关注 EPOLLOUT"),
            Self::Empty => ("empty return", "空返回"),
            Self::Interrupted => ("interrupted", "被信号中断"),
            Self::Hung => ("hang", "卡住"),
            Self::Ghost => ("ghost", "幽灵"),
            Self::NoFd => ("no fd left", "fd 用尽"),
            Self::DelAfterClose => ("DEL after close", "先关闭后 DEL"),
            Self::Starved => ("starvation", "饥饿"),
            Self::Full => ("maxevents reached", "达到 maxevents"),
            Self::Lost => ("records lost", "记录缺失"),
        };
        lang.pick(name)
    }
}

/// What there is to say of a finding. [`Fact::Stranded`] with 0 bytes is the end of a stream; timeouts are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Stranded { bytes: u64 },
    Waiting { clients: u64 },
    Spin,
    OutArmed,
    Empty { timeout: i32 },
    Interrupted { call: &'static str },
    Hung { call: &'static str },
    Ghost,
    NoFd { raw: i32 },
    DelAfterClose,
    Starved { busy: Fd, calls: u32 },
    Full { max_events: u32 },
    Lost { count: u64 },
}

impl Fact {
    pub(super) fn lint(self) -> Lint {
        match self {
            Self::Stranded { .. } => Lint::Stranded,
            Self::Waiting { .. } => Lint::Waiting,
            Self::Spin => Lint::Spin,
            Self::OutArmed => Lint::OutArmed,
            Self::Empty { .. } => Lint::Empty,
            Self::Interrupted { .. } => Lint::Interrupted,
            Self::Hung { .. } => Lint::Hung,
            Self::Ghost => Lint::Ghost,
            Self::NoFd { .. } => Lint::NoFd,
            Self::DelAfterClose => Lint::DelAfterClose,
            Self::Starved { .. } => Lint::Starved,
            Self::Full { .. } => Lint::Full,
            Self::Lost { .. } => Lint::Lost,
        }
    }
}
