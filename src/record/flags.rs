//! The event masks of epoll_ctl(2): what is asked for, and what is reported.

use std::fmt;

bitflags::bitflags! {
    /// What a registration asks for: the `events` field given to epoll_ctl(2).
    ///
    /// There is no flag for level-triggered: level is the absence of [`Interest::ET`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Interest: u32 {
        /// `EPOLLIN`: there is something to read, or a connection to accept.
        const IN = 0x001;
        /// `EPOLLPRI`: urgent data.
        const PRI = 0x002;
        /// `EPOLLOUT`: there is room to write.
        const OUT = 0x004;
        /// `EPOLLERR`: reported whether asked for or not.
        const ERR = 0x008;
        /// `EPOLLHUP`: reported whether asked for or not.
        const HUP = 0x010;
        /// `EPOLLRDHUP`: the peer shut down its writing side.
        const RDHUP = 0x2000;
        /// `EPOLLEXCLUSIVE`: wake one of several epolls that watch the same file.
        const EXCLUSIVE = 1 << 28;
        /// `EPOLLWAKEUP`: hold off suspend while the event is handled.
        const WAKEUP = 1 << 29;
        /// `EPOLLONESHOT`: disarm after one report.
        const ONESHOT = 1 << 30;
        /// `EPOLLET`: edge-triggered.
        const ET = 1 << 31;
    }

    /// What is reported: the `events` field that epoll_wait(2) gives back, or `revents` of poll(2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct Ready: u32 {
        /// `EPOLLIN`
        const IN = 0x001;
        /// `EPOLLPRI`
        const PRI = 0x002;
        /// `EPOLLOUT`
        const OUT = 0x004;
        /// `EPOLLERR`
        const ERR = 0x008;
        /// `EPOLLHUP`
        const HUP = 0x010;
        /// `EPOLLRDHUP`
        const RDHUP = 0x2000;
    }
}

impl Interest {
    /// Whether the registration is edge-triggered.
    pub fn is_edge(self) -> bool {
        self.contains(Self::ET)
    }

    /// The events that may be reported under this mask: those asked for, and ERR and HUP always.
    pub fn reportable(self) -> Ready {
        Ready::from_bits_truncate(self.bits()) | Ready::ERR | Ready::HUP
    }
}

/// Writes flag names without their `EPOLL` prefix, a space between them, the way the screen shows them; bits without a
/// name in hexadecimal; `0` for an empty mask.
fn names<F: bitflags::Flags<Bits = u32>>(flags: &F, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut words: Vec<String> = flags.iter_names().map(|(name, _)| name.to_owned()).collect();
    let rest = flags.bits() & !F::all().bits();
    if rest != 0 {
        words.push(format!("{rest:#x}"));
    }
    f.pad(&if words.is_empty() { "0".to_owned() } else { words.join(" ") })
}

impl fmt::Display for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        names(self, f)
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        names(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_the_kernels() {
        let libc_bits = [
            (Interest::IN, libc::EPOLLIN),
            (Interest::PRI, libc::EPOLLPRI),
            (Interest::OUT, libc::EPOLLOUT),
            (Interest::ERR, libc::EPOLLERR),
            (Interest::HUP, libc::EPOLLHUP),
            (Interest::RDHUP, libc::EPOLLRDHUP),
            (Interest::EXCLUSIVE, libc::EPOLLEXCLUSIVE),
            (Interest::WAKEUP, libc::EPOLLWAKEUP),
            (Interest::ONESHOT, libc::EPOLLONESHOT),
            (Interest::ET, libc::EPOLLET),
        ];
        for (ours, theirs) in libc_bits {
            assert_eq!(ours.bits(), theirs.cast_unsigned());
        }
    }

    #[test]
    fn masks_are_shown_by_name() {
        assert_eq!((Interest::IN | Interest::ET).to_string(), "IN ET");
        assert_eq!(Ready::from_bits_retain(0x41).to_string(), "IN 0x40");
        assert_eq!(Ready::empty().to_string(), "0");
    }
}
