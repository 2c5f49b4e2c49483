//! Claims in words, for those who have not learnt the language of scripts, and whether a claim can still come true.

use super::language::Whose;
use super::{Claim, Measure, Value};
use crate::i18n::{Lang, grouped, words};
use crate::record::errno_name;

impl Measure {
    /// Whether it counts what has happened, so that it never shrinks.
    fn only_grows(&self) -> bool {
        matches!(
            self,
            Self::Reports(_)
                | Self::Sent(_)
                | Self::Received(_)
                | Self::Waits
                | Self::Empty
                | Self::Calls(_)
                | Self::Order(_)
                | Self::Errors(_)
                | Self::Accepted
        )
    }
}

impl Claim {
    /// The claim that holds where this one does not, where the language has one.
    #[must_use]
    pub fn denied(&self) -> Option<Self> {
        let value = match self.value {
            Value::AtLeast(n) => Value::AtMost(n.checked_sub(1)?),
            Value::AtMost(n) => Value::AtLeast(n.checked_add(1)?),
            Value::Truth(yes) => Value::Truth(!yes),
            _ => return None,
        };
        Some(Self { measure: self.measure.clone(), value })
    }

    /// Whether it can hold no more, now that `came` was measured: a count is above its number, or what was not to happen
    /// has happened.
    pub fn is_lost(&self, came: &Value) -> bool {
        let above = match (&self.value, came) {
            (Value::Number(n) | Value::AtMost(n), Value::Number(came)) => came > n,
            (Value::Truth(wanted), Value::Truth(came)) => *came && !wanted,
            _ => false,
        };
        self.measure.only_grows() && above
    }

    /// What it claims, as people say it.
    pub fn words(&self, lang: Lang) -> String {
        let (is, no) = (&self.value, matches!(self.value, Value::Number(0) | Value::AtMost(0)));
        let yes = *is != Value::Truth(false);
        let (of, often, n) = (|unit| amount(is, unit), times(is), number(is));
        let said = is.words(lang);
        match &self.measure {
            Measure::Received(id) => {
                let bytes = of("byte");
                words!(lang, "client {id} has received {bytes}", "客户端 {id} 收到的字节数：{n}")
            }
            Measure::Sent(id) => {
                let bytes = of("byte");
                words!(lang, "client {id} has sent {bytes}", "客户端 {id} 发送的字节数：{n}")
            }
            Measure::Reports(Whose::Client(id)) => {
                words!(lang, "{id} is reported {often}", "{id} 被报告的次数：{n}")
            }
            Measure::Reports(Whose::Listener) => {
                words!(lang, "the listener is reported {often}", "监听套接字被报告的次数：{n}")
            }
            Measure::Unread(id) if no => words!(lang, "nothing of {id} is unread", "{id} 没有未读的数据"),
            Measure::Unread(id) => {
                let bytes = of("byte");
                words!(lang, "unread of {id}: {bytes}", "{id} 的未读字节数：{n}")
            }
            Measure::Waits => words!(lang, "epoll_wait returns {often}", "epoll_wait 返回的次数：{n}"),
            Measure::Empty => {
                words!(lang, "epoll_wait returns {often} without an event", "epoll_wait 空返回的次数：{n}")
            }
            Measure::Calls(Some(name)) if no => words!(lang, "without {name}", "不调用 {name}"),
            Measure::Calls(Some(name)) => words!(lang, "{name} is called {often}", "调用 {name} 的次数：{n}"),
            Measure::Calls(None) => {
                let calls = of("system call");
                words!(lang, "{calls}", "系统调用的次数：{n}")
            }
            Measure::Errors(raw) => {
                let errno = errno_name(*raw);
                words!(lang, "{errno} is returned {often}", "返回 {errno} 的次数：{n}")
            }
            Measure::Accepted => {
                let of = of("connection");
                words!(lang, "the server accepts {of}", "服务器接受的连接数：{n}")
            }
            Measure::Pending if no => lang.of("no connection waits to be accepted", "没有连接等待接受").to_owned(),
            Measure::Pending => {
                let of = of("connection");
                words!(lang, "waiting to be accepted: {of}", "等待接受的连接数：{n}")
            }
            Measure::Stranded if no => lang.of("nothing is stranded", "没有滞留").to_owned(),
            Measure::Stranded => {
                let of = of("fd");
                words!(lang, "stranded: {of}", "滞留的 fd 数：{n}")
            }
            Measure::Order(names) => {
                let names = names.join(lang.of(", ", "、"));
                if yes {
                    words!(lang, "in this order: {names}", "依次调用 {names}")
                } else {
                    words!(lang, "not in this order: {names}", "没有依次调用 {names}")
                }
            }
            Measure::Server => words!(lang, "the server: {said}", "服务器：{said}"),
            Measure::Events { .. } if *is == Value::Events(Vec::new()) => {
                lang.of("the last wait reports no event", "最后一次等待不报告任何事件").to_owned()
            }
            Measure::Events { .. } => words!(lang, "the last wait reports {said}", "最后一次等待报告 {said}"),
            Measure::Count => {
                let of = of("event");
                words!(lang, "the last wait returns {of}", "最后一次等待返回的事件数：{n}")
            }
            Measure::Result if *is == Value::Result(0) => {
                lang.of("the last call succeeds", "最后一次调用成功").to_owned()
            }
            Measure::Result => words!(lang, "the last call fails with {said}", "最后一次调用失败：{said}"),
            Measure::Returned => words!(lang, "the last call returns {said}", "最后一次调用返回 {said}"),
            Measure::Text => words!(lang, "the bytes read are {said}", "读到的字节是 {said}"),
            Measure::Mask => words!(lang, "the last poll says {said}", "最后一次 poll 报告 {said}"),
            Measure::Blocked if yes => lang.of("the last call blocks", "最后一次调用阻塞").to_owned(),
            Measure::Blocked => lang.of("the last call does not block", "最后一次调用不阻塞").to_owned(),
            Measure::Woken => words!(lang, "threads woken: {said}", "唤醒的线程：{said}"),
            Measure::Awake(name) if yes => words!(lang, "{name} is in no call", "{name} 不在任何调用中"),
            Measure::Awake(name) => words!(lang, "{name} is in a call", "{name} 在一次调用中"),
            Measure::Same(a, b) if yes => words!(lang, "{a} and {b} return the same", "{a} 与 {b} 返回相同的事件"),
            Measure::Same(a, b) => words!(lang, "{a} and {b} differ", "{a} 与 {b} 返回不同的事件"),
            Measure::Growth => words!(lang, "the cost of a wait: {said}", "一次等待的代价：{said}"),
            Measure::Ratio => words!(lang, "the ratio of the costs: {said}", "代价之比：{said}"),
        }
    }
}

