//! How far somebody has been led.

use super::steps::{Half, STEPS, Step};
use crate::i18n::{Both, Lang};
use crate::record::{Policy, Read, Trigger};
use crate::trace::World;

/// Counts when a step began, for what has happened since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    pub(super) waits: u32,
    pub(super) bytes_in: u64,
}

impl Mark {
    fn of(world: &World) -> Self {
        let waits = world.epoll().map_or(0, |epoll| epoll.wait_count);
        Self { waits, bytes_in: world.counters().bytes_in }
    }
}

/// The guide through the first minute.
#[derive(Clone, Debug)]
pub struct Guide {
    lang: Lang,
    /// The steps that are done.
    done: usize,
    mark: Mark,
    /// What the step before came to, in the words of what the kernel did.
    told: Option<String>,
    /// What the policy must be changed to first, for the step to show what it is to show.
    first: Option<(&'static str, Both)>,
    trigger: Option<Trigger>,
}

impl Guide {
    pub fn new(lang: Lang) -> Self {
        Self { lang, done: 0, mark: Mark::default(), told: None, first: None, trigger: None }
    }

    /// Looks at what has happened. Returns whether there is something new to say.
    pub fn look(&mut self, world: &World, policy: Option<&Policy>) -> bool {
        let before = (self.done, self.first, self.trigger);
        self.trigger = policy.map(|policy| policy.trigger);
        while let Some(step) = STEPS.get(self.done) {
            self.first = policy.and_then(|policy| hindrance(step, policy));
            if self.first.is_some() {
                break;
            }
            let Some(told) = (step.done)(world, policy, self.mark, self.lang) else { break };
            self.told = Some(told);
            self.done += 1;
            if STEPS.get(self.done).is_some_and(|next| next.begins) {
                self.mark = Mark::of(world);
            }
        }
        before != (self.done, self.first, self.trigger)
    }

    pub fn is_over(&self) -> bool {
        self.done >= STEPS.len()
    }

    /// The number of the step that comes, from 1, and the number of steps.
    pub fn step(&self) -> (usize, usize) {
        ((self.done + 1).min(STEPS.len()), STEPS.len())
    }

    /// What the last step came to.
    pub fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// What to press, and what it will do.
    pub fn to_do(&self) -> (&'static str, &'static str) {
        let over = (
            "l",
            (
                "the lessons go on from here; d tour, C compare, ← looks back, ? all keys",
                "课程由此继续；d 导览，C 比较，← 回看，? 列出全部按键",
            ),
        );
        let (keys, says) =
            self.first.or_else(|| STEPS.get(self.done).map(|step| (step.keys, step.says))).unwrap_or(over);
        (keys, self.lang.pick(says))
    }

    /// What a word means that the last step has brought onto the screen.
    pub fn term(&self) -> &'static str {
        self.lang.pick(STEPS.get(self.done).map_or(("", ""), |step| step.term))
    }

    /// The rule that the halves so far have shown, unless the server has another trigger by now.
    pub fn rule(&self) -> Option<&'static str> {
        let over = STEPS.iter().take(self.done).zip(STEPS.iter().skip(1).map(|next| next.half).chain([Half::Over]));
        let half = over.filter(|(step, next)| step.half != *next).last()?.0.half;
        if half == Half::Level && self.trigger == Some(Trigger::Edge) {
            return None;
        }
        Some(self.lang.pick(half.rule()))
    }
}

/// What must be switched first for `step` to show what it is to show.
fn hindrance(step: &Step, policy: &Policy) -> Option<(&'static str, Both)> {
    match (step.half, step.sends) {
        (Half::Level, true) if policy.trigger == Trigger::Edge => {
            Some(("m", ("first switch back: the server is edge-triggered", "先改回来：服务器现在是边缘触发")))
        }
        (Half::Edge, true) if policy.trigger == Trigger::Level => {
            Some(("m", ("first switch back: the server is level-triggered", "先改回来：服务器现在是水平触发")))
        }
        (_, true) if policy.read != Read::Once && !step.drains => {
            Some(("p", ("first set read to once: ↓ ↓ Enter, Esc closes", "先把 read 设为 once：↓ ↓ Enter，Esc 关闭")))
        }
        _ => None,
    }
}
