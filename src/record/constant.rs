//! Kernel constants that stand by name in the trace file and in lines of text.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

pub(crate) trait Constant: Copy + fmt::Display + 'static {
    /// What it is, with its article, for messages.
    const WHAT: &'static str;
    const ALL: &'static [Self];

    fn name(self) -> &'static str;

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

fn read<'de, T: Constant, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Name<T>(PhantomData<T>);
    impl<T: Constant> Visitor<'_> for Name<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let names: Vec<_> = T::ALL.iter().map(|value| value.name()).collect();
            write!(f, "{}, one of {}", T::WHAT, names.join(", "))
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
            T::by_name(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
        }
    }
    deserializer.deserialize_str(Name(PhantomData))
}

/// Declares enums of constants: what one is, for messages; then each with its name.
macro_rules! constants {
    ($(
        $(#[$doc:meta])*
        $vis:vis enum $name:ident: $what:literal { $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name {
            $( #[doc = concat!("`", $text, "`")] $(#[$variant_doc])* $variant, )*
        }

        impl Constant for $name {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = &[$( Self::$variant ),*];

            fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        }
    )*};
}

constants! {
    /// The direction that shutdown(2) closes.
    pub enum How: "a direction of shutdown" {
        Read = "SHUT_RD",
        Write = "SHUT_WR",
        Both = "SHUT_RDWR",
    }

    /// The socket options that the program sets, socket(7) and tcp(7).
    pub enum SockOpt: "a socket option" {
        /// 0 or 1.
        ReuseAddr = "SO_REUSEADDR",
        /// With `l_onoff` 1; the value is `l_linger` in seconds. 0 makes close(2) reset the connection.
        Linger = "SO_LINGER",
        /// In bytes.
        SndBuf = "SO_SNDBUF",
        /// In bytes.
        RcvBuf = "SO_RCVBUF",
        /// In bytes: with fewer unread, a TCP socket is not readable.
        RcvLowat = "SO_RCVLOWAT",
        /// 0 or 1; an accepted connection inherits its listener's.
        NoDelay = "TCP_NODELAY",
        /// 0 or 1: with 1 an urgent byte stays in the stream.
        OobInline = "SO_OOBINLINE",
        /// In bytes: with as many that are not sent yet, a TCP socket has no room.
        NotsentLowat = "TCP_NOTSENT_LOWAT",
        /// 0 or 1: with 1 what ICMP says of a datagram is kept in the error queue.
        RecvErr = "IP_RECVERR",
        /// The error that the next call would return, which is cleared by asking.
        Error = "SO_ERROR",
        /// 1 for a socket that listens.
        AcceptConn = "SO_ACCEPTCONN",
        /// 0 or 1: with 1 several sockets may listen on one address.
        ReusePort = "SO_REUSEPORT",
        /// 0 or 1.
        KeepAlive = "SO_KEEPALIVE",
        /// In seconds: a listener reports a connection when its first bytes have come.
        DeferAccept = "TCP_DEFER_ACCEPT",
        /// 0 or 1.
        V6Only = "IPV6_V6ONLY",
        /// One that has no name here.
        Other = "other",
    }

    /// The type of a socketpair(2).
    pub enum PairType: "a socket type" {
        Stream = "SOCK_STREAM",
        Dgram = "SOCK_DGRAM",
        Seqpacket = "SOCK_SEQPACKET",
    }

    /// Which way a file is opened, open(2).
    pub enum Access: "an access mode" {
        Read = "O_RDONLY",
        Write = "O_WRONLY",
        Both = "O_RDWR",
    }

    /// A flag with which a call makes a file of another kind.
    pub(crate) enum NewFlag: "a flag of a new fd" {
        /// Of pipe2(2): each write is a packet.
        Direct = "O_DIRECT",
        /// Of openat(2): only a place in the file system.
        Path = "O_PATH",
        /// Of eventfd2(2): a read takes 1 off the counter.
        Semaphore = "EFD_SEMAPHORE",
    }

    /// What openat(2) opens, where it is no regular file.
    pub(crate) enum Opened: "what is opened" {
        Null = "/dev/null",
        Fifo = "fifo",
        Folder = "folder",
    }

    /// The family of a socket.
    pub enum Family: "a family of sockets" {
        Unix = "AF_UNIX",
        Inet = "AF_INET",
        Inet6 = "AF_INET6",
        Netlink = "AF_NETLINK",
    }

    /// The commands of fcntl(2) that the program gives.
    pub enum FcntlCmd: "a command of fcntl" {
        /// The value is 0 or `O_NONBLOCK`.
        SetFl = "F_SETFL",
        /// What comes back are the flags; the value is 0.
        GetFl = "F_GETFL",
        /// In bytes; the kernel rounds up to pages, a power of two of them.
        SetPipeSize = "F_SETPIPE_SZ",
        /// The value is the least number; what comes back is the new one.
        DupFd = "F_DUPFD",
        /// The same, with `FD_CLOEXEC`.
        DupFdCloexec = "F_DUPFD_CLOEXEC",
    }

    /// The signals that the program sends.
    pub enum Signal: "a signal" {
        Usr2 = "SIGUSR2",
        /// Its handler does nothing.
        Alrm = "SIGALRM",
        /// The same, with `SA_RESTART`.
        Vtalrm = "SIGVTALRM",
    }

    /// What rt_sigprocmask(2) does with a signal.
    pub enum MaskHow: "what is done to a signal mask" {
        Block = "SIG_BLOCK",
        Unblock = "SIG_UNBLOCK",
    }

    /// Which way bytes went, as the caller saw it.
    pub enum Dir: "a direction" {
        In = "in",
        Out = "out",
    }

    /// The calls that a server can't do without.
    pub enum FatalCall: "a call that a server can't do without" {
        EpollCreate1 = "epoll_create1",
        EpollCtl = "epoll_ctl",
        EpollWait = "epoll_wait",
    }

    /// The phase of a line; one without is of a call that has returned.
    pub(crate) enum Phase: "a phase" {
        Enter = "enter",
    }
}

impl Dir {
    /// The name of the call that moves bytes this way.
    pub(crate) fn call(self) -> &'static str {
        match self {
            Self::In => "recvfrom",
            Self::Out => "sendto",
        }
    }
}

impl SockOpt {
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }
}

impl FcntlCmd {
    pub(crate) fn argument(self, value: i32) -> String {
        match (self, value) {
            (Self::SetFl, value) if value & libc::O_NONBLOCK != 0 => "O_NONBLOCK".to_owned(),
            (Self::SetFl, _) => "0".to_owned(),
            _ => value.to_string(),
        }
    }
}
