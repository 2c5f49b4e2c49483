//! The script language: what a line can say. One action a line, by a verb; names for fds, given by `=`.

use crate::record::{How, Interest, Ready, SockOpt};

/// A name that a script gives to an fd.
pub type Name = String;

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the script, from 1.
    pub number: usize,
    /// What it says, without a comment.
    pub text: String,
    /// What it does.
    pub verb: Verb,
}

/// How much, or what, is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// So many bytes of a pattern.
    Bytes(usize),
    /// A text.
    Text(Vec<u8>),
}

/// What a line does. Each is one system call, or a loop of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "VERBS says in words what each of them does")]
pub enum Verb {
    Epoll { name: Name },
    Socket { name: Name },
    Listener { name: Name },
    Connect { name: Name, listener: Name },
    Accept { name: Name, listener: Name },
    Pair { a: Name, b: Name, kind: Pair },
    Pipe { read: Name, write: Name },
    Eventfd { name: Name, count: u32 },
    Timerfd { name: Name, first: u32, every: u32 },
    File { name: Name },
    Dup { name: Name, of: Name },
    Add { epoll: Name, file: Name, interest: Interest },
    Mod { epoll: Name, file: Name, interest: Interest },
    Del { epoll: Name, file: Name },
    Wait { epoll: Name, max: u32, timeout: i32 },
    Write { file: Name, what: Quantity },
    Fill { file: Name },
    Read { file: Name, count: u32 },
    Drain { file: Name },
    Oob { file: Name, byte: u8 },
    Shutdown { file: Name, how: How },
    Reset { file: Name },
    Close { file: Name },
    Set { file: Name, option: SockOpt, value: i32 },
    Poll { file: Name },
    Depth { file: Name },
    Fdinfo { epoll: Name },
    Expect(Expect),
}

/// The two ends that `pair` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// A TCP connection over the loopback.
    Tcp,
    /// socketpair(2), `SOCK_STREAM`.
    Stream,
    /// socketpair(2), `SOCK_DGRAM`.
    Dgram,
    /// socketpair(2), `SOCK_SEQPACKET`.
    Seqpacket,
}

/// What is checked about the last action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The event list of the last wait, in this order or, where `ordered` is false, in any.
    Events {
        /// The fds, by the names they were registered under, with the masks.
        events: Vec<(Name, Ready)>,
        /// Whether the order counts.
        ordered: bool,
    },
    /// How many events the last wait returned.
    Count(usize),
    /// The last call failed with this error.
    Error(i32),
    /// The last call succeeded.
    Ok,
    /// What the last call returned, or the last loop moved in bytes.
    Returned(u64),
    /// The mask that `poll` gave.
    Mask(Ready),
}
