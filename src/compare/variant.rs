//! One variant: its server and clients, its records, and how it stood after each step.

use super::VariantSpec;
use super::canonical::{Canonical, sort_fdinfo};
use crate::analysis::History;
use crate::probe::ServerState;
use crate::record::{Call, Policy};
use crate::script::{Quantity, SceneLine};
use crate::session::{ClientError, Clients, Go, Lockstep, Payload, SessionError};
use crate::sys;

/// A server of one policy, with clients of its own.
pub struct Variant {
    spec: VariantSpec,
    /// What it follows now: the scene's policy, changed by the variant's own words.
    policy: Policy,
    first_policy: Policy,
    pub(super) lockstep: Lockstep,
    canonical: Canonical,
    timeline: History,
    /// The positions at the end of each step.
    ends: Vec<u64>,
    stood: Vec<Result<ServerState, SessionError>>,
}

impl Variant {
    /// Starts its server, which is held before its first call.
    pub(super) fn open(spec: VariantSpec, scene: Policy) -> Result<Self, SessionError> {
        let policy = spec.policy(scene);
        let lockstep = Lockstep::open(policy)?;
        let mut canonical = Canonical::new(lockstep.session().addr(), sys::gettid());
        canonical.step(1);
        let mut variant = Self {
            spec,
            policy,
            first_policy: policy,
            lockstep,
            canonical,
            timeline: History::default(),
            ends: Vec::new(),
            stood: Vec::new(),
        };
        variant.take_in();
        Ok(variant)
    }

    /// Its name, as `--against` has it.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub fn first_policy(&self) -> &Policy {
        &self.first_policy
    }

    /// The call that its server is held before, after the last step that was played.
    pub fn held_before(&self) -> Option<Call> {
        self.lockstep.session().held_before()
    }

    /// Its records in [canonical](super::canonical) form.
    pub fn timeline(&self) -> &History {
        &self.timeline
    }

    /// The positions at which step `i` begins and ends; from 0.
    pub fn step(&self, i: usize) -> (u64, u64) {
        let end = |i: usize| self.ends.get(i).copied().unwrap_or(self.timeline.len());
        (if i == 0 { 0 } else { end(i - 1) }, end(i))
    }

    /// How it stood after step `i`, or why it did not come to rest in time; it is left alone from there on.
    pub fn stood(&self, i: usize) -> Option<&Result<ServerState, SessionError>> {
        self.stood.get(i)
    }

    pub(super) fn play<'a>(&mut self, lines: impl Iterator<Item = &'a SceneLine>) {
        self.canonical.step(self.ends.len() + 1);
        let lost = self.stood.last().and_then(|stood| stood.clone().err());
        let stood = lost.map_or_else(|| self.lines(lines), Err);
        self.take_in();
        self.ends.push(self.timeline.len());
        self.stood.push(stood);
    }

    fn lines<'a>(&mut self, lines: impl Iterator<Item = &'a SceneLine>) -> Result<ServerState, SessionError> {
        let mut stood = match self.stood.last() {
            Some(Ok(stood @ (ServerState::Hung(_) | ServerState::Died | ServerState::Ended))) => *stood,
            _ => self.lockstep.session().state(),
        };
        for line in lines {
            stood = self.line(line)?.unwrap_or(stood);
        }
        Ok(stood)
    }

    /// Plays a line; how the server stands, if the line let it run.
    fn line(&mut self, line: &SceneLine) -> Result<Option<ServerState>, SessionError> {
        // A client may be refused, because its server is dead or it has left: its records tell of that.
        let mut act = |act: &dyn Fn(&mut Clients) -> Result<(), ClientError>| {
            let _ = self.lockstep.act(|clients| act(clients))?;
            Ok(None)
        };
        match line {
            SceneLine::Server(_) => Ok(None),
            SceneLine::Limit(fds) => {
                self.lockstep.limit(*fds)?;
                Ok(None)
            }
            SceneLine::Policy(scene) => {
                self.policy = self.spec.policy(*scene);
                self.lockstep.follow(self.policy)?;
                Ok(None)
            }
            SceneLine::Destroy => {
                self.lockstep.destroy()?;
                Ok(None)
            }
            SceneLine::Connect(count) => act(&|clients| (0..*count).try_for_each(|_| clients.connect().map(drop))),
            SceneLine::Send { client, what } => act(&|clients| clients.send(*client, payload(what))),
            SceneLine::Reading { client, yes } => act(&|clients| clients.set_reading(*client, *yes)),
            SceneLine::Shutdown(client) => act(&|clients| clients.end(*client)),
            SceneLine::Reset(client) => act(&|clients| clients.reset(*client)),
            SceneLine::Close(client) => act(&|clients| clients.close(*client)),
            SceneLine::Run => self.go(Go::Rest, 1),
            SceneLine::Wait(times) => self.go(Go::Wait, *times),
            SceneLine::Step(times) => self.go(Go::Call, *times),
        }
    }

    fn go(&mut self, go: Go, times: u32) -> Result<Option<ServerState>, SessionError> {
        for _ in 0..times {
            let stood = self.lockstep.go(go)?;
            self.take_in();
            if stood != ServerState::Quiet || go == Go::Rest || !self.lockstep.would_go() {
                return Ok(Some(stood));
            }
        }
        Ok(Some(self.lockstep.session().state()))
    }

    fn take_in(&mut self) {
        let mut records = self.lockstep.take_records();
        sort_fdinfo(&mut records);
        for record in &records {
            self.timeline.push(self.canonical.record(record));
        }
    }
}

fn payload(what: &Quantity) -> Payload {
    match what {
        Quantity::Bytes(count) => Payload::Pattern(*count),
        Quantity::Text(text) => Payload::Bytes(text.clone()),
    }
}
