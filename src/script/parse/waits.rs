//! The lines that wait, in the script's thread or in one of their own.

use super::super::Diagnostic;
use super::super::language::{MOST_EVENTS, Manner, REFUSED_EVENTS};
use super::super::{Name, Verb};
use super::token::{Kind, Token};
use super::{Parser, Sort};
use crate::i18n::{Both, Message, message, words};
use crate::record::{Ready, SigMask};
use crate::sys::Worker;

const EVENTS: Both = ("events", "事件");

impl Parser<'_> {
    pub(super) fn wait(&mut self, kept: Option<Name>, mut timeout: i32) -> Result<Verb, Diagnostic> {
        let epoll = self.name()?;
        let (mut max, mut manner) = (64, Manner::default());
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match Self::word_of(&token) {
                "max" => max = self.max_events()?,
                "timeout" => (timeout, manner.nanos) = self.wait_timeout()?,
                "mask" => manner.mask = Some(self.one_of_masks()?),
                "nowhere" => manner.nowhere = true,
                _ => {
                    let what = (
                        "expected \"max N\", \"timeout MS\" or \"mask ALRM\"",
                        "这里应为“max N”、“timeout MS”或“mask ALRM”",
                    );
                    return Err(self.diagnose(&token, what));
                }
            }
        }
        if manner.nowhere && (manner.nanos.is_some() || manner.mask.is_some()) {
            return Err(
                self.at_last(("\"nowhere\" goes with no mask and no nanoseconds", "“nowhere”不能与掩码或纳秒同用"))
            );
        }
        Ok(Verb::Wait { epoll, max, timeout, kept, manner })
    }

    /// Milliseconds; or nanoseconds, rounded up to milliseconds besides.
    fn wait_timeout(&mut self) -> Result<(i32, Option<u32>), Diagnostic> {
        let timeout = self.timeout()?;
        if !self.take_word("ns") {
            return Ok((timeout, None));
        }
        let nanos = u32::try_from(timeout).unwrap_or(0);
        Ok((i32::try_from(nanos.div_ceil(1_000_000)).unwrap_or(i32::MAX), Some(nanos)))
    }

    /// The signals that are blocked while a call waits.
    fn one_of_masks(&mut self) -> Result<SigMask, Diagnostic> {
        if matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Number(0), .. })) {
            self.at += 1;
            return Ok(SigMask::empty());
        }
        self.one_of(&[("ALRM", SigMask::ALRM), ("SIGALRM", SigMask::ALRM)])
    }

    /// The name of a thread or a child.
    pub(super) fn task(&mut self) -> Result<Name, Diagnostic> {
        let child = matches!(self.tokens.get(self.at), Some(Token { kind: Kind::Word(name), .. })
            if self.known.sort_of(name) == Some(Sort::Child));
        self.named(if child { Sort::Child } else { Sort::Thread })
    }

    pub(super) fn is_next(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::Word(word.to_owned()))
    }

    /// A call of a thread or a child.
    pub(super) fn asked(&mut self) -> Result<Verb, Diagnostic> {
        let verb = self.one_of(&Verb::ASKED.map(|word| (word, word)))?;
        let at = self.at;
        match verb {
            "wait" => {
                match self.wait(None, -1)? {
                    Verb::Wait { manner: Manner { nowhere: false, .. }, max, .. }
                        if (Worker::EVENTS..=i32::MAX as usize).contains(&(max as usize)) =>
                    {
                        Err(self.diagnose(
                            &self.tokens[at],
                            message!(
                                "a thread or a child has room for at most {} events",
                                "线程或子进程最多容纳 {} 个事件",
                                Worker::EVENTS
                            ),
                        ))
                    }
                    Verb::Wait { manner: Manner { nowhere: true, .. }, .. } => Err(self
                        .at_last(("\"nowhere\" is for the thread of the script", "“nowhere”只能用于脚本自己的线程"))),
                    wait => Ok(wait),
                }
            }
            "poll" => {
                let file = self.name()?;
                let asked = Ready::from_bits_truncate(self.interest()?.bits());
                let timeout = if self.take_word("timeout") { self.timeout()? } else { -1 };
                Ok(Verb::PollFor { file, asked, timeout })
            }
            _ => {
                let token = self.tokens[at - 1].clone();
                self.action(&token)
            }
        }
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
