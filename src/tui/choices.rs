//! The policy's choices, one row each: its name, its value, and how to change it. The policy panel draws this table,
//! and the workbench changes the policy by it.

use std::num::NonZeroU32;

use crate::i18n::{Both, Lang, grouped, words};
use crate::record::{
    self, Accept, Fairness, Faults, HalfClose, OutOfFds, Policy, Read, Timeout, Trigger, WriteInterest,
};

pub(crate) struct Choice {
    pub(crate) name: Both,
    /// What it demonstrates, in a few words.
    pub(crate) shows: Both,
    pub(crate) change: Change,
}

pub(crate) enum Change {
    /// To the next or previous of its values, which have these names.
    Turn { value: fn(&Policy) -> Both, turn: fn(&mut Policy, forward: bool) },
    /// On or off: a fault, and how the server works with it.
    Fault(Faults, Both),
    /// To a number between two bounds, in this unit.
    Number {
        value: fn(&Policy, Lang) -> String,
        unit: Both,
        least: i64,
        most: i64,
        get: fn(&Policy) -> i64,
        set: fn(&mut Policy, i64),
    },
}

pub(crate) const CHOICES: &[Choice] = &[
    Choice {
        name: ("trigger", "触发方式"),
        shows: (
            "level: at every wait while ready; edge: once for each arrival",
            "水平触发在就绪期间每次等待都报告，边缘触发有新到达才报告",
        ),
        change: Change::Turn {
            value: |p| match p.trigger {
                Trigger::Level => ("level", "水平触发"),
                Trigger::Edge => ("edge (EPOLLET)", "边缘触发（EPOLLET）"),
            },
            turn: |p, forward| turn(&mut p.trigger, forward),
        },
    },
    Choice {
        name: ("one-shot", "一次性"),
        shows: ("a report disarms its fd until EPOLL_CTL_MOD", "报告一次就停用，直到 EPOLL_CTL_MOD 重新启用"),
        change: Change::Turn {
            value: |p| if p.oneshot { ("on (EPOLLONESHOT)", "开（EPOLLONESHOT）") } else { ("off", "关") },
            turn: |p, _| p.oneshot = !p.oneshot,
        },
    },
    Choice {
        name: ("read", "读取"),
        shows: (
            "once strands bytes in edge mode; drain does not",
            "边缘触发下只读一次会让字节滞留，读到 EAGAIN 则不会",
        ),
        change: Change::Turn {
            value: |p| match p.read {
                Read::Once => ("once", "一次"),
                Read::Drain => ("drain to EAGAIN", "读到 EAGAIN"),
                Read::DrainShort => ("drain to EAGAIN or a short read", "读到 EAGAIN 或短读"),
            },
            turn: |p, forward| turn(&mut p.read, forward),
        },
    },
    Choice {
        name: ("read size", "读取长度"),
        shows: ("a smaller size makes more reports of one message", "决定一条消息报告几次"),
        change: Change::Number {
            value: |p, lang| words!(lang, "{} bytes", "{} 字节", grouped(u64::from(p.read_size))),
            unit: ("bytes", "字节"),
            least: 1,
            most: Policy::MAX_READ_SIZE as i64,
            get: |p| i64::from(p.read_size),
            set: |p, n| p.read_size = clamped(n),
        },
    },
    Choice {
        name: ("accept", "接受连接"),
        shows: (
            "once strands clients in edge mode; drain does not",
            "边缘触发下只接受一次会让连接滞留，接受到 EAGAIN 则不会",
        ),
        change: Change::Turn {
            value: |p| match p.accept {
                Accept::Once => ("once", "一次"),
                Accept::Drain => ("drain to EAGAIN", "接受到 EAGAIN"),
            },
            turn: |p, forward| turn(&mut p.accept, forward),
        },
    },
    Choice {
        name: ("EPOLLOUT", "EPOLLOUT"),
        shows: ("always: in level mode the server spins", "始终关注时，水平触发下服务器会空转"),
        change: Change::Turn {
            value: |p| match p.write {
                WriteInterest::OnDemand => ("on demand", "按需关注"),
                WriteInterest::Always => ("always", "始终关注"),
            },
            turn: |p, forward| turn(&mut p.write, forward),
        },
    },
    Choice {
        name: ("fairness", "公平性"),
        shows: (
            "greedy: a client that never stops sending starves the others",
            "一个不停发送的客户端会让其他客户端饥饿",
        ),
        change: Change::Number {
            value: |p, lang| match p.fairness {
                Fairness::Greedy => lang.of("greedy", "贪婪").into(),
                Fairness::RoundRobin(budget) => {
                    let budget = grouped(u64::from(budget.get()));
                    words!(lang, "round-robin, {budget} bytes a turn", "轮转，每轮 {budget} 字节")
                }
            },
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
        shows: ("when more fds are ready than fit, the ready list rotates", "就绪的 fd 放不下时，轮流报告"),
        change: Change::Number {
            value: |p, _| p.max_events.to_string(),
            unit: ("events", "个事件"),
            least: 1,
            most: Policy::MAX_EVENTS as i64,
            get: |p| i64::from(p.max_events),
            set: |p, n| p.max_events = clamped(n),
        },
    },
    Choice {
        name: ("timeout", "超时"),
        shows: ("with a limit, a wait may return an empty list", "到时返回空列表"),
        change: Change::Number {
            value: |p, lang| match p.timeout.0 {
                ..0 => lang.of("-1: no limit", "-1：无限等待").into(),
                0 => lang.of("0: ask and return", "0：查询后立即返回").into(),
                ms => format!("{} ms", grouped(u64::from(ms.unsigned_abs()))),
            },
            unit: ("ms (-1: no limit)", "ms，-1 为无限等待"),
            least: -1,
            most: i32::MAX as i64,
            get: |p| i64::from(p.timeout.0),
            set: |p, n| p.timeout = Timeout(i32::try_from(n).unwrap_or(-1)),
        },
    },
    Choice {
        name: ("out of fds", "fd 用尽"),
        shows: (
            "spin: in level mode the listener is reported without end",
            "空转时，水平触发下监听套接字会被没完没了地报告",
        ),
        change: Change::Turn {
            value: |p| match p.out_of_fds {
                OutOfFds::Mute => ("mute the listener", "暂停监听（掩码 0）"),
                OutOfFds::BackOff => ("back off for 500 ms", "退避 500 ms"),
                OutOfFds::Spare => ("turn away by a spare fd", "用备用 fd 谢绝"),
                OutOfFds::Spin => ("spin", "空转"),
            },
            turn: |p, forward| turn(&mut p.out_of_fds, forward),
        },
    },
    Choice {
        name: ("half-close", "半关闭"),
        shows: ("close: what the peer still waits for is lost", "立即关闭时，对端还在等的数据会丢失"),
        change: Change::Turn {
            value: |p| match p.half_close {
                HalfClose::Answer => ("answer, then close", "答完再关闭"),
                HalfClose::Close => ("close at once", "立即关闭"),
            },
            turn: |p, forward| turn(&mut p.half_close, forward),
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
    Choice { name: (name, name), shows, change: Change::Fault(fault, how) }
}

impl Choice {
    pub(crate) fn value(&self, policy: &Policy, lang: Lang) -> String {
        match self.change {
            Change::Fault(fault, how) if policy.has(fault) => words!(lang, "on ({})", "开（{}）", lang.pick(how)),
            Change::Fault(..) => lang.of("off", "关").to_owned(),
            Change::Turn { value, .. } => lang.pick(value(policy)).to_owned(),
            Change::Number { value, .. } => value(policy, lang),
        }
    }

    /// The unit of a number; empty for a choice that is none.
    pub(crate) fn unit(&self) -> Both {
        match self.change {
            Change::Number { unit, .. } => unit,
            Change::Turn { .. } | Change::Fault(..) => ("", ""),
        }
    }
}

fn clamped(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn turn<T: record::Choice>(value: &mut T, forward: bool) {
    let at = T::CHOICES.iter().position(|(choice, ..)| choice == value).unwrap_or(0);
    let all = T::CHOICES.len();
    *value = T::CHOICES[(at + if forward { 1 } else { all - 1 }) % all].0;
}
