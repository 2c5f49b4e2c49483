//! The lab: epoll by hand, a call a line, on real fds of any kind.

mod calls;
mod check;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use super::language::{Line, Name, Verb};
use crate::kernel::{self, Epoll, Errno, number};
use crate::probe::{Clock, Notebook, Tap};
use crate::record::{Fd, Ready, Record};
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

/// What a line came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The call with its result, or what was checked.
    pub said: String,
    /// Why the script ends here, if it does.
    pub stop: Option<Stop>,
}

/// Why a script ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An `expect` did not come true; what came instead.
    Failed(String),
    /// A call that makes an fd failed, so that the lines below can't be done.
    NoFd(String),
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

    /// Does one line; gives each record of it to `each`, numbered.
    pub fn run(&mut self, line: &Line, mut each: impl FnMut(&Record)) -> Outcome {
        let outcome = match &line.verb {
            Verb::Expect(expect) => self.check(expect),
            verb => self.call(verb),
        };
        self.note(&mut each);
        // How all files stand after the call; no part of the script, but of what its trace tells.
        let files: Vec<Fd> = self.held.values().filter_map(Held::to_sample).collect();
        for said in files.into_iter().filter_map(|fd| kernel::sample(fd).ok()) {
            self.tap.say(said);
        }
        self.note(&mut each);
        outcome
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

    /// The event list of the last wait, by the names of the registrations.
    pub fn events(&self) -> &[(Name, Ready)] {
        &self.last.events
    }

    fn note(&mut self, each: &mut impl FnMut(&Record)) {
        for record in self.tap.sink().take() {
            self.timeline.push(record);
            let position = self.timeline.len() - 1;
            self.timeline.range(position, position + 1).for_each(&mut *each);
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
