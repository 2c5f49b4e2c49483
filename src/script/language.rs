//! The script language: what a line can say. One action a line, by a verb; names for fds or clients, given by `=`.
//!
//! There are two kinds of scene. A lab scene drives epoll by hand, a [`Verb`] a line, each a system call. A server scene
//! begins with `server` and goes on with [`SceneLine`]s: what the clients do, and how far the server may go. Both can
//! [`Claim`] what they measure.

use std::fmt;

use crate::i18n::{Both, Lang};
use crate::probe::ServerState;
use crate::record::{Access, How, Interest, MaskHow, MsgFlags, Policy, Ready, SigMask, SockOpt, errno_name};
use crate::session::ClientId;

/// A name that a script gives to an fd or a client.
pub type Name = String;

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the script, from 1.
    pub number: usize,
    /// What it says, without a comment.
    pub text: String,
    /// What it does.
    pub does: Does,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// A call of a lab scene.
    Call(Verb),
    /// A word to the server or its clients.
    SceneLine(SceneLine),
    /// A claim, to be checked.
    Expect(Claim),
    /// What a demo says before the lines that follow.
    Caption(Caption),
    /// What is counted is counted from here on.
    Mark,
}

/// Words to those who watch a scene: what is about to happen, and what to look at. Every character of it has cells of
/// its own, so that it can be shown as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    pub en: String,
    pub zh: String,
}

impl Caption {
    /// The longest, in bytes.
    pub const MAX: usize = 600;

    pub fn of(&self, lang: Lang) -> &str {
        lang.of(&self.en, &self.zh)
    }
}

/// How much, or what, is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// This many bytes of a pattern.
    Bytes(usize),
    Text(Vec<u8>),
}

/// What a line of a lab scene does. Each is one system call, or a loop of one. The `max` of a wait is as the kernel's int
/// has it, also less than 0. `Ctl` is epoll_ctl(2) with an operation by its number, `PollFor` poll(2) of a thread or a child,
/// `In` has one of these make a call. `ArmAt` counts from the scene's start. `Signal` goes to the script's thread where it
/// names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    Epoll { name: Name },
    EpollFor { name: Name, size: i32 },
    EpollWith { name: Name, flags: i32 },
    Socket { name: Name, kind: Pair },
    Listener { name: Name },
    Connect { name: Name, listener: Name },
    Accept { name: Name, listener: Name },
    Pair { a: Name, b: Name, kind: Pair },
    Pipe { read: Name, write: Name, packets: bool, size: Option<u32> },
    Fifo { name: Name },
    Open { name: Name, of: Name, access: Access },
    Pty { terminal: Name, program: Name },
    Eventfd { name: Name, count: u32, semaphore: bool },
    Timerfd { name: Name, first: u32, every: u32 },
    Signalfd { name: Name },
    Pidfd { name: Name, child: Name },
    Inotify { name: Name },
    File { name: Name },
    Memfd { name: Name },
    Null { name: Name },
    Path { name: Name },
    Dup { name: Name, of: Name },
    Fromfd { name: Name, of: Name },
    Add { epoll: Name, file: Name, interest: Interest },
    Mod { epoll: Name, file: Name, interest: Interest },
    Del { epoll: Name, file: Name },
    Ctl { epoll: Name, file: Name, op: i32, interest: Interest },
    Wait { epoll: Name, max: u32, timeout: i32, kept: Option<Name>, manner: Manner },
    Thread { name: Name, does: Option<Box<Verb>> },
    In { task: Name, does: Box<Verb> },
    PollFor { file: Name, asked: Ready, timeout: i32 },
    Signal { to: Option<Name>, restart: bool },
    Mask { how: MaskHow },
    Join { thread: Name },
    Fork { name: Name },
    End { child: Name },
    Write { file: Name, what: Quantity },
    Fill { file: Name },
    Read { file: Name, count: u32 },
    Post { file: Name, count: u64 },
    Recv { file: Name, count: u32, flags: MsgFlags },
    Buffer { name: Name, file: Name, size: u32 },
    Take { buffer: Name, count: u32 },
    Pending { buffer: Name },
    Drain { file: Name },
    Arm { file: Name, first: u32, every: u32 },
    ArmAt { file: Name, at: u32, every: u32 },
    Touch { path: String },
    Remove { path: String },
    Oob { file: Name, byte: u8 },
    Shutdown { file: Name, how: How },
    Reset { file: Name },
    Close { file: Name },
    Set { file: Name, option: SockOpt, value: i32 },
    Get { file: Name, option: SockOpt },
    Bind { file: Name },
    Listen { file: Name, backlog: i32 },
    ConnectTo { file: Name, to: Name },
    Blocking { file: Name, yes: bool },
    Raise { file: Name },
    Limit { fds: u32 },
    Fileno { file: Name },
    Poll { file: Name },
    Depth { file: Name },
    Fdinfo { epoll: Name, raw: bool },
    Flags { file: Name },
    Kcmp { a: Name, b: Name },
    Scale { call: Waiting, few: u32, many: u32 },
}

