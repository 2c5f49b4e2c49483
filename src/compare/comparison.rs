//! One scene played against two or more real servers, each with a policy of its own, step by step.
//!
//! All variants take the same step, which is over when each of them is quiet, or spins, hangs or has died. The server
//! and the clients of a variant take [turns](crate::session::Lockstep), and everything that must differ from run to run
//! is numbered in order, so that a scene always gives the same result.

use std::ops::Range;

use super::{Variant, VariantSpec};

use crate::i18n::{Lang, words};
use crate::lesson::{Scene, TooFewFds, enough_fds};
use crate::record::Policy;
use crate::script::{Diagnostic, Does, Line, SceneLine};
use crate::session::SessionError;

/// A step of the scene: what the clients do, and then how far the servers may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its lines joined into one, `send a 1 ×3; run`.
    pub said: String,
    lines: Range<usize>,
}

/// Why the scene can't be played.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// It asks for something that cannot be done once per variant.
    #[error(transparent)]
    Scene(#[from] Diagnostic),
    /// A server could not be started, or the program lacks something.
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Fds(#[from] TooFewFds),
    /// The kernel lets fewer connections wait than the scene needs.
    #[error("{}", self.words(Lang::En))]
    Backlog {
        clients: u64,
        /// `net.core.somaxconn`.
        limit: u64,
    },
}

impl ComparisonError {
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Scene(diagnostic) => diagnostic.words(lang),
            Self::Session(error) => error.words(lang),
            Self::Fds(error) => error.words(lang),
            Self::Backlog { clients, limit } => words!(
                lang,
                "{clients} clients would wait to be accepted, but the kernel allows only {limit}\n\
                 Raise it with `sysctl net.core.somaxconn={clients}`, or connect fewer at once.",
                "会有 {clients} 个客户端等待接受，而内核最多让 {limit} 个等待\n\
                 请用 `sysctl net.core.somaxconn={clients}` 提高上限，或一次少连接一些。"
            ),
        }
    }
}

/// A scene being played against several servers.
pub struct Comparison {
    pub(crate) scene: Scene,
    steps: Vec<Step>,
    variants: Vec<Variant>,
    played: usize,
}

impl Comparison {
    /// Starts the servers, after a check that the scene can be played. Nothing of it has been played yet.
    pub fn open(scene: Scene, specs: Vec<VariantSpec>) -> Result<Self, ComparisonError> {
        check(&scene, specs.len() as u64)?;
        let steps = steps(&scene.lines);
        let policy = match scene.lines.first().map(|line| &line.does) {
            Some(Does::SceneLine(SceneLine::Server(policy))) => *policy,
            _ => Policy::default(),
        };
        let variants = specs.into_iter().map(|spec| Variant::open(spec, policy)).collect::<Result<_, _>>()?;
        Ok(Self { scene, steps, variants, played: 0 })
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    pub fn played(&self) -> usize {
        self.played
    }

    /// Plays the next step in every variant; false if there is none.
    pub fn advance(&mut self) -> bool {
        let Some(step) = self.steps.get(self.played) else { return false };
        for variant in &mut self.variants {
            variant.play(self.scene.lines[step.lines.clone()].iter().filter_map(scene_line));
        }
        self.played += 1;
        true
    }
}

fn scene_line(line: &Line) -> Option<&SceneLine> {
    match &line.does {
        Does::SceneLine(line) => Some(line),
        _ => None,
    }
}

/// A step ends with a line that lets the server run. Claims are left out: they are about one policy.
fn steps(lines: &[Line]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut from = 0;
    for (i, line) in lines.iter().enumerate() {
        let goes = matches!(scene_line(line), Some(SceneLine::Run | SceneLine::Wait(_) | SceneLine::Step(_)));
        if goes || i + 1 == lines.len() {
            let acting: Vec<&Line> = lines[from..=i].iter().filter(|line| scene_line(line).is_some()).collect();
            if !acting.is_empty() {
                steps.push(Step { said: said(&acting), lines: from..i + 1 });
            }
            from = i + 1;
        }
    }
    steps
}

fn said(lines: &[&Line]) -> String {
    let runs = lines.chunk_by(|a, b| a.text == b.text);
    let said = runs.map(|run| match run.len() {
        1 => run[0].text.clone(),
        times => format!("{} ×{times}", run[0].text),
    });
    said.collect::<Vec<_>>().join("; ")
}

fn check(scene: &Scene, variants: u64) -> Result<(), ComparisonError> {
    let (mut at_once, mut most_at_once) = (0_u64, 0);
    for line in &scene.lines {
        match scene_line(line) {
            Some(SceneLine::Connect(count)) => at_once += u64::from(*count),
            Some(SceneLine::Run) => at_once = 0,
            _ => {}
        }
        most_at_once = most_at_once.max(at_once);
    }
    enough_fds(scene.clients(), variants)?;
    let somaxconn = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    match somaxconn.ok().and_then(|text| text.trim().parse().ok()) {
        Some(limit) if most_at_once > limit => Err(ComparisonError::Backlog { clients: most_at_once, limit }),
        _ => Ok(()),
    }
}
