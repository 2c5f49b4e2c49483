//! Pause and step: whether the server may make its next call.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Breakpoint, ServerState};
use crate::record::Call;
use crate::sys::Wake;

/// How far the server may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// It is held before its next call.
    Held,
    /// It may make this many calls, then it is held.
    Steps(u32),
    /// It is held once an epoll_wait has returned.
    NextWait,
    /// It is held before the first epoll_wait that would block.
    Quiet,
    /// The same, and before an epoll_wait once it [spins](crate::record::SPIN).
    Turn,
    /// It is held once an epoll_wait has returned, or before one that would block without end.
    Return,
    /// A call each time this long has passed.
    Paced(Duration),
    /// It is not held.
    #[default]
    Free,
}

/// The gate, shared by the thread that drives and the server's.
#[derive(Debug)]
pub struct Gate {
    /// What of `state` is to be read without the lock: [`FREE`] and [`WATCHED`].
    flags: AtomicU8,
    state: Mutex<State>,
}

const FREE: u8 = 1;
const WATCHED: u8 = 1 << 1;

#[derive(Debug, Default)]
struct State {
    mode: Mode,
    server: ServerState,
    /// How often the server has entered a call that may block.
    entered: u64,
    breakpoints: Vec<Breakpoint>,
    /// The breakpoint that stopped the server, until the gate is set again.
    hit: Option<Breakpoint>,
    /// The wait that the server is held before was found to leave nothing stranded, or is to be made all the same.
    judged: bool,
    orders: bool,
    /// How often the gate was set; that number when the server was last told to hold, and when it had noted all that it
    /// did before that hold.
    set: u64,
    asked: u64,
    held: u64,
    /// How often the server was told to hold, and how often it had then noted all that it did. While the first is ahead, its
    /// next records may be older than those of others.
    holds: u64,
    told: u64,
    /// A wake-up was sent that the server may not have noticed.
    woken: bool,
    driven: Option<Wake>,
}

impl Gate {
    pub fn new(mode: Mode) -> Self {
        let state = State { mode, set: 1, ..State::default() };
        Self { flags: AtomicU8::new(state.flags()), state: Mutex::new(state) }
    }

    pub fn set(&self, mode: Mode) {
        let mut state = self.lock();
        state.mode = match (state.mode, mode) {
            // Steps asked for before the last one is done come on top of it.
            (Mode::Steps(left), Mode::Steps(further)) => Mode::Steps(left.saturating_add(further)),
            (_, mode) => mode,
        };
        state.set += 1;
        state.hit = None;
        self.flags.store(state.flags(), Ordering::SeqCst);
        match state.server {
            ServerState::Before(_) => state.wake(),
            // It entered while it was still free to, and may be blocked: it is to come to rest before it.
            ServerState::Waiting if matches!(mode, Mode::Quiet | Mode::Turn) => state.wake(),
            _ => {}
        }
    }

    /// Replaces the breakpoints. Once one is hit, the server is held before its next call; the call that it is making at
    /// this moment may still pass.
    pub fn break_at(&self, breakpoints: &[Breakpoint]) {
        let mut state = self.lock();
        state.breakpoints = breakpoints.to_vec();
        self.flags.store(state.flags(), Ordering::SeqCst);
        // It may be held for one that is no more.
        if let ServerState::Before(_) = state.server {
            state.wake();
        }
    }

    /// The breakpoint that stopped the server, until the gate is set again.
    pub fn hit(&self) -> Option<Breakpoint> {
        self.lock().hit
    }

    /// The wait that the server is held before until it is decided whether it would leave something stranded. With
    /// [`Breakpoint::Stranded`] each wait of a running server is.
    pub fn to_be_judged(&self) -> Option<Call> {
        let state = self.lock();
        match state.server {
            ServerState::Before(wait @ Call::EpollWaitEnter { .. }) if state.is_held() => {
                (!state.judged && state.awaits_judgement()).then_some(wait)
            }
            _ => None,
        }
    }

    /// Lets the server make the wait that it is held before, if the mode does.
    pub fn let_through(&self) {
        let mut state = self.lock();
        state.judged = matches!(state.server, ServerState::Before(Call::EpollWaitEnter { .. }));
        state.set += 1;
        if state.judged {
            state.wake();
        }
    }

    /// Holds the server where it is held, since its wait would leave something stranded.
    pub fn stop_before_wait(&self) {
        self.set(Mode::Held);
        self.lock().hit = Some(Breakpoint::Stranded);
    }

    pub fn mode(&self) -> Mode {
        self.lock().mode
    }

    /// Where the server is: at work, held before a call, in epoll_wait, or in a call that may block.
    pub fn state(&self) -> ServerState {
        self.lock().server
    }

    /// Whether the server has been asked since the gate was last set, is held, and has noted how things stand.
    pub fn is_held(&self) -> bool {
        self.lock().is_held()
    }

    /// Whether all that the server did up to here has been noted, and it does nothing by itself.
    pub fn stands_still(&self) -> bool {
        let state = self.lock();
        matches!(state.server, ServerState::Before(_) | ServerState::Waiting) && state.told == state.holds
    }

    /// Says that there are orders, which the server looks at before it waits: an epoll_wait that it stands before or in
    /// is left for them. A recv or send that blocks is, too, but see [`Gate::interrupt`].
    pub fn announce_orders(&self) {
        let mut state = self.lock();
        state.orders = true;
        if let ServerState::Before(_) | ServerState::Waiting | ServerState::Inside(_) = state.server {
            state.wake();
        }
    }

    /// The recv or send that the server is in, which may block, with a number that no other entry into such a call has.
    pub fn inside(&self) -> Option<(u64, Call)> {
        let state = self.lock();
        if let ServerState::Inside(call) = state.server { Some((state.entered, call)) } else { None }
    }

