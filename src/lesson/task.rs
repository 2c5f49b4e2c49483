//! The task at the end of a lesson: what the learner is to bring about, and whether the kernel says that it has come about.

use std::cell::Cell;
use std::rc::Rc;

use crate::script::{Claim, Does, Line, Measure, Value};

/// A task: claims that are to become true, and claims that must stay false.
#[derive(Clone, Debug)]
pub struct Task {
    /// Played after the last step, before the learner begins.
    pub(super) begin: Vec<Line>,
    pub(super) goal: Vec<Line>,
    pub(super) never: Vec<Line>,
    /// Lines that reach the goal, for the check of the lesson.
    pub(super) solution: Vec<Line>,
    /// Ways that do not reach it.
    pub(super) wrong: Vec<Vec<Line>>,
    /// Where it stands in `lesson.toml`.
    pub(super) line: usize,
}

/// A claim of a task, as a learner reads it, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standpoint {
    pub claim: String,
    pub holds: bool,
    /// It must not hold.
    pub never: bool,
}

impl Standpoint {
    /// The claim, with what is wanted of it.
    pub fn words(&self) -> String {
        if self.never { format!("not: {}", self.claim) } else { self.claim.clone() }
    }
}

impl Task {
    /// How each claim stands by `measure`.
    pub fn look(&self, measure: impl Fn(&Measure) -> Value) -> Vec<Standpoint> {
        let goal = self.goal.iter().map(|line| (line, false));
        let lines = goal.chain(self.never.iter().map(|line| (line, true)));
        let stands = lines.filter_map(|(line, never)| {
            let claim = claim(line)?;
            let holds = claim.measure.agrees(&claim.value, &measure(&claim.measure));
            let text = line.text.trim_start_matches("expect").trim();
            Some(Standpoint { claim: text.to_owned(), holds, never })
        });
        stands.collect()
    }
}

pub(super) fn claim(line: &Line) -> Option<&Claim> {
    if let Does::Expect(claim) = &line.does { Some(claim) } else { None }
}

/// Whether all that must hold does, and nothing that must not.
fn is_done(stands: &[Standpoint]) -> bool {
    stands.iter().all(|stand| stand.holds != stand.never)
}

/// A task that the learner has begun. Copies share whether it is done.
#[derive(Clone, Debug)]
pub struct TaskRun {
    task: Rc<Task>,
    /// The position that counts are taken from.
    pub mark: u64,
    done: Rc<Cell<bool>>,
}

impl TaskRun {
    pub(super) fn new(task: Rc<Task>, mark: u64) -> Self {
        Self { task, mark, done: Rc::default() }
    }

    /// How each claim stands by `measure`. Once all was well it stays done, whatever the learner does then.
    pub fn look(&self, measure: impl Fn(&Measure) -> Value) -> Vec<Standpoint> {
        let stands = self.task.look(measure);
        self.done.set(self.done.get() || is_done(&stands));
        stands
    }

    pub fn is_done(&self) -> bool {
        self.done.get()
    }
}
