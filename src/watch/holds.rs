//! Pause and step for a watched program: which thread may make its next call. To hold a thread is not to resume it from
//! the stop before the call.
//!
//! The screen's thread asks, the tracer's does; both meet here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::probe::Breakpoint;
use crate::record::{Call, Chunk, Record, Tid};

/// From where on a program is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldAt {
    /// Before its first call that is recorded.
    First,
    /// Before its first call that has to do with epoll.
    Epoll,
    /// Never, unless it is asked for later.
    No,
}

/// How far the threads of a program may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Going {
    /// They are not held.
    #[default]
    Free,
    /// Free, up to the first epoll call.
    UntilEpoll,
    /// Each is held before its next call.
    Held,
    /// Free, until a wait on an epoll has returned; of this thread, if one is given.
    UntilWait(Option<Tid>),
}

/// A call that a thread is held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCall {
    pub tid: Tid,
    pub process: Tid,
    pub call: Call,
    /// Where in the source it is made, if that is known.
    pub line: Option<Chunk>,
    /// It would wait, and is to be judged whether something is left stranded by that.
    pub judged: bool,
}

/// What both threads know.
#[derive(Debug, Default)]
pub struct Holds {
    state: Mutex<State>,
    paths: Mutex<BTreeMap<String, PathBuf>>,
}

#[derive(Debug, Default)]
struct State {
    going: Going,
    /// How many calls may still pass although threads are held: asked for while none was.
    passes: u32,
    held: Vec<HeldCall>,
    let_go: Vec<Tid>,
    /// Something was asked that the tracer has not seen yet.
    asked: bool,
    breakpoints: Vec<Breakpoint>,
    hit: Option<Breakpoint>,
}

impl State {
    fn let_go(&mut self, which: impl Fn(&HeldCall) -> bool) {
        self.let_go.extend(self.held.iter().filter(|held| which(held)).map(|held| held.tid));
        self.held.retain(|held| !which(held));
        self.asked = true;
    }

    fn free(&mut self, going: Going) {
        (self.going, self.passes, self.hit) = (going, 0, None);
        self.let_go(|_| true);
    }
}

