//! The lab: epoll by hand, a call a line, on real fds of any kind.

mod bounded;
mod buffer;
mod bytes;
mod calls;
mod fin;
mod folder;
mod kinds;
mod make;
mod names;
mod oddities;
mod requests;
mod scale;
mod sockets;
mod task;
mod threads;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::os::fd::OwnedFd;
use std::time::Duration;

use super::Lists;
use super::limit::FdLimit;
use super::{Growth, Measure, Name, Value, Verb};
use super::{Outcome, Stop};
use crate::analysis::History;
use crate::i18n::Lang;
use crate::i18n::words;
use crate::probe::{Clock, Tap, VecSink};
use crate::record::{Call, Chunk, Fd, Ready, Tid};
use crate::script::lab::bounded::Taken;
use crate::script::lab::folder::Folder;
use crate::script::lab::task::Task;
use crate::sys::{self, Errno, number};
use crate::trace::world::{Epoll, FileId, Item};

/// What a name stands for.
enum Held {
    Epoll(OwnedFd),
    /// A TCP socket, on which recv and send are used.
    Tcp(OwnedFd),
    Listener(OwnedFd),
    /// Anything else, on which read and write are.
    Other(OwnedFd),
}

/// What the last action since the last mark came to, for `expect`; `None` where there was none.
#[derive(Debug, Default)]
struct Last {
    /// What it returned, or moved in bytes.
    result: Option<Result<u64, Errno>>,
    /// The event list of the last wait.
    events: Option<Vec<(Name, Ready)>>,
    /// What the last poll said.
    mask: Option<Ready>,
    /// The bytes that the last reading verb got.
    text: Option<Vec<u8>>,
    /// How long the last call waited until it was interrupted, if it had to be.
    blocked: Option<Duration>,
}

/// What one wait costs with few and with many idle connections, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scaled {
    few: u64,
    many: u64,
    growth: Growth,
}

/// What was read from an fd into user space, and not taken yet.
struct Buffer {
    file: Name,
    /// How much it reads at once.
    size: u32,
    bytes: VecDeque<u8>,
}

/// What a registration is known by: its epoll, the fd, and the file behind it.
type Key = (FileId, Fd, FileId);

/// A script's fds, and what has happened to them.
pub struct Lab {
    /// What outcomes are worded in.
    lang: Lang,
    clock: Clock,
    tap: Tap<VecSink>,
    timeline: History,
    /// Threads and children, which go before the fds.
    tasks: BTreeMap<Name, Task>,
    /// The numbers of the children, also of those that have ended.
    pids: BTreeMap<Name, Tid>,
    folder: Folder,
    held: BTreeMap<Name, Held>,
    /// Those of them whose side of a TCP stream has ended, and whose peer has not acknowledged it yet.
    ending: BTreeSet<Fd>,
    /// Further names of what `held` has.
    aliases: BTreeMap<Name, Name>,
    /// What closed names stood for: a script may use them, to see what the kernel says.
    closed: BTreeMap<Name, Fd>,
    /// The registrations, by the upper half of their token: the name that each was made under, and its key.
    registered: Vec<(Name, Option<Key>)>,
    last: Last,
    /// Buffers in user space.
    buffers: BTreeMap<Name, Buffer>,
    /// Event lists by the names that they were given.
    kept: BTreeMap<Name, Vec<(Name, Ready)>>,
    /// What the last `scale` measured.
    scaled: Option<Scaled>,
    taken: Taken,
    limit: FdLimit,
    /// SIGUSR2 is blocked.
    signals: bool,
    /// SIGALRM is blocked in the thread of the script.
    alarm_blocked: bool,
}

impl Lab {
    /// A lab without fds, which says in `lang` what each line came to.
    pub fn new(lang: Lang) -> Self {
        let clock = Clock::start();
        Self {
            lang,
            clock,
            tap: Tap::new(VecSink::new(clock)),
            timeline: History::default(),
            tasks: BTreeMap::new(),
            pids: BTreeMap::new(),
            folder: Folder::default(),
            held: BTreeMap::new(),
            aliases: BTreeMap::new(),
            closed: BTreeMap::new(),
            registered: Vec::new(),
            last: Last::default(),
            ending: BTreeSet::new(),
            buffers: BTreeMap::new(),
            kept: BTreeMap::new(),
            scaled: None,
            taken: Taken::default(),
            limit: FdLimit::default(),
            signals: false,
            alarm_blocked: false,
        }
    }

