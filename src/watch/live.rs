//! A program that is watched by a thread of its own, for a screen: its records come over a ring, its output from a
//! terminal, and keys hold it and let it go.

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill};
use nix::unistd::Pid;

use super::error::WatchError;
use super::holds::{Going, HoldAt, Holds};
use super::launch::Watched;
use super::orders::Orders;
use super::terminal::ProgramTerminal;
use super::tracer::{Status, Tracer};
use crate::i18n::{Both, Lang, joined};
use crate::probe::Clock;
use crate::record::{Record, Tid};
use crate::sys::{Errno, Notifier, NotifyOnDrop};

/// Room for records that were not taken in yet; then the program waits.
const CAPACITY: usize = 1 << 16;

/// The most that one look takes in, so that keys are answered meanwhile.
const AT_ONCE: usize = 1 << 14;

/// How long until the tracer is woken again that has not seen what was asked, in milliseconds: a signal that comes right
/// before it sleeps is lost.
const AGAIN: u8 = 2;

/// How long a program may take to end when it is told to, in milliseconds.
const PATIENCE: u16 = 1_000;

/// A program that is watched, from the screen's side.
#[derive(Debug)]
pub struct Live {
    pid: Tid,
    clock: Clock,
    records: rtrb::Consumer<Record>,
    notifier: Arc<Notifier>,
    orders: Orders,
    pub terminal: ProgramTerminal,
    thread: Option<JoinHandle<Result<Ended, WatchError>>>,
    had_news: bool,
    is_attached: bool,
}

/// Which program is watched.
#[derive(Clone, Debug)]
pub enum Start {
    /// It is started: the program and its arguments.
    Launch(Vec<OsString>),
    /// It runs already.
    Attach(Tid),
}

