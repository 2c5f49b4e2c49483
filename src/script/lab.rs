//! The lab: epoll by hand, a call a line, on real fds of any kind.

mod calls;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use super::language::{Measure, Name, Value, Verb};
use super::play::Outcome;
use crate::kernel::{self, Epoll, Errno, number};
use crate::probe::{Clock, Notebook, Tap};
use crate::record::{Fd, Ready};
use crate::trace::Timeline;

/// What a name stands for.
enum Held {
    Epoll(Epoll),
    /// A TCP socket, on which recv and send are used.
    Tcp(OwnedFd),
    Listener(OwnedFd),
    /// Anything else, on which read and write are.
    Other(OwnedFd),
}

/// What the last action came to, for `expect`.
#[derive(Debug)]
struct Last {
    /// What it returned, or moved in bytes.
    result: Result<u64, Errno>,
    /// The event list of the last wait.
    events: Vec<(Name, Ready)>,
    /// What the last poll said.
    mask: Ready,
}

/// A script's fds, and what has happened to them.
pub struct Lab {
    tap: Tap<Notebook>,
    timeline: Timeline,
    held: BTreeMap<Name, Held>,
    /// What closed names stood for: a script may use them, to see what the kernel says.
    closed: BTreeMap<Name, Fd>,
    /// The names and fds of registrations, by the upper half of their token.
    registered: Vec<(Name, Fd)>,
    last: Last,
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

impl Lab {
    /// A lab without fds.
    pub fn new() -> Self {
        Self {
            tap: Tap::new(Notebook::new(Clock::start())),
            timeline: Timeline::default(),
            held: BTreeMap::new(),
            closed: BTreeMap::new(),
            registered: Vec::new(),
            last: Last { result: Ok(0), events: Vec::new(), mask: Ready::empty() },
        }
    }

    /// All that has happened.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Makes the calls of one line.
    pub(super) fn call(&mut self, verb: &Verb) -> Outcome {
        let outcome = self.make_call(verb);
        self.note();
        // How all files stand after the call; no part of the script, but of what its trace tells.
        let files: Vec<Fd> = self.held.values().filter_map(Held::to_sample).collect();
        for said in files.into_iter().filter_map(|fd| kernel::sample(fd).ok()) {
            self.tap.say(said);
        }
        self.note();
        outcome
    }

    /// What this kind of scene can tell of `measure`, beside what is counted.
    pub(super) fn measure(&self, measure: &Measure) -> Option<Value> {
        let last = &self.last;
        Some(match measure {
            Measure::Events { .. } => Value::Events(last.events.clone()),
            Measure::Count => Value::Number(last.events.len() as u64),
            Measure::Result => Value::Result(last.result.err().map_or(0, |errno| errno as i32)),
            Measure::Returned => match last.result {
                Ok(n) => Value::Number(n),
                Err(errno) => Value::Result(errno as i32),
            },
            Measure::Mask => Value::Mask(last.mask),
            _ => return None,
        })
    }

    /// What a wait on `epoll` would report now, in order, as far as it can be inferred from what has happened.
    pub fn due(&self, epoll: &str) -> Vec<(Name, Ready)> {
        let world = self.timeline.now();
        let Some(Held::Epoll(object)) = self.held.get(epoll) else { return Vec::new() };
        let Some(inferred) = world.epolls().find(|inferred| inferred.fd == number(object)) else { return Vec::new() };
        world.due(inferred).map(|(item, mask)| (self.registered_as(item.fd), mask)).collect()
    }

    /// The name that the last registration of `fd` was made under.
    fn registered_as(&self, fd: Fd) -> Name {
        let named = self.registered.iter().rev().find(|(_, number)| *number == fd);
        named.map_or_else(|| fd.to_string(), |(name, _)| name.clone())
    }

    /// The names of fds: those that they were registered under, and those of all others that are open.
    pub fn names(&self) -> Vec<(Fd, Name)> {
        let registered = self.registered.iter().rev().map(|(name, fd)| (*fd, name.clone()));
        registered.chain(self.held.iter().map(|(name, held)| (held.number(), name.clone()))).collect()
    }

    /// The event list of the last wait, by the names of the registrations.
    pub fn events(&self) -> &[(Name, Ready)] {
        &self.last.events
    }

    fn note(&mut self) {
        for record in self.tap.sink().take() {
            self.timeline.push(record);
        }
    }

    fn name_of(&self, fd: Fd) -> String {
        let named = self.held.iter().find(|(_, held)| held.number() == fd).map(|(name, _)| name.clone());
        named.unwrap_or_else(|| fd.to_string())
    }
}

impl Held {
    fn number(&self) -> Fd {
        match self {
            Self::Epoll(epoll) => number(epoll),
            Self::Tcp(fd) | Self::Listener(fd) | Self::Other(fd) => number(fd),
        }
    }

    fn to_sample(&self) -> Option<Fd> {
        matches!(self, Self::Tcp(_) | Self::Other(_)).then(|| self.number())
    }
}
