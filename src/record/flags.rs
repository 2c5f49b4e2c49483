//! Masks: what epoll_ctl(2) asks for, what is reported, and the flags of recv and send.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use bitflags::Flags;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};

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
        /// `EPOLLRDNORM`: as IN, from files that know it.
        const RDNORM = 0x040;
        /// `EPOLLRDBAND`: nothing that is watched here reports it.
        const RDBAND = 0x080;
        /// `EPOLLWRNORM`, `EPOLLWRBAND`: as OUT, from files that know them.
        const WRNORM = 0x100;
        const WRBAND = 0x200;
        /// `EPOLLMSG`: ignored by the kernel.
        const MSG = 0x400;
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
        const IN = 0x001;
        const PRI = 0x002;
        const OUT = 0x004;
        const ERR = 0x008;
        const HUP = 0x010;
        const RDNORM = 0x040;
        const RDBAND = 0x080;
        const WRNORM = 0x100;
        const WRBAND = 0x200;
        const MSG = 0x400;
        const RDHUP = 0x2000;
    }

    /// The flags of recv(2) and send(2), but `MSG_NOSIGNAL`, which every send has here.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct MsgFlags: u32 {
        /// `MSG_OOB`: the urgent byte is received; the last byte that is sent becomes urgent.
        const OOB = 0x01;
        /// `MSG_PEEK`: what is received stays where it is.
        const PEEK = 0x02;
        /// `MSG_ERRQUEUE`: what is received comes from the error queue.
        const ERRQUEUE = 0x2000;
    }

    /// The flags of timerfd_settime(2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct TimerFlags: u32 {
        /// `TFD_TIMER_ABSTIME`
        const ABSTIME = 1;
    }

    /// Signals that are blocked, without those of real time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct SigMask: u32 {
        const HUP = 1 << 0;
        const INT = 1 << 1;
        const QUIT = 1 << 2;
        const ILL = 1 << 3;
        const TRAP = 1 << 4;
        const ABRT = 1 << 5;
        const BUS = 1 << 6;
        const FPE = 1 << 7;
        const KILL = 1 << 8;
        const USR1 = 1 << 9;
        const SEGV = 1 << 10;
        const USR2 = 1 << 11;
        const PIPE = 1 << 12;
        const ALRM = 1 << 13;
        const TERM = 1 << 14;
        const STKFLT = 1 << 15;
        const CHLD = 1 << 16;
        const CONT = 1 << 17;
        const STOP = 1 << 18;
        const TSTP = 1 << 19;
        const TTIN = 1 << 20;
        const TTOU = 1 << 21;
        const URG = 1 << 22;
        const XCPU = 1 << 23;
        const XFSZ = 1 << 24;
        const VTALRM = 1 << 25;
        const PROF = 1 << 26;
        const WINCH = 1 << 27;
        const IO = 1 << 28;
        const PWR = 1 << 29;
        const SYS = 1 << 30;
    }
}

/// The mask that a wait is given: the signals that are blocked meanwhile; nothing where the thread's own stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WaitMask(SigMask);

impl WaitMask {
    /// No signal that has a name.
    const NONE: SigMask = SigMask::from_bits_retain(1 << 31);

    pub fn new(mask: Option<SigMask>) -> Self {
        Self(mask.map_or(Self::NONE, |mask| mask & SigMask::all()))
    }

    pub fn get(self) -> Option<SigMask> {
        Some(self.0).filter(|mask| *mask != Self::NONE)
    }
}

/// As it stands behind the other arguments: `, mask SIGALRM`.
impl fmt::Display for WaitMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().map_or(Ok(()), |mask| write!(f, ", mask {mask:#}"))
    }
}

impl Interest {
    pub fn is_edge(self) -> bool {
        self.contains(Self::ET)
    }

    /// The events that may be reported under this mask: those asked for, and ERR and HUP always.
    pub fn reportable(self) -> Ready {
        Ready::from_bits_truncate(self.bits()) | Ready::ERR | Ready::HUP
    }

    /// The same with IN and OUT for the names that mean as much.
    #[must_use]
    pub fn plain(self) -> Self {
        Self::from_bits_retain(plain(self.bits()))
    }
}

impl Ready {
    /// The same with IN and OUT for the names that mean as much.
    #[must_use]
    pub fn plain(self) -> Self {
        Self::from_bits_retain(plain(self.bits()))
    }
}

