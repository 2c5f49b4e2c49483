//! A thread or a child of a scene, and the call that it makes or has made last.

use std::thread;
use std::time::{Duration, Instant};

use super::requests::Request;
use crate::record::{Call, Foreign, Nanos, Ready, Ret};
use crate::sys::{self, Errno, Made, Worker};

/// How long a call may take that does not sleep, or that has been interrupted.
const LONG: Duration = Duration::from_secs(10);

/// Yields until `done`, or for long enough that it will never be.
pub(super) fn until(done: impl Fn() -> bool) -> bool {
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

/// A thread or a child.
pub(super) struct Task {
    pub(super) worker: Worker,
    /// What it makes or has made last.
    pub(super) request: Option<Request>,
    /// This program has interrupted it.
    pub(super) interrupted: bool,
    /// The return of its last call is noted.
    pub(super) noted: bool,
    /// Where in the timeline the return of its last wait is noted.
    pub(super) woken: Option<u64>,
    /// The trace has its name.
    pub(super) named: bool,
}

/// What came of a call of a task.
#[derive(Debug, Default)]
pub(super) struct Back {
    pub(super) entered: Nanos,
    pub(super) left: Nanos,
    pub(super) result: Option<Result<u64, Errno>>,
    /// The event list of a wait, by token.
    pub(super) events: Vec<(u64, Ready)>,
    /// What poll says.
    pub(super) ready: Ready,
    /// What was read.
    pub(super) bytes: Vec<u8>,
    /// This program has interrupted it.
    pub(super) interrupted: bool,
}

impl Task {
    pub(super) fn new(worker: Worker) -> Self {
        Self { worker, request: None, interrupted: false, noted: true, woken: None, named: false }
    }

    /// Whether it makes a call of which the return is not noted.
    pub(super) fn is_busy(&self) -> bool {
        !self.noted
    }

    /// Whether its call is over, or it sleeps in it.
    pub(super) fn is_settled(&self) -> bool {
        self.worker.is_done() || self.worker.sleeps()
    }

    /// Interrupts its call until it is over.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = !self.worker.is_done();
        until(|| {
            self.worker.interrupt();
            self.worker.is_done()
        });
    }

    /// What came of its last call, times as `at` has them; nothing while it is being made.
    pub(super) fn back(&self, at: impl Fn(u64) -> Nanos) -> Option<Back> {
        let request = self.request.as_ref()?;
        let Made { times, ret, memory } = self.worker.made(&request.call)?;
        let [entered, left] = times.map(at);
        let result = Some(ret.result().map(|n| n as u64));
        let (mut events, mut ready, mut bytes) = (Vec::new(), Ready::empty(), Vec::new());
        match request.call.plain() {
            Call::EpollWaitEnter { .. } => {
                let list = sys::events(&memory).into_iter();
                events = list.map(|(token, mask)| (token, Ready::from_bits_retain(mask))).collect();
            }
            Call::Ppoll { .. } => ready = Ready::from_bits_retain(sys::polled(&memory)),
            _ => bytes = memory,
        }
        Some(Back { entered, left, result, events, ready, bytes, interrupted: self.interrupted })
    }
}

/// The record of a call that has returned.
pub(super) fn returned(call: &Call, back: &Back) -> Call {
    let ret = match back.result {
        Some(Ok(n)) => Ret::value(usize::try_from(n).unwrap_or(usize::MAX)),
        Some(Err(errno)) => Ret::error(errno),
        None => Ret::OK,
    };
    match *call {
        Call::EpollWaitEnter { epfd, .. } => Call::EpollWait { epfd, ret },
        Call::Foreign(Foreign::EpollPwaitEnter { epfd, .. }) => Call::Foreign(Foreign::EpollPwait { epfd, ret }),
        Call::Foreign(Foreign::EpollPwait2Enter { epfd, .. }) => Call::Foreign(Foreign::EpollPwait2 { epfd, ret }),
        Call::EpollCtl { epfd, op, fd, interest, .. } => Call::EpollCtl { epfd, op, fd, interest, ret },
        Call::Ppoll { fd, asked, timeout, .. } => Call::Ppoll { fd, asked, timeout, ready: back.ready, ret },
        Call::Read { fd, len, .. } => Call::Read { fd, len, ret },
        Call::Recvfrom { fd, len, flags, .. } => Call::Recvfrom { fd, len, flags, ret },
        Call::Write { fd, len, .. } => Call::Write { fd, len, ret },
        Call::Sendto { fd, len, flags, .. } => Call::Sendto { fd, len, flags, ret },
        Call::Shutdown { fd, how, .. } => Call::Shutdown { fd, how, ret },
        Call::Close { fd, .. } => Call::Close { fd, ret },
        Call::RtSigprocmask { how, signal, .. } => Call::RtSigprocmask { how, signal, ret },
        call => call,
    }
}
