//! The policy's choices, one row each: its name, its value, and how to change it. The policy panel draws this table,
//! and the workbench changes the policy by it.

use std::num::NonZeroU32;

use crate::i18n::{Both, Lang, grouped, words};
use crate::record::{Accept, Fairness, Faults, Policy, Read, Timeout, Trigger, WriteInterest};

/// One choice of the policy.
pub(crate) struct Choice {
    pub(crate) name: Both,
    value: fn(&Policy, Lang) -> String,
    /// What it demonstrates, in a few words.
    pub(crate) shows: Both,
    pub(crate) change: Change,
}

/// How a choice is changed.
pub(crate) enum Change {
    /// To the next or previous of its values.
    Turn(fn(&mut Policy, forward: bool)),
    /// On or off: a fault, and how the server works with it.
    Fault(Faults, Both),
    /// To a number between two bounds, in this unit.
    Number { unit: Both, least: i64, most: i64, get: fn(&Policy) -> i64, set: fn(&mut Policy, i64) },
}

/// The choices in the order in which the panel lists them.
pub(crate) const CHOICES: &[Choice] = &[
    Choice {
        name: ("trigger", "触发方式"),
        value: |p, lang| match p.trigger {
            Trigger::Level => lang.of("level", "水平触发").into(),
            Trigger::Edge => lang.of("edge (EPOLLET)", "边缘触发（EPOLLET）").into(),
        },
        shows: (
            "level: at every wait while ready; edge: once for each arrival",
            "水平触发在就绪期间每次等待都报告，边缘触发有新到达才报告",
        ),
        change: Change::Turn(|p, _| {
            p.trigger = if p.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level }
        }),
    },
    Choice {
        name: ("one-shot", "一次性"),
        value: |p, lang| {
            lang.pick(if p.oneshot { ("on (EPOLLONESHOT)", "开（EPOLLONESHOT）") } else { ("off", "关") }).into()
        },
        shows: ("a report disarms its fd until EPOLL_CTL_MOD", "报告一次就停用，直到 EPOLL_CTL_MOD 重新启用"),
        change: Change::Turn(|p, _| p.oneshot = !p.oneshot),
    },
    Choice {
        name: ("read", "读取"),
        value: |p, lang| {
            lang.pick(match p.read {
                Read::Once => ("once", "一次"),
                Read::Drain => ("drain to EAGAIN", "读到 EAGAIN"),
                Read::DrainShort => ("drain to EAGAIN or a short read", "读到 EAGAIN 或短读"),
            })
            .into()
        },
        shows: (
            "once strands bytes in edge mode; drain does not",
            "边缘触发下只读一次会让字节滞留，读到 EAGAIN 则不会",
        ),
        change: Change::Turn(|p, forward| {
            p.read = turn(&[Read::Once, Read::Drain, Read::DrainShort], p.read, forward);
        }),
    },
    Choice {
        name: ("read size", "读取长度"),
        value: |p, lang| words!(lang, "{} bytes", "{} 字节", grouped(u64::from(p.read_size))),
        shows: ("a smaller size makes more reports of one message", "决定一条消息报告几次"),
        change: Change::Number {
            unit: ("bytes", "字节"),
            least: 1,
            most: Policy::MAX_READ_SIZE as i64,
            get: |p| i64::from(p.read_size),
            set: |p, n| p.read_size = clamped(n),
        },
    },
    Choice {
        name: ("accept", "接受连接"),
        value: |p, lang| match p.accept {
            Accept::Once => lang.of("once", "一次").into(),
            Accept::Drain => lang.of("drain to EAGAIN", "接受到 EAGAIN").into(),
        },
        shows: (
            "once strands clients in edge mode; drain does not",
            "边缘触发下只接受一次会让连接滞留，接受到 EAGAIN 则不会",
        ),
        change: Change::Turn(|p, _| p.accept = if p.accept == Accept::Once { Accept::Drain } else { Accept::Once }),
    },
    Choice {
        name: ("EPOLLOUT", "EPOLLOUT"),
        value: |p, lang| match p.write {
            WriteInterest::OnDemand => lang.of("on demand", "按需关注").into(),
            WriteInterest::Always => lang.of("always", "始终关注").into(),
        },
        shows: ("always: in level mode the server spins", "始终关注时，水平触发下服务器会空转"),
        change: Change::Turn(|p, _| {
            p.write = if p.write == WriteInterest::OnDemand { WriteInterest::Always } else { WriteInterest::OnDemand };
        }),
    },
    Choice {
        name: ("fairness", "公平性"),
        value: |p, lang| match p.fairness {
            Fairness::Greedy => lang.of("greedy", "贪婪").into(),
            Fairness::RoundRobin(budget) => {
                let budget = grouped(u64::from(budget.get()));
                words!(lang, "round-robin, {budget} bytes a turn", "轮转，每轮 {budget} 字节")
            }
        },
        shows: (
            "greedy: a client that never stops sending starves the others",
            "一个不停发送的客户端会让其他客户端饥饿",
        ),
        change: Change::Number {
            unit: ("bytes a turn (0: greedy)", "每轮字节，0 为贪婪"),
            least: 0,
            most: u32::MAX as i64,
            get: |p| match p.fairness {
                Fairness::Greedy => 0,
                Fairness::RoundRobin(budget) => i64::from(budget.get()),
            },
            set: |p, n| p.fairness = NonZeroU32::new(clamped(n)).map_or(Fairness::Greedy, Fairness::RoundRobin),
        },
    },
    Choice {
        name: ("maxevents", "maxevents"),
        value: |p, _| p.max_events.to_string(),
        shows: ("when more fds are ready than fit, the ready list rotates", "就绪的 fd 放不下时，轮流报告"),
        change: Change::Number {
            unit: ("events", "个事件"),
            least: 1,
            most: Policy::MAX_EVENTS as i64,
            get: |p| i64::from(p.max_events),
            set: |p, n| p.max_events = clamped(n),
        },
    },
    Choice {
        name: ("timeout", "超时"),
        value: |p, lang| match p.timeout.0 {
            ..0 => lang.of("-1: no limit", "-1：无限等待").into(),
            0 => lang.of("0: ask and return", "0：查询后立即返回").into(),
            ms => format!("{} ms", grouped(u64::from(ms.unsigned_abs()))),
        },
        shows: ("with a limit, a wait may return an empty list", "到时返回空列表"),
        change: Change::Number {
            unit: ("ms (-1: no limit)", "ms，-1 为无限等待"),
            least: -1,
            most: i32::MAX as i64,
            get: |p| i64::from(p.timeout.0),
            set: |p, n| p.timeout = Timeout(i32::try_from(n).unwrap_or(-1)),
        },
    },
    fault(
        "exact-match",
        Faults::EXACT_MATCH,
        ("event == EPOLLIN", "判断 event == EPOLLIN"),
        (
            "fault: IN|ERR|HUP is ignored; in level mode the server spins",
            "打开后，没有分支处理 IN|ERR|HUP，水平触发下空转",
        ),
    ),
    fault(
        "close-first",
        Faults::CLOSE_FIRST,
        ("close, then DEL", "先 close，再 DEL"),
        ("fault: DEL fails with EBADF, which ends the server", "打开后，DEL 得到 EBADF，服务器异常退出"),
    ),
    fault(
        "decode-text",
        Faults::DECODE_TEXT,
        ("UTF-8, chunk by chunk", "按块解码 UTF-8"),
        ("fault: a character that straddles two reads is lost", "打开后，跨两次读取的字符会丢失"),
    ),
    fault(
        "blocking",
        Faults::BLOCKING,
        ("no O_NONBLOCK", "没有 O_NONBLOCK"),
        ("fault: one peer hangs the server in recv or send", "打开后，一个对端就能让服务器卡在 recv 或 send 里"),
    ),
    fault(
        "unchecked-send",
        Faults::UNCHECKED_SEND,
        ("its result is ignored", "不看返回值"),
        ("fault: bytes that did not fit are lost", "打开后，没放下的部分会丢失"),
    ),
];

/// A fault that can be switched on, and how the server works then.
const fn fault(name: &'static str, fault: Faults, how: Both, shows: Both) -> Choice {
    Choice { name: (name, name), value: |_, _| String::new(), shows, change: Change::Fault(fault, how) }
}

impl Choice {
    /// Its value in `policy`, in words.
    pub(crate) fn value(&self, policy: &Policy, lang: Lang) -> String {
        match self.change {
            Change::Fault(fault, how) if policy.has(fault) => words!(lang, "on ({})", "开（{}）", lang.pick(how)),
            Change::Fault(..) => lang.of("off", "关").to_owned(),
            Change::Turn(_) | Change::Number { .. } => (self.value)(policy, lang),
        }
    }

    /// The unit of a number; empty for a choice that is none.
    pub(crate) fn unit(&self) -> Both {
        match self.change {
            Change::Number { unit, .. } => unit,
            Change::Turn(_) | Change::Fault(..) => ("", ""),
        }
    }
}

fn clamped(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn turn<T: PartialEq + Copy>(values: &[T], now: T, forward: bool) -> T {
    let at = values.iter().position(|value| *value == now).unwrap_or(0);
    values[(at + if forward { 1 } else { values.len() - 1 }) % values.len()]
}
