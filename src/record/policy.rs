//! The server's policy: how it carries out its seven steps.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::choice::choices;
use super::faults::Faults;
use super::flags::Interest;
use super::types::Timeout;
use crate::i18n::{Lang, words};

choices! {
    /// When epoll reports a ready fd, epoll(7).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Trigger {
        #[default]
        Level = "level": "At every wait while it is ready",
        Edge = "edge": "Once for each arrival (EPOLLET)",
    }

    /// How much is read for one report.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Read {
        #[default]
        Once = "once": "One recv",
        Drain = "drain": "recv until EAGAIN, as epoll(7) requires of an edge-triggered reader",
        DrainShort = "drain-short": "recv until EAGAIN or a short read, which saves one call on a stream",
    }

    /// How many connections are accepted for one report of the listener.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Accept {
        #[default]
        Once = "once": "One accept4",
        Drain = "drain": "accept4 until EAGAIN",
    }

    /// When a connection asks for EPOLLOUT.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum WriteInterest {
        #[default]
        OnDemand = "on-demand": "While bytes wait to be sent",
        Always = "always": "Always",
    }

    /// What is done where accept4 finds no free fd, `EMFILE`. The client goes on waiting, and the listener stays ready.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum OutOfFds {
        #[default]
        Mute = "mute": "Set the listener's mask to 0 until a connection closes, or for 500 ms without a report",
        BackOff = "back-off": "Take the listener off the interest list for 500 ms",
        Spare = "spare": "Close a spare fd, accept the client and close it, and open the spare again",
        Spin = "spin": "Nothing: level-triggered, the listener is reported again and again",
    }

    /// What is done when the peer has closed its sending side.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum HalfClose {
        #[default]
        Answer = "answer": "Read and echo what is left, send what is unsent, then close",
        Close = "close": "Close at once: what is unread or unsent is lost",
    }
}

/// How long one connection may be read before the others get their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fairness {
    /// As long as the read policy says.
    #[default]
    Greedy,
    /// At most this many bytes a turn; who has more takes the next turn in order.
    RoundRobin(NonZeroU32),
}

/// All choices together. The default is the tutorial server without its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    pub trigger: Trigger,
    /// Whether a report disarms its fd until the next `EPOLL_CTL_MOD`.
    pub oneshot: bool,
    pub read: Read,
    /// Bytes asked for by one recv, 1 to [`Policy::MAX_READ_SIZE`].
    pub read_size: u32,
    pub accept: Accept,
    pub write: WriteInterest,
    pub fairness: Fairness,
    /// The most events that one epoll_wait returns, 1 to [`Policy::MAX_EVENTS`].
    pub max_events: u32,
    pub timeout: Timeout,
    #[serde(skip_serializing_if = "is_usual")]
    pub out_of_fds: OutOfFds,
    #[serde(skip_serializing_if = "is_usual")]
    pub half_close: HalfClose,
    #[serde(skip_serializing_if = "Faults::is_empty")]
    pub faults: Faults,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            trigger: Trigger::Level,
            oneshot: false,
            read: Read::Once,
            read_size: 1024,
            accept: Accept::Once,
            write: WriteInterest::OnDemand,
            fairness: Fairness::Greedy,
            max_events: 64,
            timeout: Timeout::NONE,
            out_of_fds: OutOfFds::Mute,
            half_close: HalfClose::Answer,
            faults: Faults::empty(),
        }
    }
}

/// Whether it is the default, which a recording leaves out.
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Policy {
    pub const MAX_READ_SIZE: u32 = 1 << 20;
    pub const MAX_EVENTS: u32 = 65_536;

    /// The flags that the trigger adds to every registration.
    pub fn trigger_flags(&self) -> Interest {
        let mut flags = Interest::empty();
        flags.set(Interest::ET, self.trigger == Trigger::Edge);
        flags.set(Interest::ONESHOT, self.oneshot);
        flags
    }

    /// The events that a connection asks for in order to read.
    pub fn input(&self) -> Interest {
        if self.has(Faults::EXACT_MATCH) { Interest::IN } else { Interest::IN | Interest::PRI | Interest::RDHUP }
    }

    pub fn has(&self, fault: Faults) -> bool {
        self.faults.contains(fault)
    }

    pub fn words(&self, lang: Lang) -> String {
        let trigger = lang.pick(match self.trigger {
            Trigger::Level => ("level", "水平触发"),
            Trigger::Edge => ("edge", "边缘触发"),
        });
        let oneshot = if self.oneshot { lang.of(", one-shot", "，一次性") } else { "" };
        let read = lang.pick(match self.read {
            Read::Once => ("once", "读一次"),
            Read::Drain => ("until EAGAIN", "读到 EAGAIN"),
            Read::DrainShort => ("until a short read", "读到 EAGAIN 或短读"),
        });
        let accept = lang.pick(match self.accept {
            Accept::Once => ("once", "接受一次"),
            Accept::Drain => ("until EAGAIN", "接受到 EAGAIN"),
        });
        let write = lang.pick(match self.write {
            WriteInterest::OnDemand => ("on demand", "按需关注"),
            WriteInterest::Always => ("always", "始终关注"),
        });
        let fairness = match self.fairness {
            Fairness::Greedy => lang.of("greedy", "贪婪").to_owned(),
            Fairness::RoundRobin(most) => words!(lang, "at most {most} B a turn", "每轮最多 {most} 字节"),
        };
        let out_of_fds = lang.pick(match self.out_of_fds {
            OutOfFds::Mute => ("", ""),
            OutOfFds::BackOff => ("; out of fds: back off", "；fd 用尽时退避"),
            OutOfFds::Spare => ("; out of fds: a spare fd", "；fd 用尽时用备用 fd"),
            OutOfFds::Spin => ("; out of fds: spin", "；fd 用尽时空转"),
        });
        let half_close = match self.half_close {
            HalfClose::Answer => "",
            HalfClose::Close => lang.of("; half-close: close at once", "；半关闭时立即关闭"),
        };
        let (size, max, timeout, faults) = (self.read_size, self.max_events, self.timeout, self.faults);
        let faults =
            if faults.is_empty() { String::new() } else { words!(lang, "; faults: {faults}", "；缺陷 {faults}") };
        words!(
            lang,
            "policy: {trigger}{oneshot}, read {size} B {read}, accept {accept}, EPOLLOUT {write}, {fairness}, \
             max {max}, timeout {timeout}{out_of_fds}{half_close}{faults}",
            "策略：{trigger}{oneshot}，{read}，每次 {size} 字节，{accept}，{write} EPOLLOUT，{fairness}，\
             maxevents {max}，超时 {timeout}{out_of_fds}{half_close}{faults}"
        )
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}