    /// Wakes the server in a recv or send that may block, if it is in one; whether that was so. Where it did not sleep yet
    /// the wake-up is lost: to be called again and again until it is out, and only while orders wait for it.
    pub fn interrupt(&self) -> bool {
        let mut state = self.lock();
        let inside = matches!(state.server, ServerState::Inside(_));
        if inside {
            state.wake();
        }
        inside
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // The server's side.

    pub(super) fn attach(&self, wake: Wake) {
        self.lock().driven = Some(wake);
    }

    /// Decides on `next`, and says where the server stands while it is held, or from then on.
    pub(super) fn ask(&self, next: &Call, may_block: bool, spins: bool, would_report: impl Fn() -> bool) -> Verdict {
        let is_wait = matches!(next, Call::EpollWaitEnter { .. });
        let mut state = self.lock();
        let state = &mut *state;
        if is_wait && std::mem::take(&mut state.orders) {
            state.server = ServerState::Working;
            state.judged = false;
            return Verdict::Orders;
        }
        let to_be_judged = is_wait && !state.judged && state.awaits_judgement();
        let verdict = match state.mode {
            _ if to_be_judged => Verdict::Hold,
            Mode::Free | Mode::NextWait => Verdict::Go,
            Mode::Steps(n) if n > 0 => {
                state.mode = if n == 1 { Mode::Held } else { Mode::Steps(n - 1) };
                Verdict::Go
            }
            Mode::Quiet | Mode::Turn | Mode::Return if !is_wait => Verdict::Go,
            Mode::Return if has_an_end(next) => Verdict::Go,
            Mode::Turn if spins => Verdict::Hold,
            Mode::Quiet | Mode::Turn | Mode::Return if would_report() => Verdict::Go,
            Mode::Paced(pace) => Verdict::After(pace),
            Mode::Held | Mode::Steps(_) | Mode::Quiet | Mode::Turn | Mode::Return => Verdict::Hold,
        };
        if verdict == Verdict::Hold {
            state.asked = state.set;
        }
        if verdict == Verdict::Go {
            state.judged = false;
        }
        if verdict == Verdict::Go && is_wait && std::mem::take(&mut state.woken) {
            // Sent under this lock, and for a hold that is over: it must not end the server's own wait.
            Wake::forget();
        }
        state.holds += u64::from(matches!(verdict, Verdict::Hold | Verdict::After(_)));
        match verdict {
            Verdict::Go => state.enter(next, may_block),
            Verdict::Orders => state.server = ServerState::Working,
            Verdict::Hold | Verdict::After(_) => state.server = ServerState::Before(*next),
        }
        verdict
    }

    /// The server is held, and has noted how things stand.
    pub(super) fn has_told(&self) {
        let mut state = self.lock();
        state.held = state.asked;
        state.told = state.holds;
    }

    /// The server makes the call it was held before, its time having come.
    pub(super) fn pass(&self, next: &Call, may_block: bool) {
        let mut state = self.lock();
        state.enter(next, may_block);
        state.judged = false;
    }

    /// A recv or send that might have blocked has returned.
    pub(super) fn left(&self) {
        self.lock().server = ServerState::Working;
    }

    pub(super) fn returned(&self) {
        let mut state = self.lock();
        state.server = ServerState::Working;
        if matches!(state.mode, Mode::NextWait | Mode::Return) {
            state.mode = Mode::Held;
        }
    }

    /// Holds the server from here on if `call`, which was noted, is what a breakpoint is about.
    pub(super) fn noted(&self, call: Call) {
        let mut state = self.lock();
        if let Some(hit) = state.breakpoints.iter().find(|breakpoint| breakpoint.is_hit_by(&call)).copied() {
            state.hit.get_or_insert(hit);
            state.mode = Mode::Held;
            self.flags.store(state.flags(), Ordering::SeqCst);
        }
    }

    /// What may be known without the lock.
    pub(super) fn glance(&self) -> Glance {
        Glance(self.flags.load(Ordering::Relaxed))
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(wake) = self.driven {
            self.woken = true;
            wake.wake();
        }
    }

    fn awaits_judgement(&self) -> bool {
        matches!(self.mode, Mode::Free | Mode::Paced(_) | Mode::Quiet)
            && self.breakpoints.contains(&Breakpoint::Stranded)
    }

    fn is_held(&self) -> bool {
        self.held == self.set && self.told == self.holds && matches!(self.server, ServerState::Before(_))
    }

    fn enter(&mut self, call: &Call, may_block: bool) {
        self.server = match call {
            Call::EpollWaitEnter { .. } => ServerState::Waiting,
            _ if may_block => ServerState::Inside(*call),
            _ => ServerState::Working,
        };
        self.entered += u64::from(may_block);
    }

    fn flags(&self) -> u8 {
        let free = if self.mode == Mode::Free { FREE } else { 0 };
        free | if self.breakpoints.is_empty() { 0 } else { WATCHED }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glance(u8);

impl Glance {
    /// The server is not held, and there are no breakpoints.
    pub(super) const FREE: Self = Self(FREE);
    pub(super) const NONE: Self = Self(u8::MAX);

    pub(super) fn is_free(self) -> bool {
        self.0 & FREE != 0
    }

    pub(super) fn is_watched(self) -> bool {
        self.0 & WATCHED != 0
    }
}

/// Whether an epoll_wait returns also when nothing comes.
fn has_an_end(wait: &Call) -> bool {
    matches!(wait, Call::EpollWaitEnter { timeout, .. } if timeout.0 >= 0)
}

/// What the gate says to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    Orders,
    Hold,
    After(Duration),
}
