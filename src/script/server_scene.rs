//! A server scene: the server, its clients by name, and what each line does.

use std::net::SocketAddr;
use std::time::Duration;

use super::Outcome;
use super::{Measure, Measured, Quantity, SceneLine, Value};
use crate::analysis::History;
use crate::i18n::Lang;
use crate::i18n::{Both, grouped, words};
use crate::probe::{Breakpoint, Mode, ServerState, WhenFull};
use crate::record::{Call, Policy, Record, Ret, errno_name};
use crate::server::Setup;
use crate::session::{ClientError, ClientId, Payload, Session, SessionError};
use crate::trace::world::Epoll;

/// Room in the ring, in records.
const CAPACITY: usize = 1 << 14;
/// The most calls that a line tells of.
const TOLD: usize = 6;
/// The longest that one line may take.
const LONG: Duration = Duration::from_secs(20);

const QUIET: Both = ("quiet", "一切静止");
const ENDED: Both = ("the server has closed everything and ended", "服务器关闭了全部 fd，已结束");
const DIED: Both = ("an error has ended the server", "服务器因一个错误异常退出");
const SPINS: Both = (
    "it spins: wait after wait returns reports, and the server does nothing about them",
    "它在空转，每次等待都有报告，却毫无结果",
);
const WOULD_BLOCK: Both = ("epoll_wait would block: nothing is ready", "epoll_wait 会阻塞，没有就绪的 fd");

/// The server of a scene with its clients.
pub struct ServerScene {
    session: Session,
    /// How the server stood when the last line that let it run was done.
    state: ServerState,
    /// What outcomes are worded in.
    lang: Lang,
    /// What is left of a line in whose midst a breakpoint holds the server.
    left: Option<Left>,
}

/// A line that was not done to its end.
struct Left {
    /// How many times more the server is to be let go.
    times: u32,
    /// The position at which the line began.
    from: u64,
}

