//! A server and its clients, until everything is quiet.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::client::Client;
use super::server::{Server, Start};
use crate::i18n::{Lang, words};
use crate::record::{Dir, Fd, Tid};

/// So many turns in which nothing at all happens, although the server does not rest, are the end. A last resort: no
/// verdict but this follows from it. A turn in which nothing moves takes a millisecond and more.
const NOTHING: u32 = 5_000;

/// For how long all threads have to sleep, none of them in a wait on an epoll, before that is said.
const ASLEEP: Duration = Duration::from_secs(1);

/// So many turns without a client that sends or receives, though the server makes calls, are the end too.
const RESTLESS: u32 = 30_000;

/// So many waits in a row that return nothing are polling, which rests between any two as far as others can see.
const POLLS: u32 = 200;

/// So many calls in a row that return EAGAIN are a loop that waits for room or bytes, and nothing else.
const RETRIES: u32 = 1000;

/// Of a server whose calls are not seen, so many turns of a millisecond in which no byte moves are taken for rest.
const UNSEEN: u32 = 300;
/// The same where each client has all that it waits for.
const SERVED: u32 = 30;

/// How everything stands once nothing moves any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Every thread of the server sleeps, and nothing is on its way.
    Quiet,
    /// It does the same again and again, and nothing comes of it.
    Spins,
    /// It makes a call that returns EAGAIN again and again, and nobody else is served meanwhile.
    Retries,
    Hangs {
        fd: Fd,
        dir: Dir,
    },
    /// All threads sleep, and none of them in a wait on an epoll.
    Asleep,
    Ended {
        status: u32,
    },
    /// So many turns brought nothing.
    Restless,
    /// It was asked to end.
    Stopped,
}

#[derive(Debug)]
pub(super) struct Stage {
    pub(super) server: Server,
    pub(super) clients: Vec<Option<Client>>,
    pub(super) addr: SocketAddr,
    pub(super) lang: Lang,
    /// Sockets of the server before the first client.
    pub(super) sockets: usize,
    /// The number of the record at which the case began.
    pub(super) began: u64,
    /// Whoever grades wants no more.
    over: Arc<AtomicBool>,
}

impl Stage {
    /// Starts a server, and waits until it listens and rests; else the sentence why that did not come to be.
    pub(super) fn open(start: &Start, lang: Lang, over: Arc<AtomicBool>) -> Result<Self, String> {
        let started = Server::start(start);
        let server = match started {
            Ok(Ok(server)) => server,
            Ok(Err(error)) => return Err(error.words(lang)),
            Err(error) => return Err(words!(lang, "cannot start it: {error}", "无法启动：{error}")),
        };
        let addr = SocketAddr::from(([127, 0, 0, 1], server.port));
        let mut stage = Self { server, clients: Vec::new(), addr, lang, sockets: 0, began: 0, over };
        let settled = stage.settle();
        stage.check_start(settled)?;
        stage.sockets = stage.server.sockets();
        stage.began = stage.server.records.len() as u64;
        Ok(stage)
    }

    /// A server that runs already.
    pub(super) fn at(addr: SocketAddr, lang: Lang, over: Arc<AtomicBool>) -> Result<Self, String> {
        TcpStream::connect(addr)
            .map_err(|error| words!(lang, "nobody serves at {addr}: {error}", "{addr} 上没有服务：{error}"))?;
        let server = Server::running(addr.port());
        Ok(Self { server, clients: Vec::new(), addr, lang, sockets: 0, began: 0, over })
    }

