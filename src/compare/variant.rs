//! One twin: its server and clients, its records, and how it stood after each step.

use super::VariantSpec;
use super::canonical::{self as normal, Canonical};
use crate::analysis::History;
use crate::probe::ServerState;
use crate::record::Policy;
use crate::script::{Quantity, SceneLine};
use crate::server::ServerError;
use crate::session::{ClientError, Clients, Go, Lockstep, Payload, SessionError};
use crate::sys;

/// A server of one policy, with clients of its own.
pub struct Variant {
    against: VariantSpec,
    /// What it follows: the scene's policy with its own words above.
    policy: Policy,
    first_policy: Policy,
    turns: Lockstep,
    normal: Canonical,
    timeline: History,
    /// The positions at the end of each step.
    ends: Vec<u64>,
    stood: Vec<Result<ServerState, SessionError>>,
}

impl Variant {
    /// Starts its server, which is held before its first call.
    pub(super) fn open(against: VariantSpec, scene: Policy) -> Result<Self, SessionError> {
        let policy = against.policy(scene);
        let turns = Lockstep::open(policy)?;
        let mut normal = Canonical::new(turns.session().addr(), sys::gettid());
        normal.step(1);
        let mut twin = Self {
            against,
            policy,
            first_policy: policy,
            turns,
            normal,
            timeline: History::default(),
            ends: Vec::new(),
            stood: Vec::new(),
        };
        twin.take_in();
        Ok(twin)
    }

    /// Its name, as `--against` has it.
    pub fn name(&self) -> &str {
        &self.against.name
    }

    /// The policy that it began with.
    pub fn first_policy(&self) -> &Policy {
        &self.first_policy
    }

    /// Its records, with what differs from run to run given by order: see the trace file's page.
    pub fn timeline(&self) -> &History {
        &self.timeline
    }

    /// The positions at which step `i` begins and ends; from 0.
    pub fn step(&self, i: usize) -> (u64, u64) {
        let end = |i: usize| self.ends.get(i).copied().unwrap_or(self.timeline.len());
        (if i == 0 { 0 } else { end(i - 1) }, end(i))
    }

    /// How it stood after step `i`; or why it did not come to rest in time, from where on it is left alone.
    pub fn stood(&self, i: usize) -> Option<&Result<ServerState, SessionError>> {
        self.stood.get(i)
    }

    /// What killed it.
    pub fn death(&self) -> Option<&ServerError> {
        self.turns.session().ended()
    }

    /// Plays the cues of the next step.
    pub(super) fn play<'a>(&mut self, cues: impl Iterator<Item = &'a SceneLine>) {
        self.normal.step(self.ends.len() + 1);
        let lost = self.stood.last().and_then(|stood| stood.clone().err());
        let stood = lost.map_or_else(|| self.cues(cues), Err);
        self.take_in();
        self.ends.push(self.timeline.len());
        self.stood.push(stood);
    }

    fn cues<'a>(&mut self, cues: impl Iterator<Item = &'a SceneLine>) -> Result<ServerState, SessionError> {
        let mut stood = match self.stood.last() {
            Some(Ok(stood @ (ServerState::Hung(_) | ServerState::Died | ServerState::Ended))) => *stood,
            _ => self.turns.session().state(),
        };
        for cue in cues {
            stood = self.cue(cue)?.unwrap_or(stood);
        }
        Ok(stood)
    }

    /// What came of it, where it lets the server go.
    fn cue(&mut self, cue: &SceneLine) -> Result<Option<ServerState>, SessionError> {
        // A client that is refused, since its server is dead or it has left, has its records to tell of it.
        let mut act = |act: &dyn Fn(&mut Clients) -> Result<(), ClientError>| {
            let _ = self.turns.act(|clients| act(clients))?;
            Ok(None)
        };
        match cue {
            SceneLine::Server(_) | SceneLine::Limit(_) => Ok(None),
            SceneLine::Policy(scene) => {
                self.policy = self.against.policy(*scene);
                self.turns.follow(self.policy)?;
                Ok(None)
            }
            SceneLine::Destroy => {
                self.turns.destroy()?;
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
            let stood = self.turns.go(go)?;
            self.take_in();
            if stood != ServerState::Quiet || go == Go::Rest || !self.turns.would_go() {
                return Ok(Some(stood));
            }
        }
        Ok(Some(self.turns.session().state()))
    }

    fn take_in(&mut self) {
        let mut records = self.turns.take_records();
        normal::sort_fdinfo(&mut records);
        for record in &records {
            self.timeline.push(self.normal.record(record));
        }
    }
}

fn payload(what: &Quantity) -> Payload {
    match what {
        Quantity::Bytes(count) => Payload::Pattern(*count),
        Quantity::Text(text) => Payload::Bytes(text.clone()),
    }
}
