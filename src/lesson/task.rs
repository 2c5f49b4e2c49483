//! The task at the end of a lesson: what the learner is to bring about, and whether the kernel says that it has come about.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::i18n::{Lang, words};
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

/// A claim of a task, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standpoint {
    claim: Claim,
    /// It must not hold.
    never: bool,
    /// It is as the task wants it.
    pub is_met: bool,
    /// It can become so no more: the task is to be begun again.
    pub is_spoiled: bool,
}

impl Standpoint {
    fn of(claim: &Claim, never: bool, came: &Value) -> Self {
        let denied = if never { claim.denied() } else { None };
        let (claim, never) = denied.map_or_else(|| (claim.clone(), never), |denied| (denied, false));
        let holds = claim.measure.agrees(&claim.value, came);
        let is_spoiled = !never && claim.is_lost(came);
        Self { claim, never, is_met: holds != never, is_spoiled }
    }

    /// What is wanted, as people say it.
    pub fn words(&self, lang: Lang) -> String {
        let said = self.claim.words(lang);
        if self.never { words!(lang, "not: {said}", "不得：{said}") } else { said }
    }
}

impl Task {
    /// How each claim stands by `measure`.
    pub fn look(&self, measure: impl Fn(&Measure) -> Value) -> Vec<Standpoint> {
        let goal = self.goal.iter().map(|line| (line, false));
        let lines = goal.chain(self.never.iter().map(|line| (line, true)));
        let claims = lines.filter_map(|(line, never)| Some((claim(line)?, never)));
        claims.map(|(claim, never)| Standpoint::of(claim, never, &measure(&claim.measure))).collect()
    }

    /// What it wants, before it is begun: nothing is met, and nothing spoiled.
    pub fn wants(&self) -> Vec<Standpoint> {
        let stands = self.look(|_| Value::Unmeasured);
        stands.into_iter().map(|stand| Standpoint { is_met: false, is_spoiled: false, ..stand }).collect()
    }
}

pub(super) fn claim(line: &Line) -> Option<&Claim> {
    if let Does::Expect(claim) = &line.does { Some(claim) } else { None }
}

/// A task that the learner has begun. Copies share how it stands, and whether it is done.
#[derive(Clone, Debug)]
pub struct TaskRun {
    task: Rc<Task>,
    /// The position that counts are taken from.
    pub mark: u64,
    done: Rc<Cell<bool>>,
    /// How it stood at the last look.
    stood: Rc<RefCell<Vec<Standpoint>>>,
    again: Rc<Cell<bool>>,
}

impl TaskRun {
    pub(super) fn new(task: Rc<Task>, mark: u64) -> Self {
        Self { task, mark, done: Rc::default(), stood: Rc::default(), again: Rc::default() }
    }

    /// How each claim stands by `measure`. Once all was well it stays done, whatever the learner does then.
    pub fn look(&self, measure: impl Fn(&Measure) -> Value) -> Vec<Standpoint> {
        let stands = self.task.look(measure);
        self.done.set(self.done.get() || stands.iter().all(|stand| stand.is_met));
        self.stood.replace(stands.clone());
        stands
    }

    /// How it stood at the last look.
    pub fn stood(&self) -> Vec<Standpoint> {
        self.stood.borrow().clone()
    }

    pub fn is_done(&self) -> bool {
        self.done.get()
    }

    /// The learner wants to begin it again.
    pub fn ask_again(&self) {
        self.again.set(true);
    }

    /// Whether the learner has asked for that since the last call.
    pub fn is_asked_again(&self) -> bool {
        self.again.take()
    }
}