    fn check_start(&mut self, settled: Settled) -> Result<(), String> {
        let (lang, port) = (self.lang, self.server.port);
        if settled == Settled::Stopped {
            return Err(self.how(settled));
        }
        let listens = self.server.listens();
        match settled {
            Settled::Ended { status: 0 } if self.server.has_left_others() => {
                return Err(words!(
                    lang,
                    "the server put itself into the background (it became a daemon); start it in the foreground",
                    "服务器转入了后台（成为守护进程）；请让它在前台运行"
                ));
            }
            Settled::Ended { status } => {
                let how = self.server.ending(status, lang);
                return Err(words!(lang, "{how}, before any client came", "{how}，当时还没有客户端"));
            }
            _ => {}
        }
        let Some(addr) = listens.iter().find(|addr| port == 0 || addr.port() == port) else {
            let Some(other) = listens.first() else {
                return Err(words!(
                    lang,
                    "the server does not listen on port {port}, and nothing more comes from it: write {{port}} in its command, read the environment variable PORT, or say --port N",
                    "服务器没有监听端口 {port}，而且再没有动静：请在命令里写 {{port}}，或读取环境变量 PORT，或用 --port N"
                ));
            };
            return Err(words!(
                lang,
                "the server listens on {other}, not on port {port}: write {{port}} in its command, read the environment variable PORT, or say --port {}",
                "服务器监听 {other}，而不是端口 {port}：请在命令里写 {{port}}，或读取环境变量 PORT，或用 --port {}",
                other.port()
            ));
        };
        self.addr = *addr;
        if self.server.world.epolls().next().is_none() {
            return Err(words!(
                lang,
                "the server makes no epoll; see epoll_create1(2)",
                "服务器没有创建 epoll；见 epoll_create1(2)"
            ));
        }
        if settled != Settled::Quiet {
            let how = self.how(settled);
            return Err(words!(lang, "{how}, before any client came", "{how}，当时还没有客户端"));
        }
        Ok(())
    }

    /// A new client, which begins to connect.
    pub(super) fn connect(&mut self, small: bool) -> io::Result<usize> {
        let seed = u8::try_from(self.clients.len() % 251).unwrap_or(0);
        let client = Client::connect(self.addr, seed, small)?;
        self.clients.push(Some(client));
        Ok(self.clients.len() - 1)
    }

    pub(super) fn steps(&mut self) -> bool {
        self.clients.iter_mut().flatten().fold(false, |moved, client| client.step() | moved)
    }

    /// Has clients and server go on until nothing moves any more.
    pub(super) fn settle(&mut self) -> Settled {
        loop {
            if let Some(settled) = self.settle_unless(|_| false) {
                return settled;
            }
        }
    }

    /// The same, but no longer than until this is the case; then `None`.
    pub(super) fn settle_unless(&mut self, is_so: impl Fn(&Self) -> bool) -> Option<Settled> {
        let (mut last, mut still, mut idle) = (Instant::now(), 0, 0);
        // Those from before say nothing of what has come since.
        self.server.tally.empty_waits = 0;
        loop {
            let stepped = self.steps();
            let moved = self.server.pump() || stepped;
            idle = if stepped { 0 } else { idle + 1 };
            still = if moved { 0 } else { still + 1 };
            if self.over.load(Ordering::Relaxed) {
                return Some(Settled::Stopped);
            }
            if is_so(self) {
                return None;
            }
            if let Some(status) = self.server.ended {
                return Some(Settled::Ended { status });
            }
            if let Some((_, fd, dir)) = self.hangs() {
                return Some(Settled::Hangs { fd, dir });
            }
            if self.server.findings.spins() {
                return Some(Settled::Spins);
            }
            if self.server.tally.retries >= RETRIES {
                return Some(Settled::Retries);
            }
            if moved {
                last = Instant::now();
            } else if self.is_quiet(still) {
                return Some(Settled::Quiet);
            } else if last.elapsed() > ASLEEP && self.server.sleeps_elsewhere() {
                return Some(Settled::Asleep);
            }
            if still > NOTHING || idle > RESTLESS {
                return Some(Settled::Restless);
            }
            if !stepped {
                self.sleep();
            }
        }
    }

