//! The policy's choices, a row each: how it is called, what it is now, and how it is changed.

use std::num::NonZeroU32;

use super::{App, Mode, Question};
use crate::record::{Accept, Fairness, Faults, Policy, Read, Timeout, Trigger, WriteInterest};
use crate::trace::why::grouped;
use crate::ui::keys::Action;

/// One choice of the policy.
pub struct Choice {
    /// What it is called.
    pub name: &'static str,
    /// What it is in `policy`.
    pub value: fn(&Policy) -> String,
    /// What it shows, in a few words.
    pub shows: &'static str,
    change: Change,
}

enum Change {
    /// To the next or previous of its values.
    Turn(fn(&mut Policy, forward: bool)),
    /// To a number between two bounds, in this unit.
    Number { unit: &'static str, least: i64, most: i64, get: fn(&Policy) -> i64, set: fn(&mut Policy, i64) },
}

/// The choices, in the order of the design.
pub const CHOICES: &[Choice] = &[
    Choice {
        name: "trigger",
        value: |p| if p.trigger == Trigger::Level { "level".into() } else { "edge (EPOLLET)".into() },
        shows: "at every wait while ready, or when it becomes ready anew",
        change: Change::Turn(|p, _| {
            p.trigger = if p.trigger == Trigger::Level { Trigger::Edge } else { Trigger::Level }
        }),
    },
    Choice {
        name: "one-shot",
        value: |p| if p.oneshot { "on (EPOLLONESHOT)".into() } else { "off".into() },
        shows: "a report disarms its fd until EPOLL_CTL_MOD",
        change: Change::Turn(|p, _| p.oneshot = !p.oneshot),
    },
    Choice {
        name: "read",
        value: |p| {
            match p.read {
                Read::Once => "once",
                Read::Drain => "drain to EAGAIN",
                Read::DrainShort => "drain to EAGAIN or a short read",
            }
            .into()
        },
        shows: "once strands bytes in edge mode; drain does not",
        change: Change::Turn(|p, forward| {
            p.read = turn(&[Read::Once, Read::Drain, Read::DrainShort], p.read, forward);
        }),
    },
    Choice {
        name: "read size",
        value: |p| format!("{} bytes", grouped(u64::from(p.read_size))),
        shows: "how many reports one message takes",
        change: Change::Number {
            unit: "bytes",
            least: 1,
            most: Policy::MAX_READ_SIZE as i64,
            get: |p| i64::from(p.read_size),
            set: |p, n| p.read_size = clamped(n),
        },
    },
    Choice {
        name: "accept",
        value: |p| if p.accept == Accept::Once { "once".into() } else { "drain to EAGAIN".into() },
        shows: "once strands clients in edge mode; drain does not",
        change: Change::Turn(|p, _| p.accept = if p.accept == Accept::Once { Accept::Drain } else { Accept::Once }),
    },
    Choice {
        name: "EPOLLOUT",
        value: |p| if p.write == WriteInterest::OnDemand { "on demand".into() } else { "always".into() },
        shows: "always: in level mode the server spins",
        change: Change::Turn(|p, _| {
            p.write = if p.write == WriteInterest::OnDemand { WriteInterest::Always } else { WriteInterest::OnDemand };
        }),
    },
    Choice {
        name: "fairness",
        value: |p| match p.fairness {
            Fairness::Greedy => "greedy".into(),
            Fairness::RoundRobin(budget) => format!("round-robin, {} bytes a turn", grouped(u64::from(budget.get()))),
        },
        shows: "starvation by one who never stops sending",
        change: Change::Number {
            unit: "bytes a turn (0: greedy)",
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
        name: "maxevents",
        value: |p| p.max_events.to_string(),
        shows: "rotation, when more is ready than fits",
        change: Change::Number {
            unit: "events",
            least: 1,
            most: Policy::MAX_EVENTS as i64,
            get: |p| i64::from(p.max_events),
            set: |p, n| p.max_events = clamped(n),
        },
    },
    Choice {
        name: "timeout",
        value: |p| match p.timeout.0 {
            ..0 => "-1: without end".into(),
            0 => "0: ask and return".into(),
            ms => format!("{} ms", grouped(u64::from(ms.unsigned_abs()))),
        },
        shows: "the empty return",
        change: Change::Number {
            unit: "ms (-1: without end)",
            least: -1,
            most: i32::MAX as i64,
            get: |p| i64::from(p.timeout.0),
            set: |p, n| p.timeout = Timeout(i32::try_from(n).unwrap_or(-1)),
        },
    },
    Choice {
        name: "exact-match",
        value: |p| fault(p, Faults::EXACT_MATCH, "event == EPOLLIN"),
        shows: "fault: nobody acts on IN|ERR|HUP; in level mode a spin",
        change: Change::Turn(|p, _| p.faults.toggle(Faults::EXACT_MATCH)),
    },
    Choice {
        name: "close-first",
        value: |p| fault(p, Faults::CLOSE_FIRST, "close, then DEL"),
        shows: "fault: DEL is EBADF, which ends the server",
        change: Change::Turn(|p, _| p.faults.toggle(Faults::CLOSE_FIRST)),
    },
    Choice {
        name: "decode-text",
        value: |p| fault(p, Faults::DECODE_TEXT, "UTF-8, chunk by chunk"),
        shows: "fault: a character across two reads is lost",
        change: Change::Turn(|p, _| p.faults.toggle(Faults::DECODE_TEXT)),
    },
    Choice {
        name: "blocking",
        value: |p| fault(p, Faults::BLOCKING, "no O_NONBLOCK"),
        shows: "fault: one peer hangs the server in recv or send",
        change: Change::Turn(|p, _| p.faults.toggle(Faults::BLOCKING)),
    },
    Choice {
        name: "unchecked-send",
        value: |p| fault(p, Faults::UNCHECKED_SEND, "its result is ignored"),
        shows: "fault: what did not fit is lost",
        change: Change::Turn(|p, _| p.faults.toggle(Faults::UNCHECKED_SEND)),
    },
];

fn fault(policy: &Policy, fault: Faults, how: &str) -> String {
    if policy.has(fault) { format!("on ({how})") } else { "off".to_owned() }
}

impl Choice {
    /// Whether it takes a number, typed in.
    pub fn is_number(&self) -> bool {
        matches!(self.change, Change::Number { .. })
    }

    /// What the number counts; empty where it is not one.
    pub fn unit(&self) -> &'static str {
        match self.change {
            Change::Number { unit, .. } => unit,
            Change::Turn(_) => "",
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

impl App {
    pub(super) fn policy_key(&mut self, row: usize, action: Action) {
        let last = CHOICES.len() - 1;
        match action {
            Action::Up => self.mode = Mode::Policy { row: row.saturating_sub(1) },
            Action::Down => self.mode = Mode::Policy { row: (row + 1).min(last) },
            Action::Inspect | Action::ForwardCall | Action::Step => self.change(row, true),
            Action::BackCall => self.change(row, false),
            // The server and the clients can be driven while the policy is looked at.
            _ => self.act(action),
        }
    }

    fn change(&mut self, row: usize, forward: bool) {
        match CHOICES[row].change {
            Change::Turn(turn) => self.switch(|policy| turn(policy, forward)),
            Change::Number { get, .. } => self.ask(Question::Choice(row), get(self.live.policy()).to_string()),
        }
    }

    pub(super) fn answer_choice(&mut self, row: usize, answer: &str) {
        let Change::Number { unit, least, most, set, .. } = CHOICES[row].change else { return };
        match answer.replace([',', '_', ' '], "").parse() {
            Ok(n) if (least..=most).contains(&n) => self.switch(|policy| set(policy, n)),
            _ => {
                let most = grouped(most.unsigned_abs());
                self.ask_again(
                    Question::Choice(row),
                    answer,
                    format!("\"{answer}\": expected {least} to {most} {unit}"),
                );
            }
        }
    }
}
