//! The lines of a lab scene.

use super::super::Diagnostic;
use super::super::VERBS;
use super::super::{Name, Quantity, Verb, Waiting, language::Pair};
use super::arguments::BYTES;
use super::token::Token;
use super::{Parser, Sort, verbs};
use crate::i18n::{Both, Message, joined, message, words};
use crate::record::{Access, How, MaskHow, MsgFlags, SockOpt};

/// The most idle fds of which the cost of a wait is measured.
const MOST_IDLE: u32 = 10_000;
/// The same for select(2): all numbers are below `FD_SETSIZE`, and some are in use.
const MOST_SELECTED: u32 = 1_000;
/// How many times the few idle fds the many are at least.
const LEAST_TIMES: u32 = 100;

const MILLISECONDS: Both = ("milliseconds", "毫秒");

/// The options of sockets; the first can only be read.
const OPTIONS: [(&str, SockOpt); 7] = [
    ("ERROR", SockOpt::Error),
    ("SNDBUF", SockOpt::SndBuf),
    ("RCVBUF", SockOpt::RcvBuf),
    ("RCVLOWAT", SockOpt::RcvLowat),
    ("NOTSENT_LOWAT", SockOpt::NotsentLowat),
    ("OOBINLINE", SockOpt::OobInline),
    ("RECVERR", SockOpt::RecvErr),
];

/// The kinds of sockets.
const PAIRS: [(&str, Pair); 5] = [
    ("tcp", Pair::Tcp),
    ("udp", Pair::Udp),
    ("stream", Pair::Stream),
    ("dgram", Pair::Dgram),
    ("seqpacket", Pair::Seqpacket),
];

