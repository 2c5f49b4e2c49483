//! The lines of a server scene.

use super::super::Diagnostic;
use super::super::POLICY;
use super::super::{Name, SceneLine};
use super::arguments::{BYTES, did_you_mean};
use super::suggest::nearest;
use super::token::Token;
use super::{Parser, verbs};
use crate::i18n::{Both, Message, message, words};
use crate::record::{Choice, Fairness, Policy, Timeout, Trigger};
use crate::session::ClientId;
use crate::trace::world::client_name;

const MAX_CLIENTS: u32 = 10_000;

impl Parser<'_> {
    pub(super) fn scene_line(&mut self, names: &[(Name, Token)], verb: &Token) -> Result<SceneLine, Diagnostic> {
        if !names.is_empty() {
            return match Self::word_of(verb) {
                "connect" => self.connect(names),
                _ => Err(self.no_such_verb(verb, true)),
            };
        }
        Ok(match Self::word_of(verb) {
            "server" if self.known.served => {
                let what = (
                    "a scene has one server; \"policy\" changes its policy",
                    "一个场景只有一个服务器；“policy”切换它的策略",
                );
                return Err(self.diagnose(verb, what));
            }
            "server" => {
                self.known.served = true;
                self.policy()?;
                SceneLine::Server(self.known.policy)
            }
            "policy" => {
                self.policy()?;
                SceneLine::Policy(self.known.policy)
            }
            "connect" => {
                let count = self.number(("clients", "客户端"))?;
                self.known.clients = self.more_clients(count, verb)?;
                SceneLine::Connect(count)
            }
            "send" => SceneLine::Send { client: self.client()?, what: self.quantity()? },
            "stop" => SceneLine::Reading { client: self.client()?, yes: false },
            "resume" => SceneLine::Reading { client: self.client()?, yes: true },
            "shutdown" => SceneLine::Shutdown(self.client()?),
            "reset" => SceneLine::Reset(self.client()?),
            "close" => SceneLine::Close(self.client()?),
            "step" => SceneLine::Step(self.maybe_number()?.unwrap_or(1)),
            "wait" => SceneLine::Wait(self.maybe_number()?.unwrap_or(1)),
            "run" => SceneLine::Run,
            "destroy" => SceneLine::Destroy,
            "limit" => SceneLine::Limit(self.number(("fds", "fd"))?),
            _ => return Err(self.no_such_verb(verb, false)),
        })
    }

    fn connect(&mut self, names: &[(Name, Token)]) -> Result<SceneLine, Diagnostic> {
        for (name, token) in names {
            let expected = client_name(self.known.clients);
            if *name != expected {
                let what = message!(
                    "clients are called a, b, c, … in the order of connecting, as on the screen: expected \"{expected}\"",
                    "客户端按连接顺序名为 a、b、c…，与屏幕上一致；这里应为“{expected}”"
                );
                return Err(self.diagnose(token, what));
            }
            self.known.clients = self.more_clients(1, token)?;
        }
        Ok(SceneLine::Connect(u32::try_from(names.len()).unwrap_or(u32::MAX)))
    }

    fn more_clients(&self, more: u32, token: &Token) -> Result<u32, Diagnostic> {
        let clients = self.known.clients.saturating_add(more);
        let fits = (clients <= MAX_CLIENTS).then_some(clients);
        fits.ok_or_else(|| {
            self.diagnose(
                token,
                message!("a scene has at most {MAX_CLIENTS} clients", "一个场景最多 {MAX_CLIENTS} 个客户端"),
            )
        })
    }

    /// The name of a client that has connected.
    pub(super) fn client(&mut self) -> Result<ClientId, Diagnostic> {
        let token = self.any_word(("the name of a client", "一个客户端的名字"))?;
        let name = Self::word_of(&token);
        let known = (0..self.known.clients).find(|ordinal| client_name(*ordinal) == name);
        known.map(ClientId).ok_or_else(|| {
            self.diagnose(
                &token,
                message!("no line above connects a client \"{name}\"", "上面没有哪一行让客户端“{name}”连接"),
            )
        })
    }

    /// The choices of a policy, on top of those before.
    pub(super) fn policy(&mut self) -> Result<(), Diagnostic> {
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            let mut policy = self.known.policy;
            match Self::word_of(&token) {
                "level" => policy.trigger = Trigger::Level,
                "edge" => policy.trigger = Trigger::Edge,
                "oneshot" => policy.oneshot = self.take_word("on") || !self.take_word("off"),
                "read" => policy.read = self.choice()?,
                "read-size" => policy.read_size = self.within(1, Policy::MAX_READ_SIZE, BYTES)?,
                "accept" => policy.accept = self.choice()?,
                "write" => policy.write = self.choice()?,
                "greedy" => policy.fairness = Fairness::Greedy,
                "budget" => {
                    let bytes = self.within(1, u32::MAX, BYTES)?;
                    policy.fairness = bytes.try_into().map_or(Fairness::Greedy, Fairness::RoundRobin);
                }
                "max-events" => policy.max_events = self.within(1, Policy::MAX_EVENTS, ("events", "个事件"))?,
                "out-of-fds" => policy.out_of_fds = self.choice()?,
                "half-close" => policy.half_close = self.choice()?,
                "fault" => policy.faults |= self.choice()?,
                "no-fault" => policy.faults -= self.choice()?,
                "timeout" => policy.timeout = Timeout(self.timeout()?),
                word => {
                    let known: Vec<&str> =
                        verbs(POLICY).map(|(choice, _)| choice).chain(["edge", "budget", "no-fault"]).collect();
                    let near = nearest(word, &known);
                    let what = Message::new(|lang| {
                        let hint = match near {
                            None => words!(
                                lang,
                                "; `epollscope lab --verbs` lists them",
                                "；`epollscope lab --verbs` 列出全部"
                            ),
                            near => did_you_mean(near, lang),
                        };
                        words!(lang, "no policy \"{word}\"", "没有“{word}”这个策略") + &hint
                    });
                    return Err(self.diagnose(&token, what));
                }
            }
            self.known.policy = policy;
        }
        Ok(())
    }

    fn choice<T: Choice>(&mut self) -> Result<T, Diagnostic> {
        let choices: Vec<(&str, T)> = T::CHOICES.iter().map(|(choice, name, _)| (*name, *choice)).collect();
        self.one_of(&choices)
    }

    pub(super) fn within(&mut self, least: u32, most: u32, unit: Both) -> Result<u32, Diagnostic> {
        let at = self.at;
        let n = self.number(unit)?;
        let token = &self.tokens[at];
        let fits = (least..=most).contains(&n).then_some(n);
        fits.ok_or_else(|| {
            self.diagnose(
                token,
                Message::new(|lang| {
                    let unit = lang.pick(unit);
                    words!(lang, "expected {least} to {most} {unit}", "这里应为 {least} 到 {most}（{unit}）")
                }),
            )
        })
    }

    /// Milliseconds, or -1.
    pub(super) fn timeout(&mut self) -> Result<i32, Diagnostic> {
        if self.tokens.get(self.at).is_some_and(|token| Self::word_of(token).starts_with('-')) {
            return self.integer(("milliseconds, or -1", "毫秒，或 -1"));
        }
        Ok(i32::try_from(self.number(("milliseconds, or -1", "毫秒，或 -1"))?).unwrap_or(i32::MAX))
    }
}
