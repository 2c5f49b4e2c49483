//! Threads that wait, each in one epoll_wait, and a child that holds copies of all fds.
//!
//! Nothing here rests on a delay: the kernel says of a thread whether it sleeps. A thread that was woken is not asleep
//! any more when the call that woke it has returned, so once every thread sleeps or is through, all is over that the
//! last line set going.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::Last;
use super::calls::of_token;
use super::sleeper::{Shared, Sleeper};
use crate::i18n::words;
use crate::record::{Annotation, Call, Chunk, Nanos, Record, Seq, Tid, Timeout};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::words::refusal;
use crate::script::{Name, Value};
use crate::sys::{self, Errno, Events, TaskState, Wake};

/// How long a thread may take to fall asleep, or to come out of a call that has been interrupted.
const LONG: Duration = Duration::from_secs(10);

/// Yields until `done`, or for long enough that it will never be.
fn until(done: impl Fn() -> bool) -> bool {
    let end = Instant::now() + LONG;
    loop {
        if done() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        thread::yield_now();
    }
}

impl Lab {
    pub(super) fn start_thread(&mut self, name: &Name, epoll: &Name, max: u32, timeout: i32) -> Outcome {
        let epfd = self.number_of(epoll);
        let no_thread = self.lang.of("no thread can be started", "无法创建线程");
        let shared = Arc::new(Shared::default());
        let (of_thread, clock) = (Arc::clone(&shared), self.clock);
        let spawned = thread::Builder::new().spawn(move || {
            let mut events = Events::with_room(max);
            let Ok(wake) = Wake::this_thread() else { return };
            let _ = of_thread.entered.set((wake, clock.now()));
            let result = sys::wait_on(epfd, &mut events, Timeout(timeout));
            of_thread.woken.store(sys::was_woken(), Ordering::SeqCst);
            let _ = of_thread.returned.set((clock.now(), result, events));
        });
        let Ok(thread) = spawned else { return Outcome::refused(no_thread) };
        until(|| shared.entered.get().is_some() || thread.is_finished());
        let Some(&(wake, t)) = shared.entered.get() else { return Outcome::refused(no_thread) };
        let tid = wake.tid();
        let state = TaskState::of(tid).ok();
        let endless = timeout < 0;
        let sleeper = Sleeper { epfd, endless, wake, state, shared, thread: Some(thread), returned: None };
        until(|| sleeper.is_through() || sleeper.sleeps());
        self.say_of(tid, t, Call::Annotation(Annotation::Thread { name: Chunk::of_text(name) }));
        self.say_of(tid, t, Call::EpollWaitEnter { epfd, max_events: max, timeout: Timeout(timeout) });
        self.last.result = Some(Ok(0));
        self.sleepers.insert(name.clone(), sleeper);
        Outcome::done(words!(self.lang, "{name} = thread {tid}", "{name} = 线程 {tid}"))
    }

    /// Waits until each thread sleeps or is through, and notes what came of those that are. What they came back with.
    pub(super) fn settle_threads(&mut self) -> String {
        let mut said = String::new();
        loop {
            let waiting = || self.sleepers.values().filter(|sleeper| sleeper.returned.is_none());
            until(|| waiting().all(|sleeper| sleeper.is_through() || sleeper.sleeps()));
            let mut back: Vec<(Nanos, Name)> = self
                .sleepers
                .iter()
                .filter(|(_, sleeper)| sleeper.returned.is_none())
                .filter_map(|(name, sleeper)| Some((sleeper.events()?.0, name.clone())))
                .collect();
            if back.is_empty() {
                return said;
            }
            // Who comes back may have woken the next.
            back.sort();
            for (_, name) in back {
                said.push_str(&self.note_return(&name));
            }
        }
    }

    fn note_return(&mut self, name: &Name) -> String {
        let at = self.timeline.len();
        let Some(sleeper) = self.sleepers.get_mut(name) else { return String::new() };
        let Some((t, result, events)) = sleeper.events() else { return String::new() };
        sleeper.returned = Some(at);
        let (epfd, tid) = (sleeper.epfd, sleeper.wake.tid());
        if sleeper.shared.woken.load(Ordering::SeqCst) && result == Err(Errno::EINTR) {
            self.say_of(tid, t, Call::Annotation(Annotation::Woken {}));
        }
        self.say_of(tid, t, Call::EpollWait { epfd, ret: result.into() });
        for &(token, ready) in &events {
            self.say_of(tid, t, Call::Event { epfd, fd: of_token(token), ready });
        }
        match result {
            Ok(_) => {
                let events = Value::Events(self.by_name(&events)).words(self.lang);
                words!(self.lang, "; {name} returned  [{events}]", "；{name} 返回了  [{events}]")
            }
            Err(errno) => words!(self.lang, "; {name} returned {errno:?}", "；{name} 返回了 {errno:?}"),
        }
    }

    pub(super) fn join(&mut self, name: &Name) -> String {
        let Some(sleeper) = self.sleepers.get(name) else { return self.not_there(name) };
        if !sleeper.is_through() {
            let started = Instant::now();
            let end = started + self.taken.left();
            // One with a timeout comes back by itself.
            while !sleeper.endless && !sleeper.is_through() && Instant::now() < end {
                thread::yield_now();
            }
            sleeper.wake.wake();
            until(|| sleeper.is_through());
            self.taken.wait(started.elapsed());
        }
        self.settle_threads();
        let Some(sleeper) = self.sleepers.get_mut(name) else { return String::new() };
        if let Some(thread) = sleeper.thread.take() {
            let _ = thread.join();
        }
        let Some((_, result, events)) = sleeper.events() else { return String::new() };
        let events = self.by_name(&events);
        self.last.events = Some(events.clone());
        self.returned(result, events)
    }

    pub(super) fn fork(&mut self, name: &Name) -> Outcome {
        match self.tap.fork() {
            Ok(child) => {
                let said = words!(self.lang, "{name} = process {}", "{name} = 进程 {}", child.pid());
                self.last.result = Some(Ok(u64::from(child.pid().0)));
                self.let_end(name);
                self.pids.insert(name.clone(), child.pid());
                self.children.insert(name.clone(), child);
                Outcome::done(said)
            }
            Err(errno) => Outcome::refused(refusal(errno, self.lang)),
        }
    }

    pub(super) fn end(&mut self, name: &Name) -> String {
        match self.let_end(name) {
            Some(result) => self.finish(result.map(|()| 0)),
            None => self.not_there(name),
        }
    }

    /// A thread or child that a line names and that is not there, or not any more: there is nobody to make a call on.
    fn not_there(&mut self, name: &Name) -> String {
        self.last = Last::default();
        words!(self.lang, "\"{name}\" is not running; nothing was called", "“{name}”没有在运行；没有发出调用")
    }

    fn let_end(&mut self, name: &Name) -> Option<Result<(), Errno>> {
        self.children.remove(name).map(|child| self.tap.end(child))
    }

    /// How many threads have come back since the position `mark`.
    pub(super) fn woken(&self, mark: u64) -> u64 {
        self.sleepers.values().filter(|sleeper| sleeper.returned.is_some_and(|at| at >= mark)).count() as u64
    }

    /// A record of another thread.
    fn say_of(&mut self, tid: Tid, t: Nanos, call: Call) {
        self.note();
        self.timeline.push(Record { seq: Seq(0), t, tid, call });
    }
}
