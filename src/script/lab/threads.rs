//! Threads and children: each makes one call at a time, the one that a line asks it for.
//!
//! Nothing here rests on a delay: the kernel says of a thread whether it sleeps. A thread that was woken is not asleep
//! any more when the call that woke it has returned, so once every thread sleeps or is through, all is over that the
//! last line set going.

use std::os::fd::IntoRawFd as _;
use std::thread;
use std::time::Instant;

use super::Last;
use super::calls::{of_token, said};
use super::requests::Request;
use super::task::{Back, Task, returned, until};
use crate::i18n::words;
use crate::probe::CAPTURE;
use crate::record::{Annotation, Call, Chunk, Dir, Fd, MaskHow, Nanos, Record, Seq, Signal, Tid};
use crate::script::Lab;
use crate::script::Outcome;
use crate::script::words::refusal;
use crate::script::{Name, Value, Verb};
use crate::sys::{self, Errno, Worker};

impl Lab {
    pub(super) fn start_thread(&mut self, name: &Name, does: Option<&Verb>) -> Outcome {
        self.tasks.remove(name);
        let Ok(worker) = Worker::thread() else {
            return Outcome::refused(self.lang.of("no thread can be started", "无法创建线程"));
        };
        let tid = worker.tid();
        self.tasks.insert(name.clone(), Task::new(worker));
        let said = words!(self.lang, "{name} = thread {tid}", "{name} = 线程 {tid}");
        let Some(verb) = does else {
            self.tell_task(name);
            self.last.result = Some(Ok(0));
            return Outcome::done(said);
        };
        let asked = self.ask(name, verb);
        self.last = Last { result: Some(Ok(0)), ..Last::default() };
        Outcome::done(match asked {
            Asked::Made(made, back) => said + &self.came_back(name, &made, &back),
            Asked::Waits(_) => said,
            Asked::Not(why) => words!(self.lang, "{said}; {why}", "{said}；{why}"),
        })
    }

    /// Has a thread or a child make a call.
    pub(super) fn make_in(&mut self, name: &Name, verb: &Verb) -> String {
        match self.ask(name, verb) {
            Asked::Made(made, back) => self.words_of(self.tid_of(name), &made, &back),
            Asked::Waits(call) => words!(self.lang, "{name} waits in {call}", "{name} 在 {call} 中等待"),
            Asked::Not(why) => why,
        }
    }

    fn tid_of(&self, name: &Name) -> Tid {
        self.tasks.get(name).map_or(Tid(0), |task| task.worker.tid())
    }

    fn ask(&mut self, name: &Name, verb: &Verb) -> Asked {
        self.last = Last::default();
        let Some(task) = self.tasks.get(name) else { return Asked::Not(self.not_there(name)) };
        if task.is_busy() {
            return Asked::Not(words!(
                self.lang,
                "{name} is still in its call; nothing was called",
                "{name} 仍在它的调用里；没有发出调用"
            ));
        }
        let (tid, child) = (task.worker.tid(), task.worker.is_child());
        let Some(request) = self.request(tid, verb) else { return Asked::Not(String::new()) };
        if let (Verb::Close { file }, false) = (verb, child) {
            self.give_up(file);
        }
        self.tell_task(name);
        self.note();
        let Some(task) = self.tasks.get_mut(name) else { return Asked::Not(String::new()) };
        if let Err(errno) = task.worker.ask(&request.call, request.token, &request.bytes) {
            return Asked::Not(refusal(errno, self.lang));
        }
        let call = request.call;
        (task.request, task.noted, task.interrupted) = (Some(request), false, false);
        until(|| task.is_settled());
        let entered = self.clock.at(task.worker.entered());
        if matches!(call.plain(), Call::EpollWaitEnter { .. }) {
            self.say_of(tid, entered, call);
        }
        let made = self.tasks.get(name).is_some_and(|task| task.worker.is_done());
        match self.note_return(name, true).filter(|_| made) {
            Some((made, back)) => {
                self.make_last(&made, &back);
                Asked::Made(made, back)
            }
            None => Asked::Waits(call.name()),
        }
    }

    /// The trace gets the name of a thread or a child that makes its first call.
    fn tell_task(&mut self, name: &Name) {
        let Some(task) = self.tasks.get_mut(name).filter(|task| !task.named) else { return };
        task.named = true;
        let tid = task.worker.tid();
        let now = self.clock.now();
        self.say_of(tid, now, Call::Annotation(Annotation::Thread { name: Chunk::of_text(name) }));
    }

    /// The fd behind a name is left to a thread that closes it.
    fn give_up(&mut self, file: &Name) {
        let real = self.real(file).clone();
        if let Some(held) = self.held.remove(&real) {
            self.close_names(&real, held.number());
            let _ = held.into_fd().into_raw_fd();
        }
    }

