//! What is looked for, and what there is to say where it is found.

use crate::i18n::Lang;
use crate::record::{Fd, Ready};

/// Declares the lints, each with its name.
macro_rules! lints {
    ($( $lint:ident = $en:literal, $zh:literal; )*) => {
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
        }
    };
}

lints! {
    Stranded = "stranded", "滞留";
    Waiting = "waits to be accepted", "等待接受";
    Spin = "spin", "空转";
    OutArmed = "EPOLLOUT armed", "始终关注 EPOLLOUT";
    Empty = "empty return", "空返回";
    Interrupted = "interrupted", "被信号中断";
    Hung = "hang", "卡住";
    Ghost = "ghost", "幽灵";
    NoFd = "no fd left", "fd 用尽";
    DelAfterClose = "DEL after close", "先关闭后 DEL";
    Starved = "starvation", "饥饿";
    Full = "maxevents reached", "达到 maxevents";
    Lost = "records lost", "记录缺失";
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
            Self::Lost { .. } => Lint::Lost,
        }
    }
}
