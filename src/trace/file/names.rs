//! Kernel constants and their names, in both directions; the file and the text write the same ones.

use bitflags::Flags;

use crate::record::{CtlOp, Dir, FatalCall, FcntlCmd, How, PairType, SockOpt};

/// A constant that has a name in the trace.
pub(crate) trait Constant: Copy + 'static {
    /// What it is, with its article, for messages.
    const WHAT: &'static str;
    /// Every value.
    const ALL: &'static [Self];

    /// Its name.
    fn name(self) -> &'static str;

    /// The value of a name.
    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }

    /// Every name, for messages.
    fn names() -> String {
        Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
    }
}

impl Constant for CtlOp {
    const WHAT: &'static str = "an operation";
    const ALL: &'static [Self] = &[Self::Add, Self::Mod, Self::Del];

    fn name(self) -> &'static str {
        match self {
            Self::Add => "EPOLL_CTL_ADD",
            Self::Mod => "EPOLL_CTL_MOD",
            Self::Del => "EPOLL_CTL_DEL",
        }
    }
}

impl Constant for FatalCall {
    const WHAT: &'static str = "a call that a server can't do without";
    const ALL: &'static [Self] = &[Self::EpollCreate1, Self::EpollCtl, Self::EpollWait];

    fn name(self) -> &'static str {
        Self::name(self)
    }
}

impl Constant for How {
    const WHAT: &'static str = "a direction of shutdown";
    const ALL: &'static [Self] = &[Self::Read, Self::Write, Self::Both];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "SHUT_RD",
            Self::Write => "SHUT_WR",
            Self::Both => "SHUT_RDWR",
        }
    }
}

impl Constant for SockOpt {
    const WHAT: &'static str = "a socket option";
    const ALL: &'static [Self] =
        &[Self::ReuseAddr, Self::Linger, Self::SndBuf, Self::RcvBuf, Self::RcvLowat, Self::NoDelay];

    fn name(self) -> &'static str {
        match self {
            Self::ReuseAddr => "SO_REUSEADDR",
            Self::Linger => "SO_LINGER",
            Self::SndBuf => "SO_SNDBUF",
            Self::RcvBuf => "SO_RCVBUF",
            Self::RcvLowat => "SO_RCVLOWAT",
            Self::NoDelay => "TCP_NODELAY",
        }
    }
}

impl Constant for PairType {
    const WHAT: &'static str = "a socket type";
    const ALL: &'static [Self] = &[Self::Stream, Self::Dgram, Self::Seqpacket];

    fn name(self) -> &'static str {
        match self {
            Self::Stream => "SOCK_STREAM",
            Self::Dgram => "SOCK_DGRAM",
            Self::Seqpacket => "SOCK_SEQPACKET",
        }
    }
}

impl Constant for FcntlCmd {
    const WHAT: &'static str = "a command of fcntl";
    const ALL: &'static [Self] = &[Self::SetFl, Self::SetPipeSize];

    fn name(self) -> &'static str {
        match self {
            Self::SetFl => "F_SETFL",
            Self::SetPipeSize => "F_SETPIPE_SZ",
        }
    }
}

impl Constant for Dir {
    const WHAT: &'static str = "a direction";
    const ALL: &'static [Self] = &[Self::In, Self::Out];

    fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// The names of a mask's bits without `EPOLL`, and the bits that have none.
pub(crate) fn bits_of<F: Flags<Bits = u32>>(mask: &F) -> (impl Iterator<Item = &'static str>, u32) {
    (mask.iter_names().map(|(name, _)| name), mask.bits() & !F::all().bits())
}

/// The bits of one entry of a mask's list: `EPOLLIN`, `0x40`.
pub(crate) fn bits_by_name<F: Flags<Bits = u32>>(name: &str) -> Option<u32> {
    match name.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => F::from_name(name.strip_prefix("EPOLL")?).map(|flag| flag.bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Interest, Ready};

    fn goes_both_ways<T: Constant + PartialEq>() {
        for &value in T::ALL {
            assert!(T::by_name(value.name()) == Some(value), "{}", value.name());
        }
        assert!(T::by_name("").is_none());
    }

    #[test]
    fn names_go_both_ways() {
        goes_both_ways::<CtlOp>();
        goes_both_ways::<How>();
        goes_both_ways::<SockOpt>();
        goes_both_ways::<FcntlCmd>();
        goes_both_ways::<PairType>();
        goes_both_ways::<Dir>();
    }

    #[test]
    fn mask_entries_are_names_or_bits() {
        assert_eq!(bits_by_name::<Interest>("EPOLLET"), Some(1 << 31));
        assert_eq!(bits_by_name::<Ready>("EPOLLET"), None);
        assert_eq!(bits_by_name::<Ready>("0x40"), Some(0x40));
        for wrong in ["IN", "EPOLL", "0x", "0xfffffffff", "64", ""] {
            assert_eq!(bits_by_name::<Ready>(wrong), None, "{wrong:?}");
        }
    }
}