    /// Waits until each thread and child sleeps or is through, and notes what came of those that are. What they came back
    /// with.
    pub(super) fn settle_threads(&mut self) -> String {
        let mut said = String::new();
        loop {
            until(|| self.tasks.values().all(|task| !task.is_busy() || task.is_settled()));
            let busy = self.tasks.iter().filter(|(_, task)| task.is_busy());
            let back = |(name, task): (&Name, &Task)| Some((task.back(|t| self.clock.at(t))?.left, name.clone()));
            let mut back: Vec<(Nanos, Name)> = busy.filter_map(back).collect();
            if back.is_empty() {
                return said;
            }
            // Who comes back may have woken the next.
            back.sort();
            for (_, name) in back {
                if let Some((made, back)) = self.note_return(&name, false) {
                    said.push_str(&self.came_back(&name, &made, &back));
                }
            }
        }
    }

    /// Notes the return of a call; nothing while it is being made. With `at_once` it is part of the line that asked for it.
    fn note_return(&mut self, name: &Name, at_once: bool) -> Option<(Call, Back)> {
        let at = self.timeline.len();
        let clock = self.clock;
        let task = self.tasks.get_mut(name)?;
        let (back, request) = (task.back(|t| clock.at(t))?, task.request.as_ref()?);
        task.noted = true;
        let (tid, call) = (task.worker.tid(), request.call);
        let (registers, interrupted) = (request.registers.clone(), task.interrupted);
        let written = request.bytes.iter().take(moved(&back)).take(CAPTURE).copied().collect::<Vec<u8>>();
        if matches!(call.plain(), Call::EpollWaitEnter { .. }) {
            task.woken = Some(at);
        }
        let acts =
            matches!(call, Call::Write { .. } | Call::Sendto { .. } | Call::Shutdown { .. } | Call::Close { .. });
        let t = if acts && at_once { back.entered } else { back.left };
        if interrupted && back.result == Some(Err(Errno::EINTR)) {
            self.say_of(tid, t, Call::Annotation(Annotation::Woken {}));
        }
        let made = returned(&call, &back);
        self.say_of(tid, t, made);
        if let Call::EpollWait { epfd, .. } = made.plain() {
            for &(token, ready) in &back.events {
                self.say_of(tid, t, Call::Event { epfd, fd: of_token(token), ready });
            }
        }
        let (dir, bytes) = if written.is_empty() { (Dir::In, &back.bytes[..]) } else { (Dir::Out, &written[..]) };
        if let Some(fd) = call.fd() {
            for chunk in bytes.chunks(Chunk::MAX).take(CAPTURE / Chunk::MAX) {
                self.say_of(tid, t, Call::Data { fd, dir, chunk: Chunk::new(chunk) });
            }
        }
        self.taken.move_bytes(moved(&back) as u64);
        if let (Some((epoll, file)), Some(Ok(_)), Call::EpollCtl { fd, .. }) = (&registers, back.result, call) {
            self.register(tid, epoll, file, fd);
        }
        Some((made, back))
    }

    /// What a call came to is what the last action came to.
    fn make_last(&mut self, made: &Call, back: &Back) {
        self.last = Last { result: back.result, ..Last::default() };
        match made.plain() {
            Call::EpollWait { .. } => self.last.events = Some(self.by_name(&back.events)),
            Call::Ppoll { .. } => self.last.mask = Some(back.ready),
            Call::Read { .. } | Call::Recvfrom { .. } => self.last.text = Some(back.bytes.clone()),
            _ => {}
        }
    }

    /// That a thread or a child has returned from its call, and with what.
    fn came_back(&self, name: &Name, made: &Call, back: &Back) -> String {
        let came = match (made.plain(), back.result) {
            (_, Some(Err(errno))) => format!("{errno:?}"),
            (Call::EpollWait { .. }, _) => format!(" [{}]", Value::Events(self.by_name(&back.events)).words(self.lang)),
            (Call::Ppoll { ready, .. }, _) => format!(" [{ready}]"),
            (_, result) => result.and_then(Result::ok).unwrap_or(0).to_string(),
        };
        words!(self.lang, "; {name} returned {came}", "；{name} 返回了 {came}")
    }

    /// What a call returned, in words.
    fn words_of(&self, tid: Tid, made: &Call, back: &Back) -> String {
        let text = said(back.result.unwrap_or(Ok(0)), self.lang);
        match made.plain() {
            Call::EpollWait { ret, .. } if ret.ok().is_some() => {
                format!("{text}  [{}]", Value::Events(self.by_name(&back.events)).words(self.lang))
            }
            Call::EpollWait { ret, .. } | Call::EpollCtl { ret, .. } if ret.ok().is_none() && !back.interrupted => {
                text + &self.why_refused(tid, made)
            }
            Call::Ppoll { ready, ret, .. } if ret.ok().is_some() => format!("{text}  [{ready}]"),
            _ => text,
        }
    }