impl ServerScene {
    /// A server that is held before its first call, on `listen`; port 0 is any free one.
    pub fn open(listen: SocketAddr, policy: Policy, lang: Lang) -> Result<Self, SessionError> {
        let setup = Setup { listen, policy, gate: Mode::Held, capacity: CAPACITY, when_full: WhenFull::Wait };
        let mut session = Session::open(&setup)?;
        session.go(Mode::Held, LONG)?;
        Ok(Self { session, state: ServerState::Working, lang, left: None })
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The stage alone, to go on by hand.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Has the server stopped at these, also before a line is done; run again, the line continues from there.
    pub fn break_at(&mut self, breakpoints: &[Breakpoint]) {
        self.session.break_at(breakpoints);
    }

    pub fn timeline(&self) -> &History {
        self.session.timeline()
    }

    /// How the server stood when the last line that let it run was done.
    pub fn state(&self) -> ServerState {
        self.state
    }

    pub(super) fn play(&mut self, line: &SceneLine) -> Outcome {
        let lang = self.lang;
        match line {
            SceneLine::Server(_) => Outcome::refused(lang.of("a scene has one server", "一个场景只有一个服务器")),
            SceneLine::Step(n) => self.repeat(*n, Self::step),
            SceneLine::Wait(n) => self.repeat(*n, Self::wait),
            SceneLine::Run => self.run(),
            SceneLine::Policy(policy) => {
                self.session.follow(*policy);
                let said =
                    ("the server applies it before its next epoll_wait", "服务器在下一次 epoll_wait 之前改用这个策略");
                self.look(lang.pick(said).to_owned())
            }
            SceneLine::Destroy => {
                self.session.destroy();
                let said = ("the server ends before its next epoll_wait", "服务器在下一次 epoll_wait 之前结束");
                self.look(lang.pick(said).to_owned())
            }
            SceneLine::Limit(limit) => {
                self.session.limit(*limit);
                self.look(words!(
                    lang,
                    "from its next epoll_wait on, no fd number from {limit} on is available to the server",
                    "从下一次 epoll_wait 起，服务器无法得到编号 {limit} 及以上的 fd"
                ))
            }
            SceneLine::Connect(count) => {
                match (0..*count).try_for_each(|_| self.session.clients_mut().connect().map(drop)) {
                    Ok(()) => self.look(match count {
                        1 => lang.of("1 client connected", "1 个客户端已连接").to_owned(),
                        n => words!(lang, "{} clients connected", "{} 个客户端已连接", grouped(u64::from(*n))),
                    }),
                    Err(error) => Outcome::refused(error.words(lang)),
                }
            }
            SceneLine::Send { client, what } => {
                let count = match what {
                    Quantity::Bytes(count) => *count,
                    Quantity::Text(text) => text.len(),
                };
                let bytes = grouped(count as u64);
                let s = if count == 1 { "" } else { "s" };
                let said = words!(lang, "{bytes} byte{s}", "{bytes} 字节");
                self.act(*client, &said, |session, id| session.clients_mut().send(id, payload(what)))
            }
            SceneLine::Reading { client, yes } => {
                let said = lang.pick(if *yes {
                    ("it reads again", "它恢复读取")
                } else {
                    ("it stops reading", "它停止读取")
                });
                self.act(*client, said, |session, id| session.clients_mut().set_reading(id, *yes))
            }
            SceneLine::Shutdown(client) => self.act(*client, "SHUT_WR", |session, id| session.clients_mut().end(id)),
            SceneLine::Reset(client) => {
                self.act(*client, lang.of("a reset", "已重置"), |session, id| session.clients_mut().reset(id))
            }
            SceneLine::Close(client) => {
                self.act(*client, lang.of("closed", "已关闭"), |session, id| session.clients_mut().close(id))
            }
        }
    }

    pub(super) fn measure(&self, measure: &Measure, mark: u64) -> Value {
        Measured { timeline: self.timeline(), state: self.state, mark }.measure(measure)
    }

    fn run(&mut self) -> Outcome {
        match self.session.settle_or_stop(LONG) {
            Ok(state) => self.stand(state),
            Err(error) => Outcome::refused(error.words(self.lang)),
        }
    }

    /// The server has come to stand so, in words.
    fn stand(&mut self, state: ServerState) -> Outcome {
        self.state = state;
        let lang = self.lang;
        let said = match state {
            ServerState::Quiet => QUIET,
            ServerState::Spinning => SPINS,
            ServerState::Ended => ENDED,
            ServerState::Died => DIED,
            ServerState::Hung(call) => {
                let call = call.name();
                return Outcome::done(words!(
                    lang,
                    "it hangs in {call}: the fd is blocking",
                    "它卡在 {call} 里，这个 fd 是阻塞模式的"
                ));
            }
            ServerState::Stopped(breakpoint) => return Outcome { held: Some(breakpoint), ..Outcome::done("") },
            ServerState::Working | ServerState::Before(_) | ServerState::Waiting | ServerState::Inside(_) => ("", ""),
        };
        Outcome::done(lang.pick(said))
    }

    /// The server's calls since position `from`, in a few words.
    fn calls_since(&self, from: u64) -> String {
        let (timeline, world) = (self.timeline(), self.timeline().now());
        let calls = timeline.range(from, timeline.len()).filter(|record| {
            let entered = matches!(record.call, Call::EpollWaitEnter { .. });
            record.call.is_syscall() && world.serves(record.tid) && !entered
        });
        let told: Vec<String> = calls.map(|record| told(&record.call)).collect();
        match told.len().checked_sub(TOLD) {
            None | Some(0) => told.join(", "),
            Some(more) => {
                let first = told[..TOLD].join(", ");
                words!(self.lang, "{first}, … {more} more", "{first}, … 还有 {more} 次")
            }
        }
    }

    /// Has the server do something `times` times, or as often as it can without a wait that would block without end.
    fn repeat(&mut self, times: u32, once: fn(&mut Self) -> Result<bool, SessionError>) -> Outcome {
        self.state = ServerState::Working;
        let Left { times, from } = self.left.take().unwrap_or(Left { times, from: self.timeline().len() });
        for made in 0..times {
            let done = match once(self) {
                Ok(done) => done,
                Err(error) => return Outcome::refused(error.words(self.lang)),
            };
            match self.session.state() {
                state @ (ServerState::Ended | ServerState::Died) => return self.stand(state),
                state @ ServerState::Stopped(_) => {
                    self.left = Some(Left { times: times - made - u32::from(done), from });
                    return self.stand(state);
                }
                _ if done => {}
                state @ ServerState::Hung(_) => return self.stand(state),
                _ => {
                    self.state = ServerState::Quiet;
                    if made == 0 {
                        return Outcome::done(self.lang.pick(WOULD_BLOCK));
                    }
                    let calls = self.calls_since(from);
                    return Outcome::done(words!(
                        self.lang,
                        "{calls}; then epoll_wait would block",
                        "{calls}；之后 epoll_wait 会阻塞"
                    ));
                }
            }
        }
        Outcome::done(self.calls_since(from))
    }

    /// Has the server make one system call, an epoll_wait only where it returns; whether it did.
    fn step(&mut self) -> Result<bool, SessionError> {
        if matches!(self.session.held_before(), Some(Call::EpollWaitEnter { .. })) {
            return self.wait();
        }
        self.session.go(Mode::Steps(1), LONG)?;
        Ok(true)
    }

    /// Lets the server go until an epoll_wait has returned, but not into one that would block without end; whether one
    /// has returned.
    fn wait(&mut self) -> Result<bool, SessionError> {
        let waits = |session: &Session| session.timeline().now().epoll().map_or(0, Epoll::returned_count);
        let before = waits(&self.session);
        // Where it was stopped before this wait it is let go now.
        if self.session.stopped_by().is_none() && self.session.stop_if_it_strands(LONG)? {
            return Ok(false);
        }
        self.session.go(Mode::Return, LONG)?;
        let returned = waits(&self.session) > before || self.session.is_over();
        if self.session.stopped_by().is_none() {
            // What comes later is for a later line.
            self.session.go(Mode::Held, LONG)?;
        }
        Ok(returned)
    }

    fn act(
        &mut self,
        client: ClientId,
        said: &str,
        act: impl FnOnce(&mut Session, ClientId) -> Result<(), ClientError>,
    ) -> Outcome {
        match act(&mut self.session, client) {
            Ok(()) => self.look(said.to_owned()),
            // The scene is about what becomes of clients: one that is refused has learnt something.
            Err(error) => self.look(error.words(self.lang)),
        }
    }

    /// Takes in what a client did, and has the held server asked how its fds stand now.
    fn look(&mut self, said: String) -> Outcome {
        match self.session.go(Mode::Held, LONG) {
            Ok(()) => Outcome::done(said),
            Err(error) => Outcome::refused(error.words(self.lang)),
        }
    }

    pub(super) fn close(&mut self, each: impl FnMut(&Record)) -> Result<(), SessionError> {
        self.session.close(each)
    }
}

/// A call by its name and its result.
fn told(call: &Call) -> String {
    let result = |ret: Ret| match ret.errno() {
        None => ret.raw().to_string(),
        Some(_) => errno_name(-ret.raw()),
    };
    call.ret().map_or_else(|| call.name().to_owned(), |ret| format!("{} = {}", call.name(), result(ret)))
}

fn payload(what: &Quantity) -> Payload {
    match what {
        Quantity::Bytes(count) => Payload::Pattern(*count),
        Quantity::Text(text) => Payload::Bytes(text.clone()),
    }
}
