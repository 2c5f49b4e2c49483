//! The lines that wait, in the script's thread or in one of their own.

use super::super::Diagnostic;
use super::super::language::{MOST_EVENTS, REFUSED_EVENTS};
use super::super::{Name, Verb};
use super::Parser;
use super::token::{Kind, Token};
use crate::i18n::{Both, Message, words};

const EVENTS: Both = ("events", "事件");

impl Parser<'_> {
    pub(super) fn wait(&mut self, kept: Option<Name>, mut timeout: i32) -> Result<Verb, Diagnostic> {
        let epoll = self.name()?;
        let (mut max, mut nowhere) = (64, false);
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match Self::word_of(&token) {
                "max" => max = self.max_events()?,
                "timeout" => timeout = self.timeout()?,
                "nowhere" => nowhere = true,
                _ => {
                    let what = ("expected \"max N\" or \"timeout MS\"", "这里应为“max N”或“timeout MS”");
                    return Err(self.diagnose(&token, what));
                }
            }
        }
        Ok(Verb::Wait { epoll, max, timeout, kept, nowhere })
    }

    /// A number of events as the kernel's int has it: also one that makes no sense.
    fn max_events(&mut self) -> Result<u32, Diagnostic> {
        let at = self.at;
        let max = self.integer(EVENTS)?.cast_unsigned();
        if (MOST_EVENTS + 1..=REFUSED_EVENTS).contains(&max) {
            let what = Message::new(|lang| {
                words!(
                    lang,
                    "at most {MOST_EVENTS} events have room here; with more than {REFUSED_EVENTS} epoll_wait fails: EINVAL",
                    "这里最多容纳 {MOST_EVENTS} 个事件；超过 {REFUSED_EVENTS} 时 epoll_wait 以 EINVAL 失败"
                )
            });
            return Err(self.diagnose(&self.tokens[at], what));
        }
        Ok(max)
    }

    /// A number that may be less than 0.
    pub(super) fn integer(&mut self, unit: Both) -> Result<i32, Diagnostic> {
        let number = match self.tokens.get(self.at) {
            Some(Token { kind: Kind::Number(n), .. }) => i32::try_from(*n).ok(),
            Some(Token { kind: Kind::Word(word), .. }) => word.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| {
            self.at_last(Message::new(|lang| {
                let unit = lang.pick(unit);
                words!(lang, "expected a number of {unit}", "这里应为一个数（{unit}）")
            }))
        })?;
        self.at += 1;
        Ok(number)
    }
}
