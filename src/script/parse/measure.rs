//! Measures, their values, and claims.

use super::super::Diagnostic;
use super::super::MEASURES;
use super::super::language::SERVER_WORDS;
use super::super::{Claim, Growth, Measure, Quantity, Value, Whose};
use super::arguments::did_you_mean;
use super::suggest::nearest;
use super::token::{Kind, Token};
use super::{Parser, Scene, Sort, verbs};
use crate::i18n::{Message, words};
use crate::record::{Ready, errno_by_name};

impl Parser<'_> {
    pub(super) fn claim(&mut self) -> Result<Claim, Diagnostic> {
        if self.take_word("nothing") {
            return Ok(Claim { measure: Measure::Events { ordered: false }, value: Value::Events(Vec::new()) });
        }
        if self.take_word("ok") {
            return Ok(Claim { measure: Measure::Result, value: Value::Result(0) });
        }
        let not = self.take_word("not");
        let at = self.at;
        let measure = if self.take_word("error") { Measure::Result } else { self.measure()? };
        if not && !measure.is_truth() {
            let token = &self.tokens[at];
            return Err(self.diagnose(
                token,
                (
                    "\"not\" stands before blocked, awake, same and order",
                    "“not”只用在 blocked、awake、same 和 order 之前",
                ),
            ));
        }
        let different = self.tokens.get(at).is_some_and(|token| Self::word_of(token) == "different");
        let value = if measure.is_truth() && self.at == self.tokens.len() {
            Value::Truth(not == different)
        } else {
            self.value(&measure)?
        };
        Ok(Claim { measure, value })
    }

    pub(super) fn measure(&mut self) -> Result<Measure, Diagnostic> {
        let word =
            self.any_word(("a measure: events, reports, received, …", "要测量的量，如 events、reports、received"))?;
        Ok(match Self::word_of(&word) {
            "events" => {
                let ordered = self.take_word("in");
                if ordered && !self.take_word("order") {
                    return Err(self.at_last(("expected \"in order\"", "这里应为“in order”")));
                }
                Measure::Events { ordered }
            }
            "count" => Measure::Count,
            "result" => Measure::Result,
            "returned" => Measure::Returned,
            "text" => Measure::Text,
            "mask" => Measure::Mask,
            "blocked" => Measure::Blocked,
            "woken" => Measure::Woken,
            "awake" => Measure::Awake(self.task()?),
            "same" | "different" => Measure::Same(self.named(Sort::Wait)?, self.named(Sort::Wait)?),
            "reports" if self.take_word("listener") => Measure::Reports(Whose::Listener),
            "reports" => Measure::Reports(Whose::Client(self.client()?)),
            "unread" => Measure::Unread(self.client()?),
            "sent" => Measure::Sent(self.client()?),
            "received" => Measure::Received(self.client()?),
            "waits" => Measure::Waits,
            "empty" => Measure::Empty,
            "calls" => Measure::Calls(self.maybe_word()),
            "order" => {
                let names = std::iter::from_fn(|| self.maybe_word()).collect::<Vec<_>>();
                if names.len() < 2 {
                    return Err(
                        self.at_last(("expected the names of two calls or more", "这里应为两个或更多调用的名字"))
                    );
                }
                Measure::Order(names)
            }
            "errors" => Measure::Errors(self.errno()?),
            "accepted" => Measure::Accepted,
            "pending" => Measure::Pending,
            "stranded" => Measure::Stranded,
            "server" => Measure::Server,
            "growth" => Measure::Growth,
            "ratio" => Measure::Ratio,
            word_said => {
                let known: Vec<&str> = verbs(MEASURES).map(|(measure, _)| measure).collect();
                let (near, known) = (nearest(word_said, &known), known.join(", "));
                let what = Message::new(|lang| {
                    let hint = match near {
                        None => words!(lang, "; the measures are {known}", "；可用的有 {known}"),
                        near => did_you_mean(near, lang),
                    };
                    words!(lang, "there is no measure \"{word_said}\"", "没有“{word_said}”这个量") + &hint
                });
                return Err(self.diagnose(&word, what));
            }
        })
    }

    pub(super) fn value(&mut self, measure: &Measure) -> Result<Value, Diagnostic> {
        Ok(match measure {
            Measure::Events { .. } if self.take_word("nothing") => Value::Events(Vec::new()),
            Measure::Events { .. } => {
                let mut events = Vec::new();
                loop {
                    events.push((self.reported()?, self.ready()?));
                    if self.tokens.get(self.at).is_none_or(|token| token.kind != Kind::Comma) {
                        break Value::Events(events);
                    }
                    self.at += 1;
                }
            }
            Measure::Mask => Value::Mask(self.ready()?),
            Measure::Result if self.take_word("ok") => Value::Result(0),
            Measure::Result => Value::Result(self.errno()?),
            measure if measure.is_truth() => Value::Truth(self.one_of(&[("yes", true), ("no", false)])?),
            Measure::Text => Value::Text(self.text()?),
            // The value of an option may be an error.
            Measure::Returned if matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Word(word), .. }) if word.starts_with('E')) => {
                Value::Number(u64::from(self.errno()?.unsigned_abs()))
            }
            Measure::Growth => Value::Growth(self.one_of(&Growth::ALL)?),
            Measure::Server => Value::Server(self.one_of(&SERVER_WORDS.map(|state| (state.0, state)))?),
            _ if self.take_word("at") => {
                let bound = self.one_of(&[("least", Value::AtLeast as fn(u64) -> Value), ("most", Value::AtMost)])?;
                bound(self.count()?)
            }
            _ => Value::Number(self.count()?),
        })
    }

    /// What a wait or poll can say.
    fn ready(&mut self) -> Result<Ready, Diagnostic> {
        let at = self.at;
        let asked = self.interest()?;
        let ready = Ready::from_bits_truncate(asked.bits());
        if ready.bits() == asked.bits() {
            return Ok(ready);
        }
        let token = &self.tokens[at];
        let what = (
            "EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE and EPOLLWAKEUP are never in a report; see epoll_ctl(2)",
            "结果里从不会有 EPOLLET、EPOLLONESHOT、EPOLLEXCLUSIVE 和 EPOLLWAKEUP，见 epoll_ctl(2)",
        );
        Err(self.diagnose(token, what))
    }

    /// Whose event it is: the name of an fd, or in a server scene of a client, or the listener.
    fn reported(&mut self) -> Result<String, Diagnostic> {
        if self.known.scene != Some(Scene::Server) {
            return self.name();
        }
        if self.take_word("listener") {
            return Ok("listener".to_owned());
        }
        self.client().map(|id| id.to_string())
    }

    fn errno(&mut self) -> Result<i32, Diagnostic> {
        let name = self.any_word(("an error by its name, such as EAGAIN", "错误的名字，如 EAGAIN"))?;
        let errno = errno_by_name(Self::word_of(&name));
        errno.ok_or_else(|| {
            self.diagnose(
                &name,
                ("no error has this name; errno(3) lists them", "没有这个名字的错误；errno(3) 列出全部"),
            )
        })
    }

    fn maybe_word(&mut self) -> Option<String> {
        let Some(Token { kind: Kind::Word(word), .. }) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(word.clone())
    }

    fn text(&mut self) -> Result<Vec<u8>, Diagnostic> {
        match self.quantity()? {
            Quantity::Text(text) => Ok(text),
            Quantity::Bytes(_) => {
                Err(self.diagnose(&self.tokens[self.at - 1], ("expected a \"text\"", "这里应为 \"文本\"")))
            }
        }
    }

    fn count(&mut self) -> Result<u64, Diagnostic> {
        match self.tokens.get(self.at) {
            Some(Token { kind: Kind::Number(n), .. }) => {
                self.at += 1;
                Ok(*n)
            }
            _ => Err(self.at_last(("expected a number", "这里应为一个数"))),
        }
    }
}