    /// All that has happened.
    pub fn timeline(&self) -> &History {
        &self.timeline
    }

    /// Makes the calls of one line.
    pub(super) fn call(&mut self, verb: &Verb) -> Outcome {
        self.last.blocked = None;
        if let Some(why) = self.not_called(verb) {
            self.last = Last::default();
            return Outcome::done(why);
        }
        let stale = self.stale(verb);
        let mut outcome = self.make_call(verb);
        outcome.said.push_str(&stale);
        self.look_at_files();
        // A thread that came back saw the files as the samples do, so its return comes behind them.
        outcome.said.push_str(&self.settle_threads());
        if self.settle_ends() {
            self.look_at_files();
            outcome.said.push_str(&self.settle_threads());
        }
        if let Some(time) = self.last.blocked {
            let ms = time.as_millis();
            let blocked =
                words!(self.lang, "; it blocked and was interrupted after {ms} ms", "；它阻塞了，{ms} ms 后被中断");
            outcome.said.push_str(&blocked);
        }
        outcome.stop = outcome.stop.or_else(|| self.taken.beyond(self.lang).map(Stop::Refused));
        outcome
    }

    /// How all files stand after a call; no part of the script, but of what its trace tells.
    fn look_at_files(&mut self) {
        self.note();
        self.settle_ptys();
        let files: Vec<Fd> = self.held.values().filter_map(Held::to_sample).collect();
        let listeners = self.held.values().filter(|held| matches!(held, Held::Listener(_))).map(Held::number);
        let listeners: Vec<Fd> = listeners.collect();
        for fd in files {
            self.ask_drops(fd);
            // A listener of AF_UNIX has no depths.
            let ready = || sys::poll(fd).map(|ready| Call::Sample { fd, unread: 0, unsent: 0, ready });
            if let Ok(said) = sys::sample(fd).or_else(|_| ready()) {
                self.tap.say(said);
            }
        }
        for fd in listeners {
            self.ask_backlog(fd);
        }
        self.note();
    }

    /// What was done before is nobody's last action any more.
    pub(super) fn mark(&mut self) {
        self.last = Last::default();
    }

    /// What this kind of scene can tell of `measure`, beside what is counted.
    pub(super) fn measure(&self, measure: &Measure, mark: u64) -> Option<Value> {
        let last = &self.last;
        Some(match measure {
            Measure::Events { .. } => last.events.clone().map_or(Value::Unmeasured, Value::Events),
            Measure::Count => {
                last.events.as_ref().map_or(Value::Unmeasured, |events| Value::Number(events.len() as u64))
            }
            Measure::Result => last
                .result
                .map_or(Value::Unmeasured, |result| Value::Result(result.err().map_or(0, |errno| errno as i32))),
            Measure::Returned => match last.result {
                None => Value::Unmeasured,
                Some(Ok(n)) => Value::Number(n),
                Some(Err(errno)) => Value::Result(errno as i32),
            },
            Measure::Text => last.text.clone().map_or(Value::Unmeasured, Value::Text),
            Measure::Mask => last.mask.map_or(Value::Unmeasured, Value::Mask),
            Measure::Blocked => last.result.map_or(Value::Unmeasured, |_| Value::Truth(last.blocked.is_some())),
            Measure::Woken => Value::Number(self.woken(mark)),
            Measure::Awake(thread) => {
                let thread = self.tasks.get(thread);
                Value::Truth(thread.is_some_and(|thread| !thread.is_busy()))
            }
            Measure::Same(a, b) => {
                let [a, b] = [a, b].map(|name| self.kept.get(name).cloned().unwrap_or_default());
                let lists = Measure::Events { ordered: false };
                Value::Truth(lists.agrees(&Value::Events(a), &Value::Events(b)))
            }
            Measure::Growth => self.scaled.map_or(Value::Unmeasured, |scaled| Value::Growth(scaled.growth)),
            Measure::Ratio => Value::Number(self.scaled.map_or(0, Scaled::ratio)),
            _ => return None,
        })
    }