impl Start {
    /// Starts it, see [`Watched::launch`], or takes it over, see [`Watched::attach`].
    ///
    /// # Errors
    /// Those of these.
    pub fn take(&self, source: bool, terminal: Option<BorrowedFd<'_>>) -> Result<Watched, WatchError> {
        match self {
            Self::Launch(command) => Watched::launch(command, source, terminal),
            Self::Attach(pid) => Watched::attach(*pid, source),
        }
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub status: Status,
    /// The kernel refused copies of fds, so that no depth was known.
    pub lacks_depths: bool,
}

/// What is watched, in a sentence.
pub const PROGRAM: Both = ("the program", "程序");

/// How the program `who` ended, as a sentence: by itself, or by a signal.
pub fn ending(who: Both, status: u32, lang: Lang) -> String {
    let who = lang.pick(who);
    let Some(number) = status.checked_sub(128).filter(|number| *number > 0) else {
        return lang
            .of(format!("{who} ended with status {status}"), joined(who, &format!("已结束，退出状态 {status}")));
    };
    let signal = i32::try_from(number).ok().and_then(|number| Signal::try_from(number).ok());
    let name = signal.map_or_else(|| number.to_string(), |signal| signal.to_string());
    lang.of(
        format!("{name} ended {who} (status {status})"),
        joined(who, &format!("被 {name} 终止（退出状态 {status}）")),
    )
}

/// The tracer's end of the ring.
struct Feed {
    records: rtrb::Producer<Record>,
    /// Dropped after `records`, so that whoever wakes finds the ring closed.
    notifier: NotifyOnDrop,
}

impl Feed {
    fn take(&mut self, records: &[Record]) {
        for record in records {
            while self.records.push(*record).is_err() && !self.records.is_abandoned() {
                self.notifier.ring();
                std::thread::yield_now();
            }
        }
        self.notifier.ring();
    }
}

impl Live {
    /// Starts a program on a terminal of its own, or takes over one that runs already.
    ///
    /// # Errors
    /// Those of [`Start::take`].
    pub fn start(start: Start, source: bool, hold: HoldAt) -> Result<Self, WatchError> {
        let system = |what| move |errno| WatchError::System { what, errno };
        let no_terminal = |error: std::io::Error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO));
        let is_attached = matches!(start, Start::Attach(_));
        let (terminal, theirs) = if is_attached {
            (ProgramTerminal::none(), None)
        } else {
            let (ours, theirs) = ProgramTerminal::open().map_err(no_terminal).map_err(system("openpty"))?;
            (ours, Some(theirs))
        };
        let notifier = Arc::new(Notifier::new().map_err(system("eventfd"))?);
        let (records, incoming) = rtrb::RingBuffer::new(CAPACITY);
        let mut feed = Feed { records, notifier: notifier.on_drop() };
        let (tell, told) = channel();
        let traces = move || {
            let launched = start.take(source, theirs.as_ref().map(AsFd::as_fd));
            // Its end of the terminal is the program's alone, or else its end would not be seen.
            drop(theirs);
            let tracer = launched.and_then(|watched| Ok((watched.pid(), Tracer::new(watched, hold)?)));
            let (pid, (mut tracer, orders)) = match tracer {
                Ok(tracer) => tracer,
                Err(error) => {
                    let _ = tell.send(Err(error));
                    return Ok(Ended { status: 0, lacks_depths: false });
                }
            };
            let _ = tell.send(Ok((pid, tracer.clock(), orders)));
            let followed = tracer.run(|records| {
                feed.take(records);
                Ok(())
            });
            let status = followed.unwrap_or(Ok(0))?;
            Ok(Ended { status, lacks_depths: tracer.lacks_depths() })
        };
        // Signals that the screen waits for must not be delivered to this thread.
        let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).map_err(system("pthread_sigmask"))?;
        let spawned = std::thread::Builder::new().name("tracing".to_owned()).spawn(traces);
        let _ = mask.thread_set_mask();
        let thread = spawned.map_err(no_terminal).map_err(system("clone"))?;
        let ended = || WatchError::System { what: "clone", errno: Errno::EAGAIN };
        let (pid, clock, orders) = told.recv().map_err(|_| ended())??;
        let thread = Some(thread);
        let (records, had_news) = (incoming, false);
        Ok(Self { pid, clock, records, notifier, orders, terminal, thread, had_news, is_attached })
    }

    pub fn pid(&self) -> Tid {
        self.pid
    }

    /// Whether it ran already when the watch began, and runs on afterwards.
    pub fn is_attached(&self) -> bool {
        self.is_attached
    }

    /// The clock of its records.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Which threads are held, and how far they may go.
    pub fn holds(&self) -> &Holds {
        self.orders.holds()
    }

    /// Lets a thread make its next call; see [`Holds`]. Returns whether one was held.
    pub fn step(&self, tid: Option<Tid>) -> bool {
        let held = self.orders.holds().step(tid);
        self.orders.wake();
        held
    }

    pub fn go(&self, going: Going) {
        self.orders.holds().go(going);
        self.orders.wake();
    }

    /// See [`HeldCall::judged`](super::HeldCall::judged).
    pub fn judge(&self, tid: Tid, strands: bool) {
        self.orders.holds().judge(tid, strands);
        self.orders.wake();
    }

    /// Moves what has come into `into`, a bounded piece, and returns whether anything had.
    pub fn drain(&mut self, into: &mut Vec<Record>) -> bool {
        self.had_news = false;
        let count = self.records.slots().min(AT_ONCE);
        let Ok(chunk) = self.records.read_chunk(count) else { return false };
        into.extend(chunk);
        self.had_news = count > 0;
        self.had_news
    }

    /// Whether it has ended, and all that it did was taken in.
    pub fn is_over(&self) -> bool {
        self.records.is_abandoned() && self.records.is_empty()
    }

    /// How it ended, once.
    pub fn take_end(&mut self) -> Option<Result<Ended, WatchError>> {
        let thread = self.thread.take_if(|_| self.records.is_abandoned() && self.records.is_empty())?;
        thread.join().ok()
    }

    /// Sleeps until there is something to take in, or `also` is readable, or the time is up.
    pub fn sleep(&self, also: &[BorrowedFd<'_>], timeout: PollTimeout) {
        let again = PollTimeout::from(AGAIN);
        let asked = !self.is_over() && self.orders.wake_again();
        let timeout = if asked && (timeout.is_none() || timeout > again) { again } else { timeout };
        let terminal = self.terminal.news();
        let all: Vec<BorrowedFd<'_>> = terminal.into_iter().chain(also.iter().copied()).collect();
        if self.thread.is_none() {
            let mut fds: Vec<PollFd<'_>> = all.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
            // EINTR is no error here: the loop looks at everything after each sleep.
            let _ = poll(&mut fds, timeout);
            return;
        }
        let busy = self.had_news && self.orders.holds().going() == Going::Free;
        let has_news = || !self.records.is_empty() || self.records.is_abandoned();
        let _ = self.notifier.sleep(busy, has_news, &all, timeout);
    }

    /// Sends the program a signal, and lets it go on, so that it comes to that.
    pub fn signal(&self, signal: Signal) {
        self.go(Going::Free);
        if !self.orders.has_ended() {
            // It may have ended just now.
            let _ = kill(Pid::from_raw(self.pid.0.cast_signed()), signal);
        }
    }

    /// Ends the program: SIGTERM, and where that takes long SIGKILL. One that ran already is let go of. Its last records are drained meanwhile.
    pub fn end(&mut self, mut take: impl FnMut(&mut Self)) {
        if !self.is_over() {
            self.signal(Signal::SIGTERM);
        }
        let from = self.clock.now().0;
        let patience = u64::from(PATIENCE) * 1_000_000;
        while !self.is_over() {
            if self.orders.has_ended() || self.clock.now().0 > from + patience {
                // What it has left behind ends with its tracer.
                self.orders.end();
            }
            self.terminal.read();
            self.sleep(&[], PollTimeout::from(AGAIN));
            take(self);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut rest = Vec::new();
        self.end(|live| {
            live.drain(&mut rest);
            rest.clear();
        });
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