    /// Makes the last call of a thread or a child the last action; one that still waits is interrupted.
    pub(super) fn join(&mut self, name: &Name) -> String {
        let Some(task) = self.tasks.get_mut(name) else { return self.not_there(name) };
        if task.request.is_none() {
            return self.not_there(name);
        }
        if !task.worker.is_done() {
            let started = Instant::now();
            let end = started + self.taken.left();
            let endless = task.request.as_ref().is_none_or(|request| request.endless);
            // One with a timeout comes back by itself.
            while !endless && !task.worker.is_done() && Instant::now() < end {
                thread::yield_now();
            }
            task.interrupt();
            self.taken.wait(started.elapsed());
        }
        self.settle_threads();
        let Some(task) = self.tasks.get(name) else { return String::new() };
        let (Some(back), Some(Request { call, .. })) = (task.back(|t| self.clock.at(t)), &task.request) else {
            return String::new();
        };
        let (tid, made) = (task.worker.tid(), returned(call, &back));
        self.make_last(&made, &back);
        self.words_of(tid, &made, &back)
    }

    pub(super) fn fork(&mut self, name: &Name) -> Outcome {
        match self.tap.fork() {
            Ok(child) => {
                let pid = child.tid();
                self.last.result = Some(Ok(u64::from(pid.0)));
                self.let_end(name);
                self.pids.insert(name.clone(), pid);
                self.tasks.insert(name.clone(), Task::new(child));
                Outcome::done(words!(self.lang, "{name} = process {pid}", "{name} = 进程 {pid}"))
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
        if self.tasks.contains_key(name) {
            return words!(self.lang, "\"{name}\" has made no call", "“{name}”还没有发出过调用");
        }
        words!(self.lang, "\"{name}\" is not running; nothing was called", "“{name}”没有在运行；没有发出调用")
    }

    fn let_end(&mut self, name: &Name) -> Option<Result<(), Errno>> {
        self.tasks.remove(name).map(|task| self.tap.end(task.worker))
    }

    /// Sends SIGALRM, or SIGVTALRM, whose handler has SA_RESTART, to a thread or a child, or to the thread of the script.
    pub(super) fn signal(&mut self, to: Option<&Name>, restart: bool) -> String {
        let signal = if restart { Signal::Vtalrm } else { Signal::Alrm };
        let (tid, child) = match to {
            None => (sys::gettid(), false),
            Some(name) => {
                let Some(task) = self.tasks.get(name) else { return self.not_there(name) };
                (task.worker.tid(), task.worker.is_child())
            }
        };
        let sent = sys::handle_alarms().and_then(|()| self.tap.signal(tid, signal, child));
        self.finish(sent.map(|()| 0))
    }

    /// Blocks SIGALRM in the thread of the script, or lets it through.
    pub(super) fn mask(&mut self, how: MaskHow) -> String {
        let result = sys::handle_alarms().and_then(|()| self.tap.mask(how, Signal::Alrm));
        self.alarm_blocked = how == MaskHow::Block;
        self.finish(result.map(|()| 0))
    }

    /// How many threads have come back from a wait since the position `mark`.
    pub(super) fn woken(&self, mark: u64) -> u64 {
        self.tasks.values().filter(|task| task.woken.is_some_and(|at| at >= mark)).count() as u64
    }

    /// How many threads there are, and how many children.
    pub(super) fn task_counts(&self) -> [usize; 2] {
        let children = self.tasks.values().filter(|task| task.worker.is_child()).count();
        [self.tasks.len() - children, children]
    }

    /// A record of another thread.
    fn say_of(&mut self, tid: Tid, t: Nanos, call: Call) {
        self.note();
        self.timeline.push(Record { seq: Seq(0), t, tid, call });
    }

    /// What the next registration will carry.
    pub(super) fn next_token(&self, fd: Fd) -> u64 {
        (self.registered.len() as u64) << 32 | u64::from(fd.0.cast_unsigned())
    }

    /// Keeps under which name `tid` has registered a file.
    pub(super) fn register(&mut self, tid: Tid, epoll: &Name, file: &Name, fd: Fd) {
        let world = self.timeline.now();
        let of = world.file_of(tid, self.number_of(epoll)).zip(world.file_of(tid, fd));
        let key = of.map(|((epoll, _), (file, _))| (epoll, fd, file));
        self.registered.push((file.clone(), key));
        // A name belongs to what is open under it, whatever else a line calls it.
        if let Some(holder) = self.holder(fd).cloned() {
            self.tell_name(&holder, fd);
        }
    }
}

/// What came of asking a thread or a child for a call.
enum Asked {
    Made(Call, Back),
    /// It sleeps in the call of this name.
    Waits(&'static str),
    /// It was not asked.
    Not(String),
}

/// How many bytes a call moved, if it moves any.
fn moved(back: &Back) -> usize {
    back.result.and_then(Result::ok).map_or(0, |n| usize::try_from(n).unwrap_or(0))
}
