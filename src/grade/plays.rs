//! What the clients do in each case.

mod bytes;
mod crowds;
mod ends;
mod limits;
mod slow;

use super::stage::{Settled, Stage};
use super::tally::Served;
use super::verdict::Mistake;
use crate::i18n::{grouped, words};

pub(super) use bytes::*;
pub(super) use crowds::*;
pub(super) use ends::*;
pub(super) use limits::*;
pub(super) use slow::*;

/// Why a case was not passed.
#[derive(Debug)]
pub(super) enum Miss {
    NotApplicable(String),
    Seen {
        seen: String,
        /// The client that it is about.
        client: Option<usize>,
        settled: Settled,
        /// Where it is known already which mistake it is.
        mistake: Option<Mistake>,
        unclean: bool,
    },
}

impl Miss {
    /// Seen once everything had come to rest.
    pub(super) fn of(seen: String, client: Option<usize>, mistake: Option<Mistake>) -> Self {
        Self::Seen { seen, client, settled: Settled::Quiet, mistake, unclean: false }
    }
}

pub(super) type Played = Result<(), Miss>;

/// A message of a few bytes.
const SHORT: u64 = 10;

/// More than sockets hold for a client that does not read.
const LARGE: u64 = 10_000_000;

impl Stage {
    /// Only for a server that was started here.
    pub(super) fn needs_its_process(&self) -> Played {
        if self.server.is_traced() {
            return Ok(());
        }
        let why = self.lang.of(
            "it needs the server's process and its calls, which are not seen with --connect",
            "它需要服务器的进程和调用，而用 --connect 时看不到这些",
        );
        Err(Miss::NotApplicable(why.to_owned()))
    }

    fn refused(&self, error: &std::io::Error) -> Miss {
        let lang = self.lang;
        Miss::NotApplicable(words!(lang, "no client could be made: {error}", "无法建立客户端：{error}"))
    }

    /// What the server did for a client.
    pub(super) fn served(&self, id: usize) -> Option<&Served> {
        let port = self.clients.get(id)?.as_ref()?.local.port();
        let by_port = self.server.tally.by_port(port);
        by_port.or_else(|| self.server.tally.served.get(id).filter(|served| served.port == 0))
    }

    fn client(&mut self, id: usize) -> Option<&mut super::client::Client> {
        self.clients.get_mut(id)?.as_mut()
    }

    fn open_client(&mut self) -> Result<usize, Miss> {
        self.connect(false).map_err(|error| self.refused(&error))
    }

    /// One that has small buffers and does not read.
    fn open_slow(&mut self) -> Result<usize, Miss> {
        let id = self.connect(true).map_err(|error| self.refused(&error))?;
        self.client(id).into_iter().for_each(|client| client.reads = false);
        Ok(id)
    }

    fn say(&mut self, id: usize, bytes: u64) {
        self.client(id).into_iter().for_each(|client| client.send(bytes));
    }

    fn close(&mut self, id: usize) {
        self.clients[id] = None;
    }

    fn reset(&mut self, id: usize) {
        self.clients[id].take().into_iter().for_each(super::client::Client::reset);
    }

    /// Everything comes to rest.
    fn rest(&mut self) -> Played {
        let settled = self.settle();
        if settled == Settled::Quiet {
            return Ok(());
        }
        let missing = (0..self.clients.len()).find(|id| !self.has_its_echo(*id));
        let how = self.how(settled);
        let seen = match missing {
            Some(id) => format!("{how}{}{}", self.lang.of("; ", "；"), self.echo_of(id)),
            None => how,
        };
        let unclean = settled == Settled::Spins && missing.is_none();
        Err(Miss::Seen { seen, client: missing, settled, mistake: None, unclean })
    }

    pub(super) fn has_its_echo(&self, id: usize) -> bool {
        self.clients[id].as_ref().is_none_or(|client| client.is_echoed() || !client.reads)
    }

    /// Everything comes to rest, and each client that reads has got what it sent.
    fn echoed(&mut self) -> Played {
        self.rest()?;
        match (0..self.clients.len()).find(|id| !self.has_its_echo(*id)) {
            None => Ok(()),
            Some(id) => Err(Miss::of(self.echo_of(id), Some(id), None)),
        }
    }

    /// And the server has ended its side of this one.
    fn ended(&mut self, id: usize) -> Played {
        self.echoed()?;
        let lang = self.lang;
        match self.clients[id].as_ref() {
            Some(client) if !client.has_ended() => {
                let seen = words!(
                    lang,
                    "client {} ended its side and has its whole echo, but the server does not end the connection",
                    "客户端 {} 结束了自己这一侧，也收到了全部回显，服务器却没有结束连接",
                    id + 1
                );
                Err(Miss::of(seen, Some(id), None))
            }
            _ => Ok(()),
        }
    }

    /// What came back to a client, in words.
    fn echo_of(&self, id: usize) -> String {
        let lang = self.lang;
        let Some(client) = &self.clients[id] else { return String::new() };
        let (n, sent, got) = (id + 1, grouped(client.sent), grouped(client.received));
        let s = if client.sent == 1 { "" } else { "s" };
        let mut said = if !client.is_connected() {
            words!(lang, "client {n} could not connect", "客户端 {n} 无法连接")
        } else if let Some(at) = client.wrong {
            let at = grouped(at + 1);
            words!(
                lang,
                "client {n} sent {sent} byte{s} and got {got} back, of which byte {at} is not the one it sent",
                "客户端 {n} 发出 {sent} 字节，收到 {got} 字节，其中第 {at} 字节不是它发出的"
            )
        } else {
            words!(
                lang,
                "client {n} sent {sent} byte{s} and got {got} back",
                "客户端 {n} 发出 {sent} 字节，收到 {got} 字节"
            )
        };
        if client.was_reset() {
            said += lang.of(", then a reset", "，随后连接被重置");
        } else if client.has_ended() {
            said += lang.of(", then the end of the stream", "，随后是流的末尾");
        }
        said
    }

    /// A client comes and is served, whatever was before.
    fn serves_another(&mut self) -> Played {
        let id = self.open_client()?;
        self.say(id, SHORT);
        self.echoed()
    }

    /// Holds the server between two waits, so that all that the clients do `meanwhile` comes before the next one.
    fn meanwhile<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, Miss>) -> Result<T, Miss> {
        let id = self.open_client()?;
        self.say(id, SHORT);
        self.echoed()?;
        if !self.server.is_traced() {
            // It can't be held: what it does wrong is wrong all the same, though it may be lucky.
            return act(self);
        }
        self.server.hold();
        self.say(id, SHORT);
        let awake = self.settle_unless(|stage| stage.server.is_held());
        let done = act(self);
        self.arrive();
        self.server.free();
        // It did not wake up for a client: what is wrong with it shows now.
        if awake.is_some() {
            self.echoed()?;
        }
        done
    }
}
