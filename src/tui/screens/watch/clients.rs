//! The built-in clients of a program that is watched: they connect to its own listener.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::screen::WatchScreen;
use crate::i18n::{grouped, words};
use crate::session::{Client, ClientError, ClientId, Clients, Payload};
use crate::tui::navigator::{Notice, Question};
use crate::tui::screens::workbench::Focus;

impl WatchScreen {
    /// Where the program listens: at the listener that is selected, or else at that which it made last.
    pub(super) fn listener(&self) -> Option<SocketAddr> {
        let world = self.history.now();
        let selected = self.focus.file(world).and_then(|id| world.file(id));
        let mut all: Vec<_> =
            world.files().filter_map(|(id, file)| Some((id, file.listener()?.addr.socket_addr()?))).collect();
        all.sort_unstable();
        let selected = selected.and_then(|file| file.listener()?.addr.socket_addr());
        let addr = selected.or_else(|| all.last().map(|(_, addr)| *addr))?;
        // One that listens on all addresses is on the loopback too.
        Some(match addr {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
            addr => addr,
        })
    }

    pub(super) fn connect(&mut self) {
        let lang = self.lang;
        if self.end.is_some() {
            return self.navigator.warn(lang.of("no client: the program has ended", "无法连接客户端：程序已结束"));
        }
        let Some(addr) = self.listener() else {
            return self.navigator.warn(
                lang.of("no client: the program listens on no port yet", "无法连接客户端：程序还没有监听任何端口"),
            );
        };
        let connected = self.clients_at(addr).and_then(Clients::connect);
        match connected {
            Ok(id) => {
                self.focus = Focus::Client(id);
                self.navigator.say(words!(
                    lang,
                    "a client connects to {addr}; the kernel queues it until accept",
                    "客户端已连接 {addr}；accept 之前由内核在监听套接字上排队"
                ));
            }
            Err(error) => {
                let why = error.words(lang);
                self.navigator.warn(words!(lang, "no client: {why}", "无法连接客户端：{why}"));
            }
        }
    }

    fn clients_at(&mut self, addr: SocketAddr) -> Result<&mut Clients, ClientError> {
        if let Some(clients) = &mut self.clients {
            clients.go_to(addr);
        } else {
            let refused = |errno| ClientError::Refused { call: "epoll_create1", errno };
            self.clients = Some(Clients::new(addr, self.live.clock()).map_err(refused)?);
        }
        self.clients.as_mut().ok_or(ClientError::Gone)
    }

    pub(super) fn send(&mut self, payload: Payload, count: usize) {
        let count = grouped(count as u64);
        let what = words!(self.lang, "sends {count} bytes", "发送 {count} 字节");
        self.client_does(&what, |clients, id| clients.send(id, payload));
    }

    pub(super) fn freeze(&mut self) {
        let client = self.focus.client(self.history.now());
        let client = client.and_then(|id| self.clients.as_ref()?.client(id));
        let reading = client.is_some_and(Client::is_reading);
        let what = if reading {
            ("stops reading; the bytes that the server sends pile up", "停止读取；服务器发来的会堆积起来")
        } else {
            ("reads again", "恢复读取")
        };
        self.client_does(self.lang.pick(what), |clients, id| clients.set_reading(id, !reading));
    }

    /// Asks what to send, if the selected client can send.
    pub(super) fn ask_to_send(&mut self, question: Question, proposal: String) {
        let client = self.focus.client(self.history.now());
        if client.and_then(|id| self.clients.as_ref()?.client(id)).is_some() {
            self.navigator.ask(question, proposal);
        } else {
            self.client_does("", |_, _| Err(ClientError::Gone));
        }
    }

    /// Lets the selected client act, now, and says what it did, or why it could not.
    pub(super) fn client_does(
        &mut self,
        what: &str,
        does: impl FnOnce(&mut Clients, ClientId) -> Result<(), ClientError>,
    ) {
        let lang = self.lang;
        let was_past = self.navigator.cursor.is_past();
        self.navigator.cursor.to_now();
        let world = self.history.now();
        let client = self.focus.client(world).and_then(|id| Some((id, self.clients.as_mut()?)));
        match client {
            None => self.navigator.warn(lang.pick(if self.focus.is_outside(world) {
                ("this is an external client: it cannot be controlled here", "这是外部客户端，不受这里控制")
            } else {
                ("no client is selected: c connects one", "没有选中客户端，c 连接一个")
            })),
            Some((id, clients)) => match does(clients, id) {
                Ok(()) => self.navigator.say(words!(lang, "client {id} {what}", "客户端 {id} {what}")),
                Err(error) => {
                    let why = error.words(lang);
                    self.navigator.warn(words!(lang, "client {id}: {why}", "客户端 {id}：{why}"));
                }
            },
        }
        if let (true, Some(Notice { text, .. })) = (was_past, &mut self.navigator.notice) {
            *text = words!(lang, "back to now: {text}", "回到现在：{text}");
        }
    }
}