/// How a wait is made: with an event list at address 0, with a timeout in nanoseconds, with a signal mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Manner {
    pub nowhere: bool,
    pub nanos: Option<u32>,
    pub mask: Option<SigMask>,
}

/// The most events that epoll_wait(2) can be asked for in a script and stores somewhere.
pub(super) const MOST_EVENTS: u32 = 16 << 20;
/// With more, the kernel refuses: `EP_MAX_EVENTS`.
pub(super) const REFUSED_EVENTS: u32 = i32::MAX.unsigned_abs() / 12;

/// The calls that wait for one of many fds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// select(2).
    Select,
    /// poll(2).
    Poll,
    /// epoll_wait(2), level-triggered.
    Epoll,
}

impl Waiting {
    pub const ALL: [(&'static str, Self); 3] = [("select", Self::Select), ("poll", Self::Poll), ("epoll", Self::Epoll)];
}

/// The two ends that `pair` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// A TCP connection over the loopback.
    Tcp,
    /// Two UDP sockets on the loopback, connected to each other.
    Udp,
    /// socketpair(2), `SOCK_STREAM`.
    Stream,
    /// socketpair(2), `SOCK_DGRAM`.
    Dgram,
    /// socketpair(2), `SOCK_SEQPACKET`.
    Seqpacket,
}

/// What a line of a server scene does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SceneLine {
    Server(Policy),
    Policy(Policy),
    Connect(u32),
    Send { client: ClientId, what: Quantity },
    Reading { client: ClientId, yes: bool },
    Shutdown(ClientId),
    Reset(ClientId),
    Close(ClientId),
    Step(u32),
    Wait(u32),
    Run,
    Destroy,
    Limit(u32),
}

/// Something that can be measured of a scene, once it has been played so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    Events {
        ordered: bool,
    },
    Count,
    Result,
    Returned,
    /// The bytes that were read.
    Text,
    Mask,
    Blocked,
    Woken,
    Awake(Name),
    Same(Name, Name),
    Reports(Whose),
    Unread(ClientId),
    Sent(ClientId),
    Received(ClientId),
    Waits,
    Empty,
    Calls(Option<String>),
    /// Whether calls of these names were made, in this order.
    Order(Vec<String>),
    Errors(i32),
    Accepted,
    Pending,
    Stranded,
    Server,
    Growth,
    Ratio,
}

/// Whose reports are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Listener,
    /// Those of the connection of a client.
    Client(ClientId),
}

/// What came of a measure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A count, or a number of bytes.
    Number(u64),
    /// Only claimed: this much or more.
    AtLeast(u64),
    /// Only claimed: this much or less.
    AtMost(u64),
    Text(Vec<u8>),
    Events(Vec<(Name, Ready)>),
    Mask(Ready),
    /// How a call ended: 0, or the error.
    Result(i32),
    /// How the server stood when it was last let run, in a word.
    Server(Both),
    Truth(bool),
    Growth(Growth),
    /// Nothing: no call that it would be told by has been made. No claim agrees with it.
    Unmeasured,
}