    /// What a wait on `epoll` would report now, in order, as far as it can be inferred from what has happened.
    pub fn due(&self, epoll: &str) -> Vec<(Name, Ready)> {
        let world = self.timeline.now();
        let Some(Held::Epoll(object)) = self.held.get(self.aliases.get(epoll).map_or(epoll, |real| real)) else {
            return Vec::new();
        };
        let Some((id, inferred)) = self.inferred(number(object)) else { return Vec::new() };
        world.due(inferred).map(|(item, mask)| (self.registered_as(id, item), mask)).collect()
    }

    /// The lists of each epoll that is open, by name.
    pub fn lists(&self) -> Vec<Lists> {
        let world = self.timeline.now();
        let epolls = self.held.iter().filter(|(_, held)| matches!(held, Held::Epoll(_)));
        let inferred = epolls.filter_map(|(name, held)| Some((name, self.inferred(held.number())?)));
        inferred.map(|(name, (id, epoll))| Lists::of(world, name, epoll, |item| self.shown_as(id, item))).collect()
    }

    /// What is known of an epoll.
    fn inferred(&self, epfd: Fd) -> Option<(FileId, &Epoll)> {
        let (world, tid) = (self.timeline.now(), sys::gettid());
        Some((world.file_of(tid, epfd)?.0, world.epoll_at(tid, epfd)?))
    }

    /// The name that a registration was made under.
    fn registered_as(&self, epoll: FileId, item: &Item) -> Name {
        let key = (epoll, item.fd, item.file);
        let named = self.registered.iter().rev().find(|(_, of)| *of == Some(key));
        named.map_or_else(|| item.fd.to_string(), |(name, _)| name.clone())
    }

    /// The same, marked where it is a ghost's.
    fn shown_as(&self, epoll: FileId, item: &Item) -> Name {
        let ghost = self.timeline.now().is_ghost(item);
        self.registered_as(epoll, item) + if ghost { self.lang.of(" (ghost)", "（幽灵）") } else { "" }
    }

    /// Puts into the records what the script calls this fd, unless they say so already.
    fn tell_name(&mut self, name: &Name, fd: Fd) {
        let chunk = Chunk::of_text(name);
        if self.timeline.now().called_by(sys::gettid(), fd) != Some(chunk) {
            self.tap.say(Call::Name { fd, name: chunk });
        }
    }

    /// The event list of the last wait, by the names of the registrations.
    pub fn events(&self) -> &[(Name, Ready)] {
        self.last.events.as_deref().unwrap_or_default()
    }

    /// An event list by the names of the registrations.
    fn by_name(&self, events: &[(u64, Ready)]) -> Vec<(Name, Ready)> {
        let name = |token: u64| {
            let index = usize::try_from(token >> 32).unwrap_or(usize::MAX);
            self.registered.get(index).map(|(name, _)| name.clone()).unwrap_or_default()
        };
        events.iter().map(|&(token, ready)| (name(token), ready)).collect()
    }

    fn note(&mut self) {
        for record in self.tap.sink().take() {
            self.timeline.push(record);
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.tasks.clear();
        self.held.clear();
        if self.alarm_blocked {
            sys::forget_alarm();
        }
        if self.signals {
            sys::forget_raised();
        }
    }
}

impl Held {
    fn into_fd(self) -> OwnedFd {
        match self {
            Self::Epoll(fd) | Self::Tcp(fd) | Self::Listener(fd) | Self::Other(fd) => fd,
        }
    }

    fn number(&self) -> Fd {
        match self {
            Self::Epoll(fd) | Self::Tcp(fd) | Self::Listener(fd) | Self::Other(fd) => number(fd),
        }
    }

    fn to_sample(&self) -> Option<Fd> {
        matches!(self, Self::Tcp(_) | Self::Other(_)).then(|| self.number())
    }
}