fn plain(bits: u32) -> u32 {
    let (reads, writes) = ((Ready::RDNORM | Ready::RDBAND).bits(), (Ready::WRNORM | Ready::WRBAND).bits());
    let mut plain = bits & !(reads | writes | Ready::MSG.bits());
    if bits & reads != 0 {
        plain |= Ready::IN.bits();
    }
    if bits & writes != 0 {
        plain |= Ready::OUT.bits();
    }
    plain
}

pub(crate) trait Mask: Flags<Bits = u32> + Copy {
    const PREFIX: &'static str;
    /// What one of its names is, with its article, for messages.
    const WHAT: &'static str = "";
    /// Whether a bit without a name says nothing of the others, so that it is kept and written in hexadecimal.
    const TAKES_OTHERS: bool = true;

    /// The bits of one entry of the list that stands for the mask in a trace file: `EPOLLIN`, `0x800`.
    fn bits_by_name(name: &str) -> Option<u32> {
        match name.strip_prefix("0x").filter(|_| Self::TAKES_OTHERS) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => Self::from_name(name.strip_prefix(Self::PREFIX)?).map(|flag| flag.bits()),
        }
    }

    /// Adds the list to a line of a trace file: `["EPOLLIN","0x800"]`.
    fn put(self, line: &mut String) {
        let mut before = "\"";
        line.push('[');
        for (name, _) in self.iter_names() {
            line.push_str(before);
            line.push_str(Self::PREFIX);
            line.push_str(name);
            line.push('"');
            before = ",\"";
        }
        let rest = self.bits() & !Self::all().bits();
        if rest != 0 {
            line.push_str(before);
            // Writing into a String does not fail.
            let _ = write!(line, "{rest:#x}\"");
        }
        line.push(']');
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List(PhantomData))
    }

    /// `IN ET`, as the screen shows a mask; as `{:#}` in the kernel's words, `EPOLLIN|EPOLLET`. Bits without a name are
    /// hexadecimal, an empty mask is `0`.
    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, between) = if f.alternate() { (Self::PREFIX, "|") } else { ("", " ") };
        let mut words: Vec<String> = self.iter_names().map(|(name, _)| format!("{prefix}{name}")).collect();
        let rest = self.bits() & !Self::all().bits();
        if rest != 0 {
            words.push(format!("{rest:#x}"));
        }
        f.pad(&if words.is_empty() { "0".to_owned() } else { words.join(between) })
    }
}

struct List<F>(PhantomData<F>);

impl<'de, F: Mask> Visitor<'de> for List<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of event names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<F, A::Error> {
        let mut bits = 0;
        while let Some(Entry::<F>(entry, _)) = list.next_element()? {
            bits |= entry;
        }
        Ok(F::from_bits_retain(bits))
    }
}

struct Entry<F>(u32, PhantomData<F>);

impl<'de, F: Mask> Deserialize<'de> for Entry<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<F>(PhantomData<F>);
        impl<F: Mask> Visitor<'_> for Name<F> {
            type Value = Entry<F>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names: Vec<_> = F::FLAGS.iter().map(|flag| format!("{}{}", F::PREFIX, flag.name())).collect();
                let others = if F::TAKES_OTHERS { ", or other bits as \"0x800\"" } else { "" };
                write!(f, "{}one of {}{others}", F::WHAT, names.join(", "))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                let bits = F::bits_by_name(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))?;
                Ok(Entry(bits, PhantomData))
            }
        }
        deserializer.deserialize_str(Name(PhantomData))
    }
}

impl Mask for Interest {
    const PREFIX: &'static str = "EPOLL";
}

impl Mask for Ready {
    const PREFIX: &'static str = "EPOLL";
}

/// Other flags change what a call means, so that a line that has one is refused.
impl Mask for MsgFlags {
    const PREFIX: &'static str = "MSG_";
    const WHAT: &'static str = "a flag, ";
    const TAKES_OTHERS: bool = false;
}

impl Mask for TimerFlags {
    const PREFIX: &'static str = "TFD_TIMER_";
}

impl Mask for SigMask {
    const PREFIX: &'static str = "SIG";
}

macro_rules! masks {
    ($($mask:ty),*) => {$(
        impl fmt::Display for $mask {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.show(f)
            }
        }

        impl<'de> Deserialize<'de> for $mask {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::read(deserializer)
            }
        }
    )*};
}
masks!(Interest, Ready, MsgFlags, SigMask, TimerFlags);