/// Whether a wait costs more where more fds are idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Growth {
    Flat,
    Grows,
    /// What was measured lies between the two, or scatters too widely.
    Unclear,
}

impl Growth {
    /// What can be claimed, with its words.
    pub const ALL: [(&'static str, Self); 2] = [("flat", Self::Flat), ("grows", Self::Grows)];
}

/// What is said where nothing can be.
pub(super) const NOISY: Both = ("unclear: this machine is too noisy to tell", "不明：这台机器上干扰太大，无法判断");

// The words that a claim has for how the server stands.
const QUIET: Both = ("quiet", "静止");
const SPINS: Both = ("spins", "空转");
const HANGS: Both = ("hangs", "卡住");
const DIED: Both = ("died", "异常退出");
const ENDED: Both = ("ended", "已结束");
const WORKS: Both = ("works", "运行中");
pub(super) const SERVER_WORDS: [Both; 6] = [QUIET, SPINS, HANGS, DIED, ENDED, WORKS];

impl From<ServerState> for Value {
    fn from(state: ServerState) -> Self {
        Self::Server(match state {
            ServerState::Quiet => QUIET,
            ServerState::Spinning => SPINS,
            ServerState::Hung(_) => HANGS,
            ServerState::Died => DIED,
            ServerState::Ended => ENDED,
            ServerState::Working
            | ServerState::Before(_)
            | ServerState::Waiting
            | ServerState::Inside(_)
            | ServerState::Stopped(_) => WORKS,
        })
    }
}

impl Value {
    /// Whether a claim or a prediction can be held against it: a cost that other load of the machine hides says nothing.
    pub fn is_clear(&self) -> bool {
        *self != Self::Growth(Growth::Unclear)
    }
}

/// What is claimed: that a measure has this value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub measure: Measure,
    pub value: Value,
}

impl Measure {
    /// Whether it is a question to be answered by yes or no.
    pub fn is_truth(&self) -> bool {
        matches!(self, Self::Blocked | Self::Awake(_) | Self::Same(..) | Self::Order(_))
    }

    /// Whether it comes from calls that no record tells of, so that none can prove it: the line that made them says what
    /// was measured.
    pub fn is_timed(&self) -> bool {
        matches!(self, Self::Growth | Self::Ratio)
    }

    /// Whether what is claimed and what came say the same: an event list in any order, unless the order counts.
    pub fn agrees(&self, a: &Value, b: &Value) -> bool {
        match (self, a, b) {
            (Self::Events { ordered: false }, Value::Events(a), Value::Events(b)) => {
                let by_name = |(name, ready): &(Name, Ready)| (name.clone(), ready.bits());
                let (mut a, mut b) = (a.clone(), b.clone());
                a.sort_by_key(by_name);
                b.sort_by_key(by_name);
                a == b
            }
            (_, Value::AtLeast(least), Value::Number(n)) => n >= least,
            (_, Value::AtMost(most), Value::Number(n)) => n <= most,
            _ => a == b,
        }
    }
}

impl fmt::Display for Value {
    /// As a script writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => n.fmt(f),
            Self::AtLeast(n) => write!(f, "at least {n}"),
            Self::AtMost(n) => write!(f, "at most {n}"),
            Self::Text(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Events(events) if events.is_empty() => f.write_str("nothing"),
            Self::Events(events) => {
                let events: Vec<String> = events.iter().map(|(name, ready)| format!("{name} {ready}")).collect();
                f.write_str(&events.join(", "))
            }
            Self::Mask(ready) if ready.is_empty() => f.write_str("0"),
            Self::Mask(ready) => ready.fmt(f),
            Self::Result(0) => f.write_str("ok"),
            Self::Result(raw) => f.write_str(&errno_name(*raw)),
            Self::Truth(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Unmeasured => f.write_str("nothing was measured: no call since then measures it"),
            Self::Server((word, _)) => f.write_str(word),
            Self::Growth(growth) => {
                let word = Growth::ALL.iter().find(|(_, one)| one == growth).map_or(NOISY.0, |(word, _)| word);
                f.write_str(word)
            }
        }
    }
}