impl Holds {
    pub(super) fn new(at: HoldAt) -> Self {
        let going = match at {
            HoldAt::First => Going::Held,
            HoldAt::Epoll => Going::UntilEpoll,
            HoldAt::No => Going::Free,
        };
        Self { state: Mutex::new(State { going, ..State::default() }), paths: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn going(&self) -> Going {
        self.lock().going
    }

    /// The calls that threads are held before, the longest held first.
    pub fn held(&self) -> Vec<HeldCall> {
        self.lock().held.clone()
    }

    /// The breakpoint that stopped the program, until it goes on.
    pub fn hit(&self) -> Option<Breakpoint> {
        self.lock().hit
    }

    /// Holds each thread before its next call.
    pub fn hold(&self) {
        self.lock().going = Going::Held;
    }

    /// Lets this thread make its next call, or of all that which is held longest. Where none is held, the next one that
    /// comes passes; returns whether one was held.
    pub(super) fn step(&self, tid: Option<Tid>) -> bool {
        let mut state = self.lock();
        (state.going, state.hit) = (Going::Held, None);
        let found = state.held.iter().map(|held| held.tid).find(|held| tid.is_none_or(|tid| tid == *held));
        match found {
            Some(tid) => state.let_go(|held| held.tid == tid),
            None => state.passes = 1,
        }
        found.is_some()
    }

    pub(super) fn go(&self, going: Going) {
        self.lock().free(going);
    }

    /// A wait that was to be judged is made, or leaves something stranded and is held.
    pub(super) fn judge(&self, tid: Tid, strands: bool) {
        let mut state = self.lock();
        if strands {
            (state.going, state.hit) = (Going::Held, Some(Breakpoint::Stranded));
            state.held.iter_mut().filter(|held| held.tid == tid).for_each(|held| held.judged = false);
        } else {
            state.let_go(|held| held.tid == tid);
        }
    }

    /// Replaces the breakpoints.
    pub fn break_at(&self, breakpoints: &[Breakpoint]) {
        self.lock().breakpoints = breakpoints.to_vec();
    }

    /// Whether the tracer has not yet seen what was asked.
    pub(super) fn is_asked(&self) -> bool {
        self.lock().asked
    }

    /// Whether a thread is to be held before a call, and if so whether that is to be judged first.
    pub(super) fn wants(&self, is_epoll: bool, is_wait: bool) -> Option<bool> {
        let mut state = self.lock();
        match state.going {
            Going::UntilEpoll if is_epoll => state.going = Going::Held,
            Going::Held if state.passes > 0 => {
                state.passes -= 1;
                return None;
            }
            Going::Held => {}
            _ => return (is_wait && state.breakpoints.contains(&Breakpoint::Stranded)).then_some(true),
        }
        Some(false)
    }

    /// A thread is held. It goes on at once where that was asked for since [`Holds::wants`] said so.
    pub(super) fn add(&self, held: HeldCall) {
        let mut state = self.lock();
        state.held.push(held);
        let passes = match state.going {
            Going::Held => state.passes > 0,
            Going::Free | Going::UntilEpoll | Going::UntilWait(_) => !held.judged,
        };
        if passes {
            state.passes = state.passes.saturating_sub(1);
            state.let_go(|other| other.tid == held.tid);
        }
    }

    pub(super) fn forget(&self, tid: Tid) {
        let mut state = self.lock();
        state.held.retain(|held| held.tid != tid);
        state.let_go.retain(|gone| *gone != tid);
    }

    /// The threads that are to go on.
    pub(super) fn take_let_go(&self) -> Vec<Tid> {
        let mut state = self.lock();
        state.asked = false;
        std::mem::take(&mut state.let_go)
    }

    /// What was recorded: a wait may have returned, or a breakpoint be hit.
    pub(super) fn noted(&self, records: &[Record]) {
        let mut state = self.lock();
        let returned = |record: &Record| matches!(record.call.plain(), Call::EpollWait { .. });
        match state.going {
            Going::UntilWait(of)
                if records.iter().any(|record| returned(record) && of.is_none_or(|tid| tid == record.tid)) =>
            {
                state.going = Going::Held;
            }
            _ => {}
        }
        let hit = records.iter().find_map(|record| {
            state.breakpoints.iter().copied().find(|breakpoint| breakpoint.is_hit_by(&record.call.plain()))
        });
        if hit.is_some() {
            (state.going, state.hit) = (Going::Held, hit);
        }
    }

    /// The file that is called so in lines of source, as far as it was heard of; of a long name a line has the end.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().find(|(known, _)| known.ends_with(name)).map(|(_, path)| path.clone())
    }

    pub(super) fn is_at(&self, path: &Path) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.paths.lock().unwrap_or_else(PoisonError::into_inner).insert(name, path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Fd, Nanos, Ret, Seq};

    fn held(tid: u32) -> HeldCall {
        let call = Call::Close { fd: Fd(3), ret: Ret::OK };
        HeldCall { tid: Tid(tid), process: Tid(1), call, line: None, judged: false }
    }

    fn record(tid: u32, call: Call) -> Record {
        Record { seq: Seq(1), t: Nanos(1), tid: Tid(tid), call }
    }

    #[test]
    fn it_is_held_from_the_first_epoll_call_on_and_goes_call_by_call() {
        let holds = Holds::new(HoldAt::Epoll);
        assert_eq!(holds.wants(false, false), None);
        assert_eq!(holds.wants(true, false), Some(false));
        holds.add(held(1));
        assert_eq!(holds.wants(false, false), Some(false), "everybody is held from then on");
        holds.add(held(2));
        assert!(holds.step(None) && holds.is_asked());
        assert_eq!(holds.take_let_go(), [Tid(1)], "who is held longest");
        assert!(!holds.step(Some(Tid(7))), "it is not held");
        assert_eq!(holds.wants(false, false), None, "so the next call passes");
        assert!(holds.step(Some(Tid(2))));
        assert_eq!(holds.take_let_go(), [Tid(2)]);
        assert!(holds.held().is_empty());
    }

    #[test]
    fn it_goes_on_to_the_return_of_a_wait_or_to_a_breakpoint() {
        let holds = Holds::new(HoldAt::First);
        let wait = Call::EpollWait { epfd: Fd(4), ret: Ret::from_raw(1) };
        holds.go(Going::UntilWait(Some(Tid(2))));
        holds.noted(&[record(1, wait)]);
        assert_eq!(holds.going(), Going::UntilWait(Some(Tid(2))), "another thread's");
        holds.noted(&[record(2, wait)]);
        assert_eq!(holds.going(), Going::Held);
        holds.go(Going::Free);
        holds.break_at(&[Breakpoint::Made("close")]);
        holds.noted(&[record(1, held(1).call)]);
        assert_eq!((holds.going(), holds.hit()), (Going::Held, Some(Breakpoint::Made("close"))));
        holds.go(Going::Free);
        assert_eq!(holds.hit(), None);
    }

    #[test]
    fn what_is_asked_while_a_thread_is_about_to_be_held_is_done() {
        let holds = Holds::new(HoldAt::First);
        for ask in [|holds: &Holds| holds.go(Going::Free), |holds: &Holds| _ = holds.step(None)] {
            holds.hold();
            assert_eq!(holds.wants(true, true), Some(false));
            ask(&holds);
            holds.add(held(1));
            assert_eq!((holds.take_let_go(), holds.held()), (vec![Tid(1)], vec![]));
        }
        assert_eq!(holds.wants(false, false), Some(false), "one call has passed, and no more");
    }
}