impl Parser<'_> {
    pub(super) fn verb(&mut self, names: &[(Name, Token)], verb: &Token) -> Result<Verb, Diagnostic> {
        let parsed = if names.is_empty() { self.action(verb)? } else { self.making(names, verb)? };
        let sort = match parsed {
            Verb::Thread { .. } => Sort::Thread,
            Verb::Fork { .. } => Sort::Child,
            Verb::Wait { .. } => Sort::Wait,
            Verb::Buffer { .. } => Sort::Buffer,
            _ => Sort::Fd,
        };
        for (name, token) in names {
            match self.known.sort_of(name) {
                Some(known) if known == sort => {}
                Some(known) => {
                    let what = Message::new(|lang| {
                        let noun = lang.pick(known.noun());
                        let is = joined("已经是", &joined(noun, "的名字"));
                        words!(lang, "\"{name}\" is already the name of {noun}", "“{name}”{is}")
                    });
                    return Err(self.diagnose(token, what));
                }
                None => self.known.named.push((name.clone(), sort)),
            }
        }
        Ok(parsed)
    }

    /// A verb that makes fds and gives them names.
    fn making(&mut self, names: &[(Name, Token)], verb: &Token) -> Result<Verb, Diagnostic> {
        if !verbs(VERBS).any(|(known, _)| known == Self::word_of(verb)) {
            return Err(self.no_such_verb(verb, true));
        }
        let wanted = if matches!(Self::word_of(verb), "pair" | "pipe" | "pty") { 2 } else { 1 };
        if let (Some((_, extra)), true) = (names.get(wanted.min(names.len()).saturating_sub(1)), names.len() != wanted)
        {
            let (verb, s) = (Self::word_of(verb), if wanted == 1 { "" } else { "s" });
            let what = message!("\"{verb}\" makes {wanted} fd{s}", "“{verb}”产生 {wanted} 个 fd");
            return Err(self.diagnose(extra, what));
        }
        let name = names[0].0.clone();
        Ok(match Self::word_of(verb) {
            "epoll" if self.take_word("flags") => Verb::EpollWith { name, flags: self.integer(("flags", "标志"))? },
            "epoll" | "create" => Verb::Epoll { name },
            "epoll_create" => Verb::EpollFor { name, size: self.integer(("size", "大小"))? },
            "socket" => {
                let kind = if self.at < self.tokens.len() { self.one_of(&PAIRS)? } else { Pair::Tcp };
                Verb::Socket { name, kind }
            }
            "listener" => Verb::Listener { name },
            "connect" => Verb::Connect { name, listener: self.name()? },
            "accept" => Verb::Accept { name, listener: self.name()? },
            "pair" => Verb::Pair { a: name, b: names[1].0.clone(), kind: self.one_of(&PAIRS)? },
            "pipe" => {
                let packets = self.take_word("packet");
                Verb::Pipe { read: name, write: names[1].0.clone(), packets, size: self.maybe_number()? }
            }
            "fifo" => Verb::Fifo { name },
            "open" => {
                let of = self.name()?;
                Verb::Open {
                    name,
                    of,
                    access: self.one_of(&[("read", Access::Read), ("write", Access::Write), ("both", Access::Both)])?,
                }
            }
            "pty" => Verb::Pty { terminal: name, program: names[1].0.clone() },
            "eventfd" => {
                let count = self.maybe_number()?.unwrap_or(0);
                Verb::Eventfd { name, count, semaphore: self.take_word("semaphore") }
            }
            "pidfd" => Verb::Pidfd { name, child: self.named(Sort::Child)? },
            "inotify" => Verb::Inotify { name },
            "memfd" => Verb::Memfd { name },
            "null" => Verb::Null { name },
            "path" => Verb::Path { name },
            "timerfd" => {
                Verb::Timerfd { name, first: self.number(MILLISECONDS)?, every: self.maybe_number()?.unwrap_or(0) }
            }
            "file" => Verb::File { name },
            "dup" => Verb::Dup { name, of: self.name()? },
            "fromfd" => Verb::Fromfd { name, of: self.name()? },
            "signalfd" => Verb::Signalfd { name },
            "wait" => self.wait(Some(name), 0)?,
            "thread" => {
                let does = if self.at < self.tokens.len() { Some(Box::new(self.asked()?)) } else { None };
                Verb::Thread { name, does }
            }
            "fork" => Verb::Fork { name },
            "buffer" => Verb::Buffer { name, file: self.name()?, size: self.maybe_number()?.unwrap_or(4096) },
            _ => return Err(self.no_such_verb(verb, true)),
        })
    }

    pub(super) fn action(&mut self, verb: &Token) -> Result<Verb, Diagnostic> {
        Ok(match Self::word_of(verb) {
            "add" | "register" => Verb::Add { epoll: self.name()?, file: self.name()?, interest: self.interest()? },
            "mod" | "modify" => Verb::Mod { epoll: self.name()?, file: self.name()?, interest: self.interest()? },
            "del" | "unregister" => Verb::Del { epoll: self.name()?, file: self.name()? },
            "ctl" => {
                let (epoll, file) = (self.name()?, self.name()?);
                Verb::Ctl { epoll, file, op: self.integer(("an operation", "操作"))?, interest: self.interest()? }
            }
            "wait" => self.wait(None, 0)?,
            "poll" if self.tokens.len() > self.at + 1 => self.wait(None, 0)?,
            "join" => Verb::Join { thread: self.task()? },
            "in" => Verb::In { task: self.task()?, does: Box::new(self.asked()?) },
            "signal" => {
                let to =
                    if self.at < self.tokens.len() && !self.is_next("restart") { Some(self.task()?) } else { None };
                Verb::Signal { to, restart: self.take_word("restart") }
            }
            "block" => Verb::Mask { how: MaskHow::Block },
            "unblock" => Verb::Mask { how: MaskHow::Unblock },
            "end" => Verb::End { child: self.named(Sort::Child)? },
            "write" => Verb::Write { file: self.name()?, what: self.quantity()? },
            "fill" => Verb::Fill { file: self.name()? },
            "read" => Verb::Read { file: self.name()?, count: self.number(BYTES)? },
            "post" => Verb::Post { file: self.name()?, count: self.counter()? },
            "recv" => {
                let (file, count) = (self.name()?, self.number(BYTES)?);
                Verb::Recv {
                    file,
                    count,
                    flags: self.one_of(&[
                        ("oob", MsgFlags::OOB),
                        ("peek", MsgFlags::PEEK),
                        ("errqueue", MsgFlags::ERRQUEUE),
                    ])?,
                }
            }
            "take" => Verb::Take { buffer: self.named(Sort::Buffer)?, count: self.number(BYTES)? },
            "pending" => Verb::Pending { buffer: self.named(Sort::Buffer)? },
            "drain" => Verb::Drain { file: self.name()? },
            "arm" => {
                let (file, absolute) = (self.name()?, self.take_word("at"));
                let (first, every) = (self.number(MILLISECONDS)?, self.maybe_number()?.unwrap_or(0));
                if absolute { Verb::ArmAt { file, at: first, every } } else { Verb::Arm { file, first, every } }
            }
            "touch" => Verb::Touch { path: self.path()? },
            "remove" => Verb::Remove { path: self.path()? },
            "oob" => self.oob()?,
            "shutdown" => {
                let file = self.name()?;
                Verb::Shutdown {
                    file,
                    how: self.one_of(&[("read", How::Read), ("write", How::Write), ("both", How::Both)])?,
                }
            }
            "reset" => Verb::Reset { file: self.name()? },
            "close" => Verb::Close { file: self.name()? },
            "set" => {
                let file = self.name()?;
                let option = self.one_of(&OPTIONS[1..])?;
                Verb::Set { file, option, value: i32::try_from(self.number(BYTES)?).unwrap_or(i32::MAX) }
            }
            "get" => Verb::Get { file: self.name()?, option: self.one_of(&OPTIONS)? },
            "bind" => Verb::Bind { file: self.name()? },
            "listen" => {
                let file = self.name()?;
                let backlog = self.maybe_number()?.map_or(128, |n| i32::try_from(n).unwrap_or(i32::MAX));
                Verb::Listen { file, backlog }
            }
            "connect" => Verb::ConnectTo { file: self.name()?, to: self.name()? },
            "blocking" => Verb::Blocking { file: self.name()?, yes: true },
            "nonblocking" => Verb::Blocking { file: self.name()?, yes: false },
            "raise" => Verb::Raise { file: self.name()? },
            "limit" => Verb::Limit { fds: self.number(("fds", "fd"))? },
            "fileno" => Verb::Fileno { file: self.name()? },
            "poll" => Verb::Poll { file: self.name()? },
            "depth" => Verb::Depth { file: self.name()? },
            "fdinfo" => Verb::Fdinfo { epoll: self.name()?, raw: self.take_word("raw") },
            "flags" => Verb::Flags { file: self.name()? },
            "kcmp" => Verb::Kcmp { a: self.name()?, b: self.name()? },
            "scale" => self.scale()?,
            _ => return Err(self.no_such_verb(verb, false)),
        })
    }

    /// A name in the scene's folder.
    fn path(&mut self) -> Result<String, Diagnostic> {
        let token = self.any_word(("the name of a file", "文件名"))?;
        let path = Self::word_of(&token);
        if path.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
            return Ok(path.to_owned());
        }
        Err(self.diagnose(
            &token,
            ("a file name here has only letters, digits, _ and -", "这里的文件名只含字母、数字、_ 和 -"),
        ))
    }

    fn oob(&mut self) -> Result<Verb, Diagnostic> {
        let file = self.name()?;
        match self.quantity()? {
            Quantity::Text(text) if text.len() == 1 => Ok(Verb::Oob { file, byte: text[0] }),
            _ => Err(self.at_last(("urgent data is one byte: \"x\"", "紧急数据是一个字节，如 \"x\""))),
        }
    }

    fn scale(&mut self) -> Result<Verb, Diagnostic> {
        let call = self.one_of(&Waiting::ALL)?;
        let few_at = self.at;
        let few = self.number(("idle fds", "空闲的 fd"))?;
        let many_at = self.at;
        let many = self.number(("idle fds", "空闲的 fd"))?;
        let (at, what): (usize, Both) = if few == 0 {
            (few_at, ("expected at least 1 idle fd", "测量等待至少要有 1 个空闲的 fd"))
        } else if call == Waiting::Select && many > MOST_SELECTED {
            let what = (
                "select(2) takes only fds below FD_SETSIZE, 1,024, so at most 1,000 here; poll and epoll take more",
                "select(2) 不接受 FD_SETSIZE（1,024）及以上的 fd，所以这里最多 1,000；poll 和 epoll 可以更多",
            );
            (many_at, what)
        } else if many > MOST_IDLE {
            (many_at, ("at most 10,000 idle fds: a limit of the lab", "空闲的 fd 最多 10,000 个，这是实验室的上限"))
        } else if many < few.saturating_mul(LEAST_TIMES) {
            let what = (
                "expected at least 100 times the first number, so that the growth is larger than the noise",
                "这里至少应为第一个数的 100 倍，增长才能从噪声中显出来",
            );
            (many_at, what)
        } else {
            return Ok(Verb::Scale { call, few, many });
        };
        let token = &self.tokens[at];
        Err(self.diagnose(token, what))
    }
}