/// A number with its unit: `at least 3,000 bytes`.
fn amount(value: &Value, unit: &str) -> String {
    let s = |n: u64| if n == 1 { "" } else { "s" };
    match *value {
        Value::Number(0) | Value::AtMost(0) => format!("no {unit}"),
        Value::Number(1) => format!("1 {unit}"),
        Value::Number(n) => format!("exactly {} {unit}s", grouped(n)),
        Value::AtLeast(n) => format!("at least {} {unit}{}", grouped(n), s(n)),
        Value::AtMost(n) => format!("at most {} {unit}{}", grouped(n), s(n)),
        _ => value.words(Lang::En),
    }
}

/// How often: `once`, `at most 2 times`.
fn times(value: &Value) -> String {
    let times = |n: u64| if n == 1 { "once".to_owned() } else { format!("{} times", grouped(n)) };
    match *value {
        Value::Number(0) | Value::AtMost(0) => "never".to_owned(),
        Value::Number(1) => times(1),
        Value::Number(n) => format!("exactly {}", times(n)),
        Value::AtLeast(n) => format!("at least {}", times(n)),
        Value::AtMost(n) => format!("at most {}", times(n)),
        _ => value.words(Lang::En),
    }
}

/// A number with its bound, in Chinese.
fn number(value: &Value) -> String {
    match *value {
        Value::Number(n) => format!("恰好 {}", grouped(n)),
        Value::AtLeast(n) => format!("至少 {}", grouped(n)),
        Value::AtMost(n) => format!("至多 {}", grouped(n)),
        _ => value.words(Lang::Zh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ClientId;

    #[test]
    fn a_claim_is_said_in_words() {
        let a = ClientId(0);
        let said = |measure: Measure, value: Value| {
            let claim = Claim { measure, value };
            [Lang::En, Lang::Zh].map(|lang| claim.words(lang))
        };
        let received = said(Measure::Received(a), Value::AtLeast(3000));
        assert_eq!(received, ["client a has received at least 3,000 bytes", "客户端 a 收到的字节数：至少 3,000"]);
        let reported = said(Measure::Reports(Whose::Client(a)), Value::Number(1));
        assert_eq!(reported, ["a is reported once", "a 被报告的次数：恰好 1"]);
        assert_eq!(said(Measure::Unread(a), Value::Number(0)), ["nothing of a is unread", "a 没有未读的数据"]);
        let none = said(Measure::Calls(Some("epoll_ctl".to_owned())), Value::AtMost(0));
        assert_eq!(none, ["without epoll_ctl", "不调用 epoll_ctl"]);
    }

    #[test]
    fn only_what_can_no_longer_come_true_is_lost() {
        let claim = |measure, value| Claim { measure, value };
        let accepted = claim(Measure::Accepted, Value::Number(1));
        assert!(!accepted.is_lost(&Value::Number(1)) && accepted.is_lost(&Value::Number(2)));
        assert!(!claim(Measure::Accepted, Value::AtLeast(1)).is_lost(&Value::Number(2)));
        // What waits now may be fewer later.
        assert!(!claim(Measure::Pending, Value::Number(0)).is_lost(&Value::Number(2)));
        let never = claim(Measure::Calls(None), Value::AtLeast(1)).denied().expect("a bound");
        assert!(!never.is_lost(&Value::Number(0)) && never.is_lost(&Value::Number(1)));
    }
}