    /// Until the server has more records than those, or for so long.
    pub(super) fn await_record(&mut self, seen: usize, until: Instant) {
        while self.server.records.len() == seen && Instant::now() < until && !self.over.load(Ordering::Relaxed) {
            self.server.pump();
            self.sleep();
        }
    }

    /// Until all that the clients send has arrived, as far as there is room for it.
    pub(super) fn arrive(&mut self) {
        for _ in 0..NOTHING {
            if !self.steps() && self.is_still() {
                break;
            }
            self.sleep();
        }
    }

    fn hangs(&mut self) -> Option<(Tid, Fd, Dir)> {
        // It does for good where nothing is on its way to it; what a client could do about it, it would have done.
        let hung = self.server.hung?;
        (self.is_still() && !self.steps()).then_some(hung)
    }

    fn is_still(&self) -> bool {
        self.clients.iter().flatten().all(|client| client.is_connected() && client.is_still() || client.was_reset())
    }

    /// Nothing has moved for so many turns, and nothing will.
    fn is_quiet(&mut self, still: u32) -> bool {
        if !self.is_still() {
            return false;
        }
        if !self.server.is_traced() {
            let all_served = (0..self.clients.len()).all(|id| self.has_its_echo(id));
            return still >= if all_served { SERVED } else { UNSEEN };
        }
        let rests = self.server.rests().is_some() || self.server.tally.empty_waits >= POLLS;
        // What the server did last may have reached a client meanwhile.
        rests && self.is_still() && !self.steps() && !self.server.pump()
    }

    /// Until a client can go on, for a millisecond.
    fn sleep(&mut self) {
        let mut fds: Vec<PollFd<'_>> = Vec::new();
        for client in self.clients.iter().flatten().filter(|client| !client.has_ended()) {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, client.would_read());
            flags.set(PollFlags::POLLOUT, client.sent < client.goal && !client.was_reset() || !client.is_connected());
            // Even one that is asked for nothing would report its error, again and again.
            if !flags.is_empty() {
                fds.push(PollFd::new(client.fd(), flags));
            }
        }
        let _ = poll(&mut fds, PollTimeout::from(1_u8));
    }

    /// Stops the server for a moment, and has it go on: its wait returns EINTR. signal(7)
    pub(super) fn interrupt(&mut self) {
        self.server.signal(Signal::SIGSTOP);
        for _ in 0..NOTHING {
            if matches!(self.server.state(), Some('T' | 't') | None) {
                break;
            }
            self.sleep();
        }
        self.server.signal(Signal::SIGCONT);
    }

    /// How things stand, as the beginning of a sentence.
    pub(super) fn how(&self, settled: Settled) -> String {
        let lang = self.lang;
        match settled {
            Settled::Quiet => words!(lang, "the server waits", "服务器在等待"),
            Settled::Spins => words!(lang, "the server spins", "服务器空转"),
            Settled::Retries => words!(
                lang,
                "the server makes a call that returns EAGAIN again and again, and serves nobody else meanwhile",
                "服务器反复调用同一个返回 EAGAIN 的调用，期间不为任何别的客户端服务"
            ),
            Settled::Hangs { fd, dir } => {
                let call = if dir == Dir::In { "recv" } else { "send" };
                words!(lang, "the server hangs in {call} on fd {fd}", "服务器卡在 fd {fd} 的 {call} 里")
            }
            Settled::Asleep => words!(
                lang,
                "the server sleeps in another call than epoll_wait, such as accept on a blocking listener",
                "服务器睡在 epoll_wait 以外的调用里，例如对阻塞模式的监听套接字调用 accept"
            ),
            Settled::Ended { status } => self.server.ending(status, lang),
            Settled::Stopped => words!(lang, "it was interrupted", "已被中断"),
            Settled::Restless => words!(
                lang,
                "the server did not come to rest within the turns allowed (5,000 turns without a call, 30,000 without a byte)",
                "服务器没有在限定的轮数内静止（5,000 轮没有调用，或 30,000 轮没有字节）"
            ),
        }
    }
}
